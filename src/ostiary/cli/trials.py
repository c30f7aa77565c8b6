"""Running policy test files: cases against a policy, with counters and a clock of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ostiary.cli.check import text_of, tools_in
from ostiary.cli.rehearsal import Rehearsal
from ostiary.errors import ConfigurationError
from ostiary.policy import Policy, load
from ostiary.policy.cases import Case, mismatch, read_case_file
from ostiary.policy.coverage import Coverage

__all__ = ["Failure", "Report", "Result", "run_file"]


class Failure(msgspec.Struct, frozen=True):
    """The first step of a case that was not decided as expected; steps count from 1."""

    step: int
    line: int
    message: str


class Result(msgspec.Struct, frozen=True):
    name: str
    line: int
    steps: int
    failure: Failure | None


class Report(msgspec.Struct, frozen=True):
    """What came of one file; `read` are the files that it depends on."""

    file: str
    policy: str
    results: tuple[Result, ...]
    rules: tuple[str, ...]
    unreached: tuple[str, ...]
    unrefused: tuple[str, ...]
    read: tuple[Path, ...]

    @property
    def failed(self) -> list[Result]:
        return [result for result in self.results if result.failure is not None]


def run_file(file: str, policy: str | None, tools: Path | None) -> Report:
    """Run the cases of a file. `policy` and `tools` override what it names. Raises `ConfigurationError`."""
    text, name = text_of(file)
    found = read_case_file(text, name)
    here = Path(file).parent
    path = policy or (str(here / found.policy) if found.policy else None)
    if path is None:
        raise ConfigurationError(f"{file}: names no policy; write `policy: FILE` in it, or give --policy")
    listed = tools or (here / found.tools if found.tools else None)
    judging = load(*text_of(path))
    coverage = Coverage(judging)
    cases = found.cases(tools_in(listed) if listed else ())
    results = tuple(_run(case, judging, coverage) for case in cases)
    read = (Path(file), Path(path), *([listed] if listed else []))
    unreached, unrefused = tuple(coverage.unreached), tuple(coverage.unrefused)
    return Report(file, path, results, tuple(coverage.rules), unreached, unrefused, read)


def _run(case: Case, policy: Policy, coverage: Coverage) -> Result:
    rehearsal = Rehearsal(policy)
    failure: Failure | None = None
    for number, step in enumerate(case.steps, 1):
        decision = rehearsal.decide(step.call)
        coverage.record(decision)
        wrong = mismatch(step.expected, decision)
        if wrong is not None and failure is None:
            failure = Failure(number, step.line, wrong)
    return Result(case.name, case.line, len(case.steps), failure)


def junit(reports: Sequence[Report]) -> bytes:
    """The reports in the form that build servers read."""
    from xml.etree import ElementTree as ET

    count, failed = sum(len(report.results) for report in reports), sum(len(report.failed) for report in reports)
    root = ET.Element("testsuites", tests=str(count), failures=str(failed))
    for report in reports:
        numbers = {"tests": str(len(report.results)), "failures": str(len(report.failed)), "errors": "0"}
        suite = ET.SubElement(root, "testsuite", {"name": _clean(report.file), **numbers})
        for result in report.results:
            about = {"classname": _clean(report.file), "name": _clean(result.name), "line": str(result.line)}
            case = ET.SubElement(suite, "testcase", about)
            if result.failure is not None:
                place = f"{report.file}:{result.failure.line}: step {result.failure.step}"
                told = ET.SubElement(case, "failure", message=_clean(result.failure.message))
                told.text = _clean(f"{place}: {result.failure.message}")
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _clean(text: str) -> str:
    """XML has no place for control characters."""
    from ostiary.cli.tables import visible

    return visible(text)
