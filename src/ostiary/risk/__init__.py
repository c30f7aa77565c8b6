"""A tool's class, severity and evidence; a server's grade; the policy we recommend. Pure: no I/O, no clock."""

from ostiary.risk.classify import classify, classify_all
from ostiary.risk.risk import Evidence, Operations, Risk, RiskClass, Severity, Source

__all__ = ["Evidence", "Operations", "Risk", "RiskClass", "Severity", "Source", "classify", "classify_all"]
