"""The colours of classes, severities and grades at a terminal."""

from __future__ import annotations

from typing import Final

from ostiary.risk import RiskClass, Severity

__all__ = ["CLASSES", "GRADES", "SEVERITIES"]

CLASSES: Final = {
    RiskClass.FINANCIAL: "bold magenta",
    RiskClass.DESTRUCTIVE: "bold red",
    RiskClass.EXECUTE: "yellow",
    RiskClass.WRITE: "cyan",
    RiskClass.READ: "green",
}
"""Worst first."""

SEVERITIES: Final = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "yellow",
    Severity.MEDIUM: "cyan",
    Severity.LOW: "dim green",
}
GRADES: Final = {
    "A": "bold green",
    "B": "green",
    "C": "yellow",
    "D": "bold yellow",
    "F": "bold red",
}
