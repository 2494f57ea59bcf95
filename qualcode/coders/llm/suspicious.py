"""Screen for words that read like an instruction to a model, so that they are asked about alone.

A screen finds what it knows. It takes nothing away: a segment that it names is asked about and
coded like any other, but without neighbours, and stands in no other segment's context. So it is
generous: a participant who tells how the instructions were ignored costs one request more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

__all__ = ["screened", "suspicion"]

_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_TAGS = re.compile("[\U000e0020-\U000e007f]")
_LETTERS_APART = re.compile(r"(?:\b\w[\s.*_-]){5,}\w\b")
_BLOB = re.compile(r"[A-Za-z0-9+/]{48,}")
_MIXED = re.compile(r"\b(?=\w*[a-z])(?=\w*[\u0370-\u03ff\u0400-\u04ff])\w+\b")
_SPACES = re.compile(r"[^\S\n]+")
_REACH = 200
"""Characters that an order over a border of two texts may reach into each; no pattern is longer."""

# Verb and object, with some words between them, in either order where the language asks for it.
_OVERRULE = (
    r"\b(?:ignore|disregard|forget|override|overrule|bypass|discard|do not (?:follow|obey)"
    r"|don'?t (?:follow|obey)|stop (?:following|obeying|coding))\b.{0,40}?"
    r"\b(?:instructions?|prompts?|rules?|guidelines?|directions|directives?|codebook"
    r"|(?:above|before|previous(?:ly)?|prior|earlier|so far|you (?:were|have been|are) told))\b",
    r"\b(?:all|any|previous|prior|earlier|above|these|those|your|system|initial)\b.{0,15}?"
    r"\b(?:instructions?|prompts?|directives?|guidelines|rules)\b.{0,30}?\b(?:ignored?|disregard(?:ed)?"
    r"|void|overrul\w+|overrid\w+|forgotten|suspended|no longer|do(?:es)? not apply)\b",
    r"\b(?:ignorier\w*|vergi(?:ss|sst)|vergessen sie|missacht\w*|überschreib\w*|verwirf)\b.{0,40}?"
    r"\b(?:anweisung\w*|anleitung\w*|vorgaben?|regeln|instruktion\w*|prompts?|bisherige\w*"
    r"|vorherige\w*|vorige\w*|obige\w*|davor|codebuch|kodierbuch)\b",
    r"\b(?:ignore[rz]?|oublie[rz]?|ne (?:tiens|tenez) pas compte|fai(?:s|tes) abstraction)\b"
    r".{0,40}?\b(?:instructions?|consignes?|règles?|directives?|précède\w*|précédent\w*|ci-dessus)\b",
    r"\b(?:ignor[ae]\w*|olvid[ae]\w*|haz caso omiso|hagan? caso omiso|descart[ae]\w*)\b.{0,40}?"
    r"\b(?:instrucci\w+|reglas?|indicaci\w+|órdenes|anterior\w*|arriba)\b",
    r"\b(?:ignor[ae]\w*|esque[cç]\w+|desconsider\w+|descart[ae]\w*)\b.{0,40}?"
    r"\b(?:instruç\w+|regras?|orientaç\w+|anterior\w*|acima)\b",
    r"\b(?:ignora\w*|dimentica\w*|trascura\w*)\b.{0,40}?"
    r"\b(?:istruzion\w+|regol[ae]|direttiv\w+|precedent\w+|sopra)\b",
    r"\b(?:negeer|negeren|vergeet)\b.{0,40}?"
    r"\b(?:instructies?|aanwijzing\w*|regels|opdracht\w*|bovenstaande|voorgaande|vorige)\b",
    r"\b(?:z?ignoruj\w*|zapomnij\w*|pomiń\w*)\b.{0,40}?"
    r"\b(?:instrukcj\w*|polece\w*|zasad\w*|poprzedni\w*|powyższ\w*)\b",
    r"\b(?:ignorera?|glöm|glem)\b.{0,40}?"
    r"\b(?:instruktion\w*|instruks\w*|anvisning\w*|regler\w*|föregående|tidigare|tidligere)\b",
    r"\b(?:talimat|yönerge|komut|kural)\w*.{0,40}?\b(?:yok say|göz ardı|görmezden gel|unut)\w*",
    r"\b(?:про)?(?:игнорируй|ігноруй)\w*.{0,40}?(?:инструкц|указани|правил|предыдущ|вище|попередн"
    r"|інструкц|вказівк)\w*",
    r"\b(?:забудь|не обращай)\w*.{0,40}?(?:инструкц|указани|правил|предыдущ)\w*",
    r"(?:忽略|忽视|忽視|无视|無視|忘记|忘記|不要理会|不要理會).{0,15}?"
    r"(?:指令|指示|提示|规则|規則|说明|說明|以上|之前|上面|先前)",
    r"(?:指示|命令|プロンプト|ルール|上記|以前|これまで).{0,15}?(?:無視|忘れ)",
    r"(?:지시|명령|프롬프트|규칙|이전|위의).{0,15}?(?:무시|잊)",
    r"(?:تجاهل|انس[َى]?\b|انسَ).{0,30}?(?:تعليمات|أوامر|قواعد|السابقة|أعلاه)",
    r"(?:निर्देश|नियम).{0,30}?(?:अनदेखा|नज़रअंदाज़|भूल)",
)
_ADDRESSED = (
    r"\byou are (?:now |from now on )?(?:an? |the |my )?(?:helpful |new |different )?"
    r"(?:ai|a\.i\.|llm|assistant|(?:large )?language model|chat ?bot|bot|gpt\w*|dan|coder|annotator"
    r"|classifier|system)\b",
    r"\b(?:as|if you are|you're) an? (?:ai|a\.i\.|llm|(?:large )?language model|gpt\w*)\b",
    r"\b(?:act as|pretend (?:to be|that you|you are)|role-?play as|from now on,? you)\b",
    r"\bfrom now on\b.{0,20}?\b(?:label|code|answer|respond|reply|output|say)\b",
    r"\b(?:dear|hey|hello|hi|attention|note to|message (?:to|for)|instructions? (?:to|for))[,: ]+"
    r"(?:the |any |all |this )?(?:ai|a\.i\.|llms?|language models?|models?|assistant|coders?"
    r"|annotators?|classifier|gpt\w*|chatgpt|claude|gemini)\b",
    r"\b(?:new|updated|additional|real|important|revised|final) (?:system )?"
    r"(?:instructions?|task|prompt|directives?|rules?)\s*[:=-]",
    r"\b(?:system|developer|hidden|initial) (?:prompt|message|instructions?|override|mode)\b",
    r"\b(?:prompt injection|jail ?break|do anything now|admin(?:istrator)? (?:mode|override))\b",
    r"\bdu bist (?:jetzt|nun|ab jetzt|ab sofort|ein(?:e|en)? (?:ki|assistent\w*|sprachmodell))\b",
    r"\b(?:tu es|vous êtes) (?:maintenant|désormais|une? (?:ia|assistant\w*|modèle))\b",
    r"\b(?:ahora eres|eres (?:ahora|una? (?:ia|asistente|modelo)))\b",
    r"\b(?:você é|tu és|agora és) (?:agora|uma? (?:ia|assistente|modelo))\b",
    r"\b(?:ora sei|sei (?:ora|adesso|un(?:a|')? ?(?:ia|assistente|modello)))\b",
    r"\b(?:ab (?:jetzt|sofort)|à partir de maintenant|desormais|a partir de ahora|d'ora in poi)\b"
    r".{0,30}?\b(?:antworte|kodiere|codiere|markiere|réponds?|code|responde|codifica|rispondi)\b",
    r"(?:你现在是|你現在是|从现在起|從現在起|あなたは今から|今からあなた|ты теперь|вы теперь)",
)
_ALL = r"(?:all|every(?:thing)?|each|any|both|them|the (?:rest|others?|next|following|previous))"
_THINGS = (
    r"(?:segments?|sentences?|items?|texts?|comments?|codings?|codes?|labels?|utterances?|quotes?"
    r"|responses?|answers?|participants?)"
)
_LABELLED = (
    rf"\b(?:label|code|tag|classify|annotate|categori[sz]e)\b.{{0,20}}?\b{_ALL}\b",
    rf"\b(?:mark|rate|score|assign|give|set|treat|count|return|output|apply)\b.{{0,30}}?\b{_ALL}\b"
    rf".{{0,15}}?\b(?:{_THINGS}|joy|anger|as)\b",
    rf"\b(?:for|to|in|of) (?:all |every |each )?(?:the )?(?:other|next|following|remaining|previous"
    rf"|above|below|preceding|neighbou?ring) {_THINGS}\b",
    r"\b(?:this|these|other|next|following) (?:segment|item|coding|utterance)s?\b",
    r"\b(?:respond|reply|answer|output|return|print|write|say)\b.{0,12}?"
    r"\b(?:only|exactly|nothing (?:but|else)|in json|with json|verbatim|the following)\b",
    r"\b(?:must|should|shall|please|always)\b.{0,15}?\b(?:be )?(?:coded|labell?ed|tagged|classified"
    r"|annotated)\b",
    r"\b(?:kodier|codier|klassifizier|kennzeichn|markier)\w*.{0,20}?\b(?:all\w*|jede\w*)\b",
    r"\bantworte\b.{0,15}?\b(?:nur|ausschließlich|mit)\b",
    r"\b(?:étiquet\w+|cod(?:e|ez|er)|class(?:e|ez|er)|marqu(?:e|ez|er))\b.{0,20}?\b(?:tou(?:t|s|tes?)"
    r"|chaque)\b",
    r"\bréponds?\b.{0,15}?\b(?:uniquement|seulement)\b",
    r"\b(?:etiquet|codific|clasific|marc|classific)\w*\b.{0,20}?\b(?:tod[oa]s?|cada|tutt\w|ogni)\b",
    r"\bresponde\b.{0,15}?\b(?:solo|sólo|únicamente|apenas|somente)\b",
)
_TURNS = (
    r"<\|[^|<>\n]{0,40}\|>",
    r"\[/?(?:inst|system|sys|user|assistant)\]",
    r"</?\s*(?:system|sys|instructions?|prompts?|items?|segments?|data|texts?|context|think(?:ing)?"
    r"|tools?|tool_\w+|function\w*|assistant|user|human|documents?|untrusted\w*|input|output|answer"
    r"|start_of_turn|end_of_turn|s|transcript|interview)\b[^<>]{0,60}>",
    r"<<|>>|«\s*(?:item|end)|⟦|⟧|\{\{|\}\}|\{%",
    r"`{3}|~{3}|^#{1,6} +\w|={4,}|-{5,}|\*{5,}|_{6,}",
    r"(?:^|[.!?»>)\]\n]\s{0,20})(?:system|assistant|developer|user|human|ai|model|chatgpt|tool)"
    r"(?: message| prompt| note| turn)?\s*:",
    r"\b(?:end|begin|start|close)(?:ing)? (?:of )?(?:the )?(?:transcript|document|text|segments?"
    r"|data|items?|input|prompt|user input|instructions?|system|context|delimiter)\b",
)
_REPLIES = (
    r"[\"'“”]\s*(?:items?|codings?|code|sentences?|words|why|intensity|confidence|unsure|id|labels?"
    r"|role|content)\s*[\"'“”]\s*:",
    r"\{\s*[\"'“”]?\w+[\"'“”]?\s*:",
    r"\b(?:confidence|intensity|codings?|unsure)\s*[:=]\s*[\[\d\"]",
)
# "s12" is how a request numbers its segments; a name with underscores is how codes are called.
_IDS = (
    r"(?<![\w&-])s[1-9]\d{0,2}\b(?!['’]?\w)",
    rf"\b(?i:{_THINGS}) #?\d{{1,3}}\b",
    r"\b[a-z]+_[a-z_]+\b",
)

_KINDS = {
    "asks to overrule instructions": _OVERRULE,
    "speaks to a model": _ADDRESSED,
    "asks for certain labels": _LABELLED,
    "looks like a delimiter or a turn": _TURNS,
    "looks like a reply": _REPLIES,
    "names ids": _IDS,
}
_PATTERNS = {
    kind: re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE | re.MULTILINE)
    for kind, patterns in _KINDS.items()
    if kind != "names ids"
}
_CASED = re.compile("|".join(_IDS))


@lru_cache(maxsize=4096)
def suspicion(text: str) -> str:
    """Return in a few words what makes a text read like an instruction, "" for nothing."""
    return _suspicion(text)


def screened(texts: Sequence[str], found: Sequence[str] = ()) -> list[str]:
    """Return for each of some texts what makes it read like an instruction, "" for nothing.

    An order may be spread over texts that stand next to each other: then each of its parts is
    named. Those that read like one by themselves are left out wherever they stand, so the texts
    around them stand next to each other.

    Args:
        texts: In the order in which a model may read them.
        found: What is known of each already; by default each is screened by itself first.
    """
    told = list(found) or [suspicion(text) for text in texts]
    lines = [_SPACES.sub(" ", _plain(text)).replace("\n", " ").strip() for text in texts]
    _screen_together(lines, told, range(len(lines)))
    return told


def _screen_together(lines: Sequence[str], told: list[str], places: Sequence[int]) -> None:
    """Name what reads like an instruction together.

    What none of the lines holds alone must lie over a border between two: halving finds which, and
    costs one look at everything where there is none.
    """
    quiet = [at for at in places if not told[at]]
    if len(quiet) < 2 or not _suspicion(" ".join(lines[at] for at in quiet), is_joined=True):
        return
    middle = len(quiet) // 2
    for half in (quiet[:middle], quiet[middle:]):
        _screen_together(lines, told, half)
    before = [at for at in quiet[:middle] if not told[at]]
    after = [at for at in quiet[middle:] if not told[at]]
    parts, why = _over_border(lines, before, after)
    for at in parts:
        told[at] = why


def _over_border(
    lines: Sequence[str], before: Sequence[int], after: Sequence[int]
) -> tuple[Sequence[int], str]:
    """Return the few lines around a border that read like an instruction together, and why."""

    def said(first: int, last: int) -> str:
        end = _end(" ".join(lines[at] for at in before[first:]))
        start = _start(" ".join(lines[at] for at in after[:last]))
        return _suspicion(f"{end} {start}", is_joined=True)

    first = len(before) - _n_within_reach(lines[at] for at in reversed(before))
    last = _n_within_reach(lines[at] for at in after)
    if not before or not after or not said(first, last):
        return (), ""
    last = next(n for n in range(1, last + 1) if said(first, n))
    first = next(n for n in reversed(range(first, len(before))) if said(n, last))
    return (*before[first:], *after[:last]), said(first, last)


def _n_within_reach(lines: Iterable[str]) -> int:
    n = size = 0
    for line in lines:
        n += 1
        size += len(line) + 1
        if size > _REACH:
            break
    return n


def _start(line: str) -> str:
    return line if len(line) <= _REACH else line[:_REACH].rpartition(" ")[0] or line[:_REACH]


def _end(line: str) -> str:
    return line if len(line) <= _REACH else line[-_REACH:].partition(" ")[2] or line[-_REACH:]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).replace("’", "'")


def _suspicion(text: str, *, is_joined: bool = False) -> str:
    if _TAGS.search(text):
        return "holds invisible letters"
    if any(not blob.isalpha() for blob in _BLOB.findall(text)):
        return "holds encoded text"
    plain = _plain(text)
    if _MIXED.search(plain.casefold()):
        return "mixes alphabets in a word"
    # Of several texts, short answers such as "5" and "4" would look so.
    if not is_joined and _LETTERS_APART.search(plain):
        return "sets letters apart"
    plain = _SPACES.sub(" ", plain)
    if _CASED.search(plain):
        return "names ids"
    flat = plain.replace("\n", " ")
    for kind, pattern in _PATTERNS.items():
        if pattern.search(plain) or pattern.search(flat):
            return kind
    return ""
