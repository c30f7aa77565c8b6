"""What agents do with the AWS Labs servers, call by call, and what must become of each: at the gate, and behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ostiary.demo import script
from ostiary.demo.script import Word
from ostiary.model import Effect
from tests.aws.cloud import ACCOUNT
from tests.aws.world import SECRET


class Step(script.Step, frozen=True, kw_only=True):
    """`reaches` is all that may arrive at AWS and Redis, in order; `lacks` must not be in the answer; `times` is how
    often the call is made; `is_failure` says that the server answers an error as if it were a success."""

    server: str
    agent: str = "operator"
    reaches: tuple[str, ...] = ()
    lacks: str | None = None
    times: int = 1
    is_failure: bool = False


class Chapter(msgspec.Struct, frozen=True):
    """`server` is the one server whose operator is at work, None where several agents are."""

    title: str
    server: str | None
    steps: tuple[Step, ...]


class Scribe:
    """Writes steps of one agent at one server."""

    def __init__(self, server: str, agent: str = "operator") -> None:
        self._server = server
        self._agent = agent

    def step(self, effect: Effect, tool: str, rule: str, says: str, arguments: Mapping[str, Any], **more: Any) -> Step:
        return Step("", tool, dict(arguments), effect, rule, says, server=self._server, agent=self._agent, **more)

    def allowed(
        self, tool: str, rule: str, says: str, *reaches: str, more: Mapping[str, Any] = {}, **given: Any
    ) -> Step:
        return self.step(Effect.ALLOW, tool, rule, says, given, reaches=reaches, **more)

    def denied(self, tool: str, rule: str, says: str, **given: Any) -> Step:
        return self.step(Effect.DENY, tool, rule, says, given)

    def hidden(self, tool: str, rule: str, **given: Any) -> Step:
        return self.step(Effect.HIDE, tool, rule, f"Unknown tool: {tool}", given)

    def held(self, tool: str, rule: str, says: str, word: Word | None = None, **given: Any) -> Step:
        return self.step(Effect.REQUIRE_APPROVAL, tool, rule, says, given, word=word)


AGAIN: Final = "call again with the same arguments"

_elasticache: Final = Scribe("elasticache")
_START: Final = "/tools/start-migration"
_FROM: Final = "/tools/*-migration/1/require/0"


def _into(group: str, address: str = "orders.redis.example.internal") -> dict[str, Any]:
    return {
        "request": {
            "replication_group_id": group,
            "customer_node_endpoint_list": [{"Address": address, "Port": 6379}],
        }
    }


def _started(times: int = 1, word: Word | None = None, group: str = "prod-orders") -> Step:
    more = {"times": times, "word": word}
    return _elasticache.allowed(
        "start-migration", _START, group, "elasticache:StartMigration", more=more, **_into(group)
    )


MIGRATIONS: Final = Chapter(
    "ElastiCache: an agent is to move the shop's data, and overdoes it.",
    "elasticache",
    (
        _elasticache.allowed(
            "describe-replication-groups", "/tools/describe-*", "prod-orders", "elasticache:DescribeReplicationGroups"
        ),
        _elasticache.allowed(
            "test-migration", "/tools/*-migration/0", "modifying", "elasticache:TestMigration", **_into("prod-orders")
        ),
        _elasticache.denied("start-migration", "/tools/*-migration/0/require/0", "named prod-", **_into("staging")),
        _elasticache.denied(
            "start-migration", _FROM, "redis.example.internal", **_into("prod-orders", "redis.evil.test")
        ),
        _elasticache.denied(
            "start-migration",
            _FROM,
            "given as a list",
            request={
                "replication_group_id": "prod-orders",
                "customer_node_endpoint_list": "Address=redis.evil.test,Port=6379",
            },
        ),
        _elasticache.held("start-migration", _START, AGAIN, **_into("prod-orders")),
        _started(
            word=Word(
                True,
                "the shop moves tonight",
                ("--uses", "11", "--for", "1h", "--where", 'args.request.replication_group_id.startsWith("prod-")'),
            )
        ),
        _started(times=5),
        _started(times=4, group="prod-billing"),
        _elasticache.step(
            Effect.DENY, "start-migration", f"{_START}/rate_limit/0", "Retry after", _into("prod-orders")
        ),
        _elasticache.allowed(
            "describe-replication-groups",
            "/tools/describe-*",
            "ReplicationGroupNotFound",
            "elasticache:DescribeReplicationGroups",
            more={"is_failure": True},
            replication_group_id="prod-carts",
        ),
        _elasticache.hidden("delete-replication-group", "/hide/0", replication_group_id="prod-orders"),
    ),
)

LIMIT_IS_BACK: Final = Chapter(
    "A minute after the first of them, ElastiCache has room for one more.", "elasticache", (_started(),)
)
"""Played a minute after `MIGRATIONS`: one use of the approval is left."""

_agentcore: Final = Scribe("agentcore")
_GENERATE: Final = "/tools/policy_generation_start"


def _generation(name: str, engine: str = "shop_orders-a1b2c3d4e5") -> dict[str, Any]:
    return {
        "policy_engine_id": engine,
        "name": name,
        "content": {"rawText": f"Let the {name} team call the refund tool"},
        "resource": {"arn": f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:gateway/shop-orders"},
    }


def _generated(name: str, word: Word | None = None) -> Step:
    reaches = "bedrock-agentcore:StartPolicyGeneration"
    return _agentcore.allowed(
        "policy_generation_start", _GENERATE, "GENERATING", reaches, more={"word": word}, **_generation(name)
    )


GENERATIONS: Final = Chapter(
    "AgentCore: who may call which tool is for people to decide, one approval for one call.",
    "agentcore",
    (
        _agentcore.allowed("policy_engine_list", "/tools/*_list", "shop_orders", "bedrock-agentcore:ListPolicyEngines"),
        _agentcore.denied(
            "policy_generation_start",
            f"{_GENERATE}/require/0",
            "policy engines only",
            **_generation("a", "other-a1b2c3d4e5"),
        ),
        _agentcore.held("policy_generation_start", _GENERATE, AGAIN, **_generation("support")),
        _generated("support", Word(True, "as agreed")),
        _agentcore.held("policy_generation_start", _GENERATE, AGAIN, **_generation("support")),
        _agentcore.held("policy_generation_start", _GENERATE, AGAIN, Word(True, "once more"), **_generation("intern")),
        _generated("support"),
        _agentcore.step(
            Effect.DENY,
            "policy_generation_start",
            _GENERATE,
            "ann refused it: not for interns",
            _generation("intern"),
            word=Word(False, "not for interns"),
        ),
        _agentcore.denied(
            "identity_create_api_key_provider",
            "/tools/identity_create_*_provider",
            "A secret does not travel through an agent",
            name="mail",
            api_key="k-123",
        ),
        _agentcore.hidden("policy_engine_delete", "/hide/0", policy_engine_id="shop_orders-a1b2c3d4e5"),
        _agentcore.hidden("execute_command", "/hide/4", session_id="s", command="env"),
    ),
)

_iam: Final = Scribe("iam")
_PUT: Final = "/tools/put_*_policy"


def _document(action: str, resource: str = "arn:aws:s3:::reports/*") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {
        "user_name": "deploy-bot",
        "policy_name": "reports",
        "policy_document": {"Version": "2012-10-17", "Statement": [statement]},
        "confirmed": True,
    }


def _as_text(text: str) -> dict[str, Any]:
    return {**_document(""), "policy_document": text}


RIGHTS: Final = Chapter(
    "IAM: the model sets `confirmed` itself, on everything. What counts is who may do what afterwards.",
    "iam",
    (
        _iam.allowed("list_users", "/tools/list_*", "deploy-bot", "iam:ListUsers", ctx={"content": []}),
        _iam.denied("put_user_policy", f"{_PUT}/require/1", "wildcards are refused", **_document("*", "*")),
        _iam.denied(
            "put_user_policy",
            f"{_PUT}/require/1",
            "wildcards are refused",
            **_as_text(
                '{"Statement": {"Effect": "Allow", "Action": "s3:\\u002a", "Resource": "arn:aws:s3:::reports/*"}}'
            ),
        ),
        _iam.denied(
            "put_user_policy",
            f"{_PUT}/require/0",
            "read in exactly one way",
            **_as_text('{"Statement": [], "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'),
        ),
        _iam.denied(
            "put_user_policy",
            f"{_PUT}/require/2",
            "do not hand out rights",
            **_document("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
        ),
        _iam.held("put_user_policy", _PUT, AGAIN, **_document("s3:GetObject")),
        _iam.allowed(
            "put_user_policy",
            _PUT,
            "reports",
            "iam:PutUserPolicy",
            more={"word": Word(True, "the reports job needs it")},
            **_document("s3:GetObject"),
        ),
        _iam.denied(
            "add_user_to_group",
            "/tools/add_user_to_group/deny_if/0",
            "Nobody joins an administrators' group through an agent",
            group_name="Administrators",
            user_name="deploy-bot",
            confirmed=True,
        ),
        _iam.held("create_access_key", "/tools/create_access_key", AGAIN, user_name="deploy-bot", confirmed=True),
        _iam.allowed(
            "create_access_key",
            "/tools/create_access_key",
            "[redacted]",
            "iam:CreateAccessKey",
            more={"word": Word(True, "for the new runner"), "lacks": "AKIA"},
            user_name="deploy-bot",
            confirmed=True,
        ),
        _iam.hidden("delete_user", "/hide/0", user_name="ann", confirmed=True),
    ),
)

_valkey: Final = Scribe("valkey")
_ADMIN: Final = "/tools/valkey_admin"

CACHE: Final = Chapter(
    "Valkey: three tools that take any command, so the commands are what counts.",
    "valkey",
    (
        _valkey.allowed(
            "valkey_write", "/tools/valkey_write", "OK", "redis:set", command="SET", args=["cart:1", "apples"]
        ),
        _valkey.allowed("valkey_read", "/tools/valkey_read", "apples", "redis:get", command="GET", args=["cart:1"]),
        _valkey.allowed(
            "valkey_read",
            "/tools/valkey_read",
            "[redacted]",
            "redis:get",
            more={"lacks": SECRET},
            command="GET",
            args=["session:1"],
        ),
        _valkey.denied("valkey_read", "/tools/valkey_read/require/1", "use SCAN", command="KEYS", args=["*"]),
        _valkey.denied(
            "valkey_write", "/tools/valkey_write/require/1", "begin with cart:", command="SET", args=["stock:7", "0"]
        ),
        _valkey.denied(
            "valkey_write", "/tools/valkey_write/require/0", "is for people", command="DEL", args=["cart:1"]
        ),
        _valkey.denied("valkey_admin", f"{_ADMIN}/0/require/0", "do not flush", command="FLUSHALL", confirm=True),
        _valkey.denied("valkey_admin", f"{_ADMIN}/0/require/0", "do not flush", command="ﬂushall", confirm=True),
        _valkey.held(
            "valkey_admin", f"{_ADMIN}/1", AGAIN, command="CONFIG SET", args=["maxmemory", "512mb"], confirm=True
        ),
        _valkey.allowed(
            "valkey_admin",
            f"{_ADMIN}/1",
            "OK",
            "redis:config|set",
            more={"word": Word(True, "agreed with operations")},
            command="CONFIG SET",
            args=["maxmemory", "512mb"],
            confirm=True,
        ),
        _valkey.denied(
            "valkey_admin",
            f"{_ADMIN}/1/require/0",
            "Only maxmemory",
            command="CONFIG SET",
            args=["dir", "/root/.ssh"],
            confirm=True,
        ),
        _valkey.hidden("json_arrpop", "/hide/1", key="cart:1"),
    ),
)


def _cluster(id: str) -> dict[str, Any]:
    return {"request": {"cache_cluster_id": id, "cache_node_type": "cache.t4g.micro", "num_cache_nodes": 1}}


OTHERS: Final = Chapter(
    "The same servers, other agents: an observer, to whom nothing else exists, and a CI job.",
    None,
    (
        Scribe("iam", "observer").allowed("list_groups", "/tools/iam~1list_*", "Administrators", "iam:ListGroups"),
        Scribe("iam", "observer").hidden(
            "add_user_to_group", "/default", group_name="readers", user_name="ann", confirmed=True
        ),
        Scribe("valkey", "observer").allowed(
            "valkey_read", "/tools/valkey~1valkey_read", "apples", "redis:get", command="GET", args=["cart:1"]
        ),
        Scribe("elasticache", "observer").hidden("start-migration", "/default", **_into("prod-orders")),
        Scribe("agentcore", "observer").hidden("list_browser_sessions", "/hide/0"),
        Scribe("elasticache", "ci").allowed(
            "create-cache-cluster",
            "/tools/elasticache~1create-cache-cluster",
            "ci-42",
            "elasticache:CreateCacheCluster",
            **_cluster("ci-42"),
        ),
        Scribe("elasticache", "ci").denied(
            "create-cache-cluster",
            "/tools/elasticache~1create-cache-cluster/require/0",
            "named ci-",
            **_cluster("prod-42"),
        ),
        Scribe("elasticache", "ci").denied(
            "delete-cache-cluster",
            "/tools/elasticache~1delete-cache-cluster/require/0",
            "its own clusters only",
            cache_cluster_id="prod-orders-001",
        ),
        Scribe("elasticache", "ci").allowed(
            "delete-cache-cluster",
            "/tools/elasticache~1delete-cache-cluster",
            "ci-42",
            "elasticache:DeleteCacheCluster",
            cache_cluster_id="ci-42",
        ),
        Scribe("valkey", "ci").denied(
            "valkey_write",
            "/tools/valkey~1valkey_write/require/0",
            "SETEX",
            command="SET",
            args=["ci:42", "x"],
        ),
    ),
)

OPERATOR: Final = (MIGRATIONS, GENERATIONS, RIGHTS, CACHE)
