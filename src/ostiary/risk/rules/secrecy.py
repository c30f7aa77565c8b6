"""Text that asks the model to keep something from the person it works for."""

from __future__ import annotations

from typing import Final

from ostiary.risk.risk import Severity
from ostiary.risk.rules.finding import Rule
from ostiary.risk.rules.phrases import phrases

__all__ = ["RULE"]

_NOT: Final = (
    r"(?:do not|don't|never|must not|should not|shouldn't|mustn't|without|refrain from|avoid|no need to|not to)"
)
_TELL: Final = (
    r"(?:tell|telling|mention|mentioning|inform|informing|reveal|revealing|notify|notifying|alert|alerting|"
    r"disclose|disclosing|"
    r"let|report|say|saying|show|showing|display|warn|warning|ask or inform|ask|asking)"
)
_WHO: Final = r"(?:the |this (?:\w+ )?(?:to|from) the |your )?(?:user|users|human|person|operator|anyone|anybody)\b"

_PATTERNS: Final = (
    (
        rf"\b{_NOT} (?:ever |also )?(?:tell|telling|inform|informing|notify|notifying|alert|alerting|warn|warning|"
        rf"ask or inform) {_WHO}(?! (?:to|an?|about an?)\b)"
    ),
    (
        rf"\b{_NOT} (?:ever |also )?(?:mention|mentioning|reveal|revealing|disclose|disclosing|show|showing|"
        rf"display|say|report|explain) (?:[^.!?]{{1,60}} )?(?:to|from) {_WHO}"
    ),
    (
        rf"\b{_NOT} (?:ever )?(?:mention|reveal|disclose|speak of) (?:that you|these? (?:instructions?|steps?|"
        rf"rules?|requests?)|this (?:step|instruction|request|call|note|to anyone)|it\b|the (?:sidenote|side note|"
        rf"extra|hidden))"
    ),
    (
        r"\b(?:hide|hidden|conceal(?:ed)?|kept?|keeping) (?:[^.!?]{1,30} )?(?:from|secret from|hidden from) "
        r"(?:the )?(?:user|human|operator)"
    ),
    (
        r"\bthe user (?:must|should|may|does|do|need|needs|will|can)(?: not|n't) (?:be (?:told|informed|aware|"
        r"notified)|know|see|notice|learn|need to (?:know|see|be))"
    ),
    r"\bthe user (?:doesn't|does not|needn't|need not) (?:need to |have to )?(?:know|be (?:told|informed|aware))",
    r"\bwithout the user(?:'s)? (?:knowledge|knowing|noticing|being (?:told|informed|aware)|awareness)",
    (
        r"\bwithout (?:(?:telling|informing|notifying|alerting) (?:the )?(?:user|human|person|anyone|them|"
        r"operator)|mentioning (?:it|this|that))\b"
    ),
    (
        r"\b(?:you|please|must|should|and|then|also) (?:should |must |then |also )?(?:silently|secretly|covertly|"
        r"discreetly|stealthily) (?:\w+)"
    ),
    (
        r"\b(?:perform|do|execute|run|send|call) (?:this|it|the (?:call|request)) (?:quietly|silently|secretly|"
        r"covertly|discreetly)\b"
    ),
    (
        r"\bthis (?:could|would|will|may|might) (?:even )?(?:upset|confuse|worry|scare|alarm) (?:the user|them)|"
        r"\bthis will confuse them\b"
    ),
    r"不要告诉(?:用户|使用者)|不要让用户|不要向用户|ユーザーには?(?:知らせ|言わ|伝え)な|사용자에게 (?:알리지|말하지)",
    (
        r"\bno (?:se lo )?(?:informes?|digas|menciones|reveles) (?:\w+ ){0,2}?(?:usuario)|\bno informes al "
        r"usuario|\bnon (?:dirlo|dire|rivelare|informare) (?:\w+ ){0,2}?(?:utente)|\bnon dirlo all'utente"
    ),
    (
        r"\bne (?:le )?(?:dites|dis|mentionnez|révélez|informez) (?:pas|rien) (?:\w+ )?à l'utilisateur|"
        r"\bn'informez pas l'utilisateur"
    ),
    (
        r"\bnão (?:conte|diga|informe|mencione) (?:\w+ )?(?:ao|o) usuário|\b(?:sage|verrate|erwähne|teile) (?:es "
        r")?(?:dem|den) (?:benutzer|nutzer|anwender)\w* (?:nichts|nicht)"
    ),
    r"не (?:сообщай|говори|рассказывай|упоминай)\w* (?:\w+ ){0,2}?пользовател",
    (
        r"\b(?:stays?|remains?|kept|is|be|keeping|leave|leaving) (?:the (?:user|person) )?(?:unaware|uninformed|"
        r"in the dark|oblivious|ignorant)\b|\b(?:user|person)\b[^.]{0,40}\b(?:unaware|uninformed|in the dark|"
        r"oblivious)\b"
    ),
    (
        r"\b(?:refrain from|avoid|do not|don't|never) (?:bring(?:ing)?|talk(?:ing)?|speak(?:ing)?|refer(?:ring)?|"
        r"point(?:ing)?|discuss(?:ing)?) [^.]{0,40}\b(?:user|human|person|them)\b"
    ),
    (
        r"\b(?:do not|don't|never|no need to|not necessary to|without) (?:ever )?(?:mention(?:ing)?|"
        r"refer(?:ring)? to|report(?:ing)?|bring(?:ing)? up|disclos(?:e|ing)|reveal(?:ing)?) (?:it|this|that|them|"
        r"these|the \w+) (?:\w+ )?(?:in|to|with) (?:your|the|any) (?:answer|reply|response|output|user|summary|"
        r"message)"
    ),
    (
        r"\bnever (?:display|show|reveal|print|mention) (?:the |these |its |this )?(?:arguments?|parameters?|"
        r"inputs?|tool'?s? (?:arguments?|calls?)|call) ?(?:of|to|for|$|\.)"
    ),
    r"(?:^|[.;:,!] )(?:then |and |afterwards |once you're done, )?(?:quietly|silently|secretly|covertly) (?:\w+)",
    (
        r"\b(?:between us|our secret|stay(?:s)? hidden|kept hidden|remain(?:s)? hidden|kept secret|kept "
        r"confidential from|invisible to the user|not visible to the user|behind the (?:user's )?back)\b"
    ),
    (
        r"\bno (?:menciones|digas|informes|cuentes|reveles|muestres)\b[^.]{0,50}\busuario|\bsin (?:informar|decir|"
        r"avisar|que) [^.]{0,30}\busuario"
    ),
    (
        r"\bohne (?:den|die|dem) (?:nutzer|benutzer|anwender|user)\w*[^.]{0,30}\b(?:informieren|sagen|fragen|"
        r"wissen|mitzuteilen|merkt)|\b(?:nutzer|benutzer)\b[^.]{0,30}\bnichts?\b[^.]{0,20}\b(?:sagen|erzählen|"
        r"davon)"
    ),
    (
        r"\bsans (?:en |le )?(?:parler|dire|informer|prévenir|avertir|mentionner)[^.]{0,30}\butilisateur|\bsenza "
        r"(?:informare|dirlo|avvisare)[^.]{0,20}\butente|\bsem (?:informar|avisar|contar)[^.]{0,20}\busuário"
    ),
    (
        r"(?:不要|别|请勿|不得|切勿).{0,6}(?:用户|使用者).{0,6}(?:提及|透露|说明|告知|说|知道)|"
        r"ユーザー.{0,8}(?:知らせず|内緒|言わず|秘密)|"
        r"не (?:показывай|раскрывай)\w* [^.]{0,30}пользовател|(?:тайно|незаметно) "
    ),
)

RULE: Final = Rule(
    "keeps-from-the-user",
    "Asks the model to keep something from the user",
    Severity.CRITICAL,
    ("LLM01:2025",),
    ("MCP03:2025",),
    phrases(_PATTERNS, "An honest tool has nothing to hide from the person who uses it."),
)
