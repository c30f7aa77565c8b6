from __future__ import annotations

import pytest

from ostiary.wire.keys import fold


@pytest.mark.parametrize(
    "key",
    ["params", "PARAMS", "Params", "param\u017f", "ｐarams", "params\u200b", "\ufeffparams", "params ", "para\u00adms"],
)
def test_spellings_that_fold_to_one(key: str) -> None:
    assert fold(key) == "params"


@pytest.mark.parametrize("key", ["param", "paramss", "parаms", "p_arams"])
def test_others_do_not(key: str) -> None:
    assert fold(key) != "params"
