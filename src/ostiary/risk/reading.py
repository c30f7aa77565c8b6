"""Verbs that return, compute, ask or query: when they only read, and when they do more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ostiary.risk import nouns
from ostiary.risk.case import Case, case
from ostiary.risk.families import Family
from ostiary.risk.nouns import Trade
from ostiary.risk.risk import RiskClass

__all__ = ["CASES", "MERELY", "TO_READ"]

_READ, _WRITE, _EXECUTE = RiskClass.READ, RiskClass.WRITE, RiskClass.EXECUTE
_DESTRUCTIVE, _FINANCIAL = RiskClass.DESTRUCTIVE, RiskClass.FINANCIAL

MERELY: Final = (
    "find query",
    "read-only ",
    "readonly ",
    "read only ",
    "select quer",
    "select statement",
    "a select",
    "select sql",
)
"""Said of a query itself, these words name a language that cannot write."""

TO_READ: Final = (
    "to search",
    "to retrieve",
    "to fetch",
    "to find",
    "to read",
    "to explore",
    "to get",
    "to analyze",
    "to count",
)

_RETURNS: Final = (_READ, 3, "it only returns information")
_RETURNS_LIKELY: Final = (_READ, 2, "it only returns information")
_COMPUTES: Final = (_READ, 2, "to work on what it is given changes nothing")
_ASKS: Final = (_READ, 3, "the query can only read")

_COPIES: Final = tuple(
    f"snapshot of {which} {machine}"
    for which in ("a", "an", "the", "your")
    for machine in ("droplet", "vm", "virtual machine", "instance", "volume", "disk", "server", "database", "cluster")
)
_MACHINES: Final = nouns.things("droplet vm instance volume disk server machine cluster database snapshot")

CASES: Final[Mapping[Family, tuple[Case, ...]]] = {
    Family.LOOK: (
        case(
            (_WRITE, 2, "to resolve it changes its state"),
            verbs="resolve",
            objects="incident issue ticket thread threads conflict conflicts comment alert alarm error discussion task "
            "conversation flag vulnerability finding dispute case problem violation todo merge",
        ),
        case(
            (_EXECUTE, 1, "what it gives access to may act"),
            verbs="provide",
            objects="access integration interface control",
            unless="documentation docs information data details guidance metrics status reference",
        ),
        case(
            (_FINANCIAL, 3, "what it fetches is paid for on the way"),
            unless="list search find discover",
            verbs="fetch get access consume download scrape browse read retrieve",
            to=("l402", "l 402", "x402", "x 402"),
        ),
        case(
            (_WRITE, 2, "it brings one thing to another"), verbs="map", objects="storage disk port volume network drive"
        ),
        case((_WRITE, 2, "it keeps what it makes of it"), verbs="expand", objects="task tasks"),
        case((_WRITE, 2, "it unpacks files"), verbs="extract", objects="archive archives zip tarball"),
        case((_EXECUTE, 2, "it moves a machine"), verbs="return", objects="home dock"),
        case(
            (_EXECUTE, 2, "it changes what is in front"), verbs="bring", to=("to front", "to the front", "foreground")
        ),
        case(
            (_EXECUTE, 2, "it starts or stops what runs"),
            verbs="bring take",
            to=(" up", " down", " online", " offline"),
        ),
        case(
            (_EXECUTE, 2, "it types into what runs"),
            verbs="provide",
            objects="input",
            to=("running", "process", "stdin"),
        ),
        case(
            (_EXECUTE, 2, "it brings the browser to another state"),
            verbs="load",
            objects="session state profile cookies",
            trades=[Trade.BROWSER],
        ),
        case((_WRITE, 3, "it becomes the owner"), verbs="take", objects="ownership"),
        case((_EXECUTE, 2, "it sets a hook off"), verbs="test", objects="hook webhook hooks webhooks"),
        case(
            (_WRITE, 2, "it makes a copy that is kept"),
            verbs="snapshot",
            objects="droplet vm instance volume disk server machine cluster database",
        ),
        case(
            (_WRITE, 2, "it makes a copy that is kept"), verbs="take capture", objects="droplet vm volume disk backup"
        ),
        case((_WRITE, 2, "it makes a copy that is kept"), verbs="take capture create", to=_COPIES),
        case(
            (_EXECUTE, 2, "an attack tool acts on its target"),
            verbs="scan test probe audit",
            objects=nouns.ATTACKS
            | nouns.things(
                "library port ports payload payloads injection siren alarm failover chaos penetration brute"
            ),
        ),
        case(
            (_EXECUTE, 2, "running tests runs whatever they contain"),
            verbs="test",
            objects="migration run suite workflow flow automation",
            unless="report reports results result",
        ),
        case((_EXECUTE, 2, "it drives what is debugged"), verbs="debug", objects="step run session program continue"),
        case((_EXECUTE, 3, "it drives a browser"), verbs="visit view", objects="page url site", trades=[Trade.BROWSER]),
        case((_EXECUTE, 3, "it drives a browser"), verbs="visit", to=("in the browser", "in a browser")),
        case(
            (_EXECUTE, 1, "it brings it into memory"),
            verbs="load",
            objects="extension model plugin collection scene level world module driver",
            unless="details info content",
        ),
        case((_WRITE, 2, "it brings data in"), verbs="load", objects="dataset sample"),
        case(
            (_EXECUTE, 3, "it makes a printer print"), verbs="print", trades=[Trade.DEVICE], unless="status queue jobs"
        ),
        case((_WRITE, 2, "it brings something in"), verbs="load", to=(" into a", " into the", " onto ")),
        case(
            (_WRITE, 2, "it keeps what it exports in a file"),
            verbs="export capture",
            to=(
                "to a file",
                "to file",
                "to disk",
                "to the specified",
                "to a video",
                "to an image",
                "to a local",
                "as png",
            ),
        ),
        case(
            (_WRITE, 3, "a report of a problem reaches other people"),
            verbs="report",
            objects="problem bug issue abuse feedback incident spam progress",
        ),
        case(
            (_WRITE, 2, "an event that is tracked is kept"), verbs="track", objects="event events conversion purchase"
        ),
        case(
            (_READ, 1, "it returns what it loads"),
            verbs="load",
            objects="file context memory skill config configuration document page content csv dataset "
            "session profile url image text json yaml spec schema prompt instructions rules history state",
        ),
        case((_WRITE, 1, "it brings something in"), verbs="load"),
        case((_READ, 1, "it returns what it takes"), verbs="take engage touch expand assist"),
        case(
            _RETURNS_LIKELY,
            verbs="test sample map track report audit profile resolve capture monitor trace watch export receive "
            "collect extract download preview expand access print support offer measure tell supply",
        ),
        case(_RETURNS),
    ),
    Family.DERIVE: (
        case(
            (_READ, 2, "to optimise a text or a route changes nothing"),
            verbs="optimize optimise",
            objects="waypoints route query prompt portfolio sql code waypoint",
        ),
        case(
            (_EXECUTE, 3, "it runs the code it is given"),
            verbs="evaluate",
            objects="script javascript js code function python expression",
        ),
        case((_EXECUTE, 3, "it runs code in the page"), verbs="evaluate", trades=[Trade.BROWSER]),
        case(
            (_EXECUTE, 3, "it drives what it simulates input to"),
            verbs="simulate",
            objects="pressing key keys keypress click clicks clicking tap taps typing keystroke keystrokes mouse "
            "touch swipe gesture input keyboard scroll drag",
        ),
        case((_EXECUTE, 2, "it answers a page"), verbs="solve", objects="captcha captchas"),
        case(
            (_EXECUTE, 2, "to make a machine ready starts it"),
            verbs="prepare",
            objects="simulator emulator device devices machine host cluster server deployment",
            unless="report summary data",
        ),
        case(
            (_WRITE, 2, "it changes their order"),
            verbs="sort",
            objects="document documents media children item items folder page pages card cards layer task tasks",
            unless="array list text number numbers data dataset result results csv lines",
        ),
        case(
            (_WRITE, 2, "a mark is kept"), verbs="grade score", objects="submission submissions assignment assignments"
        ),
        case((_WRITE, 2, "it changes what is kept"), verbs="normalize normalise", objects="column columns table"),
        case((_EXECUTE, 2, "it starts a migration"), verbs="prepare", objects="migration"),
        case(
            (_WRITE, 3, "it keeps what it makes of it"),
            verbs="parse expand split",
            to=("generate tasks", "generate initial", "and create", "into subtasks", "create tasks"),
        ),
        case(
            (_WRITE, 2, "it moves what is there"),
            verbs="translate",
            objects="object objects layer shape body element node model vector displacement axis",
        ),
        case((_WRITE, 2, "it makes something new"), verbs="convert", to=("to speech", "to audio", "into speech")),
        case((_WRITE, 2, "it makes something new"), verbs="synthesize synthesise", objects="speech audio voice"),
        case(
            (_WRITE, 2, "it changes what it converts"),
            verbs="convert",
            objects="issue lead item work draft quote comment",
        ),
        case(
            (_WRITE, 1, "to optimise something may change it"),
            verbs="optimize optimise prioritize cluster",
        ),
        case((_READ, 1, "to work on what it is given changes nothing"), verbs="normalize normalise"),
        case(
            (_WRITE, 1, "it may keep what it converts"),
            verbs="convert parse prepare",
            objects="tasks file document environment workspace",
        ),
        case(
            (_WRITE, 2, "a rating is kept"),
            verbs="rate",
            objects="video movie action song track product app driver release book recipe restaurant place",
        ),
        case(_COMPUTES),
    ),
    Family.ASK: (
        case((_EXECUTE, 1, "it asks another agent, which may act"), objects="agent assistant agents"),
        case((_READ, 1, "an answer is text")),
    ),
    Family.QUERY: (
        case((_EXECUTE, 3, "it runs a query that writes"), objects="write dml mutation mutations insert update"),
        case(_ASKS, said=MERELY),
        case(_ASKS, objects=nouns.ANALYTIC | nouns.READ_ONLY_LANGUAGES),
        case(_ASKS, verbs="query aggregate", trades=[Trade.ANALYTICS]),
        case((_EXECUTE, 2, "it runs whatever statement it is given"), verbs="sql cypher psql mongosh graphql"),
        case(
            (_EXECUTE, 2, "it runs whatever statement it is given"),
            verbs="query",
            objects="sql graphql raw custom arbitrary db database",
        ),
        case((_READ, 2, "to query asks for information")),
    ),
    Family.PRODUCE: (
        case(
            (_READ, 1, "what it renders is only returned"),
            verbs="render",
            unless=nouns.MEDIA | {"scene", "frame", "animation", "timeline"},
        ),
        case((_READ, 1, "what it generates is only returned"), objects=nouns.TEXTS | nouns.REPORTS, unless=nouns.MEDIA),
        case(
            (_READ, 2, "what it renders is only returned"),
            verbs="render",
            objects="wikitext markdown html template text preview",
        ),
        case(
            (_READ, 1, "to format what it is given changes nothing"),
            verbs="format",
            unless="cells disk range table paragraph heading",
        ),
        case((_WRITE, 2, "it makes something new")),
    ),
}
