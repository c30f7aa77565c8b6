"""The fuzz target for as long as every run of the tests can afford."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz.wire import check, seeds

SEEDS = seeds()
BITS = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\0", b"\r", b"\n\n", b"\xff", b"\xef\xbb\xbf", b"data: "]
WORDS = [b"\\u0000", b"\\ud800", b"1e400", b"-0", b"NaN", b'"id":1', b'"method":"x"', b'"Method":1', b'"tools":[{}]']
TOKENS = st.sampled_from([*BITS, *WORDS])


@pytest.mark.parametrize("data", SEEDS)
def test_seeds(data: bytes) -> None:
    check(data)


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 8), TOKENS), max_size=4))
@example(SEEDS[0], [])
def test_seeds_with_something_else_in_them(seed: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    data = seed
    for start, width, token in edits:
        data = data[:start] + token + data[start + width :]
    check(data)


@given(st.lists(TOKENS).map(b"".join) | st.binary())
def test_anything(data: bytes) -> None:
    check(data)
