"""Text that has the model fetch secrets or the conversation and pass them on."""

from __future__ import annotations

from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Rule
from ostiary.risk.rules.phrases import phrases

__all__ = ["RULE"]

_GIVE: Final = (
    r"(?:pass|passing|include|includ\w+|attach|send|sending|supply|provide|give|append|add|put|paste|insert|"
    r"embed|encode|forward|"
    r"upload|copy|copying|post|export|transmit|submit|dump|collect|disclose|leak|exfiltrate|share|invoke it "
    r"with|call this tool with|fill)"
)
_FETCH: Final = r"(?:read|cat|open|load|fetch|look for|search for|find|extract|grab|get|scan|retrieve)"
_FILES: Final = (
    r"(?:~|/home/\w+|\$home|/root|/users/\w+|%userprofile%)/\.?[\w./-]*(?:ssh|id_rsa|id_ed25519|aws|env|"
    r"cursor|netrc|npmrc|pypirc|kube|"
    r"gcloud|config|history|gnupg|docker|git-credentials|mcp|claude|credentials)[\w./-]*(?<!\.pub)(?![\w./-])|"
    r"\bid_(?:rsa|ed25519|ecdsa|dsa)\b(?!\.pub)|"
    r"/etc/(?:passwd|shadow|sudoers)\b|\bwallet\.dat\b|\.(?:netrc|npmrc|pgpass|git-credentials|bash_history|"
    r"zsh_history)\b|"
    r"\bauthorized_keys\b|\bsecrets\.(?:txt|json)\b|\bmcp\.json\b|(?<![\w*])\.env\b(?! file)(?!\.\w)|"
    r"\b(?:user's|the|your|a|any) \.env file"
)
_CHAT: Final = (
    r"(?:conversation|chat|dialog(?:ue)?|message) (?:history|log|context|transcript|so far)|"
    r"(?:whole|entire|full|complete) (?:conversation|chat|context|context window|dialogue|message history)|"
    r"(?:user's |the )?(?:previous|earlier|prior|hidden) (?:user )?(?:messages|prompts?)|(?<!their )(?<!whole "
    r")system (?:prompt|message)(?!s)|hidden (?:prompt|instructions?)|(?:chat|conversation|dialogue) so far|"
    r"transcript of (?:the|this|our) (?:dialogue|conversation|chat)|our (?:chat|conversation|dialogue)"
)
_SECRETS: Final = (
    r"(?:all |any |every |the user's |user's |your |known |available )(?:\w+ ){0,2}?(?:api keys?|environment "
    r"variables|env vars|"
    r"credentials|passwords?|private keys?|seed phrases?|mnemonics?|secrets|tokens|cookies|address book|"
    r"contacts|clipboard|credit card|location)"
)
_ASSETS: Final = (
    r"(?:(?:ssh |private |api |access |secret |bearer |auth |session |github |openai |\w+_)?(?:private keys?|"
    r"api[ _]keys?|ssh (?:private )?keys?|bearer tokens?|"
    r"access tokens?|auth tokens?|session tokens?|github tokens?|passwords?|credentials|seed phrases?|"
    r"recovery phrases?|credit card numbers?|bank details|"
    r"environment variables|env vars|cookies)|password manager|\bkeychain|\b[a-z]+_(?:api_)?(?:key|token|secret)\b)"
)
_SLOT: Final = (
    r"(?:`\w+`|[\"']\w+[\"']|\b(?:parameter|field|argument|param|body|header|property|variable|remarks|metadata|"
    r"caption|query string|this tool|notes?)\b)"
)
_END: Final = r"(?:(?!without)[^.!?]){0,80}?"
_LONG: Final = r".{0,90}?"

_PATTERNS: Final = (
    r"\$\{?\w*(?:key|token|secret|passw)\w*|\{\{ ?(?:file|env|secret)\b|<contents? of\b|\bprintenv\b",
    rf"\b(?:contents? of|output of|{_GIVE})\b{_LONG}(?:{_FILES})",
    rf"\b{_GIVE} {_END}(?:{_CHAT})",
    rf"\b{_GIVE} {_END}{_SECRETS}{_END}\b(?:in|into|to|as|with|found|that|here|https?)\b",
    (
        rf"^(?:{_CHAT}|the (?:full|whole|entire|complete) (?:conversation|system prompt)|{_SECRETS}){_END}(?:$|\.|"
        rf",|including|required|available|as json)"
    ),
    r"!\[[^\]]{0,40}\]\(https?://[^)]{0,80}[?&][^)]{0,30}=",
    (
        rf"\bbe given (?:every|all|any|each) (?:{_ASSETS})|{_ASSETS} (?:of|from|for) the (?:other|connected|"
        rf"remaining) (?:connected )?(?:servers?|tools?)"
    ),
    (
        rf"\b(?:obtain|get|take|read|open|look up)\b[^.]{{0,50}}\b(?:user's|users'|of the "
        rf"user)\b[^.]{{0,30}}{_ASSETS}|\bgh auth token\b|\b{_FETCH}\b[^.]{{0,40}}{_ASSETS} of the user\b|"
        rf"\b{_FETCH}\b[^.]{{0,20}}{_ASSETS}[^.]{{0,40}}\b(?:place|pass|put|send|provide|include)\b"
    ),
    (
        r"^(?:the )?(?:value|content|contents) of (?:the )?\w*_(?:api_?key|key|token|secret|password)\w*\b|"
        r"\b(?:leak|exfiltrat\w*|exfil|steal|siphon|harvest)\b[^.]{0,40}\b(?:tokens?|keys?|data|credentials|"
        r"secrets?|files?|contacts)"
    ),
    (
        r"^(?:your own |the |your )?system (?:message|prompt)\b|^(?:paste|repeat|copy|print) everything\b|"
        r"\beverything (?:that precedes|above|the user (?:writes|types|says|sends)|you were told)\b|"
        r"\binstructions? (?:that )?you (?:were|have been) given\b"
    ),
    (
        r"\b(?:results?|outputs?|answers?|names and schemas|schemas|definitions|list) of (?:all|every|each|the "
        r"other|any|previous|earlier|other) (?:\w+ )?tools?\b|\bpreviously called tools\b|\ball tools (?:that "
        r")?you (?:can|have)"
    ),
    (
        r"\bchain of thought\b[^.]{0,40}\b(?:field|`|in|instructions)|\bmust contain the transcript\b|\bsending "
        r"their full contents?\b|\bexfil keys\b|\binclude credentials\b"
    ),
    (
        r"\b(?:search|scan) the (?:disk|home|computer|machine|file ?system)\b|\bscreenshot of the (?:password|"
        r"bank|wallet|keychain)|\bconfig(?:uration)?(?:\.json)? of (?:claude|cursor|the (?:ai|mcp) client)|"
        r"\bprivate repositories and (?:publish|send|post)"
    ),
    (
        r"\blog ?in(?:to)? (?:to )?the user's (?:bank|email|account)|\bwith the user's (?:signature|phone number|"
        r"address|email)\b[^.]{0,30}(?:\.|$)"
    ),
)

_NAMES: Final = (
    (
        r"^(?:content|contents|output|result|data|dump|text)s?[_-](?:from|of)[_-](?:reading|read|cat|file|running|"
        r"executing|the)[_-]"
    ),
    (
        r"(?:conversation|chat)[_ -]?history[_ -]?(?:and|system|full)|(?:full|whole|entire)[_-](?:conversation|"
        r"chat|system[_-]?prompt)|"
        r"system[_ -]?prompt[_ -]?(?:and|dump|content|full)|(?:ssh|private)[_ -]?key[_ -]?(?:file|content)|"
        r"id_rsa(?!\.pub)|dot_env|env_file_content|"
        r"etc_passwd|aws_credentials_file|env[_-]?(?:dump|vars?[_-]?dump)|(?:dump|contents?)[_-]of[_-](?:env|ssh|"
        r"files?|secrets?|keys?)|file[_-]contents?[_-]of|"
        r"(?:previous|all|prior)[_-](?:tool|messages?|prompts?)[_-](?:results?|outputs?|history|and)|"
        r"[_-]and[_-](?:system[_-]?)?prompt$"
    ),
)

_WORDINGS: Final = """
read 5 keyfile
give 6 keyfile
keyfile 8 give & slot
keyfile & slot
keyfile & quoted & give
keyfile & first
keyfile & must
give 4 theirs 1 secret
give 5 secret & slot
secret & quoted & must
secret & found & slot
read 5 secret & found & give
first & secret & call
first & read 4 secret
whole 1 secret & give
call 0 named & whole 1 secrets
talk & url & give
secret & you 2 found
secretname & also
person 0 secret & read
theirs 2 secret & must
give 8 whole 3 talk
prompt & slot
prompt & give & quoted
you 3 history
history & give
whole 2 talk & slot
talk 2 whole & give
said 3 talk & whole
everything 4 said & person
everything 5 said & give
give 3 url & also
give 6 url & must
url & you & must
give 6 mail
mail & must
mail & also
mail & change
mail & first
read 3 theirs 2 place
read 3 person 2 place
strongplace & give
strongplace & read
strongplace & must
place & give & first
place & quoted & give
output 5 give & named
give 4 here & other
comply & give & secret
comply & give & talk
comply & give & place
crown & read
crown & give
crown & call
crown & slot
crown & first
homepath & call & give
read 4 homepath
give 6 account
talk & give & slot
whole 2 talk & give
gather 2 secret
secret & other & read
public & give & must
answering & call & here
person & said & url
talk & here & give
person 2 talk & give
output & history
output & other 2 tools
strongplace
theirs 1 place
must & give & output & here
crown & quoted
secret & here & call
secret 4 person & found
value 4 secretname
value 4 crown
set 4 theirs 2 secret
^prompt
^history
^everything & talk
everything & talk & person
last & talk & person
file & person & editing
output 6 give & here
^secret & found & tools
secret 1 person & file
person 1 secret & found
give 3 theirs & url
read 5 place & give
value 3 secret & you
copy & each & url
copy 6 mail
copy & each & give
comply & place
must 1 give 2 theirs
add 3 mail
each & person & said
each & person & talk
"""

RULE: Final = Rule(
    "asks-for-secrets",
    "Has the model pass on secrets or the conversation",
    Severity.CRITICAL,
    ("LLM01:2025", "LLM02:2025"),
    ("MCP03:2025", "MCP10:2025"),
    phrases(
        (*_PATTERNS, *_NAMES),
        _WORDINGS,
        "What a tool does takes no secrets, and no conversation, that its user did not mean for it.",
        is_asked=True,
    ),
)
