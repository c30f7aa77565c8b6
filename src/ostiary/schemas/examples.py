"""An example for every key that is easier shown than told. Each is part of a policy that loads: a test says so."""

from __future__ import annotations

from typing import Final

__all__ = ["EXAMPLES"]

EXAMPLES: Final[dict[str, dict[str, str]]] = {
    "document": {
        "default": "default: deny",
        "mode": "mode: shadow",
        "classes": 'classes:\n  purge_cache: write\n  "admin_*": {class: destructive, severity: critical}',
        "hide": 'hide: ["delete_*", "class:destructive"]',
        "all_tools": "all_tools:\n  rate_limit: 60/minute",
        "tools": 'tools:\n  "get_*": {}\n  "class:read": {}\n  pay: {action: require_approval}',
        "resources": 'resources:\n  "file:///etc/*": {action: deny}',
        "prompts": 'prompts:\n  "admin-*": {action: hide}',
    },
    "block": {
        "action": "action: require_approval",
        "reason": "action: deny\nreason: Customers are never deleted by agents",
        "when": 'when: args.environment == "production"',
        "require": 'require:\n  - args.currency in ["usd", "eur"]\n  - {path: args.amount, op: lte, value: 500}',
        "deny_if": "deny_if:\n  - {path: args.force, op: eq, value: true, on_deny: Never by force}",
        "rate_limit": "rate_limit: 10/minute",
        "arguments": "arguments:\n  properties: {count: {type: integer, maximum: 3}}",
        "limits": "limits:\n  - {counter: calls, window: hour, max: 100, scope: grant}",
        "budget": "budget: {amount: args.amount, max: 1000, window: day}",
        "approval": "action: require_approval\napproval: {timeout: 10m, approvers: 2}",
        "redact": "redact: {result: [secrets, pii, 'EMP-[0-9]{4}']}",
        "log_arguments": "log_arguments: [args.customer_id]",
        "rules": "rules:\n  - {name: hourly, rate_limit: 5/hour}",
        "mode": "mode: shadow\nrate_limit: 5/minute",
    },
    "rate_limit": {
        "max": "rate_limit: {max: 10, window: 60}",
        "per": "rate_limit: {max: 3, window: 1h, per: args.customer_id}",
        "algorithm": "rate_limit: {max: 60, window: minute, algorithm: token_bucket, burst: 5}",
        "on_outage": "rate_limit: {max: 10, window: minute, on_outage: local}",
    },
    "budget": {
        "amount": 'budget: {amount: args.amount, max: "500.00", window: day, unit: USD}',
        "counter": "budget: {amount: args.amount, max: 500, window: day, counter: spend}",
        "settle": "budget:\n  amount: args.most\n  max: 500\n  window: day\n  settle: result.structuredContent.charged",
    },
}
