from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ostiary.errors import WireError
from ostiary.model import Decision, Effect
from ostiary.wire import answers
from ostiary.wire.era import Era
from ostiary.wire.message import peek

NAUGHTY = Path(__file__).parents[3] / "shared" / "data" / "corpora" / "blns.json"


def deny(reason: str = "Customers are never deleted by agents", **more: Any) -> Decision:
    return Decision(Effect.DENY, "/tools/delete_customer", reason, **more)


def test_the_denial_contract() -> None:
    reason = "Customers are never deleted by agents"
    assert json.loads(answers.denial("a", deny())) == {
        "jsonrpc": "2.0",
        "id": "a",
        "result": {
            "resultType": "complete",
            "content": [{"type": "text", "text": f"Policy violation: {reason}. Do not retry."}],
            "isError": True,
            "_meta": {
                "dev.ostiary/decision": {
                    "decision": "deny",
                    "rule": "/tools/delete_customer",
                    "reason": reason,
                    "retryable": False,
                }
            },
        },
    }


def test_legacy_results_have_no_type() -> None:
    modern, legacy = (json.loads(answers.denial(1, deny(), era))["result"] for era in (Era.MODERN, Era.LEGACY))
    assert modern.pop("resultType") == "complete"
    assert legacy == modern


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        (deny("no"), "Policy violation: no. Do not retry."),
        (deny("No."), "Policy violation: No. Do not retry."),
        (deny("really?"), "Policy violation: really? Do not retry."),
        (deny(""), "Policy violation: this call is not permitted. Do not retry."),
        (deny("slow", retry_after_ms=12_000), "Policy violation: slow. Retry after 12 s."),
        (deny("slow", retry_after_ms=11_001), "Policy violation: slow. Retry after 12 s."),
        (deny("slow", retry_after_ms=1), "Policy violation: slow. Retry after 1 s."),
        (deny("slow", retry_after_ms=0), "Policy violation: slow. Retry after 1 s."),
        (
            Decision(Effect.REQUIRE_APPROVAL, "/tools/x", "moves data", approval_id="ap_1"),
            "Policy violation: moves data. Waiting for approval ap_1; call again with the same arguments.",
        ),
        (Decision(Effect.REQUIRE_APPROVAL, "/tools/x", "moves data"), "Policy violation: moves data. Do not retry."),
    ],
)
def test_what_the_model_reads(decision: Decision, text: str) -> None:
    assert answers.text(decision) == text


def test_what_a_machine_reads() -> None:
    limited = json.loads(answers.denial(1, deny("slow", retry_after_ms=11_001)))["result"]["_meta"]
    assert limited["dev.ostiary/decision"]["retryable"] is True
    assert limited["dev.ostiary/decision"]["retryAfterMs"] == 11_001
    held = Decision(Effect.REQUIRE_APPROVAL, "/tools/x", "moves data", approval_id="ap_1")
    assert json.loads(answers.denial(1, held))["result"]["_meta"]["dev.ostiary/decision"] == {
        "decision": "require_approval",
        "rule": "/tools/x",
        "reason": "moves data",
        "retryable": True,
        "approvalId": "ap_1",
    }


def test_a_refused_resource_is_an_error_with_the_same_facts() -> None:
    error = json.loads(answers.refusal(1, deny()))["error"]
    facts = json.loads(answers.denial(1, deny()))["result"]["_meta"]
    assert error == {"code": -31000, "message": answers.text(deny()), "data": facts}
    assert not -32768 <= error["code"] <= -32000


def test_failures_and_errors() -> None:
    assert json.loads(answers.failure(1, "gone", Era.LEGACY)) == {
        "jsonrpc": "2.0",
        "id": 1,
        "result": {"content": [{"type": "text", "text": "gone"}], "isError": True},
    }
    assert answers.error(None, -32700, "x") == b'{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}}'
    assert json.loads(answers.error(0, 1, "x", [1])) == {
        "jsonrpc": "2.0",
        "id": 0,
        "error": {"code": 1, "message": "x", "data": [1]},
    }


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the naughty strings are not at ../shared/data/corpora")
def test_naughty_strings() -> None:
    probed = b'{"jsonrpc":"2.0","id":0,"error":{"code":1,"message":"no `probe`"}}'
    for naughty in [*json.loads(NAUGHTY.read_text()), "\ud800", "a\nb\r\0\u2028\x1b[31m"]:
        clean = naughty.encode("utf-8", "replace").decode()
        for data in (
            answers.denial(clean, deny(naughty)),
            answers.refusal(clean, Decision(Effect.DENY, naughty, naughty)),
            answers.unknown_tool(clean, clean),
            answers.mirror(probed, "probe", clean, clean),
        ):
            assert b"\n" not in data
            assert b"\r" not in data
            assert peek(data).id == clean
        mirrored = json.loads(answers.mirror(probed, "probe", clean, 1))
        assert mirrored["error"]["message"] == f"no `{clean}`"


def test_unknown_tools_have_the_specifications_answer() -> None:
    assert json.loads(answers.unknown_tool(3, 'a"b'))["error"] == {"code": -32602, "message": 'Unknown tool: a"b'}


def test_a_mirrored_answer_keeps_every_other_byte() -> None:
    answer = b'{ "result" : {"content":[{"text":"no probe, probe"}],\n "isError" : true}, "id":"q-1" ,"jsonrpc":"2.0"}'
    expected = answer.replace(b"probe", b"delete_all").replace(b'"q-1"', b"7")
    assert answers.mirror(answer, "probe", "delete_all", 7) == expected


def test_a_mirrored_answer_writes_the_name_as_the_server_would() -> None:
    plain = b'{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no probe \xe2\x80\xa6"}}'
    escaped = b'{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no probe \\u2026"}}'
    assert '"no é\\"\\\\ …"'.encode() in answers.mirror(plain, "probe", 'é"\\', 1)
    assert b'"no \\u00e9\\"\\\\ \\u2026"' in answers.mirror(escaped, "probe", 'é"\\', 1)


def test_mirroring_looks_into_strings_not_at_bytes() -> None:
    answer = b'{"jsonrpc":"2.0","id":1,"error":{"code":12,"message":"\\nope \\u0031\\u0032","data":12}}'
    mirrored = json.loads(answers.mirror(answer, "12", "t", 1))
    assert mirrored["error"] == {"code": 12, "message": "\nope t", "data": 12}
    assert json.loads(answers.mirror(answer, "nope", "x", 1))["error"]["message"] == "\nope 12"


def test_an_answer_without_an_id_gets_one() -> None:
    assert json.loads(answers.mirror(b'{"error":{}}', "probe", "x", 5)) == {"id": 5, "error": {}}
    assert json.loads(answers.mirror(b'{"id":null,"error":{}}', "probe", "x", 5)) == {"id": 5, "error": {}}


def test_an_ambiguous_answer_is_not_mirrored() -> None:
    with pytest.raises(WireError):
        answers.mirror(b'{"id":1,"id":2,"error":{}}', "probe", "x", 5)


def test_a_string_that_cannot_be_decoded_is_left_alone() -> None:
    answer = b'{"id":1,"error":{"message":"probe \xff","data":"probe"}}'
    assert answers.mirror(answer, "probe", "x", 2) == b'{"id":2,"error":{"message":"probe \xff","data":"x"}}'
