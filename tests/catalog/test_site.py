"""The catalogue as files: in order, linked throughout, the same everywhere, and safe whatever a server says."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urldefrag

import jsonschema_rs
import pytest

from ostiary.catalog.about import About, Facts
from ostiary.catalog.catalog import Catalog, compile_catalog
from ostiary.catalog.documents import schemas
from ostiary.catalog.site import build, pages
from ostiary.catalog.snapshot import Snapshot
from ostiary.errors import ConfigurationError
from tests.catalog.markup import Markup
from tests.catalog.seeds import seeded

NAUGHTY: Final = Path(__file__).resolve().parents[3] / "shared" / "data" / "corpora" / "blns.json"
HOSTILE: Final = [
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    '" onmouseover=alert(1) x="',
    "{{ 1234567 * 2 }}{% raw %}",
    "a\u202eb",
    "a\x1b[31m",
    "`code` and <b>",
    "../../etc/passwd",
    "]]>",
    "\u2028",
    "",
]
STATIC: Final = {"style.css", "catalog.js", "icon.svg"}


def catalog_of(*tools: dict[str, Any], facts: Facts | None = None) -> Catalog:
    return compile_catalog([Snapshot("box", "2026-11", tools, "box", "1")], About({"box": facts or Facts()}))


def hostile(text: str) -> dict[str, Any]:
    schema = {"properties": {text: {"type": "string", "description": text, "enum": [text], "default": text}}}
    return {
        "name": text,
        "title": text,
        "description": f"{text}\n\n{text}",
        "inputSchema": schema,
        "annotations": {text: text},
    }


@lru_cache(maxsize=1)
def real_site() -> Mapping[str, bytes]:
    return dict(pages(seeded()))


def html_of(site: Mapping[str, bytes]) -> Iterator[tuple[str, Markup]]:
    for name, text in site.items():
        if name.endswith(".html"):
            yield name, Markup(text.decode("utf-8"))


def dead_links(site: Mapping[str, bytes]) -> list[str]:
    """Every link and file that a page names and the site does not have, ids included."""
    parsed = dict(html_of(site))
    files = site.keys() | STATIC
    dead = []
    for name, page in parsed.items():
        for link in [*page.links, *page.loads]:
            if link.startswith(("https://", "http://")):
                continue
            address, anchor = urldefrag(link)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(address))) if address else name
            if target not in files or (anchor and unquote(anchor) not in parsed[target].ids):
                dead.append(f"{name}: {link}")
    return dead


def test_the_real_pages_are_in_order() -> None:
    for name, page in html_of(real_site()):
        assert page.faults == [], name


def test_every_link_leads_somewhere() -> None:
    assert dead_links(real_site()) == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    for name, page in html_of(real_site()):
        assert [load for load in page.loads if ":" in load or load.startswith("/")] == [], name


def test_pages_are_small() -> None:
    sizes = {name: len(text) for name, text in real_site().items() if name.endswith(".html")}
    assert max(sizes.values()) < 75_000
    assert sorted(sizes.values())[len(sizes) // 2] < 25_000


def test_there_is_json_beside_every_page_and_it_is_as_promised() -> None:
    validators = {name: jsonschema_rs.validator_for(schema) for name, schema in schemas().items()}
    kinds = {"index": "catalog", "changes": "changes"}
    seen = set()
    for name, text in real_site().items():
        if not name.endswith(".json") or name.startswith("schema/"):
            continue
        kind = kinds.get(name.removesuffix(".json")) or ("server" if name.endswith("/index.json") else "tool")
        document = json.loads(text)
        assert not list(validators[kind].iter_errors(document)), name
        assert document["format"] == 1
        seen.add(name.removesuffix(".json"))
    without = {name.removesuffix(".html") for name, _ in html_of(real_site())} - seen
    assert without == {"tools", "attacks", "method"}


def test_what_programs_rely_on_stays() -> None:
    """Members may be added; none of these goes away or is called otherwise."""
    tool = json.loads(real_site()["servers/elasticache/start-migration.json"])
    assert tool.keys() >= {
        "name", "server", "server_title", "page", "version", "scanned", "package", "grade", "class", "class_means",
        "severity", "severity_means", "confidence", "summary", "description", "parameters", "fields", "annotations",
        "reasons", "evidence", "scores", "signals", "operations", "selector", "findings", "attacks", "recommended",
        "policies", "launch", "related", "namesakes", "questions", "history", "digest", "definition", "format",
    }  # fmt: skip
    server = json.loads(real_site()["servers/elasticache/index.json"])
    assert server.keys() >= {
        "server", "title", "page", "version", "scanned", "summary", "grade", "score", "grade_means", "reasons",
        "identity", "remarks", "notes", "classes", "severities", "tools", "findings", "history", "policy", "format",
    }  # fmt: skip
    assert server["tools"][0].keys() == {
        "name", "server", "page", "json", "class", "severity", "summary", "parameters", "findings", "recommended",
    }  # fmt: skip


def test_the_page_of_start_migration_has_all_its_parts() -> None:
    text = real_site()["servers/elasticache/start-migration.html"].decode()
    for part in ("does", "parameters", "why", "evidence", "attacks", "control", "related", "questions"):
        assert f'<h2 id="{part}">' in text
    assert "uvx" in text
    assert "awslabs.elasticache-mcp-server" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_server_says_stays_text(text: str) -> None:
    site = dict(pages(catalog_of(hostile(text), {"name": "get_page"})))
    assert dead_links(site) == []
    for name, page in html_of(site):
        assert page.faults == [], name
    whole = b"".join(content for name, content in site.items() if name.endswith(".html")).decode()
    for sign in ("<script>alert", "<img", "onerror=alert(1)>", '" onmouseover', "\u202e", "\x1b", "\u2028", "2469134"):
        assert sign not in whole


def test_what_cannot_be_seen_is_shown() -> None:
    site = dict(pages(catalog_of({"name": "get\u202epage", "description": "Gets\u200b a page."})))
    whole = b"".join(content for name, content in site.items() if name.endswith(".html")).decode()
    assert "<mark>\\u{202e}</mark>" in whole
    assert "<mark>\\u{200b}</mark>" in whole


def test_facts_are_no_way_in_either() -> None:
    facts = Facts(
        title="<b>Box</b>", summary="</p><script>", publisher="<i>", package="<u>", licence="<s>", launch=("<k>",)
    )
    site = dict(pages(catalog_of({"name": "get_page"}, facts=facts)))
    assert dead_links(site) == []
    assert all(page.faults == [] for _, page in html_of(site))


def test_naughty_names_build(tmp_path: Path) -> None:
    if not NAUGHTY.exists():
        pytest.skip(f"no {NAUGHTY}")
    names = json.loads(NAUGHTY.read_text("utf-8"))
    made = catalog_of(*({"name": name, "description": name} for name in names))
    build(made, tmp_path / "site")
    site = {
        str(path.relative_to(tmp_path / "site")): path.read_bytes()
        for path in (tmp_path / "site").rglob("*.*")
        if path.is_file()
    }
    assert len([name for name in site if name.startswith("servers/box/") and name.endswith(".json")]) == len(names) + 1
    assert dead_links(site) == []
    assert [page.faults for _, page in html_of(site) if page.faults] == []


def test_ten_thousand_tools_build_in_pages_that_load() -> None:
    made = catalog_of(*({"name": f"get_page_{n}", "description": "Gets a page."} for n in range(10_000)))
    site = {}
    for name, text in pages(made):
        if name.endswith(".html") and (name.count("/") < 2 or "/index" in name):
            site[name] = len(text)
    assert len([name for name in site if name.startswith("servers/box/index-")]) == 39
    assert len([name for name in site if name.startswith("tools")]) == 20
    assert max(site.values()) < 200_000


def test_an_empty_catalogue_and_a_server_without_tools_have_pages() -> None:
    for made in (compile_catalog([], About({})), catalog_of()):
        site = dict(pages(made))
        assert dead_links(site) == []
        assert all(page.faults == [] for _, page in html_of(site))


def test_a_base_url_gives_canonical_links_and_a_map(tmp_path: Path) -> None:
    build(catalog_of({"name": "get_page"}), tmp_path / "site", "https://example.com/catalog")
    page = (tmp_path / "site/servers/box/get_page.html").read_text()
    assert '<link rel="canonical" href="https://example.com/catalog/servers/box/get_page.html">' in page
    assert "<loc>https://example.com/catalog/index.html</loc>" in (tmp_path / "site/sitemap.xml").read_text()
    assert "Sitemap: https://example.com/catalog/sitemap.xml" in (tmp_path / "site/robots.txt").read_text()


def test_a_site_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "site"
    build(catalog_of({"name": "old"}), out)
    build(catalog_of({"name": "new"}), out)
    assert not (out / "servers/box/old.html").exists()
    assert (out / "servers/box/new.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_nothing_else_is_ever_replaced(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="neither empty nor a catalogue"):
        build(catalog_of(), tmp_path)
    with pytest.raises(ConfigurationError, match="neither empty nor a catalogue"):
        build(catalog_of(), tmp_path / "precious.txt")
    with pytest.raises(ConfigurationError, match="neither empty nor a catalogue"):
        build(catalog_of(), tmp_path / "missing" / "..")
    assert (tmp_path / "precious.txt").read_text() == "mine"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "example.com", 'https://a/"><b>'])
def test_a_base_url_is_a_web_address(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="base-url"):
        build(catalog_of(), tmp_path / "site", url)
