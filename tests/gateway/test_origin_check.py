"""Host and Origin: whom this gateway answers to."""

from __future__ import annotations

import pytest

from ostiary.gateway.origin_check import Doorplate

LOOPBACK = Doorplate((), (), is_loopback=True)
NAMED = Doorplate(("gate.example",), ("https://app.example",), is_loopback=False)
ANYWHERE = Doorplate((), (), is_loopback=False)


@pytest.mark.parametrize("host", [b"localhost", b"LOCALHOST:8417", b"127.0.0.1:8417", b"[::1]", b"[::1]:9"])
def test_loopback_answers_to_its_own_names(host: bytes) -> None:
    assert not LOOPBACK.refuses_host([host])


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example", b"localhost.evil.example", b"localhost.", b"127.0.0.1.nip.io", b"", b"localhost:x",
        b"localhost:80:80", b"127.0.0.2", b"::1", b"[::1", b"[::1]x", b"user@localhost", b"localhost\xb2", b"0",
    ],
)  # fmt: skip
def test_loopback_answers_to_nobody_elses(host: bytes) -> None:
    assert LOOPBACK.refuses_host([host])


def test_exactly_one_host_line_is_expected() -> None:
    assert LOOPBACK.refuses_host([])
    assert LOOPBACK.refuses_host([b"localhost", b"localhost"])


def test_named_hosts_are_compared_exactly_and_none_named_means_any() -> None:
    assert not NAMED.refuses_host([b"gate.example:443"])
    assert NAMED.refuses_host([b"localhost"])
    assert not ANYWHERE.refuses_host([b"whatever.example"])


@pytest.mark.parametrize("origin", [b"http://localhost:6274", b"https://127.0.0.1", b"http://[::1]:1"])
def test_pages_of_this_machine_may_call_a_loopback_gateway(origin: bytes) -> None:
    assert not LOOPBACK.refuses_origin([origin])


@pytest.mark.parametrize(
    "origin",
    [
        b"null", b"", b"http://evil.example", b"http://localhost.evil.example", b"http://localhost@evil.example",
        b"file://localhost", b"http://localhost/path", b"http://[::1", b"//localhost", b"http://localhost?x",
        b"http://[::1].evil.example", b"http://127.0.0.1:x", b"http://localhost:80:80", b"http://127.0.0.1:\xb2",
    ],
)  # fmt: skip
def test_no_other_page_may(origin: bytes) -> None:
    assert LOOPBACK.refuses_origin([origin])


def test_elsewhere_only_named_pages_may_call_and_no_origin_is_no_page() -> None:
    assert not NAMED.refuses_origin([])
    assert not NAMED.refuses_origin([b"https://app.example"])
    assert NAMED.refuses_origin([b"https://app.example.evil"])
    assert NAMED.refuses_origin([b"http://localhost"])
    assert NAMED.refuses_origin([b"https://app.example", b"https://app.example"])
