"""Scanning servers, well-behaved and not: always an answer in time, and nothing called but lists."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from ostiary.catalog.listing import Listing, from_file
from ostiary.catalog.scan import Scope
from ostiary.cli.scan_upstreams import scan_command, scan_url
from ostiary.errors import ConfigurationError, UpstreamError
from ostiary.risk import assess

SERVER: Final = Path(__file__).with_name("listing_server.py")


def scanned(mode: str, **scope: Any) -> Listing:
    return asyncio.run(scan_command([sys.executable, str(SERVER), mode], {}, Scope(**{"seconds": 30.0, **scope})))


def names(listing: Listing) -> list[object]:
    return [definition.get("name") for definition in listing.definitions]


def test_all_pages_are_asked_for() -> None:
    listing = scanned("paged")
    assert names(listing) == ["get_a", "get_b", "delete_c"]
    assert (listing.server, listing.version, listing.notes) == ("lister", "1.2", ())


def test_a_server_without_sessions_is_scanned_too() -> None:
    listing = scanned("modern")
    assert names(listing) == ["get_a"]
    assert listing.server == "lister"


def test_questions_of_the_server_are_declined() -> None:
    assert names(scanned("chatter")) == ["get_a"]


def test_a_server_without_tools_has_none() -> None:
    listing = scanned("toolless")
    assert listing.definitions == ()
    assert "does not know `tools/list`" in listing.notes[0]


def test_pages_that_go_round_end() -> None:
    listing = scanned("circle")
    assert names(listing) == ["get_a", "get_a"]
    assert "circle" in listing.notes[0]


def test_endless_pages_end() -> None:
    listing = scanned("endless", pages=5)
    assert len(listing.definitions) == 5
    assert "more than 5 pages" in listing.notes[0]


def test_too_many_tools_are_cut() -> None:
    listing = scanned("many", tools=10_000)
    assert len(listing.definitions) == 10_000
    assert "more than 10000 tools" in listing.notes[0]


def test_what_is_no_list_is_said() -> None:
    assert scanned("listless").notes == ("a page of the list has no `tools`",)


def test_nasty_names_are_assessed() -> None:
    listing = scanned("nasty")
    assert listing.notes == ("2 entries of the list are no objects",)
    found = assess("nasty", listing.definitions)
    assert len(found.tools) == 9
    assert {finding.rule for finding in found.findings} >= {"deceptive-name", "hidden-characters"}
    assert all(finding.quote.isprintable() for finding in found.findings)


def test_schemas_are_never_followed() -> None:
    found = assess("schemas", scanned("schemas").definitions)
    assert [(finding.rule, finding.tool) for finding in found.findings] == [("outside-reference", "get_b")]


def test_the_child_gets_a_scratch_home_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTIARY_TEST_TOKEN", "hunter2")
    environment = json.loads(str(scanned("environment").definitions[0]["description"]))
    assert "OSTIARY_TEST_TOKEN" not in environment
    assert environment["HOME"] != str(Path.home())
    assert not Path(environment["HOME"]).exists()


@pytest.mark.parametrize(
    ("mode", "words"),
    [("hang", "in 1 s"), ("die", "no such database"), ("garbage", "cannot be read"), ("deep", "in 1 s")],
)
def test_a_bad_server_is_an_error_in_one_line(mode: str, words: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        scanned(mode, seconds=1.0 if mode in ("hang", "deep") else 30.0)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_endless_complaints_are_passed_over() -> None:
    assert names(scanned("stderr")) == ["get_a"]


def test_a_huge_enum_is_assessed_and_said() -> None:
    found = assess("enums", scanned("enums").definitions)
    assert [finding.rule for finding in found.findings] == ["endless-definition"]


def test_a_flood_is_stopped() -> None:
    with pytest.raises(UpstreamError):
        scanned("flood", message=1024 * 1024)


def test_a_command_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UpstreamError):
        asyncio.run(scan_command(["/no/such/program"], {}, Scope()))


@contextmanager
def http_server(era: str) -> Iterator[str]:
    """An HTTP server of one era, or one that wants a token."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.respond(*self.answer(message))

        def do_DELETE(self) -> None:
            self.respond(204, {})

        def answer(self, message: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            id, method = message.get("id"), message["method"]
            if era == "closed" and self.headers["Authorization"] != "Bearer letmein":
                return 401, {}
            if id is None:
                return 202, {}
            if method == "initialize" and era == "modern":
                return 400, {"jsonrpc": "2.0", "id": id, "error": {"code": -32022, "message": "too old"}}
            if method == "initialize":
                result = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "web"}}
                return 200, {"jsonrpc": "2.0", "id": id, "result": result}
            agreed = self.headers["MCP-Protocol-Version"] == ("2026-07-28" if era == "modern" else "2025-11-25")
            session = self.headers["Mcp-Session-Id"] == ("s1" if era != "modern" else None)
            assert agreed
            assert session
            return 200, {"jsonrpc": "2.0", "id": id, "result": {"tools": [{"name": "get_a"}]}}

        def respond(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode() if body else b""
            self.send_response(status)
            if era != "modern":
                self.send_header("Mcp-Session-Id", "s1")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mcp"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_http_servers_of_both_eras_are_scanned(era: str) -> None:
    with http_server(era) as url:
        assert names(asyncio.run(scan_url(url, {}, Scope(seconds=10.0)))) == ["get_a"]


def test_a_server_that_wants_a_token_is_said() -> None:
    with http_server("closed") as url:
        with pytest.raises(UpstreamError, match="--header"):
            asyncio.run(scan_url(url, {}, Scope(seconds=10.0)))
        headers = {"Authorization": "Bearer letmein"}
        assert names(asyncio.run(scan_url(url, headers, Scope(seconds=10.0)))) == ["get_a"]


TOOLS: Final = [{"name": "get_a"}, {"name": "delete_b", "inputSchema": None, "annotations": None}]


@pytest.mark.parametrize(
    "document",
    [TOOLS, {"tools": TOOLS}, {"jsonrpc": "2.0", "id": 1, "result": {"tools": TOOLS}}],
    ids=["array", "object", "result"],
)
def test_lists_in_files_are_read(tmp_path: Path, document: object) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps(document))
    listing = from_file(path)
    assert names(listing) == ["get_a", "delete_b"]
    assert listing.server == "list"


@pytest.mark.parametrize("text", ["", "{}", "3", '{"tools": "x"}', "[", '{"a": 1, "a": 2}'])
def test_what_is_no_list_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"list\.json"):
        from_file(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        from_file(tmp_path / "none.json")
