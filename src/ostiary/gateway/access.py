"""Who may stand at which door: a bearer token becomes a principal and the policy in force for them, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from ostiary.model import Principal
from ostiary.policy import Policy
from ostiary.ports import Clock, GrantStore, Headers


class Visitor(msgspec.Struct, frozen=True):
    """Somebody let in. No policy means that nothing is permitted."""

    principal: Principal
    policy: Policy | None


class AccessRefused(Exception):
    """The only source of 401 and 403 on `/mcp/` but for Host and Origin."""

    def __init__(self, status: int, message: str, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class Access:
    """`own_policies` are the servers' own, by server name; `policy_at` gives the policy in force of a file.

    `local` is the principal of whoever comes without a token to a gateway that has no grants (loopback only); None
    where grants are demanded.
    """

    def __init__(
        self,
        grants: GrantStore,
        own_policies: Mapping[str, Path | None],
        policy_at: Callable[[Path], Policy | None],
        local: Principal | None,
        clock: Clock,
    ) -> None:
        self._grants = grants
        self._own_policies = own_policies
        self._policy_at = policy_at
        self._local = local
        self._clock = clock

    def admit(self, authorization: list[bytes], server: str) -> Visitor:
        """Raises `AccessRefused`: 401 for a missing or dead token, 403 for one of another server."""
        if not authorization and self._local is not None and not self._grants.any():
            return Visitor(self._local, self._policy(self._own_policies.get(server)))
        token = _bearer(authorization)
        grant = self._grants.authenticate(token, self._clock.now()) if token else None
        if grant is None:
            what = "this token is unknown, expired or revoked" if token else "a grant is needed: Authorization: Bearer"
            raise AccessRefused(401, what, ((b"www-authenticate", b'Bearer realm="ostiary"'),))
        if grant.server != server:
            raise AccessRefused(403, "this grant is for another server")
        policy = Path(grant.policy) if grant.policy else self._own_policies.get(server)
        return Visitor(Principal(f"grant:{grant.id}", grant.name), self._policy(policy))

    def _policy(self, path: Path | None) -> Policy | None:
        return None if path is None else self._policy_at(path)


def _bearer(authorization: list[bytes]) -> str:
    if len(authorization) != 1:
        return ""
    scheme, _, token = authorization[0].decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
