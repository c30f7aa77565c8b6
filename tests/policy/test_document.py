from __future__ import annotations

from decimal import Decimal

import pytest

from ostiary.errors import ConfigurationError
from ostiary.policy.document import MAX_SIZE, Proofreader, read


def refusal(text: str | bytes, file: str = "p.yaml") -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(text, file)
    return str(caught.value)


def test_values_are_typed_and_exact() -> None:
    root = read("a: 1\nb: [1.10, 1e3, x, ~, true, \"no\", '7']\nc:\n  d: |\n    two\n    lines\n", "p.yaml")
    assert root.plain() == {
        "a": 1,
        "b": [Decimal("1.10"), Decimal("1e3"), "x", None, True, "no", "7"],
        "c": {"d": "two\nlines\n"},
    }


def test_nodes_know_their_place_and_pointer() -> None:
    root = read("tools:\n  a/b~c:\n    - one\n    - {op: eq}\n", "p.yaml")
    assert isinstance(root.value, dict)
    block = root.value["tools"].value
    assert isinstance(block, dict)
    items = block["a/b~c"].value
    assert isinstance(items, list)
    assert (items[1].line, items[1].column, items[1].pointer) == (4, 7, "/tools/a~1b~0c/1")
    assert (items[1].keys["op"].line, items[1].keys["op"].column) == (4, 8)
    assert items[1].keys["op"].pointer == "/tools/a~1b~0c/1/op"


def test_json_has_the_same_places() -> None:
    root = read('{"a": {"b": [1,\n  2.50]}}', "p.json")
    assert root.plain() == {"a": {"b": [1, Decimal("2.50")]}}
    assert isinstance(root.value, dict)
    inner = root.value["a"].value
    assert isinstance(inner, dict)
    items = inner["b"].value
    assert isinstance(items, list)
    assert (items[1].line, items[1].column, items[1].pointer) == (2, 3, "/a/b/1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: no", '1:4: `no` is false to some readers of YAML and a string to others; write false, or "no" in quotes'),
        ("on: 1", '1:1: `on` is true to some readers of YAML and a string to others; write true, or "on" in quotes'),
        ("a: 0777", "1:4: `0777` is a number to some readers of YAML"),
        ("a: 0o17", "1:4: `0o17` is a number to some readers of YAML"),
        ("a: 0x1F", "1:4: `0x1F` is a number to some readers of YAML"),
        ("a: 1_000", "1:4: `1_000` is a number to some readers of YAML"),
        ("a: 1:30", "1:4: `1:30` is a number to some readers of YAML"),
        ("a: .5", "1:4: `.5` is a number to some readers of YAML"),
        ("a: -.inf", "1:4: `-.inf` is a number to some readers of YAML"),
        ("a: .nan", "1:4: `.nan` is a number to some readers of YAML"),
        ("a: 1e999", "1:4: a number of more than 400 digits"),
        ("a: 1\nb: 2\na: 3", "3:1: duplicate key `a`; it is already on line 1"),
        ("a: &x 1\nb: *x", "1:4: the anchor `&x` is not supported; write values out"),
        ("a: *x", "1:4: the alias `*x` is not supported; write the value out"),
        ("a: !!str 5", "1:4: the tag `!!str` is not supported; remove it; quotes make a string"),
        ("a: 1\n---\nb: 2", "2:1: a second document begins here; one file holds one document; remove the `---`"),
        ("? [1]\n: 2", "1:3: a key must be a string; put quotes around it"),
        ("1: 2", "1:1: the key `1` is not a string; put quotes around it"),
        ("<<: {a: 1}", "1:1: merging with `<<` is not supported; write the keys out"),
        ("a:\n\t- 1", "2:1: found character that cannot start any token; indent with spaces, not tabs"),
        ("a: b: c", "1:5: mapping values are not allowed in this context; put quotes around a text that contains `: `"),
        ("a: [1, 2", "2:1: did not find expected ',' or ']'"),
        ("a: 1\nb: \x00", "2:4: character U+0000 is not allowed in YAML; remove it"),
        ("a: \ud800", "1:4: half of a surrogate pair is not a character"),
        ("[" * 100, "1:66: nested deeper than 64 levels"),
    ],
)
def test_yaml_that_can_be_read_in_two_ways_is_refused(text: str, message: str) -> None:
    assert refusal(text).startswith(f"p.yaml:{message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', "1:10: duplicate key `a`; it is already on line 1"),
        ('{"a": 01}', "1:7: not a JSON number; write it in decimal, without leading zeros"),
        ('{"a": 1,}', "1:9: a comma before the end; remove the comma"),
        ('{"a": "x\ny"}', "1:9: invalid control character"),
        ("{a: 1}", "1:2: expected a key in double quotes, found `a`"),
        ('{"a": NaN}', "1:7: expected a value, found `NaN`"),
        ('{"a": 1}\n{', "2:1: the document goes on after its end; remove what follows"),
        ('{"a": "\\ud800"}', "1:7: half of a surrogate pair is not a character"),
        ('{"a": "', "1:7: unterminated string"),
        ('{"a": 1', "1:8: expected `,` or `}`, found the end of the document"),
        ('{"a" 1}', "1:6: expected `:` after the key, found `1`"),
        ('{"a": // c\n1}', "1:7: expected a value, found `/`"),
        ('{"a": 1e999}', "1:7: a number of more than 400 digits"),
        ("[" * 100, "1:66: nested deeper than 64 levels"),
    ],
)
def test_json_is_strict(text: str, message: str) -> None:
    assert refusal(text, "p.json").startswith(f"p.json:{message}")


@pytest.mark.parametrize("text", ["", "  \n", "# nothing but a comment\n"])
def test_an_empty_document_is_refused(text: str) -> None:
    assert refusal(text) == "p.yaml: is empty; a document of keys and values is expected"


def test_bytes_must_be_utf_8() -> None:
    assert refusal(b"a: 1\nb: \xff") == "p.yaml:2:4: is not UTF-8 text; save it as UTF-8"


def test_a_huge_document_is_refused() -> None:
    assert refusal(" " * (MAX_SIZE + 1)).startswith("p.yaml: too long")


def test_a_file_without_a_telling_name_may_be_json() -> None:
    assert read('{"a": 1}', "policy").plain() == {"a": 1}
    assert refusal("{a: 1}", "policy").startswith("policy:1:2: expected a key in double quotes")


def test_a_proofreader_notes_everything_and_suggests_the_nearest_spelling() -> None:
    root = read("defualt: deny\nversion: [1]\nmode: enforced\n", "p.yaml")
    proof = Proofreader()
    fields = proof.fields(root, ("version", "default", "mode", "name"), required=("name",))
    assert proof.whole(fields["version"]) is None
    assert proof.choice(fields["mode"], ("enforce", "shadow")) is None
    with pytest.raises(ConfigurationError) as caught:
        proof.finish()
    assert str(caught.value).splitlines() == [
        "p.yaml:1:1: unknown key `defualt`; did you mean `default`?",
        "p.yaml:1:1: `name` is missing",
        "p.yaml:2:10: expected a whole number, found a list",
        "p.yaml:3:7: unknown value `enforced`; did you mean `enforce`?",
    ]
