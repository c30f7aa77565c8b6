"""The schemas say what the readers say: the same keys, and nothing underlined that loads."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ostiary.asking import settings as approval_settings
from ostiary.cli.main import ostiary
from ostiary.errors import ConfigurationError
from ostiary.policy import cases as case_reader
from ostiary.policy import compile as policy_reader
from ostiary.policy import counting, load, terms
from ostiary.policy.block import SUBJECT_KEYS, TOOL_KEYS
from ostiary.policy.dialects import intercept
from ostiary.policy.document import read
from ostiary.schemas.cases import SCHEMA as TESTS
from ostiary.schemas.config import SCHEMA as CONFIG
from ostiary.schemas.examples import EXAMPLES
from ostiary.schemas.page import reference_page
from ostiary.schemas.policy import SCHEMA
from ostiary.settings import Bounds
from ostiary.settings import reader as settings_reader
from tests.property.test_policy_fuzz import DOCUMENTS, ENCODER, places, values

CORPUS = Path(__file__).parent / "corpus" / "policies"
GUIDE = Path(__file__).parent.parent / "docs" / "policy.md"
POLICY = jsonschema_rs.Draft202012Validator(SCHEMA)


def keys(schema: Any, *names: str) -> set[str]:
    for name in names:
        schema = schema[name]
    return set(schema["properties"])


def test_the_schema_of_policies_has_the_readers_keys() -> None:
    parts = SCHEMA["$defs"]
    assert keys(SCHEMA) == set(policy_reader.KEYS)
    assert keys(parts["block"]) == set(TOOL_KEYS) == keys(parts["all_tools"])
    assert keys(parts["subject"]) == set(SUBJECT_KEYS)
    assert keys(parts["rate_limit"]["oneOf"][1]) == set(counting._RATE_KEYS)
    assert keys(parts["budget"]) == set(counting._BUDGET_KEYS)
    assert keys(parts["limit"]) == set(counting._LIMIT_KEYS)
    assert keys(parts["approval"]) == set(terms._APPROVAL_KEYS)
    assert keys(parts["rule"]) == set(intercept._KEYS)


def test_the_schema_of_the_configuration_has_the_readers_keys() -> None:
    ((name, server),) = CONFIG["properties"]["servers"]["patternProperties"].items()
    assert name == f"^{settings_reader.NAME.pattern}$"
    assert keys(CONFIG) == set(settings_reader.TOP_KEYS)
    assert keys(server) == set(settings_reader.SERVER_KEYS)
    assert keys(CONFIG["properties"]["limits"]) == set(Bounds.__struct_fields__)
    assert keys(CONFIG["properties"]["approvals"]) == set(approval_settings._KEYS)
    assert keys(CONFIG["properties"]["approvals"]["properties"]["smtp"]) == set(approval_settings._SMTP)
    target = CONFIG["properties"]["approvals"]["properties"]["notify"]["additionalProperties"]
    assert keys(target) == set(approval_settings._TARGET)
    assert keys(server["properties"]["approvals"]) == set(approval_settings._SERVER_KEYS)


def test_the_schema_of_tests_has_the_readers_keys() -> None:
    assert keys(TESTS["$defs"]["step"]) == set(case_reader._STEP_KEYS)
    assert keys(TESTS["oneOf"][1]) == set(case_reader._FILE_KEYS)


def plain(text: bytes, name: str) -> Any:
    return msgspec.json.decode(msgspec.json.Encoder(decimal_format="number").encode(read(text, name).plain()))


@pytest.mark.parametrize("path", sorted(CORPUS.glob("working_*")), ids=lambda path: path.name)
def test_nothing_that_loads_is_underlined(path: Path) -> None:
    POLICY.validate(plain(path.read_bytes(), path.name))


@given(st.sampled_from(DOCUMENTS), st.data())
def test_nothing_that_loads_is_underlined_however_it_was_changed(document: Any, data: st.DataObject) -> None:
    changed = json.loads(ENCODER.encode(document), parse_float=Decimal)
    holder, key = data.draw(st.sampled_from(places(changed)))
    holder[key] = data.draw(values)
    text = ENCODER.encode(changed)
    try:
        load(text, "p.json")
    except ConfigurationError:
        return
    POLICY.validate(json.loads(text))


@pytest.mark.parametrize(
    "name",
    [
        *("unknown_key", "unknown_block_key", "unknown_action", "unknown_operator", "unknown_mode", "unknown_default"),
        *("missing_value", "tools_is_a_list", "no_version", "version_2", "hide_twice", "all_tools_allows"),
        *("rate_limit_without_window", "rate_limit_unknown_algorithm", "budget_without_amount", "group_empty"),
        *("approval_unknown_key", "approval_no_approvers", "classes_unknown_class", "intercept_nameless_rule"),
    ],
)
def test_editors_underline_what_is_wrong(name: str) -> None:
    path = CORPUS / f"busted_{name}.yaml"
    assert not POLICY.is_valid(plain(path.read_bytes(), path.name))


@pytest.mark.parametrize("kind", ["policy", "config", "tests"])
def test_the_command_prints_a_schema(kind: str) -> None:
    printed = json.loads(CliRunner().invoke(ostiary, ["schema", kind]).stdout)
    jsonschema_rs.meta.validate(printed)
    assert printed["title"].startswith("Ostiary")


def test_the_reference_page_is_in_step() -> None:
    page = Path(__file__).parent.parent / "docs" / "policy-reference.md"
    assert page.read_text("utf-8") == reference_page(), "run `python -m ostiary.schemas.page`"


@pytest.mark.parametrize(("part", "key"), [(part, key) for part, found in EXAMPLES.items() for key in found])
def test_every_example_loads(part: str, key: str) -> None:
    example = EXAMPLES[part][key]
    text = (
        example
        if part == "document"
        else "tools:\n  pay:\n" + "".join(f"    {line}\n" for line in example.splitlines())
    )
    load(f"version: 1\n{text}\n", "example.yaml")


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL))
def test_every_example_of_the_guide_loads(example: str) -> None:
    if "cases:" in example:
        assert case_reader.read_case_file(example, "example.yaml").cases(())
    else:
        load(example if example.startswith("version") else f"version: 1\n{example}", "example.yaml")
