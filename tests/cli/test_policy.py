from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ostiary.cli.main import ostiary
from ostiary.errors import ConfigurationError
from ostiary.policy import load

CORPUS = Path(__file__).parent.parent / "corpus" / "policies"
INTERCEPT = CORPUS / "working_intercept.yaml"


def run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(ostiary, [str(argument) for argument in arguments], input=text)


def test_check_says_which_form_it_saw() -> None:
    told = run("check", INTERCEPT).stdout
    assert told.endswith("in order: 4 blocks, default allow, mode enforce, in Intercept's form\n")


@pytest.mark.parametrize("path", sorted(CORPUS.glob("working_*")), ids=lambda path: path.name)
def test_every_working_document_converts_to_one_that_loads(path: Path, tmp_path: Path) -> None:
    done = run("policy", "convert", path)
    assert done.exit_code == 0
    converted = load(done.stdout, "p.yaml")
    assert converted.default is load(path.read_bytes(), path.name).default
    assert converted.dialect == "ostiary"
    assert run("policy", "convert", path, "-o", tmp_path / "p.json").exit_code == 0
    assert load((tmp_path / "p.json").read_bytes(), "p.json").digest == converted.digest


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("mine")
    done = run("policy", "convert", INTERCEPT, "-o", file)
    assert isinstance(done.exception, ConfigurationError)
    assert str(done.exception) == f"{file}: exists already; name another file, or move it away"
    assert file.read_text() == "mine"


def test_what_does_not_load_is_not_converted() -> None:
    done = run("policy", "convert", "-", text="version: 1\nrules: []\n")
    assert isinstance(done.exception, ConfigurationError)
    assert str(done.exception).startswith("<stdin>:2:1: unknown key `rules`")
