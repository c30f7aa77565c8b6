"""Verbs that set something going, drive something, or decide for others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ostiary.risk import nouns
from ostiary.risk.case import Case, case
from ostiary.risk.families import Family
from ostiary.risk.nouns import Trade
from ostiary.risk.reading import MERELY, TO_READ
from ostiary.risk.risk import RiskClass

__all__ = ["CASES"]

_READ, _WRITE, _EXECUTE, _DESTRUCTIVE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE, RiskClass.DESTRUCTIVE

_ACTS: Final = (_EXECUTE, 3, "it has whatever effect the thing that runs has")
_ACTS_LIKELY: Final = (_EXECUTE, 2, "it sets a process going")
_ACTS_MAYBE: Final = (_EXECUTE, 1, "it sets a process going")
_REPORTS: Final = (_READ, 2, "what it runs only reports")
_REPORTS_PLAINLY: Final = (_READ, 3, "what it runs only reports")
_CONTROLS: Final = (_EXECUTE, 3, "it starts, stops or steers what runs")
_DRIVES: Final = (_EXECUTE, 3, "it drives a browser or a device")
_ENTRY: Final = (_WRITE, 2, "it opens or closes an entry")
_REVERSIBLE: Final = (_WRITE, 3, "it changes what is there, and can be taken back")
_ROLLS: Final = (_EXECUTE, 3, "it sets a process going whose effect depends on what is configured")

_SHELLS: Final = "command shell terminal script commands bash"
_EFFECTS: Final = (
    "code script command shell workflow pipeline action function job build deployment tool suite program "
    "javascript container task agent commands playbook notebook runbook macro flow dag tests test apex migration "
    "migrations"
)
_SOFTWARE: Final = (
    "image images project app application apps package binary site solution target workspace container scheme "
    "docker code module firmware release crate simulator xcode gradle cmake docs"
)
_ENTRIES: Final = (
    "transaction game sprint timer course combat round conversation chat thread incident campaign "
    "investigation discussion tracking time ad ads adset monitor alert alarm flag keyword meeting_notes case "
    "editing rule"
)
_APPOINTMENTS: Final = (
    "downtime invitation event meeting appointment booking reservation reminder maintenance alarm message email"
)
_DRIVEN: Final = (Trade.BROWSER, Trade.DEVICE)

CASES: Final[Mapping[Family, tuple[Case, ...]]] = {
    Family.RUN: (
        case((_READ, 2, "it names calls, and makes none"), verbs="call", objects="hierarchy stack"),
        case((_DESTRUCTIVE, 3, "what it runs is said to destroy"), said=("destructive ",)),
        case(_ACTS, objects=_SHELLS, trades=[Trade.TERMINAL]),
        case(
            _REPORTS,
            verbs="run perform conduct",
            objects="analyzer analysis linter lint audit audits debugging",
            unless="script command shell query sql agent workflow pipeline job browser",
        ),
        case(
            (_READ, 3, "a query that can only read changes nothing"), said=MERELY, unless="shell terminal script bash"
        ),
        case((_READ, 2, "a query in such a language can only read"), objects=nouns.READ_ONLY_LANGUAGES),
        case(
            (_EXECUTE, 3, "it runs a query that writes"),
            objects="write insert update",
            verbs="run execute exec",
        ),
        case((_READ, 2, "what it runs only searches"), objects="query queries", to=TO_READ),
        case(
            _REPORTS,
            verbs="perform conduct",
            objects="search reviews review calculation calculations comparison extraction retrieval conversion "
            "verification mathematical math arithmetic sentiment ocr geocoding reverse research crawl scrape "
            "ping traceroute",
            unless="command script shell action deployment",
        ),
        case(_REPORTS, verbs="run perform execute", objects="query", trades=[Trade.ANALYTICS], unless="sql command"),
        case(
            (_WRITE, 2, "what it carries out changes something"),
            verbs="perform conduct",
            objects="update updates edit edits modification modifications change changes assignment",
        ),
        case(_ACTS, verbs="perform act conduct", objects="action actions click gesture"),
        case(
            (_WRITE, 2, "it places something in a scene"),
            verbs="spawn",
            objects="actor model object entity prefab item light mesh",
        ),
        case((_ACTS_MAYBE), verbs="use attempt stress target program"),
        case(_REPORTS, objects="retrieval lookup", unless="code command"),
        case((_READ, 2, "a template that is rendered changes nothing"), verbs="eval", objects="template templates"),
        case(
            (_READ, 3, "a GET request only fetches"),
            verbs="perform make send execute",
            said=("http get", "a get request", "an get request", "get request"),
        ),
        case(_ACTS, verbs="perform", objects="migration migrations deployment"),
        case(_DRIVES, verbs="handle perform", trades=[Trade.BROWSER]),
        case(_REPORTS, objects="preview dry", unless="action"),
        case(_REPORTS, verbs="run", objects="plan", unless="action"),
        case(
            _REPORTS_PLAINLY, objects=nouns.REPORTS, unless=nouns.ATTACKS | nouns.things(_EFFECTS + " session sessions")
        ),
        case(
            _ACTS_MAYBE,
            verbs="process handle automate inject operate advance steer attack perform conduct hook interact act "
            "orchestrate",
        ),
        case(
            _REPORTS,
            objects=nouns.ANALYTIC
            & nouns.things(
                "metric metrics log logs trace traces funnel retention insight insights promql logql traceql "
                "range instant timeseries"
            ),
            unless="sql",
        ),
        case(
            _REPORTS,
            objects="query queries card question dashboard saved aggregation",
            trades=[Trade.ANALYTICS],
            unless="sql",
        ),
        case((_READ, 2, "an aggregation reads"), objects="aggregation", unless="command"),
        case((_EXECUTE, 2, "it runs whatever query it is given"), objects="query queries"),
        case(_ACTS, objects=_EFFECTS),
        case(_ACTS_LIKELY, verbs="run execute exec perform"),
        case(_ACTS),
    ),
    Family.CONTROL: (
        case(
            (_READ, 3, "to wait changes nothing"),
            verbs="pause halt idle",
            objects="duration second seconds millisecond milliseconds ms",
            unless="service server cluster",
        ),
        case(_CONTROLS, verbs="stop", objects="running"),
        case((_READ, 2, "it returns what comes in"), verbs="stream", objects="event events log logs output data"),
        case(
            _ENTRY,
            verbs="begin end start stop continue step resume pause",
            objects=_ENTRIES,
            unless="workflow recording run",
        ),
        case(
            (_DESTRUCTIVE, 2, "a rebuild starts from an empty disk"),
            verbs="rebuild reimage",
            objects="server vm droplet instance machine",
        ),
        case(_ACTS_LIKELY, verbs="turn cycle power step taint end boot begin continue"),
        case(_CONTROLS),
    ),
    Family.CANCEL: (
        case((_WRITE, 2, "what is cancelled can be set up again"), objects=_APPOINTMENTS),
        case((_EXECUTE, 2, "it stops what runs"), verbs="abort interrupt"),
        case((_EXECUTE, 2, "it stops what runs"), objects=nouns.LIVE | {"print"}),
        case((_WRITE, 2, "what is cancelled can be set up again")),
    ),
    Family.DRIVE: (
        case(
            (_READ, 2, "to follow a structure only reads"),
            verbs="walk",
            objects="graph tree dependency chain hierarchy",
        ),
        case(_DRIVES, trades=(*_DRIVEN, Trade.TERMINAL)),
        case(
            _DRIVES,
            verbs="click navigate hover tap swipe dblclick scroll drag emulate press hotkey paste mouse cursor "
            "keyboard",
        ),
        case((_EXECUTE, 2, "it drives a browser or a device"), verbs="type jump walk dig craft mine"),
        case((_WRITE, 1, "it fills or focuses something")),
    ),
    Family.MOTION: (case((_EXECUTE, 2, "it moves a machine or a figure")),),
    Family.PLAY: (
        case(
            _CONTROLS,
            verbs="lock unlock",
            objects="computer device mac laptop workstation screen door doors car vehicle garage",
        ),
        case(_DRIVES, trades=_DRIVEN, unless="issue ticket pull request"),
        case(_DRIVES, verbs="play open close", objects=nouns.ENDS_OF_PAGES - {"file", "session"}),
        case(_CONTROLS, verbs="close", objects="session sessions"),
        case((_EXECUTE, 2, "it plays on a device"), verbs="play", unless="move game"),
        case(
            (_EXECUTE, 1, "it opens something on this machine"),
            verbs="open",
            objects="file url application app link project",
        ),
        case((_READ, 1, "it opens something to read"), verbs="open", objects="nodes node"),
        case((_READ, 1, "it turns pages"), verbs="back next previous"),
        case(
            (_EXECUTE, 2, "it opens a way to run commands"),
            verbs="open",
            objects="session sessions shell",
            trades=[Trade.TERMINAL],
        ),
        case(_REVERSIBLE, verbs="switch", objects="branch branches"),
        case((_WRITE, 1, "it changes what later calls work on"), verbs="select switch"),
        case((_WRITE, 1, "it opens something"), verbs="open"),
        case(_REVERSIBLE),
    ),
    Family.ROLL: (
        case(
            (_READ, 1, "what it builds is only returned"),
            verbs="build transpile package",
            objects=nouns.TEXTS | {"graph", "context", "list", "report", "without"},
            unless="image project docker docs",
        ),
        case(
            (_READ, 3, "it only checks"),
            verbs="compile build",
            to=("to validate", "without executing", "without running"),
        ),
        case(_ACTS_LIKELY, verbs="build compile", objects=_SOFTWARE),
        case(_ACTS_MAYBE, verbs="build compile"),
        case(_ACTS_LIKELY, verbs="package ship hydrate bootstrap"),
        case(_ROLLS),
    ),
    Family.ADMIT: (
        case((_EXECUTE, 2, "what it approves starts to run"), objects="deployment run apply job build pipeline"),
        case((_WRITE, 3, "a decision changes what others may do")),
    ),
    Family.MANAGE: (
        case((_EXECUTE, 3, "it controls a device"), verbs="control", trades=[Trade.DEVICE]),
        case((_EXECUTE, 2, "it controls a device"), verbs="control", objects="light lights thermostat robot fan"),
        case((_EXECUTE, 3, "it gives commands"), objects="command commands"),
        case((_EXECUTE, 2, "it starts and stops what runs"), objects="lifecycle session sessions", trades=_DRIVEN),
        case(
            (_EXECUTE, 2, "it controls what runs"),
            objects="playback device process processes rollout power service",
            unless="config principal connector account",
        ),
        case((_WRITE, 2, "to manage something changes it")),
    ),
    Family.ORDER: (
        case((_READ, 1, "it records what is there"), verbs="capture collect"),
        case(_ACTS_LIKELY, verbs="initiate", objects="process workflow review research job"),
        case(_ACTS_MAYBE, verbs="initiate"),
        case(_ACTS_LIKELY, verbs="complete finalize", objects="migration"),
        case((_READ, 1, "it completes a text"), verbs="complete", objects="text code prompt sentence"),
        case((_WRITE, 1, "it hands one thing out for another"), verbs="exchange"),
        case((_WRITE, 2, "it changes what is there")),
    ),
    Family.PAY: (case((_WRITE, 1, "it changes something")),),
    Family.TRADE: (case((_WRITE, 1, "it changes something")),),
    Family.MOVE: (case((_WRITE, 2, "it changes who holds something")),),
}
