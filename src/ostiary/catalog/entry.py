"""One server in the catalogue: its newest scan, its history, and the documents about it and its tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from ostiary.catalog import documents
from ostiary.catalog.about import Facts
from ostiary.catalog.history import steps
from ostiary.catalog.parameters import count
from ostiary.catalog.related import related
from ostiary.catalog.slugs import slugs
from ostiary.catalog.snapshot import Snapshot
from ostiary.catalog.tool_document import Around, advised, finding, tool_document
from ostiary.catalog.words import GRADES, first_sentence
from ostiary.risk import Assessed, Assessment, RiskClass, Severity

__all__ = ["Entry"]

_PACKAGE_PAGES: Final = {"pypi": "https://pypi.org/project/{}/", "npm": "https://www.npmjs.com/package/{}"}


class Entry:
    """One server: its newest scan assessed, its history, and the documents about it and its tools."""

    def __init__(self, slug: str, facts: Facts, scans: Sequence[tuple[Snapshot, Assessment]]) -> None:
        self.slug = slug
        self.facts = facts
        self.snapshot, self.found = scans[-1]
        self.history = steps(scans)
        self._slugs = slugs(one.tool.name for one in self.found.tools)

    @property
    def title(self) -> str:
        return self.facts.title or self.snapshot.name or self.slug

    @property
    def page(self) -> str:
        return f"servers/{self.slug}/index.html"

    @cached_property
    def lines(self) -> tuple[documents.ToolLine, ...]:
        """Its tools, riskiest first."""
        order = sorted(range(len(self.found.tools)), key=lambda place: _riskiest(self.found.tools[place]))
        return tuple(self.line_of(place) for place in order)

    def page_of(self, place: int, suffix: str = "html") -> str:
        """The page of the tool at this place in the server's own order."""
        return f"servers/{self.slug}/{self._slugs[place]}.{suffix}"

    def line_of(self, place: int) -> documents.ToolLine:
        one = self.found.tools[place]
        return documents.ToolLine(
            name=one.tool.name,
            server=self.slug,
            page=self.page_of(place),
            json=self.page_of(place, "json"),
            risk_class=one.risk.risk_class.value,
            severity=one.risk.severity.value,
            summary=first_sentence(one.tool.description, 140),
            parameters=count(one.tool.input_schema),
            findings=len(one.findings),
            recommended=advised(one.recommended),
        )

    def link_to(self, place: int) -> documents.Link:
        one = self.found.tools[place]
        risk = one.risk
        return documents.Link(
            one.tool.name, self.slug, self.title, self.page_of(place), risk.risk_class.value, risk.severity.value
        )

    @cached_property
    def line(self) -> documents.ServerLine:
        facts, found = self.facts, self.found
        return documents.ServerLine(
            server=self.slug,
            title=self.title,
            page=self.page,
            json=f"servers/{self.slug}/index.json",
            grade=found.grade.letter,
            score=found.grade.score,
            version=self.snapshot.version,
            package=facts.package,
            publisher=facts.publisher,
            standing=facts.standing.value,
            summary=facts.summary,
            scanned=self.snapshot.scanned,
            tools=len(found.tools),
            findings=len(found.findings),
            classes=self._counted(RiskClass),
        )

    def _counted(self, kinds: type[RiskClass | Severity]) -> dict[str, int]:
        by = Counter(
            one.risk.risk_class.value if kinds is RiskClass else one.risk.severity.value for one in self.found.tools
        )
        return {kind.value: by[kind.value] for kind in reversed(list(kinds))}

    @cached_property
    def document(self) -> documents.ServerDocument:
        facts, found = self.facts, self.found
        return documents.ServerDocument(
            server=self.slug,
            title=self.title,
            page=self.page,
            version=self.snapshot.version,
            scanned=self.snapshot.scanned,
            summary=facts.summary,
            grade=found.grade.letter,
            score=found.grade.score,
            grade_means=GRADES[found.grade.letter],
            reasons=tuple(documents.GradeReason(reason.points, reason.why) for reason in found.grade.reasons),
            identity=self._identity(),
            remarks=facts.remarks,
            notes=self.snapshot.notes,
            classes=self._counted(RiskClass),
            severities=self._counted(Severity),
            tools=self.lines,
            findings=tuple(map(finding, found.findings)),
            history=self.history,
            policy=found.policy,
        )

    def _identity(self) -> documents.Identity:
        facts = self.facts
        names = tuple(dict.fromkeys([self.snapshot.name, *facts.names])) if self.snapshot.name else facts.names
        pages = _PACKAGE_PAGES.get(facts.registry, "")
        return documents.Identity(
            names=names,
            package=facts.package,
            registry=facts.registry,
            package_page=pages.format(facts.package) if facts.package else "",
            publisher=facts.publisher,
            standing=facts.standing.value,
            licence=facts.licence,
            homepage=facts.homepage,
            repository=facts.repository,
            launch=facts.launch,
            credentials=facts.credentials,
        )

    @cached_property
    def _related(self) -> list[list[int]]:
        return related(self.found.tools)

    @cached_property
    def _changes(self) -> Mapping[str, list[documents.Change]]:
        found: dict[str, list[documents.Change]] = {}
        for step in self.history:
            for event in step.events:
                if event.tool:
                    found.setdefault(event.tool, []).append(documents.Change(step.at, step.version, event))
        return found

    def tool(self, place: int, namesakes: Sequence[documents.Link] = ()) -> documents.ToolDocument:
        """Everything about the tool at this place in the server's own order."""
        one = self.found.tools[place]
        around = Around(
            page=self.page_of(place),
            line=self.line,
            launch=self.facts.launch,
            related=tuple(self.link_to(other) for other in self._related[place]),
            namesakes=tuple(namesakes),
            history=tuple(self._changes.get(one.tool.name, ())),
        )
        return tool_document(one, around)


def _riskiest(one: Assessed) -> tuple[int, int, str]:
    return -one.risk.severity.rank, -one.risk.risk_class.rank, one.tool.name
