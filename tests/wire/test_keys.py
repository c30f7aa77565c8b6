from __future__ import annotations

from typing import Any

import pytest

from ostiary.errors import WireError
from ostiary.model.likeness import fold, twins
from ostiary.wire.keys import METHODS, check_method


@pytest.mark.parametrize(
    "key",
    ["params", "PARAMS", "Params", "param\u017f", "ｐarams", "params\u200b", "\ufeffparams", "params ", "para\u00adms"],
)
def test_spellings_that_fold_to_one(key: str) -> None:
    assert fold(key) == "params"


@pytest.mark.parametrize("key", ["param", "paramss", "parаms", "p_arams"])
def test_others_do_not(key: str) -> None:
    assert fold(key) != "params"


@pytest.mark.parametrize(
    "method",
    ["Tools/Call", "tools/call ", "\ttools/call", "tools/call\0", "tools／call", "tools/ca\u200bll", "TOOLS/LIST"],
)
def test_a_method_that_passes_for_another_is_refused(method: str) -> None:
    with pytest.raises(WireError, match="passes for another"):
        check_method(method)


@pytest.mark.parametrize(
    "method", [*sorted(METHODS), "tools/resolve", "tools/calls", "com.example/Tools", "sampling/createMessage"]
)
def test_any_other_method_is_nobodys_business(method: str) -> None:
    check_method(method)


@pytest.mark.parametrize("value", [{"a": 1, "A": 2}, {"x": [{"k": 0, "\u212a": 0}]}, {"a": 1, "a\u200b": 2}])
def test_keys_that_some_readers_take_for_one(value: Any) -> None:
    assert twins(value)


@pytest.mark.parametrize("value", [{}, {"a": {"A": 1}}, [{"a": 1}, {"A": 1}], {"a": "A", "b": "B"}, None])
def test_keys_that_nobody_takes_for_one(value: Any) -> None:
    assert not twins(value)
