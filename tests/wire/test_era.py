from __future__ import annotations

import pytest

from ostiary.model import Client
from ostiary.wire.codes import status
from ostiary.wire.era import Era, client_of, era_of, is_modern
from ostiary.wire.message import read

META = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":%s}'


@pytest.mark.parametrize(
    ("members", "era", "client"),
    [
        ('"method":"x"', Era.LEGACY, Client()),
        ('"method":"x","params":{"_meta":{"progressToken":1}}', Era.LEGACY, Client()),
        ('"method":"x","params":{"_meta":[]}', Era.LEGACY, Client()),
        (f'"method":"x","params":{{{META % "null"}}}', Era.MODERN, Client()),
        (f'"method":"x","params":{{{META % "[]"}}}', Era.MODERN, Client()),
        ('"method":"x","params":{%s}' % (META % '{"name":"c","version":"1"}'), Era.MODERN, Client("c", "1")),
        ('"method":"x","params":{%s}' % (META % '{"name":5}'), Era.MODERN, Client()),
        ('"method":"initialize","params":{"clientInfo":{"name":"c","version":"1"}}', Era.LEGACY, Client("c", "1")),
        ('"method":"tools/call","params":{"clientInfo":{"name":"c"}}', Era.LEGACY, Client()),
        ('"result":{}', Era.LEGACY, Client()),
    ],
)
def test_what_a_message_says_of_itself(members: str, era: Era, client: Client) -> None:
    message = read(f'{{"jsonrpc":"2.0","id":1,{members}}}'.encode())
    assert era_of(message) is era
    assert client_of(message) == client


def test_versions() -> None:
    assert is_modern("2026-07-28")
    assert is_modern("2027-01-01")
    assert not any(is_modern(version) for version in ("2025-11-25", "", "latest", "9", "2026-07-28x", "２０２７-01-01"))


def test_statuses() -> None:
    codes = {-32700: 400, -32601: 404, -32020: 400, -32022: 400, -32603: 200, -31000: 200, 5: 200}
    assert {code: status(code) for code in codes} == codes
