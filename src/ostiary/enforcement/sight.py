"""What an agent gets to see of a server's lists, and when it has to look again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import msgspec

from ostiary.enforcement.accounts import Accounts
from ostiary.enforcement.inquiry import tool_from
from ostiary.enforcement.pins import Pins
from ostiary.errors import WireError
from ostiary.model import JSONObject, Principal, Tool
from ostiary.policy import Policy, is_listed, is_shown
from ostiary.policy.section import Section
from ostiary.wire import answers, codes
from ostiary.wire.era import Era
from ostiary.wire.lists import LISTED, filter_list
from ostiary.wire.message import Id, Request
from ostiary.wire.translate import of_subscription

TOOLS_CHANGED: Final = "notifications/tools/list_changed"
PROMPTS_CHANGED: Final = "notifications/prompts/list_changed"
RESOURCES_CHANGED: Final = "notifications/resources/list_changed"
_KINDS: Final[Mapping[str, str]] = {
    TOOLS_CHANGED: "toolsListChanged",
    PROMPTS_CHANGED: "promptsListChanged",
    RESOURCES_CHANGED: "resourcesListChanged",
}

Say: TypeAlias = Callable[[str], bytes | None]
"""Gives the notification of that method; None where the agent does not want it."""


class Sight:
    """Lists of one server, each agent's policy applied. What policy hides is not in them, and that is recorded."""

    def __init__(self, server: str, accounts: Accounts, classified: Callable[[Tool], Tool], pins: Pins) -> None:
        """`classified` gives a tool with its class and severity, as far as they are known."""
        self._classified = classified
        self._pins = pins
        self._server = server
        self._accounts = accounts

    def shown(
        self, answer: bytes, id: Id | None, method: str, policy: Policy | None, who: Principal, era: Era
    ) -> bytes:
        """The answer to a list method as the agent gets it; any other answer as it is."""
        is_of_tools = method == "tools/list"
        if policy is None and not (is_of_tools and self._pins.in_force):
            return answer
        section = None if policy is None else _section(policy, method)
        if section is not None and not is_of_tools and not section.may_hide:
            return answer
        what = LISTED[method]

        def show(raw: bytes, item: JSONObject) -> bytes | None:
            if is_of_tools:
                return self._shown_tool(raw, item, policy, who)
            is_hidden = section is not None and not is_shown(section, Tool(str(item[what.key]), self._server))
            return None if is_hidden else raw

        try:
            shown, removed = filter_list(answer, what, show, era)
        except WireError as error:
            return answers.error(id, codes.UPSTREAM_FAILED, error.message)
        if removed:
            self._accounts.filtered(self._server, who, removed)
        return shown

    def _shown_tool(self, raw: bytes, item: JSONObject, policy: Policy | None, who: Principal) -> bytes | None:
        shown = self._pins.shown(raw, item)
        if shown is None or policy is None:
            return shown
        tool = self._pins.seen_as(raw, item) or tool_from(item, self._server)
        return shown if self._is_listed(policy, tool, who) else None

    def _is_listed(self, policy: Policy, tool: Tool, who: Principal) -> bool:
        return is_listed(policy, self._classified(tool) if policy.tools.reads_traits else tool, who)

    def shown_of_any(self, answer: bytes, id: Id | None, policy: Policy | None, who: Principal, era: Era) -> bytes:
        """The same for an answer of which nobody knows which method it answers."""
        for method in LISTED:
            answer = self.shown(answer, id, method, policy, who, era)
        return answer

    def look_out(
        self,
        policy: Policy | None,
        renew: Callable[[], Policy | None],
        tools: Mapping[str, Tool],
        who: Principal,
        say: Say,
    ) -> Callable[[], list[bytes]]:
        """A look at whether the agent's lists changed since the look before; gives what to tell it, as `say` says it.
        `policy` is the one of now, `renew` gives it later."""

        pinned = self._pins.in_force

        def look() -> list[bytes]:
            nonlocal policy, pinned
            before, policy = policy, renew()
            changed = self._changes(before, policy, tools, who)
            approved, pinned = pinned, self._pins.in_force
            if approved is not pinned and TOOLS_CHANGED not in changed:
                changed.append(TOOLS_CHANGED)
            said = [say(method) for method in changed]
            return [message for message in said if message is not None]

        return look

    def _changes(
        self, before: Policy | None, after: Policy | None, tools: Mapping[str, Tool], who: Principal
    ) -> list[str]:
        """Which lists may look different. Where no tools are known the list of tools may."""
        if before is None or after is None:
            return [TOOLS_CHANGED, PROMPTS_CHANGED, RESOURCES_CHANGED] if before is not after else []
        if before.digest == after.digest:
            return []
        look = self._is_listed
        differs = any(look(before, tool, who) != look(after, tool, who) for tool in tools.values())
        changed = [TOOLS_CHANGED] if differs or not tools else []
        if before.prompts.may_hide or after.prompts.may_hide:
            changed.append(PROMPTS_CHANGED)
        if before.resources.may_hide or after.resources.may_hide:
            changed.append(RESOURCES_CHANGED)
        return changed


def plainly(method: str) -> bytes:
    """The notification, for a stream that belongs to no request."""
    return msgspec.json.encode({"jsonrpc": "2.0", "method": method})


def to_subscriber(request: Request) -> Say:
    """Says it to a `subscriptions/listen` that asked for it, and to no other."""
    wanted = request.params.get("notifications")
    kinds = wanted if isinstance(wanted, dict) else {}
    return lambda method: of_subscription(plainly(method), request.id) if kinds.get(_KINDS[method]) is True else None


def _section(policy: Policy, method: str) -> Section:
    match method:
        case "tools/list":
            return policy.tools
        case "prompts/list":
            return policy.prompts
        case _:
            return policy.resources
