"""Find listed names in a text, and tell which speakers' labels are names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from qualcode.ingest.identifiers import Found
from qualcode.records import Document

__all__ = [
    "PLACEHOLDER",
    "Names",
    "is_personal_label",
    "known_names",
    "name_forms",
    "is_name_column",
    "is_ordinary",
    "names_of",
    "normal_name",
]

_NOTE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")
_NAME_COLUMN = re.compile(
    r"((your|full|first|last|given|family|middle|respondent|participant|customer|client|contact|"
    r"patient|member|guest|user|employee) )*name|names|forename|surname|"
    r"vorname|nachname|familienname|nom|prénom|nom et prénom|nombre|apellidos?|nome|cognome"
)
_TITLES = {
    "dr",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "prof",
    "professor",
    "sir",
    "dame",
    "herr",
    "frau",
}


def normal_name(value: str) -> str:
    """Return a name without case, title, possessive and "surname, first name" order."""
    text = unicodedata.normalize("NFKC", value).replace("’", "'").casefold()
    words = text.removesuffix("'s").removesuffix("'").replace(",", " , ").split()
    while len(words) > 1 and words[0].rstrip(".") in _TITLES:
        del words[0]
    if "," in words:  # "Nair, Priya"
        at = words.index(",")
        words = [*words[at + 1 :], *words[:at]]
    return " ".join(word for word in words if word != ",")


def name_forms(name: str) -> list[str]:
    """Return a normalised name, then its first name and surname where they can stand alone."""
    words = name.split()
    single = [words[0], words[-1]] if len(words) > 1 else []
    alone = [w for w in dict.fromkeys(single) if len(w.rstrip(".")) > 1 or _is_cjk(w)]
    return [name, *alone]


_GENERIC_WORDS = """
    a agent adviser advisor all angestellte answer assistant attendee audience befragte befragter
    befragte:r both caller carer child client clinician co-host cohost colleague consultant couple
    customer doctor driver employee enquêteur everyone facilitator father female group guest guide
    host hosts husband i inaudible int interpreter intervieweur interviewee interviewees interviewer
    interviewerin interviewers intv iv kunde kundin male man manager member mod moderator
    moderatorin mother mum narrator note notes nurse observer operator panelist panelists panellist
    panellists parent participant
    participante participants partner patient person presenter q question receptionist
    representative researcher respondent respondents response room service speaker sprecher
    sprecherin staff subject support table team teilnehmer teilnehmerin the transcriber translator
    unidentified unit unknown user various voice wife witness woman"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
_CODE = re.compile(r"[A-Za-z]{1,3}[-_. ]?\d+[a-z]?")

_ORDINARY_WORDS = """
    abbey amber angel april art ash ashes august aurora autumn baker barber bay bean bell berry
    bill bird bishop black blue bond brook brooks brown buck bush butcher butler candy carol carter
    case cash chance chase cherry chip christian chuck clay cliff cloud cole constant cook cooper
    cross crystal daisy dale dawn day dean destiny dick dolly don drew earl ebony eve faith fern
    field finch fisher flint flora ford forest forrest fox frank gale gene gill ginger glen goody
    grace grant gray green grey guy harmony hart hazel heath heather herb hill holly honey hope
    hunt hunter iris ivy jack jade jasmine jay jean jersey jewel job joy june justice king knight
    lake lance lane laurel lee lily link long lord love luck mark martin mason max may melody
    mercy miles miller mills misty money myrtle nick noble olive opal page paris park parker pat
    patience peace pearl peg penny perry pepper piper poppy porter potter price prince prudence
    queen rain ray read reed rich river rob robin rock rocky rod rose rowan ruby rusty sage sally
    sandy scarlet scout shaw shepherd short sky smith snow sonny star stone storm sue summer sunny
    banks best bolt bridge bridges bright broad bull carpenter church clerk craft darling dear down
    duke early east english farmer fear fields flower french gates gold golden good ham hall hand
    hands head holland hook house jolly last law little low major marks marsh masters merry moss new
    nice north old painter pool power powers pride proud quick reader rice ring round rush sands
    self sharp silver singer small south speed spring stand steel street strong sweet swift train
    wise terry tanner taylor temple terra tiger tony trinity tucker turner van victor viola violet
    virginia walker wall ward waters way weaver webb wells west white will willow winter wood woods
    young"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
_MONTHS = frozenset({"april", "may", "june", "august", "summer", "autumn", "winter"})
_BEFORE_MONTH = re.compile(
    r"(?:\b(?:in|of|by|since|until|till|last|next|this|early|late|mid|during|from|to|before|after"
    r"|every|around|for)|\d(?:st|nd|rd|th)?|[/–-])[\s-]*$",
    re.IGNORECASE,
)
_SENTENCE_BEGINS = re.compile(
    r"(?:^|[\n!?…:]|(?<!\bM[rsx])(?<!\bDr)(?<!\bMrs)(?<!\bProf)\.)[\s\"'“”‘’«»()\[\]*_–—-]*$|[\"“‘«]$"
)
_ONLY_A_NAME = re.compile(
    r"['’]s\s|,\s|\s+and\s+I\b|\s+(?:said|says|told|tells|asked|asks|thinks|thought|called|calls"
    r"|rang|phoned|emailed|texted|came|went|helped|sent|gave|explained|replied|wrote|knew|fixed"
    r"|sorted|answered|came|took|brought|wanted|arrived)\b"
)


def _is_cjk(text: str) -> bool:
    return all("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" for char in text)


def is_personal_label(label: str) -> bool:
    """Tell whether a speaker's label names a person rather than a part in the talk.

    `Priya Nair`, `Colm`, `Tom (research)` do; `Interviewer`, `P7`, `Speaker 1`, `Customer`, other
    roles, initials and placeholders do not.
    """
    plain = _NOTE.sub(" ", PLACEHOLDER.sub(" ", label)).strip()
    words = [w for w in re.findall(r"[^\W\d_][\w:'’-]*", plain) if len(w) > 1 or _is_cjk(w)]
    if not words or _CODE.fullmatch(plain):
        return False
    if all(len(word) <= 2 and word.isupper() and word.isascii() for word in words):
        return False
    return not all(word.casefold().rstrip(":") in _GENERIC for word in words)


def is_ordinary(name: str) -> bool:
    """Tell whether a name of one word is an English word as well, such as Will or May."""
    return name.casefold() in _ORDINARY


def is_name_column(title: str) -> bool:
    """Tell whether a table's column holds people's names, such as `Surname` or `Your name`."""
    return (
        _NAME_COLUMN.fullmatch(" ".join(re.split(r"[\s_.:-]+", title)).strip().casefold())
        is not None
    )


def names_of(document: Document) -> tuple[str, ...]:
    """Return the names among a document's labels, without notes such as `(she/her)`, in order."""
    labels = [s.label for s in document.speakers] + [t.speaker for t in document.turns]
    personal = (label for label in labels if label and is_personal_label(label))
    return tuple(dict.fromkeys(" ".join(_NOTE.sub(" ", label).split()) for label in personal))


class Names:
    """Find listed names in texts.

    A name is found as a whole word in the spelling listed, with or without a possessive `s`; in
    capitals as a whole label or full name; in any case where a text is all capitals or has none.

    A single name that is also an English word (Will, Mark, May) counts only with a capital letter,
    and at the start of a sentence only where the ordinary word cannot stand: before a possessive, a
    comma or a verb of saying and doing (`Mark said`). A month or season is none after a
    preposition or number (`in May`). None of this holds for names that are `certain`.
    """

    def __init__(self, names: Sequence[str], certain: Collection[str] = ()) -> None:
        self._owner: dict[str, str] = {}
        self._certain = {" ".join(name.split()).casefold() for name in certain}
        spellings: dict[str, None] = {}
        for name in names:
            words = _NOTE.sub(" ", name).replace(",", " , ").split()
            normal = normal_name(" ".join(words))
            if not normal or PLACEHOLDER.search(name):
                continue
            for form in name_forms(normal):
                self._owner.setdefault(form, " ".join(words).replace(" ,", ","))
            plain = [w for w in words if w != ","]
            while len(plain) > 1 and plain[0].rstrip(".").casefold() in _TITLES:
                del plain[0]
            if "," in words:
                at = words.index(",")
                plain = [*words[at + 1 :], *words[:at]]
            spellings |= dict.fromkeys([" ".join(plain), " ".join(words).replace(" ,", ",")])
            if len(plain) > 1:
                alone = (plain[0], plain[-1])
                spellings |= {w: None for w in alone if normal_name(w) in self._owner}
                spellings[" ".join(plain).upper()] = None
        # A label in capitals or small letters says nothing of how the name stands in the talk.
        titled = [name.title() for name in spellings if name.isupper() or name.islower()]
        self._spellings = list(dict.fromkeys([*spellings, *titled]))
        self._patterns: dict[str, re.Pattern[str] | None] = {}

    def find(self, text: str, *, whole: bool) -> Iterator[Found]:
        """Yield names; `whole` texts are labels or values, where words do not make sentences."""
        pattern = self._pattern(_case_of(text) if not whole else "upper")
        at = 0
        while pattern is not None and (match := pattern.search(text, at)):
            start, end = match.span("name")
            if self._stands_alone(text, start, end) and (whole or self._is_name(text, start, end)):
                owner = self._owner[normal_name(match["name"])]
                yield Found(start, end, "PERSON", owner)
                at = end
            else:
                at = start + 1

    def _pattern(self, case: str) -> re.Pattern[str] | None:
        if case not in self._patterns:
            variants: set[str] = set()
            for name in self._spellings:
                cased = [name]
                if case == "upper":
                    cased.append(name.upper())
                elif case == "lower" and name.casefold() not in _ORDINARY:
                    cased.append(name.lower())
                for spelling in cased:
                    for form in ("NFC", "NFD"):
                        variants.add(unicodedata.normalize(form, spelling))
            longest_first = sorted(variants, key=lambda v: (-len(v), v))
            alternatives = "|".join(
                r"\s{1,3}".join(map(re.escape, v.split())).replace("'", "['’]")
                for v in longest_first
            )
            self._patterns[case] = re.compile(f"(?P<name>{alternatives})") if alternatives else None
        return self._patterns[case]

    def _stands_alone(self, text: str, start: int, end: int) -> bool:
        if _is_cjk(text[start:end]):
            return True
        if start and _in_word(text[start - 1]):
            return False
        rest = text[end : end + 2]
        if not rest or not _in_word(rest[0]):
            return True
        # German "Annas", typed "Priyas": a genitive without its apostrophe.
        genitive = rest[0] in "sS" and not (rest[1:] and _in_word(rest[1]))
        return genitive and end - start > 3 and text[start:end].casefold() not in _ORDINARY

    def _is_name(self, text: str, start: int, end: int) -> bool:
        word = text[start:end].casefold()
        if word not in _ORDINARY or word in self._certain:
            return True
        before = text[max(0, start - 30) : start]
        after = text[end : end + 20]
        if word in _MONTHS and (_BEFORE_MONTH.search(before) or re.match(r"\s+\d", after)):
            return False
        begins = _SENTENCE_BEGINS.search(before) if start > 30 or before else True
        return not begins or bool(_ONLY_A_NAME.match(after))


@lru_cache(maxsize=16)
def known_names(names: tuple[str, ...], certain: frozenset[str] = frozenset()) -> Names:
    """Return the finder of names; a survey asks for the same one at each of its rows."""
    return Names(names, certain)


def _in_word(char: str) -> bool:
    return char == "_" or unicodedata.category(char)[0] in "LMN"


def _case_of(text: str) -> str:
    """Return "upper" or "lower" for a text that does not use case to mark names, else ""."""
    sample = [char for char in text[:20000] if char.isalpha() and char.lower() != char.upper()]
    n_upper = sum(map(str.isupper, sample))
    if len(sample) < 40:
        return ""
    if n_upper > 0.9 * len(sample):
        return "upper"
    return "lower" if n_upper < 0.005 * len(sample) else ""
