from __future__ import annotations

import json
import tarfile
from decimal import Decimal
from pathlib import Path

import pytest

from ostiary.errors import WireError
from ostiary.wire.json import Bounds, parse, parse_object

ROOT = Path(__file__).parents[2]
SUITE = ROOT.parent / "shared" / "data" / "corpora" / "jsontestsuite.tar.gz"
VERDICTS: dict[str, str | int] = json.loads((ROOT / "tests/corpus/wire/jsontestsuite.json").read_text())
REFUSED_ON_PURPOSE = {
    "test_parsing/y_object_duplicated_key.json",
    "test_parsing/y_object_duplicated_key_and_value.json",
    "test_parsing/y_object_escaped_null_in_key.json",
}


def verdict(data: bytes, bounds: Bounds | None = None) -> str | int:
    try:
        parse(data, bounds or Bounds())
    except WireError as error:
        return error.code
    return "accept"


def test_verdicts_follow_the_suite() -> None:
    for name, decided in VERDICTS.items():
        kind = name.removeprefix("test_parsing/")[:2]
        if kind == "y_":
            assert (decided == "accept") is (name not in REFUSED_ON_PURPOSE), name
        elif kind == "n_":
            assert decided != "accept", name


@pytest.mark.skipif(not SUITE.exists(), reason="JSONTestSuite is not at ../shared/data/corpora")
def test_json_test_suite() -> None:
    seen: dict[str, str | int] = {}
    with tarfile.open(SUITE) as suite:
        for member in suite.getmembers():
            if member.isfile() and member.name.endswith(".json"):
                file = suite.extractfile(member)
                assert file is not None
                seen[member.name] = verdict(file.read())
    assert seen == VERDICTS


def test_numbers_are_exact() -> None:
    value = parse(b"[0.1, 1e2, -0.0, 0e999, 9007199254740993, 123456789012345678901234567890, 5e-324]")
    assert value == [
        Decimal("0.1"),
        Decimal("1e2"),
        Decimal("-0.0"),
        Decimal(0),
        9007199254740993,
        123456789012345678901234567890,
        Decimal("5e-324"),
    ]
    assert isinstance(value, list)
    assert [type(each) for each in value] == [Decimal, Decimal, Decimal, Decimal, int, int, Decimal]


@pytest.mark.parametrize(
    "number",
    [
        b"1e400",
        b"-1e400",
        b"1e-400",
        b"0.0000001e-320",
        b"1" + b"0" * 309,
        b"-" + b"9" * 309,
        b"9" * 10_000,
        b"0." + b"1" * 2000,
        b"1e99999999999999999999",
        b"1e-99999999999999999999",
    ],
)
def test_numbers_that_doubles_change_beyond_recognition(number: bytes) -> None:
    assert verdict(number) == -32600


def test_the_largest_numbers_of_a_double() -> None:
    largest = str(int(1.7976931348623157e308)).encode()
    assert verdict(largest) == verdict(b"-" + largest) == verdict(b"1.7976931348623157e308") == "accept"


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_depth(opening: bytes) -> None:
    levels = opening.count(b"[") + opening.count(b"{")
    closing = opening.replace(b'"a":', b"").translate(bytes.maketrans(b"[{", b"]}"))[::-1]
    fitting = 128 // levels
    assert verdict(opening * fitting + b"0" + closing * fitting) == "accept"
    assert verdict(opening * (fitting + 1) + b"0" + closing * (fitting + 1)) == -32600
    assert verdict(opening * 100_000) == -32600


def test_a_depth_beyond_the_interpreters_own_is_a_refusal_too() -> None:
    assert verdict(b"[" * 90_000 + b"]" * 90_000, Bounds(depth=100_000)) == -32600


def test_brackets_in_strings_have_no_depth() -> None:
    assert verdict(json.dumps(["[" * 1000, '\\"[{' * 1000, "\\" * 3 + "{" * 500]).encode()) == "accept"
    assert verdict(b"[]," * 1000) == -32700
    assert verdict(b"[" + b"[]," * 1000 + b"0]") == "accept"


def test_size() -> None:
    with pytest.raises(WireError) as caught:
        parse(b'"' + b"x" * 100 + b'"', Bounds(size=100))
    assert (caught.value.code, caught.value.status) == (-32600, 413)


@pytest.mark.parametrize("depth", range(1, 6))
@pytest.mark.parametrize(
    "members", [b'"a":1,"a":1', b'"a":1,"\\u0061":2', b'"a\\u0000":1', b'"":1,"":1', b'"\xc3\xa9":1,"\\u00e9":2']
)
def test_ambiguous_objects_at_every_depth(depth: int, members: bytes) -> None:
    assert verdict(b'{"x":[' * depth + b"{" + members + b"}" + b"]}" * depth) == -32600


def test_keys_that_only_look_alike_are_the_tools_own() -> None:
    assert verdict('{"amount":1,"Amount":2,"ａmount":3,"é":4,"e\u0301":5}'.encode()) == "accept"


def test_escapes() -> None:
    assert parse(b'"\\ud83d\\ude00 \\u0000 \\\\ud800"') == "\U0001f600 \0 \\ud800"


@pytest.mark.parametrize("data", ['{"a":1}'.encode(encoding) for encoding in ("utf-16", "utf-16-le", "utf-32-be")])
def test_other_encodings(data: bytes) -> None:
    assert verdict(data) == -32700


def test_an_object_is_asked_for() -> None:
    assert parse_object(b'{"a":1}') == {"a": 1}
    with pytest.raises(WireError, match="a JSON object is expected"):
        parse_object(b"[]")
