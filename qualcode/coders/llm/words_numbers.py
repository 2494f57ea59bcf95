"""Find words that state a number: how many said something is counted by code, never by a model.

The lists hold English, German, French, Spanish, Italian, Portuguese and Dutch. They rather find too
much: a sentence that is removed can be written by a person, a wrong count would be believed. Left
out are words that are something else in one of these languages ("once", "sei", "due", "acht",
"alle") and "nobody", which mostly tells of those who did not help.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["states_a_number"]

_NUMERALS = frozenset({"Nd", "Nl", "No"})
_PEOPLE = (
    r"(?:person|people|persons|participants?|customers?|users?|clients?|respondents?|interviewees?"
    r"|guests?|passengers?|patients?|residents?|members?|callers?|buyers?|visitors?|speakers?"
    r"|wom[ae]n|m[ae]n|quotes?|comments?|voices?)"
)


def _alternatives(words: str) -> str:
    return "|".join(dict.fromkeys(words.split()))


_WORDS = _alternatives(
    """
two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds
thousand thousands million millions dozen dozens twice thrice half halves percent percentage
majority minority many few several numerous mostly predominantly everyone everybody
zwei drei vier fünf sechs sieben neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn
achtzehn neunzehn zwanzig dreißig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig hundert
tausend dutzend dutzende prozent hälfte drittel viertel mehrheit minderheit meisten meist meistens
viele vielen vieler wenige wenigen einige einigen mehrere mehreren jeder
deux trois quatre cinq sept huit dix onze douze treize quatorze quinze seize vingt trente quarante
cinquante soixante cent cents mille pourcent pourcentage moitié quart majorité minorité
plupart beaucoup plusieurs tous toutes
dos tres cuatro cinco seis siete ocho nueve diez doce trece catorce quince veinte treinta cuarenta
cincuenta sesenta setenta ochenta noventa cien ciento cientos mil mitad mayoría minoría
muchos muchas pocos pocas varios varias todos todas
tre quattro cinque sette nove dieci undici dodici tredici quattordici quindici venti trenta
quaranta cinquanta sessanta settanta ottanta novanta cento metà maggioranza minoranza molti molte
pochi poche parecchi tutti tutte
dois duas três quatro oito dez doze vinte trinta metade maioria minoria muitos muitas poucos poucas
vários várias
twee vijf zes zeven tien twaalf twintig dertig veertig vijftig honderd duizend helft meerderheid
minderheid meeste vele velen weinigen iedereen
"""
)
_STATED = re.compile(
    r"[%‰]|\bper\s?cent\b|\bpor ciento\b|\bper cento\b|\bun tiers\b|\bmaggior parte\b"
    r"|\balle[nr]? (?:kund|teilnehm|befragt|mensch|leute|personen)"
    rf"|\b(?:{_WORDS})\b"
    rf"|\bone (?:of|in|out|third|quarter|more|other|single|{_PEOPLE})\b"
    r"|\b(?:only|just|least|than|exactly|about|nearly|almost) one\b"
    r"|\ba (?:third|quarter|fifth|tenth|couple|handful|majority|number|lot) of\b|\blots of\b"
    # Not the superlative: "the most important", "what matters most".
    rf"|(?<!\bthe )(?<!\bmatters )\bmost\b|\bthe most (?:of|{_PEOPLE})\b"
    rf"|\ball (?:of |but )|\ball (?:(?:the|these|those|our|their|its) )?{_PEOPLE}\b"
    rf"|\b(?:they|we|you|{_PEOPLE}) all\b|\bevery (?:one|single|{_PEOPLE})\b"
    rf"|\bnone of\b|\bno (?:participants?|customers?|respondents?|interviewees?)\b"
    rf"|\beach (?:one|{_PEOPLE})\b",
    re.IGNORECASE,
)


def states_a_number(text: str) -> bool:
    """Say whether a text holds a numeral, a number word, a share or a word for how many."""
    if any(unicodedata.category(char) in _NUMERALS for char in text):
        return True
    return _STATED.search(unicodedata.normalize("NFC", text)) is not None
