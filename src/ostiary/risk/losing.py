"""Verbs that take away, end or go back: which of it can be brought back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ostiary.risk import nouns
from ostiary.risk.case import Case, case
from ostiary.risk.families import Family
from ostiary.risk.nouns import Trade
from ostiary.risk.risk import RiskClass

__all__ = ["CASES"]

_READ, _WRITE, _EXECUTE, _DESTRUCTIVE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE, RiskClass.DESTRUCTIVE

_CHANGES: Final = (_WRITE, 2, "it changes what is there")
_HANDLES: Final = (_EXECUTE, 2, "it drives a device")
_LOSES: Final = (_DESTRUCTIVE, 3, "what it takes away does not come back")
_LOSES_LIKELY: Final = (_DESTRUCTIVE, 2, "what it takes away does not come back by itself")
_UNDONE: Final = (_WRITE, 3, "it takes something out of the way, and it can be brought back")

_KEPT: Final = (
    "automation script scene helper config configuration dashboard entity area zone label setting settings group "
    "calendar file branch issue note document todo item"
)
_GROUPS: Final = (
    "group project list playlist campaign segment team board sprint epic album cart watchlist audience favorites "
    "wishlist task section party combat room meeting event conversation thread call chat queue milestone category "
    "role class scene library"
)
_WHOLE: Final = (
    "file directory folder database table collection document volume image container environment backup account key "
    "secret permanently message records data"
)

CASES: Final[Mapping[Family, tuple[Case, ...]]] = {
    Family.HIDE: (
        case(_HANDLES, verbs="skip", trades=[Trade.DEVICE], unless=_KEPT),
        case(_UNDONE),
    ),
    Family.DETACH: (
        case((_EXECUTE, 2, "it lets go of what runs"), verbs="detach", objects="debugger process"),
        case(
            (_WRITE, 3, "what it takes off can be attached again"),
            verbs="detach unlink untag unpin unlabel dissociate unset",
        ),
        case((_WRITE, 3, "what it takes off can be attached again"), objects=nouns.ATTACHED, unless=_WHOLE),
        case((_WRITE, 3, "what it takes out of a group is still there"), source=_GROUPS, unless="permanently file"),
        case(_LOSES),
    ),
    Family.DESTROY: (
        case((_EXECUTE, 2, "it stops what runs"), verbs="discard", objects="run plan"),
        case(
            (_EXECUTE, 2, "it drags and drops"),
            verbs="drop",
            objects="mouse element pin",
            trades=[Trade.BROWSER, Trade.DEVICE],
        ),
        case((_EXECUTE, 2, "it drags and drops"), verbs="drop", trades=[Trade.BROWSER]),
        case(_LOSES_LIKELY, verbs="uninstall teardown evict forget discard undeploy"),
        case(_LOSES),
    ),
    Family.VOID: (
        case(
            (_DESTRUCTIVE, 2, "a reset loses what came since"),
            verbs="reset",
            objects=nouns.UNDO_LOSES,
            unless="password key credential",
        ),
        case(_HANDLES, verbs="reset", objects="target board chip mcu modem router microcontroller"),
        case(_CHANGES, verbs="reset"),
        case(
            (_EXECUTE, 2, "it drives a browser"),
            verbs="clear clean",
            objects="field input cookies form element",
            trades=[Trade.BROWSER],
        ),
        case(
            _CHANGES,
            verbs="clear clean",
            objects="filter filters formatting selection breakpoint breakpoints highlight field flag status",
        ),
        case((_EXECUTE, 1, "it lets go of what was held"), verbs="clean cleanup", objects="resource resources"),
        case((_WRITE, 1, "it cleans data"), verbs="clean scrub", objects="text html csv dataset column"),
        case(_LOSES_LIKELY, verbs="clean cleanup prune empty flush vacuum reap scrub"),
        case(_LOSES),
    ),
    Family.END: (
        case(
            (_EXECUTE, 2, "it stops what runs"),
            verbs="terminate kill abandon",
            objects="query app call browser search",
        ),
        case((_EXECUTE, 2, "it stops what runs"), verbs="terminate abandon", objects="session"),
        case(_LOSES),
    ),
    Family.UNDO: (
        case(
            (_READ, 2, "to turn round what it is given changes nothing"),
            verbs="reverse",
            objects="geocode geocoding string text list image search dns lookup ip coordinates words array engineer",
        ),
        case(
            (_EXECUTE, 2, "it puts another version into service"),
            objects="deployment release rollout service app pipeline migration",
        ),
        case((_EXECUTE, 2, "it puts another version into service"), verbs="rollback", trades=[Trade.BUILDS]),
        case(
            (_DESTRUCTIVE, 2, "going back loses what came since"),
            verbs="rollback rewind revert",
            objects="database branch parent vm snapshot machine table",
        ),
        case((_WRITE, 2, "it puts an earlier state back")),
    ),
}
