"""Facts of servers: what is shipped is in order, and what is wrong is said with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostiary.catalog.about import SHIPPED, Standing, load
from ostiary.errors import ConfigurationError
from tests.catalog.seeds import seeds


def test_what_is_shipped_knows_every_saved_list() -> None:
    about = load(SHIPPED)
    assert {path.name for path in seeds().glob("*.json")} == {
        saved.file for facts in about.servers.values() for saved in facts.lists
    }
    assert about.named("awslabs.elasticache-mcp-server") == "elasticache"


def test_what_is_shipped_is_complete() -> None:
    for slug, facts in load(SHIPPED).servers.items():
        assert all((facts.title, facts.summary, facts.package, facts.registry, facts.publisher, facts.licence)), slug
        assert facts.launch, slug
        assert facts.standing is not Standing.UNKNOWN, slug


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("servers: {box: {licence: MIT, license: MIT}}", "license"),
        ("servers: {box: {standing: best}}", "best"),
        ("servers: {../box: {}}", "short name"),
        ("servers: {box: {homepage: 'javascript:alert(1)'}}", "no http"),
        ("servers: {box: {}, box: {}}", "box"),
        ("nothing: 1", "nothing"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "about.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        load(path)
