"""The verbs of tools: what an action word means before its object is known.

A family says what a verb does; `senses` turns family, object and server into a class. Words that are as often nouns
(`order`, `post`, `monitor`) stand in `NOUNISH`: in a name they are the action only where nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from ostiary.risk.nouns import things

__all__ = ["FORMS", "NOUNISH", "NOUNS_OF_ACTION", "STRICT", "VERBS", "Family"]


class Family(StrEnum):
    """What a verb does to its object."""

    LOOK = "look"  # returns what is there
    DERIVE = "derive"  # computes from what it is given
    ASK = "ask"  # puts a question to a model
    MAKE = "make"  # something new
    PRODUCE = "produce"  # makes something out of what it is given: a text, or a thing
    CHANGE = "change"
    TELL = "tell"  # reaches people
    HIDE = "hide"  # out of the way, and can come back
    DETACH = "detach"  # takes one thing from another
    DESTROY = "destroy"
    VOID = "void"  # makes something empty
    END = "end"  # kills what runs or is valid
    CANCEL = "cancel"
    UNDO = "undo"
    RUN = "run"
    CONTROL = "control"  # starts, stops, pauses
    DRIVE = "drive"  # a browser or a device
    PLAY = "play"  # a device, in some servers
    ROLL = "roll"  # brings something into effect: deploy, build, install
    QUERY = "query"
    PAY = "pay"
    TRADE = "trade"
    ORDER = "order"  # pays where its object is money
    MOVE = "move"
    MANAGE = "manage"
    ADMIT = "admit"  # approves, rejects


_WORDS: Final[Mapping[Family, str]] = {
    Family.LOOK: """
        get list search find fetch read retrieve show view describe count check look lookup browse explore discover
        inspect display return download load peek poll wait watch scan grep glob tail head cat stat tree whoami
        screenshot snapshot capture observe monitor track trace collect gather obtain provide access receive take
        enumerate locate identify review report print dump examine audit test ping probe diagnose debug profile
        benchmark scrape crawl extract map tell recall status info help resolve expand preview export introspect survey
        detect exists contains geocode paginate investigate surface supply offer demonstrate outline consult explain
        reveal requery research await listen sleep sample suggest recommend assist engage
        hget hgetall hkeys hvals mget xread xrange lrange zrange smembers scard llen strlen dbsize ttl ls pwd jq
        measure refer reference summarize summarise
        consume elicit blame dive harvest sense plot quantify cite digest traverse present visit version value
        screener pick choose
    """,
    Family.DERIVE: """
        analyze analyse validate verify compare diff calculate compute convert parse estimate evaluate assess
        predict forecast classify categorize categorise rank score rate grade match translate transcribe decode encode
        tokenize lint hash simulate visualize visualise decompile disassemble decrypt correlate aggregate group sort
        filter infer think plan reason rerank normalize normalise beautify sum subtract multiply divide round solve
        derive project cluster judge interpret understand synthesize synthesise contrast critique reflect brainstorm
        prioritize recognize recognise ocr triage deobfuscate quote propose prepare advise guide teach hypothesize echo
        intersect interpolate minify prettify calculator gzip determine backtest screen fingerprint unscramble reverse
        optimize optimise
        chunk concatenate condense decide deduplicate distill decompress mask paraphrase regress serialize
        segment shuffle simplify smooth slice subset standardize anonymize clarify shorten transpose weigh
        elaborate prove random roll guess price repeat reformat rephrase
    """,
    Family.ASK: """
        ask chat converse answer
    """,
    Family.MAKE: """
        create add insert make new register save store write append upload import put record remember log attach
        link define draft compose clone copy duplicate fork ingest prepend raise scaffold bookmark star favorite
        favourite like react upvote downvote vote follow push commit enter init initialize initialise setup establish
        persist materialize memorize memorise note annotate comment tag label pin mkdir touch mount embed upsert
        replicate queue enqueue schedule book reserve declare introduce contribute submit onboard enroll enrol join
        hset lpush rpush sadd zadd xadd setex mset hmset stash backup provision instantiate zip compress cache index
        sign jot login authenticate pull trust recreate allocate populate seed file
        appoint assemble backfill develop augment implement instruct name plant reproduce stamp watermark split
        endorse hire pair unpack unzip mirror model mock combine bundle loop assert
    """,
    Family.PRODUCE: """
        generate draw render design paint produce format package
        sketch transcode upscale animate remix construct illustrate regenerate
    """,
    Family.CHANGE: """
        update edit modify change set rename move replace patch assign unassign configure enable disable toggle
        adjust alter amend apply reorder resize rotate scale transition transform mark unmark merge rebase promote
        demote protect unprotect snooze unsnooze acknowledge ack reopen release grant allow deny permit subscribe
        restrict block sync synchronize synchronise reconcile refactor rewrite fix autofix checkout customize customise
        expire increment decrement incrby decrby incr pop trim renew extend rearrange align crop blur flip tune tweak
        override overwrite stage associate disassociate bind activate deactivate upgrade downgrade finish claim connect
        bump increase decrease award equip unequip damage heal inflict mutate undelete unarchive revive postpone
        reschedule delay escalate unfollow unstar accept decline seal unseal improve enrich ban unban kick rekey
        unresolve request
        redact encrypt sanitize distribute leave resign logout disconnect curate attribute train refresh
        lpop rpop spop xtrim relabel retag reprioritize recategorize unignore
        adapt anchor arrange balance bend boost calibrate collapse compact conform consolidate coordinate
        correct cross cut decorate deduct deepen deflate defragment elevate enforce enhance enlarge ensure
        expose fit flag flatten fold freeze fulfill fuse grow hold include inflate integrate layout level limit
        lower maintain mix moderate morph nest nudge organize orient overlay pack pan participate pivot prefer
        preserve reassign reclaim reconnect reduce refill refine relocate reorganize repair reroute restructure
        resync retain revise route secure separate sequence shift silence splice sponsor stack stretch strip
        structure style subdivide substitute supersede target thin throttle tidy tile twist uncheck unfreeze
        ungroup unhide unite unstage unwatch unwrap wrap join adopt acquire void
    """,
    Family.TELL: """
        send post reply publish notify email mail message announce broadcast tweet retweet respond say speak forward
        share remind alert page text dm invite whisper contact emit signal deliver feedback phone dial ring
        advertise brief republish resend transmit warn coach negotiate dispute
    """,
    Family.HIDE: """
        archive trash unpublish deprecate retire dismiss suppress hide ignore skip deregister unregister
        suspend unsuspend quarantine defer
    """,
    Family.DETACH: """
        remove rm detach unlink untag unpin unlabel dissociate unset
    """,
    Family.DESTROY: """
        delete destroy drop purge wipe erase truncate del rmdir obliterate decommission deprovision forget discard
        shred nuke expunge evict hdel zrem srem xdel teardown uninstall rmtree
    """,
    Family.VOID: """
        clear empty flush reset clean cleanup flushdb flushall prune reap vacuum scrub
    """,
    Family.END: """
        terminate kill revoke invalidate abandon expel blacklist
    """,
    Family.CANCEL: "cancel abort unschedule unsubscribe interrupt",
    Family.UNDO: "restore revert rollback undo redo recover reinstate rewind",
    Family.RUN: """
        run execute exec invoke eval trigger call perform launch process dispatch spawn fire delegate orchestrate
        automate operate handle bash shell powershell rerun replay retry resubmit interact steer command sudo script
        kickoff exploit attack fuzz bruteforce inject hook advance cmd act conduct sqlmap nmap msfconsole
        bypass crack crash impersonate intercept program proxy requeue relaunch retrain remediate recompute
        stress use attempt
    """,
    Family.CONTROL: """
        start stop pause resume restart reboot shutdown halt boot wake hibernate cycle begin end turn power
        unpause reload drain cordon uncordon failover taint step continue rollover
        drive dock exit isolate contain land quit warm dispense eject serve stream rebuild
    """,
    Family.DRIVE: """
        click type navigate hover press drag scroll tap swipe fill goto go keyboard dblclick focus minimize
        maximize emulate hotkey paste cursor mouse jump walk dig craft mine
        honk snap poke
    """,
    Family.PLAY: "play open close next previous mute unmute select switch lock unlock back",
    Family.ROLL: """
        deploy migrate build compile install redeploy rollout ship bootstrap reinstall transpile reindex
        hydrate
        undeploy flash
    """,
    Family.QUERY: "query sql cypher aggregate mongosh psql graphql sparql kql soql gaql promql dql",
    Family.PAY: """
        pay charge refund payout disburse withdraw deposit remit reimburse topup donate tip checkout purchase buy
        fund wire repay
        bill settle rent
    """,
    Family.TRADE: "trade sell swap bid stake unstake short liquidate bridge borrow lend mint hedge invest burn",
    Family.ORDER: "order place transfer exchange issue initiate process capture finalize complete collect redeem",
    Family.MOVE: "transfer",
    Family.MANAGE: "manage administer admin control",
    Family.ADMIT: "approve reject authorize confirm unblock",
}

_FIRST_SENSE: Final = {
    "transfer": Family.MOVE,
    "exchange": Family.ORDER,
    "place": Family.ORDER,
    "checkout": Family.PAY,
    "approve": Family.ADMIT,
    "confirm": Family.ADMIT,
    "filter": Family.LOOK,
    "aggregate": Family.QUERY,
    "finalize": Family.ORDER,
    "complete": Family.ORDER,
    "initiate": Family.ORDER,
    "issue": Family.ORDER,
    "capture": Family.ORDER,
    "collect": Family.ORDER,
    "close": Family.PLAY,
    "open": Family.PLAY,
    "switch": Family.PLAY,
    "select": Family.PLAY,
    "lock": Family.PLAY,
    "unlock": Family.PLAY,
    "mute": Family.PLAY,
    "unmute": Family.PLAY,
    "share": Family.TELL,
    "publish": Family.TELL,
    "invite": Family.TELL,
    "authorize": Family.ADMIT,
}

VERBS: Final[dict[str, Family]] = {}
for _family, _text in _WORDS.items():
    for _word in _text.split():
        VERBS.setdefault(_word, _FIRST_SENSE.get(_word, _family))
VERBS.update(_FIRST_SENSE)

NOUNISH: Final = things(
    "value version level flag style model mirror target layout price name stream sequence segment split mix "
    "bill drive dock brief digest limit loop mask pack pair pan stack stamp structure sketch slice sense void "
    "warm stash roll program random cut cross route balance value fit hold mock screener plot present serve "
    "use network bundle visit exit burn settle pick value flash ring order post monitor report record message "
    "email mail comment label tag note star issue log call text page "
    "schedule review release trace audit profile map test status info help tree head tail stat sample "
    "screenshot snapshot query sql command script shell process transfer trade charge refund checkout deposit "
    "stake wire tip fund short bridge exchange group cluster project score rate rank match plan grade quote "
    "index cache stage link bookmark favorite design format build package source hook alert reply feedback "
    "notice signal control mouse cursor keyboard cycle power step end contact share archive trash close pin "
    "image access track like vote sum factor reason result guide file key keys swap bid mint place type press "
    "focus play sign copy clone fork branch commit push merge block lock release change exchange patch backup "
    "queue reserve book draft filter sort attribute filters export import preview overview survey research "
    "echo cat back next previous forward select zoom scale update_log calculator set list collect set phone "
    "ring dial view attack exploit screen text exists contains is has what who when where which how go empty "
    "clean short found mark purchase put sleep wait bash powershell cypher graphql count turn touch cache "
    "screen step raise trim pop range tune head track measure hash embed mount aggregate research mark supply "
    "offer support surface walk head double answer prompt chat triage sample ocr fingerprint load pause "
    "resume permit start stop run search request"
)
"""Verbs that are as often nouns."""

_HALF: Final = things(
    "run search query list set test check export import audit count aggregate start stop change patch put "
    "copy clone fork filter merge commit push lock block mark trim pop touch raise mount embed permit sleep "
    "wait scale select zoom press type enter sign turn exchange"
)

STRICT: Final = {word: 2 if word not in NOUNISH else 1 if word in _HALF else 0 for word in VERBS}
"""How sure a word of a name is the action: 2 hardly ever a noun, 1 either, 0 mostly a noun."""
STRICT["start"] = STRICT["stop"] = STRICT["close"] = STRICT["end"] = STRICT["pause"] = STRICT["resume"] = 2
STRICT["call"] = 0
STRICT["set"] = STRICT["mark"] = 2

NOUNS_OF_ACTION: Final[Mapping[str, str]] = {
    "deletion": "delete",
    "removal": "remove",
    "creation": "create",
    "execution": "execute",
    "retrieval": "retrieve",
    "deployment": "deploy",
    "installation": "install",
    "purchase": "buy",
    "payment": "pay",
    "cancellation": "cancel",
}


def _forms(verb: str) -> Iterator[tuple[str, str]]:
    """The forms of a verb as prose has them, each with what it is: `base`, `third`, `gerund`, `past`."""
    first, *rest = verb.split(" ")
    tail = "".join(" " + word for word in rest)
    yield verb, "base"
    doubled = first[-1] if _doubles(first) else ""
    if first.endswith("y") and first[-2:-1] not in "aeiou":
        third, past = first[:-1] + "ies", first[:-1] + "ied"
    else:
        third = first + ("es" if first.endswith(("s", "x", "ch", "sh", "z", "o")) else "s")
        past = first + "d" if first.endswith("e") else first + doubled + "ed"
    stem = first[:-1] if first.endswith("e") and not first.endswith(("ee", "oe", "ye")) else first + doubled
    yield third + tail, "third"
    yield stem + "ing" + tail, "gerund"
    yield _IRREGULAR.get(first, past) + tail, "past"


def _doubles(word: str) -> bool:
    vowels = sum(letter in "aeiou" for letter in word)
    ends = len(word) > 2 and word[-1] not in "aeiouwxy" and word[-2] in "aeiou" and word[-3] not in "aeiou"
    return ends and (vowels == 1 or word in {"submit", "commit", "reset", "permit", "rerun", "transfer", "cancel"})


_IRREGULAR: Final = {
    "get": "got",
    "find": "found",
    "read": "read",
    "send": "sent",
    "make": "made",
    "set": "set",
    "put": "put",
    "write": "written",
    "buy": "bought",
    "sell": "sold",
    "pay": "paid",
    "run": "run",
    "build": "built",
    "withdraw": "withdrawn",
    "undo": "undone",
    "say": "said",
    "speak": "spoken",
    "take": "taken",
    "draw": "drawn",
}

FORMS: Final[dict[str, tuple[str, str]]] = {}
"""Every form of every verb: (verb, kind of form)."""
for _verb in VERBS:
    for _form, _kind in _forms(_verb):
        FORMS.setdefault(_form, (_verb, _kind))
for _noun, _verb in NOUNS_OF_ACTION.items():
    FORMS.setdefault(_noun, (_verb, "noun"))
