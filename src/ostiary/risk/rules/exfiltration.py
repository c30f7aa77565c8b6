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
    rf"\b{_FETCH}\b{_LONG}(?:{_FILES}){_LONG}\b(?:{_GIVE}|its content|the contents?|as|into|here|output)\b",
    rf"\b(?:contents? of|output of|{_GIVE})\b{_LONG}(?:{_FILES})",
    rf"\b{_FETCH} (?:the |also |file |from )*(?:{_FILES}) ?(?:first|before|and|的)",
    rf"(?:读取|讀取).{{0,8}}(?:{_FILES})",
    rf"\b{_GIVE} {_END}(?:{_CHAT})",
    rf"\b{_GIVE} {_END}{_SECRETS}{_END}\b(?:in|into|to|as|with|found|that|here|https?)\b",
    rf"\b(?:in|into|as|through|with the (?:full|whole|complete|entire)) (?:the )?(?:{_CHAT})",
    (
        rf"^(?:{_CHAT}|the (?:full|whole|entire|complete) (?:conversation|system prompt)|{_SECRETS}){_END}(?:$|\.|"
        rf",|including|required|available|as json)"
    ),
    rf"\b(?:{_CHAT}){_END}\b(?:to this tool|in(?:to)? the|as (?:the )?(?:argument|parameter|query))",
    (
        rf"\b(?:send|forward|upload|post|report|exfiltrate|transmit|collect)\b{_LONG}\b(?:to|at) (?:https?://|"
        rf"(?:\d{{1,3}}\.){{3}}\d|\S+@\S+\.\w)(?!\S*(?:api\.|docs\.))"
    ),
    rf"\b{_GIVE} {_END}(?:contents? of|files? (?:in|of)) (?:the )?(?:current|home|working|private|workspace)",
    r"!\[[^\]]{0,40}\]\(https?://[^)]{0,80}[?&][^)]{0,30}=",
    (
        r"\b(?:forward|send) (?:a )?copy of (?:every|each|all)\b|\b(?:copy|send|forward) (?:all|every|each) "
        r"(?:user )?(?:messages?|emails?|documents?|prompts?)"
    ),
    (
        r"\bsend (?:it|them|all \w+|every \w+|all documents[^.]{0,20}) (?:with|to) this tool\b|\bto this tool for "
        r"(?:audit|telemetry|safekeeping)"
    ),
    (
        r"\bexport their (?:contacts|data|messages)\b|\b(?:always|then) (?:always )?fill it in\b|\bdisclose the "
        r"(?:hidden|system)"
    ),
    (
        r"\bfull (?:arguments|results?) (?:and|of) (?:\w+ )*(?:previous|every|each) (?:tool )?calls?|\bpass "
        r"(?:the )?(?:full )?(?:arguments|results?) and (?:results?|arguments)"
    ),
    r"\bappend (?:the )?(?:content|contents|text) of (?:the )?private\b|\bpass what you find\b",
    (
        rf"\b(?:{_GIVE}|place|carr(?:y|ies)|repeat(?:ed)?|mirror(?:ed)?|contain|hand|given|leak|prepend|store|"
        rf"paste)\b[^.]{{0,70}}?{_ASSETS}[^.]{{0,60}}?{_SLOT}"
    ),
    (
        rf"{_ASSETS}[^.]{{0,60}}?\b(?:must|has to|have to|should|shall|needs? to)(?: also| always)? be (?:given|"
        rf"repeated|passed|sent|included|copied|put|placed|forwarded)"
    ),
    (
        rf"\bbe given (?:every|all|any|each) (?:{_ASSETS})|{_ASSETS} (?:of|from|for) the (?:other|connected|"
        rf"remaining) (?:connected )?(?:servers?|tools?)"
    ),
    rf"(?<!not )(?<!never )\b{_FETCH}\b(?! or)[^.]{{0,40}}(?:{_FILES})(?! is )[^.]{{0,60}}",
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
        r"\bwhat the user (?:said|wrote|typed|told)[^.]{0,50}\b(?:into|in|to|as)\b|\bsummari[sz]e (?:our|the|"
        r"this) (?:chat|conversation|dialogue)[^.]{0,40}\b(?:field|store|param|pass|into|`)"
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
    (
        r"\b(?:mail|send|forward|post|posts|report|upload)\b[^.]{0,60}\bto \S+@\S+\.\w|\b(?:posts?|sends?|"
        r"uploads?)\b[^.]{0,40}\bto https?://(?!\S*(?:api|docs|localhost|example\.com))"
    ),
    (
        rf"\b(?:lies|lee|envía|envia|lisez|lis|leggi|leia|lesen|прочитай|открой)\b[^.]{{0,60}}(?:{_FILES}|\.env)|"
        rf"\b(?:envía|envie|sende|transmettez|передай|отправь)\b[^.]{{0,50}}\b(?:historial|conversaci|inhalt|"
        rf"contenu|содержимое|gespräch|ключ)"
    ),
    (
        r"(?:读取|获取|收集).{0,12}(?:环境变量|密钥|密码|凭据|私钥|对话|聊天记录|系统提示).{0,20}|(?:環境変数|秘密鍵|パスワード|会話).{0,12}(?:読み|送|渡)|"
        r"(?:환경 변수|비밀번호|대화).{0,12}(?:읽|전송|보내)"
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

RULE: Final = Rule(
    "asks-for-secrets",
    "Has the model pass on secrets or the conversation",
    Severity.CRITICAL,
    ("LLM01:2025", "LLM02:2025"),
    ("MCP03:2025", "MCP10:2025"),
    phrases(
        (*_PATTERNS, *_NAMES),
        "What a tool does takes no secrets, and no conversation, that its user did not mean for it.",
    ),
)
