"""Verbs that add, change or send something."""

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

_ADDS: Final = (_WRITE, 3, "it adds to what is there")
_ADDS_LIKELY: Final = (_WRITE, 2, "it adds to what is there")
_CHANGES: Final = (_WRITE, 3, "it changes what is there")
_CHANGES_LIKELY: Final = (_WRITE, 2, "it changes what is there")
_DRIVES: Final = (_EXECUTE, 2, "it drives a browser")
_HANDLES: Final = (_EXECUTE, 2, "it drives a device")
_APPLIES: Final = (_EXECUTE, 2, "to apply it sets a process going")
_REACHES: Final = (_WRITE, 3, "it reaches other people or systems")
_REACHES_LIKELY: Final = (_WRITE, 2, "it reaches other people or systems")
_STARTS: Final = (_EXECUTE, 3, "what it creates starts to run")

_DEFINITIONS: Final = nouns.things(
    "definition template config configuration schedule schema rule policy note comment annotation record tag group "
    "environment target model protection type report dataset log trigger link label cron monitor"
)
_BUILT: Final = "create new make queue enqueue submit schedule insert instantiate post replay recreate"
_PAGE_PARTS: Final = (
    "agent header headers page viewport checkbox input field element option dropdown geolocation cookie"
)
_PANEL: Final = (
    "volume brightness temperature light lights thermostat fan mute playback orientation window monitor monitors "
    "display speaker scene preset color colour effect power input cover climate hvac hass position speed tempo_live"
)
_KEPT: Final = (
    "automation script scene helper config configuration dashboard entity area zone label setting settings group "
    "calendar file branch issue note document todo item"
)
_ARTIFACTS: Final = (
    "layer layers model stl mesh clip track slide shape image frame page node text note actor object vertices "
    "selection sequence component card task file folder row cell"
)

CASES: Final[Mapping[Family, tuple[Case, ...]]] = {
    Family.MAKE: (
        case(
            (_READ, 2, "adding numbers changes nothing"),
            verbs="add",
            objects="number numbers integers two",
            unless="phone",
        ),
        case(
            (_EXECUTE, 3, "it moves a machine or a figure"),
            verbs="make",
            to=(
                "make the bot",
                "make the robot",
                "make the character",
                "make the player",
                "make the agent",
                "makes the bot",
            ),
        ),
        case(
            (_READ, 1, "what a model completes is only returned"),
            verbs="create",
            objects="completion completions embedding embeddings hash uuid",
        ),
        case((_READ, 3, "a GET request only fetches"), verbs="make", said=("http get", "a get request")),
        case(
            (_EXECUTE, 2, "a request does whatever the other side offers"),
            verbs="make",
            objects="http https api rest",
            unless="key",
        ),
        case((_EXECUTE, 2, "it takes hold of what runs"), verbs="attach", objects="debugger process"),
        case(
            (_READ, 1, "what a model infers is only returned"),
            verbs="make create",
            objects="inference",
            unless="endpoint job",
        ),
        case((_EXECUTE, 3, "it runs a query that writes"), verbs="write", objects="query cypher sql statement"),
        case((_DESTRUCTIVE, 3, "a forced push overwrites what others pushed"), verbs="push", objects="force"),
        case((_EXECUTE, 2, "it makes a device record"), verbs="record", objects="video audio screen macro"),
        case((_EXECUTE, 2, "it runs statements that write"), verbs="write insert", to=("using sql", "with sql")),
        case(_STARTS, verbs=_BUILT, objects=nouns.RUNS, unless=_DEFINITIONS),
        case(
            (_EXECUTE, 2, "it calls somebody"),
            verbs="create make place",
            objects="call",
            unless="record center log application flow queue script template",
        ),
        case(
            (_EXECUTE, 3, "it opens a way to run commands"),
            verbs="create new",
            objects="shell terminal",
            unless="script alias profile theme",
        ),
        case(
            (_EXECUTE, 3, "it opens a way to run commands"),
            verbs="create new start",
            objects="session sessions",
            trades=[Trade.TERMINAL],
        ),
        case(_DRIVES, verbs="create new add open", objects="page tab session browser context", trades=[Trade.BROWSER]),
        case(_DRIVES, verbs="upload", objects="file files", trades=[Trade.BROWSER]),
        case(_HANDLES, verbs="upload", objects="sketch firmware", trades=[Trade.DEVICE]),
        case(
            (_EXECUTE, 2, "it sets a process going"),
            verbs="init initialize initialise setup",
            objects="terraform debugger",
        ),
        case(
            (_EXECUTE, 2, "it answers or feeds what runs"),
            verbs="enter submit",
            objects="text form input",
            trades=[Trade.BROWSER, Trade.DEVICE],
        ),
        case(
            (_READ, 2, "a log that is named is read"),
            verbs="log touch",
            objects="git commit container pod build stream",
        ),
        case((_WRITE, 1, "it brings something in"), verbs="pull", unless="image git repository changes"),
        case(
            _ADDS_LIKELY,
            verbs="index like compress zip copy put log note sign mount embed define react pull login authenticate "
            "trust file jot",
        ),
        case(_ADDS),
    ),
    Family.CHANGE: (
        case(_DRIVES, verbs="resize rotate move switch pop refresh", trades=[Trade.BROWSER]),
        case(_DRIVES, verbs="set change toggle edit", objects=_PAGE_PARTS, trades=[Trade.BROWSER]),
        case(
            _HANDLES,
            verbs="set enter",
            objects="value element field text property properties",
            trades=[Trade.DEVICE],
            unless=_KEPT,
        ),
        case(
            _HANDLES,
            verbs="set change toggle adjust move resize rotate increase decrease",
            objects=_PANEL,
            unless="config area registry",
            trades=[Trade.DEVICE],
        ),
        case(_HANDLES, verbs="toggle adjust move rotate", unless=f"{_KEPT} {_ARTIFACTS}", trades=[Trade.DEVICE]),
        case(
            _HANDLES,
            verbs="enable disable",
            objects="mode thermostat light lights",
            trades=[Trade.DEVICE],
            unless=_KEPT,
        ),
        case(_APPLIES, verbs="update", to=("firmware",), trades=[Trade.DEVICE]),
        case(_HANDLES, verbs="arm disarm", objects="alarm system panel security home device", unless="rule policy"),
        case((_EXECUTE, 2, "a request does whatever the other side offers"), verbs="request", objects="http api rest"),
        case((_EXECUTE, 2, "it cuts off what runs"), verbs="isolate", objects="host machine endpoint device server"),
        case(
            (_READ, 2, "to wait changes nothing"),
            verbs="block hold",
            to=("block until", "blocks until", "hold until", "hold for"),
        ),
        case(
            (_READ, 2, "it returns what is sent while it listens"),
            verbs="subscribe",
            to=("and return", "and collect", "and receive", "and wait"),
        ),
        case(_HANDLES, verbs="activate", objects="scene preset"),
        case((_EXECUTE, 2, "it opens a way to run commands"), verbs="connect", objects="ssh shell terminal"),
        case((_EXECUTE, 2, "it opens a way to run commands"), verbs="connect", to=("via ssh", "over ssh", "an ssh")),
        case(
            _APPLIES,
            verbs="apply",
            objects="terraform migration migrations run infrastructure remediation update updates pulumi",
        ),
        case(_HANDLES, verbs="toggle adjust set", objects="thermostat light lights brightness volume hvac"),
        case(_HANDLES, verbs="lock sync locate", objects="device computer mac laptop"),
        case(
            _APPLIES,
            verbs="apply sync synchronize reconcile",
            trades=[Trade.BUILDS],
            unless="label template policy settings",
        ),
        case(
            (_EXECUTE, 2, "an upgrade runs what the new version brings"),
            verbs="upgrade downgrade",
            objects="firmware package packages chart helm host system release dependencies postgresql app",
        ),
        case((_EXECUTE, 1, "an agent set to work acts by itself"), verbs="assign", objects="copilot agent devin"),
        case(
            (_EXECUTE, 2, "it switches how a service runs"),
            verbs="enable disable",
            objects="maintenance",
            unless="window",
        ),
        case((_WRITE, 1, "it may change what is there"), verbs="improve train leave refresh expire"),
        case((_DESTRUCTIVE, 2, "what is taken out is gone"), verbs="lpop rpop spop", objects=""),
        case(
            _CHANGES_LIKELY,
            verbs="request activate connect fix finish checkout claim pop sync enrich transform rewrite disconnect "
            "logout resign",
        ),
        case(_CHANGES),
    ),
    Family.TELL: (
        case((_EXECUTE, 2, "it makes a device act"), verbs="publish", trades=[Trade.DEVICE]),
        case((_EXECUTE, 2, "it opens a way in"), verbs="forward", objects="port ports"),
        case(
            (_EXECUTE, 3, "it types into what runs"),
            verbs="send",
            objects="kill term sigterm sigint pid key keys keyboard keystroke keystrokes input keypress command "
            "shortcut commands click stdin intent signal",
            unless="message email event text notification",
        ),
        case(
            (_EXECUTE, 2, "what it publishes moves a robot or a device"),
            verbs="publish",
            objects="topic",
            trades=[Trade.DEVICE],
        ),
        case(
            (_EXECUTE, 2, "a request does whatever the other side offers"),
            verbs="send post",
            objects="http http1 http2 api request",
            unless="friend review connection approval message",
        ),
        case((_EXECUTE, 3, "a signal makes a process act"), verbs="signal", objects="process job"),
        case((_EXECUTE, 1, "a signal makes a process act"), verbs="signal dial"),
        case(
            (_WRITE, 1, "it reaches other people or systems"),
            verbs="speak say deliver emit page phone text dm",
            trades=(),
        ),
        case(_REACHES, verbs="send post reply publish notify respond email tweet"),
        case(_REACHES_LIKELY),
    ),
}
