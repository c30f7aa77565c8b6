"""Figures that show whether people look."""

from __future__ import annotations

from ostiary.approvals import Figures, Refused, Shown, answer, expire, figures
from tests.approvals.samples import NOW, SECOND, after, asked, granted, yes


def test_figures_of_a_rule() -> None:
    looked = after(asked(), Shown(NOW + SECOND, "operator:ann", "cli"))
    looked = after(looked, *answer(looked, yes(at=NOW + 9 * SECOND)))
    blind = granted()
    refused = after(asked(), Refused(NOW + 5 * SECOND, "operator:ann", "cli"))
    expired = after(asked(), *expire(asked(), NOW + 10**12))
    assert figures([looked, blind, refused, expired, asked()]) == (
        Figures("/tools/charge", asked=5, approved=2, refused=1, expired=1, median_seconds=5.0, quick=1),
    )
    assert figures([]) == ()
    assert figures([asked()])[0].median_seconds is None
