"""Find contact details, card and account numbers and post codes in a text.

Every pattern is anchored and bounded, so time grows linearly with the text, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Found", "compact", "contacts"]


@dataclass(frozen=True, slots=True)
class Found:
    """Hold a match: `[start, end)` of the text searched, its kind and what it stands for."""

    start: int
    end: int
    kind: str
    value: str


def compact(value: str) -> str:
    """Return letters and digits alone, in capitals."""
    return "".join(filter(str.isalnum, value)).upper()


# An @ is looked for first and its surroundings after, so that no pattern scans from every letter.
_AT = re.compile(r"@")
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}|[^\W\d_][\w-]{1,62}")
_SPOKEN_EMAIL = re.compile(
    r"\b[\w+-]{1,64}(?: dot [\w+-]{1,64}){0,3} at [\w-]{1,63}(?: dot [\w-]{1,63}){0,2}"
    r" dot (?:com|org|net|edu|gov|info|io|eu|uk|de|fr|nl|ie|ca|us|au)\b",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"[A-Za-z_]\w{1,29}(?:\.\w{1,29}){0,2}")
_PLACES_AT = frozenset({"home", "work", "school", "uni", "all", "here", "everyone", "channel"})

_DIGIT_RUN = re.compile(r"\d+(?:[ ().\-/\u00a0\u2010-\u2013]{1,3}\d+)*")
_GROUP = re.compile(r"\d+")
_PHONE_WORD = re.compile(
    r"\b(?:phone|telephone|tel|mobile|mob|cell|call|calls|ring|rang|dial|whatsapp|fax|hotline"
    r"|handy|telefon|text me)\b[^\d\n]{0,25}$",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})|(?:19|20)\d\d([./-])\d{1,2}\2\d{1,2})(?!\d)"
)
_FRENCH_PHONE = re.compile(r"0\d([ .-])\d\d(?:\1\d\d){3}(?!\d)")
_CLOCK = re.compile(r"(?:[01]\d|2[0-4])[0-5]\d")
_US_PHONE = re.compile(r"(?:1[ .-]?)?\(?[2-9]\d\d\)?[ .-]{0,2}[2-9]\d\d[ .-]?\d{4}")
_MONEY_BEFORE = re.compile(r"[£$€¥#]\s?$|\d[,:]$|[\w]$")
_MONEY_AFTER = re.compile(
    r"\s?[£$€¥%]|[,:]\d|\w|\s(?:euros?|eur|usd|gbp|dollars?|pounds?|quid|kr|chf)\b", re.IGNORECASE
)

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_SORT_CODE = re.compile(
    r"\b(?:sort[ -]?code|blz)\b[^\d\n]{0,30}(\d{2}[- ]?\d{2}[- ]?\d{2,4})\b"
    r"(?:[^\d\n]{1,30}(\d{8})\b)?",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"\b(?:account|acct|a/c|konto(?:nummer)?)\b[^\d\n]{0,20}\b(\d{4} ?\d{4}|\d{6,12})\b",
    re.IGNORECASE,
)

_UK = re.compile(
    r"(?<![\w-])(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]"
    r"|[A-HK-Y]\d[ABEHMNPRVWXY]) ?\d[ABD-HJLNP-UW-Z]{2})(?![\w-])"
)
_UK_TYPED_SMALL = re.compile(
    r"(?<![\w-])[a-pr-uwyz][a-hk-y]\d{1,2} (?!1st|2nd|3rd|\dth)\d[abd-hjlnp-uw-z]{2}(?![\w-])",
    re.IGNORECASE,
)
_CANADA = re.compile(
    r"(?<![\w-])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d(?![\w-])"
)
_US_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]"
    "|T[NX]|UT|V[AT]|W[AIVY]"
)
_ZIP = re.compile(
    rf"\b(?:(?:{_US_STATES}),? |(?i:zip(?:[ -]?code)?)\W{{0,3}}(?:is )?)"
    r"(\d{5}(?:-\d{4})?)(?![\w-])"
    r"|(?<![\w-])(\d{5}-\d{4})(?![\w-])"
)
_CITY = r"[ ][A-ZÄÖÜÉÈÎ][a-zäöüßéèêîôç]{2,}"
_FIVE_DIGITS = re.compile(rf"(?<![\w£$€.,:-])(?:(?:D|F)-)?(?!\d\d000)(\d{{5}})(?={_CITY})")
_DUTCH = re.compile(
    rf"(?<![\w£$€.,:-])(?:[1-9]\d{{3}} (?!S[ADS])[A-Z]{{2}}(?={_CITY})"
    r"|(?<=, )(?!19|20)[1-9]\d{3} ?(?!S[ADS]|[AP]M|[KMGT]B|EU|UK|US)[A-Z]{2}(?!\w))"
)


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"(?<![\w.-])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_VERSION_WORD = re.compile(r"(?:version|release|firmware|build|\bv)\W{0,3}$", re.IGNORECASE)


def contacts(text: str) -> Iterator[Found]:
    yield from _emails_and_handles(text)
    yield from _addresses_of_machines(text)
    yield from _numbers(text)
    for pattern, kind in (
        (_UK, "POSTCODE"),
        (_UK_TYPED_SMALL, "POSTCODE"),
        (_CANADA, "POSTCODE"),
        (_ZIP, "POSTCODE"),
        (_FIVE_DIGITS, "POSTCODE"),
        (_DUTCH, "POSTCODE"),
        (_SORT_CODE, "ACCOUNT"),
        (_ACCOUNT, "ACCOUNT"),
    ):
        for match in pattern.finditer(text):
            for group in range(min(1, pattern.groups), pattern.groups + 1):
                if match[group]:
                    yield Found(match.start(group), match.end(group), kind, match[group])
    for match in _IBAN.finditer(text):
        end = match.end()
        # The pattern also takes a capitalised word that follows; the check digits tell.
        while end - match.start() >= 15:
            if _is_iban(text[match.start() : end]):
                yield Found(match.start(), end, "ACCOUNT", text[match.start() : end])
                break
            end = max(text.rfind(" ", match.start(), end), match.start())


def _addresses_of_machines(text: str) -> Iterator[Found]:
    """Yield IP addresses; what follows "version" is none, and a time of day has no four parts."""
    for match in _IPV4.finditer(text):
        if not _VERSION_WORD.search(text, max(0, match.start() - 12), match.start()):
            yield Found(match.start(), match.end(), "IP", match.group())
    for match in _IPV6.finditer(text):
        value = match.group()
        is_whole = value.count(":") == 7 and "::" not in value
        if (is_whole or value.count("::") == 1) and sum(c.isalnum() for c in value) >= 4:
            yield Found(match.start(), match.end(), "IP", value)


def _emails_and_handles(text: str) -> Iterator[Found]:
    for at in _AT.finditer(text):
        start = at.start()
        while start > max(0, at.start() - 64) and _in_local_part(text[start - 1]):
            start -= 1
        name = text[start : at.start()].lstrip(".'-+%")
        if name:
            domain = _DOMAIN.match(text, at.end())
            # Without a dot in the domain it may be a shop price ("3@2") or code.
            if domain and ("." in domain.group() or len(name) > 1):
                start, end = at.start() - len(name), domain.end()
                yield Found(start, end, "EMAIL", text[start:end])
        elif at.start() == 0 or not (
            text[at.start() - 1].isalnum() or text[at.start() - 1] in "@/"
        ):
            handle = _HANDLE.match(text, at.end())
            if handle and handle.group().casefold() not in _PLACES_AT:
                yield Found(at.start(), handle.end(), "HANDLE", handle.group())
    for spoken in _SPOKEN_EMAIL.finditer(text):
        yield Found(spoken.start(), spoken.end(), "EMAIL", spoken.group())


def _in_local_part(char: str) -> bool:
    return char.isalnum() or char in "._+%'-"


def _numbers(text: str) -> Iterator[Found]:
    """Find cards and phone numbers: stretches of digit groups with a telling shape."""
    for run in _DIGIT_RUN.finditer(text):
        groups = [(g.start(), g.end()) for g in _GROUP.finditer(text, run.start(), run.end())]
        first = 0
        while first < len(groups):
            number = _number_end(text, groups, first)
            if number is None:
                first += 1
                continue
            kind, last = number
            start, end = groups[first][0], groups[last][1]
            if kind == "PHONE":
                start = _phone_start(text, start)
            yield Found(start, end, kind, text[start:end])
            first = last + 1


def _phone_start(text: str, start: int) -> int:
    """Return where a phone number begins that may have `+` or `(` before its first digit."""
    for prefix in ("+(", "(+", "+", "("):
        if text.endswith(prefix, 0, start):
            # An opening bracket belongs to the number only if it closes within it.
            closes = ")" in text[start : start + 8]
            return start - len(prefix) if "(" not in prefix or closes else start
    return start


def _number_end(text: str, groups: Sequence[tuple[int, int]], first: int) -> tuple[str, int] | None:
    """Return kind and last group of the longest number that begins with a group."""
    start, end = groups[first]
    ends: list[int] = []
    if _may_begin_number(text, groups, first):
        n_digits = 0
        for index in range(first, min(first + 15, len(groups))):
            n_digits += groups[index][1] - groups[index][0]
            if n_digits > 19:
                break
            if n_digits >= 7:
                ends.append(index)
    for index in reversed(ends):
        window = groups[first : index + 1]
        if _is_card(text, window):
            return "CARD", index
        if _is_phone(text, window):
            return "PHONE", index
    return None


def _may_begin_number(text: str, groups: Sequence[tuple[int, int]], first: int) -> bool:
    """Tell cheaply whether to look at a group at all, so that long columns of digits cost little.

    A number begins with 0 or +, with a group as long as an area code or a card's, or anywhere
    when it stands first after a word such as "phone"; never inside a date.
    """
    start, end = groups[first]
    if first and _within_date(text, groups, first):
        return False
    sizes = [stop - begin for begin, stop in groups[first : first + 2]]
    return (
        first == 0
        or text[start] == "0"
        or text[start - 1] in "+("
        or sizes[0] in (3, 4)
        or sizes[0] >= 7
        or (sizes == [1, 3] and text[start] == "1")
    )


def _within_date(text: str, groups: Sequence[tuple[int, int]], first: int) -> bool:
    return any(
        (date := _DATE.match(text, groups[before][0])) is not None
        and date.end() > groups[first][0]
        and not _FRENCH_PHONE.match(text, groups[before][0])
        for before in range(max(0, first - 2), first)
    )


def _is_card(text: str, groups: Sequence[tuple[int, int]]) -> bool:
    """Tell whether digits are a payment card: grouped as on cards, and right by Luhn's formula."""
    shape = [stop - begin for begin, stop in groups]
    if not 13 <= sum(shape) <= 19 or text[groups[0][0]] not in "23456":
        return False
    if len(shape) > 1 and shape != [4, 6, 5] and set(shape[:-1]) != {4}:
        return False
    digits = [int(digit) for begin, stop in groups for digit in text[begin:stop]]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_phone(text: str, groups: Sequence[tuple[int, int]]) -> bool:
    """Tell whether groups of digits are written as a phone number and as nothing else.

    International with +, 0 and an area code (UK, DE, FR, NL …), North American 3-3-4, or any
    7 to 15 digits after a word such as "phone". Dates, hours, decimals, prices and scales are not.
    """
    start, end = groups[0][0], groups[-1][1]
    shape = [stop - begin for begin, stop in groups]
    n_digits = sum(shape)
    value = text[start:end]
    international = text.endswith(("+", "+("), 0, start)
    if n_digits > 15:
        return False
    if all(size == 1 for size in shape):
        # Digits spelled out one by one; a scale from 0 to 10 is not.
        spoken = value[:: len(value) // n_digits] if n_digits in (10, 11) else "-"
        return spoken[0] == "0" and not re.match(r"0\D{1,3}1\D{1,3}2\D{1,3}3", value)
    before = text[max(0, start - 40) : start]
    if not _has_phone_shape(value, shape, international) and not (
        n_digits >= 7
        and len(shape) <= 5
        and min(shape) > 1
        and not re.match(r"(?:19|20)\d\d\D", value)
        and _PHONE_WORD.search(before)
    ):
        return False
    if _MONEY_BEFORE.search(before) or _MONEY_AFTER.match(text[end : end + 9]):
        return False
    if _DATE.match(value) and not _FRENCH_PHONE.match(value):
        return False
    if len(shape) == 2 and shape[0] < 3 and "." in value:
        return False  # a decimal
    opening_hours = set(shape) == {4} and all(_CLOCK.fullmatch(text[b:e]) for b, e in groups)
    return not opening_hours


def _has_phone_shape(value: str, shape: Sequence[int], international: bool) -> bool:
    n_digits = sum(shape)
    if international:
        return n_digits >= 8
    if value.startswith("00"):
        return value[2:3] != "0" and n_digits >= 10
    if value.startswith("0"):
        least = 10 if len(shape) == 1 else 7
        return least <= n_digits <= 13 and min(shape[0], shape[-1]) > 1 and shape.count(1) < 2
    # Eleven bare digits are more often an id than a number with its leading 1.
    return (len(shape) > 1 or n_digits == 10) and bool(_US_PHONE.fullmatch(value))


def _is_iban(value: str) -> bool:
    """Tell whether the check digits fit (ISO 13616: rearranged, modulo 97 is 1)."""
    code = compact(value)
    if not 15 <= len(code) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1
