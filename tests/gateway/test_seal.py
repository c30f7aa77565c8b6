"""Session ids as agents see them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ostiary.gateway.seal import seal, unseal
from ostiary.model import Client

KEY = b"k" * 32


@given(st.text(), st.text(), st.text(max_size=80))
def test_what_was_sealed_is_unsealed_as_visible_ascii(upstream: str, name: str, version: str) -> None:
    sealed = seal(KEY, "desk", "grant:a", upstream, Client(name, version))

    opened = unseal(KEY, "desk", "grant:a", sealed)

    assert opened is not None
    assert opened.upstream == upstream
    assert opened.agent == Client(name[:64], version[:64])
    assert all(0x21 <= ord(character) <= 0x7E for character in sealed)


def test_a_session_belongs_to_one_server_one_principal_and_one_gateway() -> None:
    sealed = seal(KEY, "desk", "grant:a", "up-1", Client("agent", "1"))

    assert unseal(KEY, "desk", "grant:b", sealed) is None
    assert unseal(KEY, "till", "grant:a", sealed) is None
    assert unseal(b"j" * 32, "desk", "grant:a", sealed) is None


@given(st.text())
def test_anything_else_is_nobodys_session(text: str) -> None:
    assert unseal(KEY, "desk", "grant:a", text) is None
