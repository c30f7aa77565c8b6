"""A tool's class, severity and evidence; a server's grade; the policy we recommend. Pure: no I/O, no clock."""

from ostiary.risk.assess import Assessed, Assessment, assess
from ostiary.risk.classify import classify, classify_all
from ostiary.risk.definition import digest
from ostiary.risk.difference import Change, Difference, Kind, compare, compare_lists
from ostiary.risk.grade import Grade, Reason, grade
from ostiary.risk.pin import Pin, pin, pins
from ostiary.risk.policy_text import policy_text
from ostiary.risk.recommend import Recommendation, recommend
from ostiary.risk.risk import Evidence, Operations, Risk, RiskClass, Severity, Source
from ostiary.risk.rules import RULES, Finding, Rule

__all__ = [
    "RULES",
    "Assessed",
    "Assessment",
    "Change",
    "Difference",
    "Evidence",
    "Finding",
    "Grade",
    "Kind",
    "Operations",
    "Pin",
    "Reason",
    "Recommendation",
    "Risk",
    "RiskClass",
    "Rule",
    "Severity",
    "Source",
    "assess",
    "classify",
    "classify_all",
    "compare",
    "compare_lists",
    "digest",
    "grade",
    "pin",
    "pins",
    "policy_text",
    "recommend",
]
