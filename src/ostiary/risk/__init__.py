"""A tool's class, severity and evidence; a server's grade; the policy we recommend. Pure: no I/O, no clock."""

from ostiary.risk.assess import Assessed, Assessment, assess
from ostiary.risk.classify import classify, classify_all
from ostiary.risk.grade import Grade, Reason, grade
from ostiary.risk.recommend import Recommendation, policy_text, recommend
from ostiary.risk.risk import Evidence, Operations, Risk, RiskClass, Severity, Source
from ostiary.risk.rules import RULES, Finding, Rule

__all__ = [
    "RULES",
    "Assessed",
    "Assessment",
    "Evidence",
    "Finding",
    "Grade",
    "Operations",
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
    "grade",
    "policy_text",
    "recommend",
]
