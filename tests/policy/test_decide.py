from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ostiary.model import (
    Algorithm,
    ApprovalTerms,
    Call,
    Client,
    Decision,
    Effect,
    Exceeded,
    Limit,
    Obligations,
    Principal,
    Redaction,
    Session,
    Tool,
)
from ostiary.policy import Policy, decide, decide_prompt, decide_resource, is_listed, load, refuse_exceeded

ANN = Principal("grant:ann", "ann")


def policy(text: str) -> Policy:
    return load("version: 1\n" + text, "p.yaml")


def call(tool: str, server: str = "pay", **arguments: Any) -> Call:
    return Call(Tool(tool, server), arguments, ANN, Client("robot", "1"), Session("grant:ann"), 10**18)


def decided(text: str, tool: str = "t", **arguments: Any) -> Decision:
    return decide(policy(text), call(tool, **arguments))


@pytest.mark.parametrize(
    ("per", "key"),
    [
        ("session", "session=grant:ann"),
        ("grant", "grant=ann"),
        ("principal", "principal=grant:ann"),
        ("client", "client=robot"),
        ("server", "server=pay"),
        ("global", "global"),
        ("args.id", "args.id='a|b'"),
        ("args.number", "args.number=5"),
    ],
)
def test_a_counter_is_named_by_policy_rule_and_scope(per: str, key: str) -> None:
    decision = decided(f"tools: {{t: {{rate_limit: {{max: 3, window: 1h, per: {per}}}}}}}", id="a|b", number=5)
    (demand,) = decision.obligations.reserve
    assert demand.key == f"p.yaml|/tools/t/rate_limit|{key}"
    assert demand.rule == "/tools/t/rate_limit"
    assert demand.limit == Limit(3, 3600 * 10**9)
    assert demand.cost == 1


def test_a_long_scope_value_is_kept_as_its_digest() -> None:
    decision = decided("tools: {t: {rate_limit: {max: 3, window: 1h, per: args.id}}}", id="x" * 10_000)
    assert len(decision.obligations.reserve[0].key) < 150


def test_a_named_policy_names_its_counters_so() -> None:
    decision = decided("name: shop\ntools: {t: {rate_limit: 3/hour}}")
    assert decision.obligations.reserve[0].key.startswith("shop|")


def test_every_form_of_a_rate_limit() -> None:
    text = """tools:
  t:
    rate_limit:
      - 3/day
      - {max: 5, window: minute, algorithm: token_bucket, burst: 9}
      - {max: 5, window: 90, algorithm: token_bucket}
      - {max: 5, window: 1d, algorithm: calendar, on_deny: Enough}
"""
    limits = [demand.limit for demand in decided(text).obligations.reserve]
    assert limits == [
        Limit(3, 86400 * 10**9),
        Limit(5, 60 * 10**9, Algorithm.TOKEN_BUCKET, 9),
        Limit(5, 90 * 10**9, Algorithm.TOKEN_BUCKET, 5),
        Limit(5, 86400 * 10**9, Algorithm.CALENDAR),
    ]
    assert [demand.reason for demand in decided(text).obligations.reserve] == [
        "the limit of 3 calls per day is reached",
        "the limit of 5 calls per minute is reached",
        "the limit of 5 calls per 90 seconds is reached",
        "Enough: the limit of 5 calls per day is reached",
    ]


def test_limits_of_a_counter_and_of_an_amount() -> None:
    text = """tools:
  t:
    limits:
      - {counter: calls, window: minute, max: 2, scope: grant}
      - {counter: spend, window: day, max: 100, scope: grant, increment_from: args.amount}
"""
    calls, spend = decided(text, amount=Decimal("1.50")).obligations.reserve
    assert (calls.key, calls.cost, calls.limit.algorithm) == ("p.yaml|/tools/t/limits:calls|grant=ann", 1, "calendar")
    assert (spend.key, spend.cost, spend.unit) == ("p.yaml|/tools/t/limits:spend|grant=ann", Decimal("1.50"), "spend")


def test_rules_that_share_a_counter_are_counted_once_and_by_the_strictest() -> None:
    text = """all_tools:
  budget: {amount: args.amount, max: 50, window: day, counter: spend}
tools:
  t:
    budget: {amount: args.amount, max: 20, window: day, counter: spend}
"""
    (demand,) = decided(text, amount=5).obligations.reserve
    assert (demand.limit.max, demand.cost, demand.rule) == (20, 5, "/tools/t/budget")


def test_an_amount_is_exact_and_never_negative_zero() -> None:
    text = "tools: {t: {budget: {amount: args.amount, max: 1, window: day}}}"
    (demand,) = decided(text, amount=Decimal("-0.0")).obligations.reserve
    assert not Decimal(demand.cost).is_signed()
    assert decided(text, amount=Decimal("0.1234567890123456789012345678901")).errors
    (demand,) = decided(text, amount=Decimal("12345678901234567890.1234567891")).obligations.reserve
    assert demand.cost == Decimal("12345678901234567890.1234567891")


def test_a_refused_call_reserves_and_logs_what_policy_says() -> None:
    decision = decided("all_tools: {rate_limit: 5/minute, log_arguments: true}")
    assert decision.effect is Effect.DENY
    assert decision.obligations == Obligations(log_arguments=True)
    assert [one.outcome for one in decision.rules] == ["denies"]


def test_the_strictest_terms_of_an_approval_hold() -> None:
    text = """default: require_approval
all_tools:
  approval: {timeout: 30s, approvers: 2, assurance: client, notify: [b]}
tools:
  t:
    action: require_approval
    reason: Ask first
    approval: {timeout: 5m, assurance: out_of_band, uses: 3, valid_for: 1h, notify: [a]}
"""
    decision = decided(text)
    assert (decision.effect, decision.rule, decision.reason) == (Effect.REQUIRE_APPROVAL, "/tools/t", "Ask first")
    assert decision.obligations.approval == ApprovalTerms(
        timeout=30 * 10**9, approvers=2, assurance="out_of_band", uses=1, valid_for=900 * 10**9, notify=("a", "b")
    )
    assert decided(text, "other").rule == "/default"
    assert decided(text, "other").obligations.approval == ApprovalTerms(
        timeout=30 * 10**9, approvers=2, assurance="client", notify=("b",)
    )


def test_redactions_and_logged_arguments_add_up() -> None:
    text = """all_tools:
  redact: {result: [secrets]}
  log_arguments: [args.id]
tools:
  t: {redact: {result: [pii, 'sk_[a-z]+']}, log_arguments: [args.name]}
  quiet: {log_arguments: false}
"""
    obligations = decided(text).obligations
    assert obligations.redact == Redaction(("pii", "secrets", "sk_[a-z]+"))
    assert obligations.log_arguments == ("args.id", "args.name")
    assert decided(text, "quiet").obligations.log_arguments is False


def test_a_limit_without_room_makes_a_denial() -> None:
    decision = decided("tools: {t: {reason: Careful, rate_limit: 2/minute}}")
    refused = refuse_exceeded(decision, Exceeded(decision.obligations.reserve[0], 2, 11_999_000_001))
    assert (refused.effect, refused.rule) == (Effect.DENY, "/tools/t/rate_limit")
    assert refused.reason == "Careful: the limit of 2 calls per minute is reached"
    assert refused.retry_after_ms == 12_000
    assert refused.obligations == Obligations()
    assert [(one.id, one.outcome) for one in refused.rules] == [
        ("/tools/t", "permits"),
        ("/tools/t/rate_limit", "denies"),
    ]


def test_waiting_does_not_help_a_cost_above_the_limit() -> None:
    decision = decided("tools: {t: {budget: {amount: args.amount, max: 5, window: day}}}", amount=6)
    refused = refuse_exceeded(decision, Exceeded(decision.obligations.reserve[0], 0, None))
    assert refused.retry_after_ms is None
    assert not refused.is_retryable


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [
        ("tools: {t: {}}", True),
        ("tools: {t: {action: deny}}", True),
        ("", True),
        ("default: hide", False),
        ("default: hide\ntools: {t: {}}", True),
        ("default: hide\ntools: {t: {when: args.a == 1}}", True),
        ("default: hide\ntools: {'*': {rate_limit: 5/minute}}", False),
        ("default: hide\nmode: shadow", True),
        ("hide: [t]\ntools: {t: {}}", False),
        ("hide: [t]\nmode: shadow", True),
        ("tools: {t: {action: hide}}", False),
        ("tools: {t: {action: hide, when: args.a == 1}}", True),
        ("tools: {t: {action: hide, mode: shadow}}", True),
        ("all_tools: {action: hide}\ntools: {t: {}}", False),
    ],
)
def test_what_is_listed(text: str, is_shown: bool) -> None:
    assert is_listed(policy(text), Tool("t"), ANN) is is_shown


def test_resources_and_prompts_are_allowed_unless_policy_says_otherwise() -> None:
    judged = policy("""resources:
  "file:///etc/*": {action: deny, reason: Not yours}
  "db://*": {when: 'args.uri.endsWith("/all")', action: require_approval}
prompts:
  "admin-*": {action: hide}
""")
    assert decide_resource(judged, call("file:///etc/passwd", uri="file:///etc/passwd")).reason == "Not yours"
    assert decide_resource(judged, call("file:///home", uri="file:///home")).rule == "/default"
    assert decide_resource(judged, call("db://x/all", uri="db://x/all")).effect is Effect.REQUIRE_APPROVAL
    assert decide_resource(judged, call("db://x/1", uri="db://x/1")).is_allowed
    assert decide_prompt(judged, call("admin-reset")).effect is Effect.HIDE
    assert decide_prompt(judged, call("file:///etc/passwd")).is_allowed


def test_errors_show_no_value_of_an_argument() -> None:
    text = """tools:
  t:
    require:
      - args.table[args.secret] == 1
      - args.secret < 5
      - args.n < 5
      - {path: args.secret, op: lt, value: 5}
    arguments: {properties: {secret: {maxLength: 3, pattern: '^[0-9]+$'}}}
    rate_limit: {max: 1, window: 1, per: args.list}
"""
    decision = decided(text, secret="hunter2!", table={}, n=2**70, list=["hunter2!"])
    assert len(decision.errors) >= 4
    assert "hunter2!" not in repr(decision)
    assert str(2**70) not in repr(decision)


@pytest.mark.parametrize(
    ("text", "is_needed"),
    [
        ("tools: {t: {}}", False),
        ("tools: {'t*': {require: [args.a == 1]}}", False),
        ("tools: {'class:read': {}}", True),
        ("hide: ['annotation:destructiveHint']", True),
        ("tools: {t: {arguments: strict}}", True),
        ("tools: {t: {when: tool.class == 'read'}}", True),
        ("tools: {t: {when: tool.name == 'read'}}", False),
    ],
)
def test_a_policy_says_whether_it_needs_definitions(text: str, is_needed: bool) -> None:
    assert policy(text).needs_definitions is is_needed


def test_identity_is_content_not_spelling() -> None:
    one = load("version: 1\ntools: {a: {}, b: {reason: x}}", "one.yaml")
    other = load('{"tools": {"b": {"reason": "x"}, "a": {}}, "version": 1}', "other.json")
    assert one.digest == other.digest
    assert load("version: 1\ntools: {a: {}, b: {reason: y}}", "one.yaml").digest != one.digest


def test_the_plans_of_many_tools_are_forgotten_again() -> None:
    judged = policy("tools: {'*': {action: allow}, t9999: {action: deny}}")
    for number in range(10_000):
        decision = decide(judged, call(f"t{number}"))
        assert decision.is_allowed is (number != 9999)


def test_blocks_in_shadow_mode_are_heard_of_each_call_of_a_hidden_tool() -> None:
    judged = policy("hide: [t]\nall_tools: {mode: shadow, require: [{path: args.a, op: eq, value: 1}]}")
    outcomes = [decide(judged, call("t", a=number)).rules[-1].outcome for number in (1, 2, 1)]
    assert outcomes == ["passes", "denies", "passes"]
