"""The nouns, frozen. No I/O, no clock, no behaviour beyond what a value can say of itself."""

from ostiary.model.call import Call, Client, Principal, Session, Tool
from ostiary.model.decision import ApprovalTerms, Decision, Effect, Obligations, Redaction, RuleOutcome
from ostiary.model.grant import Grant
from ostiary.model.json import JSON, JSONObject
from ostiary.model.limit import Algorithm, Demand, Exceeded, Limit, Reservation
from ostiary.model.operator import Operator
from ostiary.model.pointer import keys_of, pointer_to
from ostiary.model.record import Record

__all__ = [
    "JSON",
    "Algorithm",
    "ApprovalTerms",
    "Call",
    "Client",
    "Decision",
    "Demand",
    "Effect",
    "Exceeded",
    "Grant",
    "JSONObject",
    "Limit",
    "Obligations",
    "Operator",
    "Principal",
    "Record",
    "Redaction",
    "Reservation",
    "RuleOutcome",
    "Session",
    "Tool",
    "keys_of",
    "pointer_to",
]
