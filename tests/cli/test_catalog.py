"""`ostiary catalog`, as typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from ostiary.cli.catalog import catalog
from ostiary.errors import ConfigurationError

LISTER: Final = Path(__file__).resolve().parents[1] / "catalog" / "listing_server.py"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.json"
    path.write_text(json.dumps({"server": "pages", "tools": [{"name": "get_page", "description": "Gets a page."}]}))
    return path


def typed(*words: object) -> Result:
    return CliRunner().invoke(catalog, [str(word) for word in words])


def test_a_list_becomes_a_site(listed: Path, tmp_path: Path) -> None:
    result = typed("build", listed, "-o", tmp_path / "site")
    assert result.exit_code == 0, result.exception
    assert result.output == f"{tmp_path / 'site/index.html'}: 1 server, 1 tool, 7 pages\n"
    assert (tmp_path / "site/servers/pages/get_page.html").is_file()


def test_a_registry_has_a_history(listed: Path, tmp_path: Path) -> None:
    registry = tmp_path / "registry"
    assert "kept as" in typed("add", listed, "--registry", registry, "--at", "2026-10-01", "--version", "1.0").output
    again = typed("add", listed, "--registry", registry, "--at", "2026-10-02", "--version", "1.0")
    assert "nothing to keep" in again.output
    listed.write_text(json.dumps({"server": "pages", "tools": [{"name": "delete_page"}]}))
    assert "kept as" in typed("add", listed, "--registry", registry, "--at", "2026-11-01", "--version", "1.1").output
    assert typed("build", "--registry", registry, "-o", tmp_path / "site").exit_code == 0
    document = json.loads((tmp_path / "site/servers/pages/index.json").read_text())
    assert [step["version"] for step in document["history"]] == ["1.1", "1.0"]
    assert {event["event"] for event in document["history"][0]["events"]} >= {"tool-added", "tool-removed"}


def test_facts_come_from_a_file(listed: Path, tmp_path: Path) -> None:
    about = tmp_path / "about.yaml"
    about.write_text("servers: {pages: {title: The Pages, package: pages-mcp, registry: pypi}}")
    typed("build", listed, "--about", about, "-o", tmp_path / "site")
    document = json.loads((tmp_path / "site/servers/pages/index.json").read_text())
    assert (document["title"], document["identity"]["package"]) == ("The Pages", "pages-mcp")


@pytest.mark.parametrize(
    "words",
    [
        ["build", "-o", "site"],
        ["build", "no-such-list.json", "-o", "site"],
        ["build", "--registry", "no-such-registry", "-o", "site"],
        ["serve", "--listen", "8080"],
        ["serve", "--listen", "localhost:99999"],
        ["add", "--registry", "registry"],
    ],
)
def test_wrong_usage_is_refused(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(typed(*words).exception, ConfigurationError)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_time_or_name_is_refused(listed: Path, tmp_path: Path) -> None:
    for words in (["--at", "yesterday"], ["--server", "../x"]):
        assert isinstance(typed("add", listed, "--registry", tmp_path / "r", *words).exception, ConfigurationError)


def test_serving_without_the_sdk_is_said_in_one_line(listed: Path) -> None:
    program = (
        "import sys; sys.modules['mcp'] = None; sys.argv = ['ostiary', 'catalog', 'serve', sys.argv[1]]; "
        "from ostiary.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program, str(listed)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "ostiary catalog serve: needs the official MCP SDK, version 2; pip install 'ostiary[catalog]'"
    )


def test_the_servers_of_a_configuration_are_scanned(tmp_path: Path) -> None:
    config, site = tmp_path / "ostiary.yaml", tmp_path / "site"
    servers = {"My.Lister": {"command": [sys.executable, str(LISTER), "paged"]}, "gone": {"command": ["/no/such"]}}
    config.write_text(json.dumps({"servers": servers}))
    result = typed("build", "-c", config, "-o", site)
    assert result.exit_code == 3
    assert "ostiary catalog: gone: " in result.output
    (server,) = json.loads((site / "index.json").read_text())["servers"]
    assert (server["version"], server["tools"]) == ("1.2", 3)
    assert server["server"].startswith("my-lister-")
