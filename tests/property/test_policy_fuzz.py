"""Anything a text editor can produce: every document of the corpora, changed anywhere, loads or is refused in words."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ostiary.errors import ConfigurationError
from ostiary.model import Call, Client, Principal, Session, Tool
from ostiary.policy import Policy, check, decide, load
from ostiary.policy.cases import read_case_file
from ostiary.policy.dialects.convert import convert
from ostiary.policy.document import read
from ostiary.policy.yaml_writer import write_yaml

CORPUS = Path(__file__).parent.parent / "corpus"
TEXTS = [path.read_bytes() for path in sorted((CORPUS / "policies").iterdir()) if path.suffix in (".yaml", ".json")]
DOCUMENTS: list[Any] = [
    json.loads(path.read_bytes(), parse_float=Decimal)["policy"]
    for folder in ("decisions", "dialects")
    for path in sorted((CORPUS / folder).glob("*.json"))
]
ENCODER = msgspec.json.Encoder(decimal_format="number")
PIECES = (
    *('"', "'", "{", "}", "[", "]", ",", ":", "\n", "\t", " ", "-", "#", "&a", "*a", "!!str ", "<<: ", "|", ">", "~"),
    *(
        "\x00",
        "\x1b",
        "\ufeff",
        "\u2028",
        "é",
        "\U0001f512",
        "yes",
        "1e999",
        "0x1f",
        ".nan",
        "null",
        "---\n",
        "%YAML 1.1\n",
    ),
)
TOOL = Tool("t", input_schema={"type": "object", "properties": {"a": {"type": "integer"}}})


def survives(text: str | bytes, name: str) -> Policy | None:
    """The policy, if it is one. Whatever is refused is refused in lines that name the file, one each."""
    try:
        policy = load(text, name)
    except ConfigurationError as error:
        for problem in error.problems:
            assert str(problem).startswith(name), problem
            assert len(str(problem).splitlines()) == 1, problem
        return None
    check(policy, [TOOL])
    decide(policy, Call(TOOL, {"a": 1}, Principal("p"), Client(), Session("p"), 10**18))
    return policy


@given(st.sampled_from(TEXTS), st.data())
def test_a_text_changed_anywhere(raw: bytes, data: st.DataObject) -> None:
    text = raw.decode()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 6)))
        text = text[:start] + data.draw(st.sampled_from(PIECES)) + text[end:]
    for name in ("p.yaml", "p.json"):
        survives(text, name)


@given(st.sampled_from(TEXTS), st.integers(0, 2000), st.binary(max_size=3))
def test_bytes_put_anywhere(raw: bytes, at: int, piece: bytes) -> None:
    survives(raw[:at] + piece + raw[at:], "p.yaml")


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
words = st.sampled_from(
    [
        "allow",
        "deny",
        "args.a",
        "args.a == 1",
        "state.t.n",
        "1/minute",
        "day",
        "*",
        "class:read",
        "strict",
        "secrets",
        "",
    ]
)
values = st.recursive(
    leaves | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words | st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container and key in a document."""
    members = list(value.items()) if isinstance(value, dict) else []
    members += list(enumerate(value)) if isinstance(value, list) else []
    return [place for key, inner in members for place in ((value, key), *places(inner))]


@given(st.sampled_from(DOCUMENTS), st.data())
def test_a_value_in_the_place_of_another(document: Any, data: st.DataObject) -> None:
    changed = json.loads(ENCODER.encode(document), parse_float=Decimal)
    for _ in range(data.draw(st.integers(1, 2))):
        holder, key = data.draw(st.sampled_from(places(changed)))
        holder[key] = data.draw(values)
    text = ENCODER.encode(changed)
    policy = survives(text, "p.json")
    if policy is not None:
        converted = convert(text, "p.json")
        again = load(write_yaml(converted), "q.yaml")
        assert again.default is policy.default


@given(values)
def test_yaml_that_we_write_is_read_back_as_the_same(value: Any) -> None:
    document = {"a": value, "b": [value, {"c": value}]}
    plain = read(ENCODER.encode(document), "p.json").plain()
    assert read(write_yaml(plain), "p.yaml").plain() == plain  # type: ignore[arg-type]


@given(values)
def test_any_value_as_cases_is_cases_or_refused(value: Any) -> None:
    steps = ([value], [{"steps": value}], [{"call": value, "expect": "deny"}])
    for document in (value, {"policy": "p.yaml", "cases": value}, *steps):
        try:
            read_case_file(ENCODER.encode(document), "t.json").cases(())
        except ConfigurationError as error:
            assert all(str(problem).startswith("t.json") for problem in error.problems)
