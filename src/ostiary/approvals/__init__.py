"""The life of an approval, and what it is bound to. Pure: no I/O, no clock; time comes in as a value."""

from ostiary.approvals.approval import Approval, IllegalMove, advance, begin, replay
from ostiary.approvals.binding import Binding, definition_digest
from ostiary.approvals.case import Case, Question
from ostiary.approvals.conduct import NotPossible, answer, expire, redeem, revoke, show, why_ended
from ostiary.approvals.event import (
    NO_PATTERN,
    Approved,
    Asked,
    Event,
    Expired,
    Granted,
    Happened,
    Pattern,
    Redeemed,
    Refused,
    Revoked,
    Shown,
    UsedUp,
    kind_of,
    read_event,
    told,
)
from ostiary.approvals.figures import Figures, figures
from ostiary.approvals.readable import as_lines, visible
from ostiary.approvals.state import MOVES, Move, State, diagram
from ostiary.approvals.summary import ago, as_json, facts, headline, standing

__all__ = [
    "MOVES",
    "NO_PATTERN",
    "Approval",
    "Approved",
    "Asked",
    "Binding",
    "Case",
    "Event",
    "Expired",
    "Figures",
    "Granted",
    "Happened",
    "IllegalMove",
    "Move",
    "NotPossible",
    "Pattern",
    "Question",
    "Redeemed",
    "Refused",
    "Revoked",
    "Shown",
    "State",
    "UsedUp",
    "advance",
    "ago",
    "answer",
    "as_json",
    "as_lines",
    "begin",
    "definition_digest",
    "diagram",
    "expire",
    "facts",
    "figures",
    "headline",
    "kind_of",
    "read_event",
    "redeem",
    "replay",
    "revoke",
    "show",
    "standing",
    "told",
    "visible",
    "why_ended",
]
