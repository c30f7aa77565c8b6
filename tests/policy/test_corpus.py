"""Policies that must load, and policies that must not, with what is said of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.errors import ConfigurationError
from ostiary.policy import load

POLICIES = Path(__file__).parent.parent / "corpus" / "policies"
DOCUMENTS = [path for path in sorted(POLICIES.iterdir()) if path.suffix in (".yaml", ".json")]


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if path.name.startswith("working_")], ids=lambda path: path.name
)
def test_loads(path: Path) -> None:
    policy = load(path.read_bytes(), path.name)
    assert len(policy.digest) == 64
    assert (
        load(path.read_text("utf-8"), "elsewhere.json" if path.suffix == ".json" else "elsewhere.yaml").digest
        == policy.digest
    )


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if path.name.startswith("busted_")], ids=lambda path: path.name
)
def test_is_refused_with_its_own_message(path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(path.read_bytes(), path.name)
    assert str(caught.value) + "\n" == path.with_suffix(".expected").read_text("utf-8")


def test_every_document_says_what_is_expected_of_it() -> None:
    assert all(path.name.startswith(("working_", "busted_")) for path in DOCUMENTS)
    assert len({path.stem for path in DOCUMENTS}) == len(DOCUMENTS)
