"""AWS calls that moto does not have, as far as the play needs them: what they are called, and what they answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

Answer: TypeAlias = tuple[int, str, bytes]
"""Status, content type, body."""

_XML: Final = "text/xml"
_JSON: Final = "application/json"
_NAMESPACE: Final = "http://elasticache.amazonaws.com/doc/2015-02-02/"
_ARN: Final = "arn:aws:bedrock-agentcore:us-east-1:123456789012:policy-engine/"
_NOW: Final = "2026-11-28T12:00:00Z"
_GATEWAYS: Final = "/gateways/"
_ENGINES: Final = re.compile(r"/policy-engines(?:/([^/?]+))?(/policy-generations)?(?:\?.*)?")


def rest_action(method: str, path: str) -> str:
    """The name of an operation that is a method and a path; both of them where it has none here."""
    if (method, path.partition("?")[0]) == ("GET", _GATEWAYS):
        return "ListGateways"
    found = _ENGINES.fullmatch(path)
    if found is not None:
        name = _AGENTCORE.get((method, found[1] is not None, found[2] is not None))
        if name is not None:
            return name
    return f"{method} {path.partition('?')[0]}"


_AGENTCORE: Final = {
    ("GET", False, False): "ListPolicyEngines",
    ("POST", True, True): "StartPolicyGeneration",
    ("DELETE", True, False): "DeletePolicyEngine",
}


def _migration(action: str) -> Callable[[Mapping[str, str], bytes, str], Answer]:
    def answer(parameters: Mapping[str, str], body: bytes, path: str) -> Answer:  # noqa: ARG001 - as all are called
        group = parameters.get("ReplicationGroupId", "")
        inner = f"<ReplicationGroupId>{group}</ReplicationGroupId><Status>modifying</Status>"
        result = f"<{action}Result><ReplicationGroup>{inner}</ReplicationGroup></{action}Result>"
        about = "<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata>"
        text = f'<{action}Response xmlns="{_NAMESPACE}">{result}{about}</{action}Response>'
        return 200, _XML, text.encode()

    return answer


def _engines(parameters: Mapping[str, str], body: bytes, path: str) -> Answer:  # noqa: ARG001
    engine = {
        "policyEngineId": "shop_orders-a1b2c3d4e5",
        "name": "shop_orders",
        "policyEngineArn": f"{_ARN}shop_orders-a1b2c3d4e5",
        "createdAt": _NOW,
        "updatedAt": _NOW,
        "status": "ACTIVE",
        "statusReasons": [],
    }
    return 200, _JSON, json.dumps({"policyEngines": [engine]}).encode()


def _generation(parameters: Mapping[str, str], body: bytes, path: str) -> Answer:  # noqa: ARG001
    asked = json.loads(body)
    engine = path.split("/")[2]
    id = f"{asked['name']}-f6g7h8i9j0"
    answer = {
        "policyEngineId": engine,
        "policyGenerationId": id,
        "name": asked["name"],
        "policyGenerationArn": f"{_ARN}{engine}/policy-generation/{id}",
        "resource": asked["resource"],
        "createdAt": _NOW,
        "updatedAt": _NOW,
        "status": "GENERATING",
        "statusReasons": [],
    }
    return 202, _JSON, json.dumps(answer).encode()


OWN: Final[Mapping[str, Callable[[Mapping[str, str], bytes, str], Answer]]] = {
    **{f"elasticache:{name}": _migration(name) for name in ("TestMigration", "StartMigration", "CompleteMigration")},
    "bedrock-agentcore:ListPolicyEngines": _engines,
    "bedrock-agentcore:StartPolicyGeneration": _generation,
}
