"""The verbs of tools, each with the family that says what it does before its object is known.

Alphabetical in each family; every word stands once. Verbs of two words
(`roll back`) are joined before they are looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ostiary.risk.families import Family
from ostiary.risk.nouns import things

__all__ = ["HALF", "NOUNISH", "WORDS"]

WORDS: Final[Mapping[Family, frozenset[str]]] = {
    Family.LOOK: things(
        """
        access assist audit autodiscover await benchmark bitcount blame bring browse cat check choose cite consult
        consume contains count crawl crosscheck dbsize debug demonstrate describe detect df diagnose digest discern
        discover display dive download du dump eavesdrop elicit engage enlist enquire enumerate examine exists expand
        explain explore export extract eye fetch fetchall filter find forage gather geocode geodist georadius get
        getall getbit getrange give glance glean glimpse glob grep harvest head hear heed help hexists hget hgetall
        hkeys hlen hscan hunt hvals identify info inquire inspect interrogate introspect inventory investigate itemise
        itemize jq lindex list listen llen load locate look lookback lookup lrange ls map measure mget monitor netstat
        notice nslookup observe obtain offer outline overhear paginate peek perceive peruse pfcount pick ping pinpoint
        plot pluck poll pore present preview print probe profile provide ps psubscribe pttl pwd quantify read recall
        recap receive recollect recommend recrawl refer reference refetch refind report requery reread rescan rescrape
        research resolve retrace retrieve return reveal review revisit sample scan scard scour scout scrape screener
        screenshot search seek sense show showcase sightread sismember skim sleep smembers smismember snapshot sniff
        snoop spot sscan stalk stat status strlen suggest summarise summarize surface surveil survey tabulate tail
        take tally tell test trace traceroute track traverse tree ttl uncover unearth value version view visit wait
        watch whoami whois witness xinfo xlen xpending xrange xread zcard zrange zrank zscan zscore
        """
    ),
    Family.DERIVE: things(
        """
        abstract adjudicate advise analyse analyze anonymize appraise approximate assess autocomplete autocorrect
        average backtest base64 beautify bisect brainstorm calculate calculator canonicalize capitalize categorise
        categorize characterise characterize checksum chunk cipher clarify classify cluster collate compare comprehend
        compute concatenate conclude condense conjugate construe contrast convert correlate corroborate critique
        crunch debate debunk decide decipher decode decompile decompress deconstruct decrypt deduce dedupe deduplicate
        demangle deobfuscate depict dereference derive determine detokenize diff differentiate disambiguate
        disassemble discretize discriminate dissect distill divide echo elaborate encode envision escape estimate
        evaluate extrapolate factcheck factorise factorize featurize fingerprint forecast formulate gauge grade group
        guess guesstimate guide gzip hash humanize hypothesise hypothesize ideate imagine impute infer infill
        interpolate interpret intersect intuit jsonify judge justify lemmatize lint localize lowercase mask match md5
        minify mull multiply normalise normalize nowcast ocr opine optimise optimize paraphrase parse percentile
        permute plan ponder postulate precompute predict prepare preprocess prettify pretty prettyprint price
        prioritize prognose project pronounce proofread propose prove qualify quantise quote random rank rate
        rationalize reason reckon recognise recognize reflect reformat reformulate regress repeat rephrase rerank
        resample reword roll round roundtrip score screen scrutinise scrutinize segment serialize sha256 shorten
        shuffle simplify simulate slice slugify smooth solve sort spellcheck standardize stem strategize stringify
        subset substantiate subtract sum surmise symbolicate synthesise synthesize teach think titlecase tldr tokenise
        tokenize transcribe translate transliterate transpose triage triangulate troubleshoot typecheck understand
        unescape unmangle unminify unscramble uppercase urlencode validate vectorise vectorize verify vet visualise
        visualize weigh winnow xor
        """
    ),
    Family.ASK: things(
        """
        answer ask chat converse
        """
    ),
    Family.MAKE: things(
        """
        accrue add addend affix allocate allot annotate append appoint assemble assert attach augment authenticate
        author autocreate autogenerate autosave backport backup batchcreate blend book bookmark bundle cache carve
        chain checkin cherrypick clone coauthor codify combine comment commit compose compress concat concoct
        contribute copy create crosspost declare define develop dictate document downvote draft dub duplicate embed
        emboss endorse enqueue enrol enroll enrollee enshrine enter erect establish etch fabricate favorite favourite
        file follow forge fork geoadd getset graft hincrby hire hmset hset implement import inaugurate incorporate
        index ingest init initialise initialize inscribe insert instantiate instruct interleave introduce join jot
        journal label like link linsert log login loop lpush lset make makedirs manufacture materialize memorise
        memorize mirror mkdir mkfifo mkfile mkproj mock model mould mount mset name new nominate note onboard onload
        originate pair pen persist pfadd pin plant populate predefine prefill preload prepend prepopulate preset
        propagate prototype provision pull push put queue raise react readd record recreate register rehost reinsert
        remember replicate repost reproduce reregister reserve reupload rpush rsync sadd save scaffold schedule scp
        scribble scrobble seed setbit setex setnx setup sign smove sow split stamp star stash stitch store stub
        subclass submit supplement supply symlink tack tag template touch transplant trust typeset unpack unzip upload
        upsert upvote vote watermark write writeback xack xadd zadd zincrby zip
        """
    ),
    Family.PRODUCE: things(
        """
        animate colorize colourise composite construct design draw dubbing format generate illustrate inpaint
        interlace outpaint package paint photoshop produce rasterise rasterize regenerate remix render rerender sketch
        storyboard synth transcode upscale visualisation voiceover
        """
    ),
    Family.CHANGE: things(
        """
        abbreviate accept accommodate ack acknowledge acquire activate adapt adjust adopt align allow alter alternate
        amend amplify anchor anonymise apply arm arrange assign associate attenuate attribute authorise autofix
        autoformat autolayout autoresize autosize award backdate balance ban bend bevel bind block blur bold boost
        brighten broaden bump calibrate certify chamfer change checkoff chgrp chmod chown claim clamp clip collapse
        commission compact condition configure conform conjoin connect consolidate coordinate correct couple crop
        cross crossfade curate customise customize cut damage darken deactivate deafen deblur decelerate decline
        decorate decouple decrby decrease decrement deduct deemphasize deepen deescalate deflate defragment degrade
        dehighlight deinterlace delay delist demote demux deny deprioritize desaturate detick detune dilate dim
        disable disarm disassociate disconnect displace disqualify distribute divert downgrade downscale dye ease edit
        elevate elongate embolden emphasize empower enable encapsulate encrypt endow energize enforce engrave enhance
        enlarge enrich ensure equip erode escalate evolve exempt expedite expire expose extend extrude fade fasten
        favor feather federate fillet finetune finish fit fix flag flatten flip fold freeze freshen fulfil fulfill
        fuse graduate grant grow harden hardlink harmonise harmonize heal heighten hold immunize impair impose imprint
        improve inactivate incr incrby increase increment indent inflate inflict inhibit inline inset integrate
        interlock interpose invert isolate jitter kern kick laminate layout leave lengthen level lighten limit
        localise logout loosen lower lpop maintain mark maximise mend merge minimise mitigate mix moderate modernize
        modify modulate morph move multiplex mutate muzzle narrow nest neutralize nudge obfuscate offset omit opt
        optin optout organize orient outsource overlay override overwrite pack pan pare participate partition patch
        permit perturb pivot plug polish pop posterize postpone preempt prefer prefix preserve prioritise prolong
        promote protect puncture purify quantize quicken randomize reactivate readjust realign realloc reapply
        rearrange reassign reassociate reauthorize rebalance rebase rebind reblog rebrand recalibrate recast
        recategorise recategorize reclaim reclassify recolor recolour recompose reconcile reconfigure reconnect redact
        redefine redesign redirect redistribute reduce refactor refile refill refine refocus reframe refresh refurbish
        regrant regroup regulate reindent reinforce reissue rekey rekeyed relabel release relink relist relocate remap
        remaster remodel remount rename renew renumber reopen reorder reorganize repair reparent repartition rephase
        replace replan replenish repoint repopulate reposition reprice reprioritize reprogram request reroute resave
        rescale reschedule rescore reseed resequence reshape reshare reshuffle resign resize restage restock restrict
        restructure restyle resurface resync retag retain retarget retime retitle retouch retrofit revise revive
        reweight rework rewrite rezone rotate route rpop rsvp sanitize saturate scale scramble sculpt seal secure
        separate sequence set sharpen shelve shift shrink sideline silence skew snooze soften solidify solo splice
        sponsor spop squash stabilize stack stage stagger standardise stiffen straighten streamline strengthen stretch
        strip structure style stylise stylize subdivide subscribe substitute supersede sweep symmetrize sync
        synchronise synchronize tailor taper target thin throttle tick tidy tighten tile tint toggle train transform
        transition transmute trim tune tweak twist unapprove unarchive unassign unban unbind uncap uncategorize
        uncheck uncomment uncouple undeafen undelete underline unequip unfavorite unflag unfold unfollow unfreeze
        unfriend ungroup unhide unify unignore unite unlike unlist unmap unmark unmask unmention unmerge unmount
        unnest unparent unprotect unresolve unsave unseal unshare unshelve unskip unsnooze unsolo unstage unstar
        unsuppress unsync untick untie untrash untrust unverify unvote unwatch unwrap update upgrade uplift vary void
        waive warp weaken whiten widen wrap xtrim
        """
    ),
    Family.TELL: things(
        """
        admonish advertise affirm alert announce apologize applaud apprise assure attest beckon blast blog brief
        broadcast buzz caution cheer coach communicate complain congratulate contact convey correspond deliver dial
        disclose dispute divulge dm email emit exclaim fax feedback forward greet hail handoff handover herald inform
        invite lecture lobby mail mention message nag narrate negotiate notify page pester petition phone plead post
        proclaim publish reassure reblast relay remark remind reply reprimand republish resend respond retort retweet
        ring salute say scold send share shout signal sms snitch solicit spam speak summon telegraph telephone testify
        text thank transmit tweet upsell urge voice vouch warn welcome whisper yell
        """
    ),
    Family.HIDE: things(
        """
        archive bin defer deprecate deregister dismiss hide ignore junk mothball quarantine recycle retire skip sunset
        suppress suspend trash unpublish unregister unsuspend
        """
    ),
    Family.DETACH: things(
        """
        detach dissociate remove rm unlabel unlink unpin unset untag
        """
    ),
    Family.DESTROY: things(
        """
        abolish annihilate annul bulldoze cleanse crush deallocate decimate decommission del delall delete deleteall
        deletemany deleteone demolish deprovision despawn destroy destroyall disband discard dismantle dispose
        dissolve drop dropall dropindex eliminate eradicate erase evict excise expunge expurgate exterminate
        extinguish extirpate flushq forget ftdropindex harddelete hdel incinerate jettison lrem ltrim nuke obliterate
        pulverize purge purgeall raze rescind rmdir rmi rmtree ruin scrap selfdestruct shatter shred slay smash srem
        teardown tombstone truncate unallocate uninstall unmake unprovision unsend vaporize wipe wreck xdel zeroise
        zeroize zrem zremrangebyrank zremrangebyscore
        """
    ),
    Family.VOID: things(
        """
        blank clean cleanup clear defrag deplete empty flush flushall flushdb gc prune reap reset scrub unfill vacuum
        zerofill
        """
    ),
    Family.END: things(
        """
        abandon banish blacklist blocklist deauthorize dethrone disavow expel invalidate kill killall oust pkill
        repeal repudiate retract revoke sigkill terminate
        """
    ),
    Family.CANCEL: things(
        """
        abort cancel decommit dequeue interrupt unbook unqueue unschedule unsubscribe
        """
    ),
    Family.UNDO: things(
        """
        recover redo rehydrate reinstate restitute restore resurrect reverse revert rewind rollback rollforward
        uncommit undo unrevert unroll
        """
    ),
    Family.RUN: things(
        """
        act actuate advance attack attempt automate autopilot backfill bash batch brute bruteforce bypass call cmd
        command conduct crack crash delegate dispatch effectuate enact enum4linux eval exec execcmd execsql execute
        exercise exfiltrate exploit fanout fire forkexec fuzz hack handle hijack hook ignite impersonate inject
        instigate interact intercept invoke jailbreak jumpstart kickoff kickstart launch livestream mobilize operate
        orchestrate overclock passthrough pentest perform phish pilot poison prime proceed process program provoke
        proxy pwn recompute redrive reexecute reinvoke relaunch remediate replay reprocess requeue rerun rerunfailed
        resubmit retrain retrigger retry rexec rpc run runcode runscript runsql script shell shellexec spawn spoof
        steer stress subprocess supervise swarm teleoperate transact trigger tunnel unleash use workflow
        """
    ),
    Family.CONTROL: things(
        """
        ascend begin boot brake contain continue cool cordon cycle defrost descend disengage dispense dock drain drive
        eject end evacuate exit failback failover fence halt hardreset heat hibernate hotreload idle land latch park
        pause power powercycle poweroff poweron preheat quiesce quit reboot rebuild reimage reload reprovision respawn
        restart restartall resume rollover serve shutdown softreset standby start startall step stop stopall stream
        switchover taint takeoff turn uncordon unfence unlatch unpark unpause unplug wake warm
        """
    ),
    Family.DRIVE: things(
        """
        autofill click clickelement craft cursor dblclick dig doubleclick doubletap drag emulate fill flick fling
        focus go goback goforward goto honk hotkey hover inputtext jump keyboard keydown keypress keystroke keystrokes
        keyup leftclick longpress maximize middleclick mine minimize mouse mousedown mousemove mouseup navigate paste
        pinch poke press rightclick scroll sendkey sendkeys snap swipe tap type typetext unmaximize walk wheel
        """
    ),
    Family.MOTION: things(
        """
        approach climb crouch dance dismount drink eat fish flee fly glide grab grasp grip jog kneel nod patrol punch
        ride roam shear sit slither smelt sneak spin stand strafe strum swim teleport throw tilt tow vibrate wander
        wave winch yaw
        """
    ),
    Family.PLAY: things(
        """
        back close fastforward lock mute next open play previous select switch unlock unmute volumedown volumeup
        """
    ),
    Family.ROLL: things(
        """
        autodeploy bootstrap build codesign compile containerize deploy dockerize flash hydrate install migrate
        notarize prebuild redeploy reindex reinstall rollout ship sideload transpile undeploy upsize
        """
    ),
    Family.QUERY: things(
        """
        aggregate cypher dql gaql graphql kql mongosh promql psql query soql sparql sql
        """
    ),
    Family.PAY: things(
        """
        autopay bill buy cashout charge checkout compensate crowdfund deposit disburse donate escrow fund lease
        offramp onramp overpay pay payout pledge prefund prepay purchase recharge refund reimburse remit remunerate
        rent repay settle spend subsidize tip topup wire withdraw
        """
    ),
    Family.TRADE: things(
        """
        airdrop arbitrage autoinvest bet bid borrow bridge burn compound deleverage hedge invest lend liquidate mint
        redelegate restake sell short snipe squareoff stake swap trade unbond undelegate unlend unstake wager
        """
    ),
    Family.ORDER: things(
        """
        capture collect complete exchange finalize initiate issue order place redeem
        """
    ),
    Family.MOVE: things(
        """
        transfer
        """
    ),
    Family.MANAGE: things(
        """
        admin administer control manage
        """
    ),
    Family.ADMIT: things(
        """
        approve authorize confirm reject unblock
        """
    ),
}

NOUNISH: Final = things(
    """
    abstract access aggregate airdrop alert answer approach arbitrage archive arm attack attribute audit author
    average back backup balance base64 bash batch bet bevel bid bill bin blank block blog bold book bookmark brake
    bridge brief bring build bundle burn cache calculator call cat chain chamfer change charge chat checkout checksum
    cheer cipher clean cleanse climb clip clone close cluster collect command comment commission commit compact
    compose composite compound condition contact contains control convey cool copy count couple cross cursor cut cycle
    cypher
    dance debate deposit design df dial digest dim dock document dql draft drink drive du dub dubbing dye ease eat
    echo email embed empty end escape escrow eval exchange exercise exists exit exploit export eye fade favor favorite
    fax feather feedback fence file fillet filter fingerprint fish fit flag flash focus forge fork format forward fund
    gaql gauge gc give go grab grade graphql grip group guide hack handoff handover hash head heat help hold hook hunt
    idle imagine import indent index info inform inline inset inventory issue jitter journal junk keyboard kick kql
    label latch layout lease level like limit link list load lock log lookback loop mail map mark mask match md5
    measure mention merge message mint mirror mix mock model moderate mongosh monitor mount mouse multiply nag name
    new next note notice ocr offer offset opt order pack package page pair pan park partition passthrough patch pause
    pen percentile permit phone pick pilot pin pivot place plan play pledge plot plug poison polish pop pore post
    power prefix present preset press pretty preview previous price prime process profile program project promql proxy
    ps psql purchase push put qualify query queue quote raise random rank rate reason rebalance recap record recycle
    refund release reply report request research reserve resume review ride ring roll route rpc run sample scale
    schedule score scout scrap screen screener screenshot script search seek segment select sense sequence serve set
    settle sha256 share shell short sign signal sit sketch sleep slice sms snapshot sniff snipe solo soql sort sparql
    spin split spoof spot sql stack stage stake stamp stand standby star start stash stat status stem step stop
    storyboard stream structure stub style subprocess sum supply surface survey swap swarm sweep switchover synth tag
    tail tally target template test text thank tick tilt tint tip touch trace track trade transfer trash tree triage
    trim tune tunnel turn type use value version view visit visualisation voice voiceover void vote wager wait walk
    warm warp wave welcome wheel wire workflow xor yaw
    """
)
"""Verbs that are as often nouns."""

HALF: Final = things(
    """
    aggregate audit block change clone commit copy count embed exchange export filter fork import list lock mark merge
    mount patch permit pop press push put query raise run scale search select set sign sleep start stop test touch
    trim turn type wait
    """
)
"""Nounish verbs that are the action as often as not."""
