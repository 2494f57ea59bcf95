"""Whose words a stage's name is in: the customer's, the sales funnel's or a department's.

Stages are named for what customers want to get done (PRACTICES 2, 62, 63). A word list cannot tell
for sure, so what it finds are questions to a person. The lists are English.
"""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["department_words", "funnel_words", "has_customers_words"]


def _set(words: str) -> Collection[str]:
    return frozenset(words.split())


_FUNNEL = _set(
    "acquisition activation advocacy awareness closing consideration conversion convert"
    " cross-sell cross-selling engagement evaluation funnel lead leads lifecycle loyalty nurture"
    " nurturing pipeline post-purchase pre-purchase prospect prospecting prospects purchase"
    " qualification reactivation referral renewal retention upsell upselling upsells churn win-back"
    " winback"
)
_DEPARTMENTS = _set(
    "administration backoffice billing call-centre call-center claims collections compliance crm"
    " client clients customer customers department dispatch distribution e-commerce finance"
    " fulfilment fulfillment helpdesk hr invoicing it kpi kpis kyc logistics marketing"
    " nps onboarding offboarding operations ops procurement product provisioning sales servicing"
    " sla support-desk ticketing touchpoint touchpoints underwriting user users"
)
_PHRASES = (
    *("after sales", "after-sales", "back office", "back-office", "call center", "call centre"),
    *("contact center", "contact centre", "customer care", "customer service", "customer success"),
    *("quality assurance", "service desk", "technical support", "account management"),
)
_SELF = _set("i me my mine myself we us our ours i'm i've i'd i'll we're we've")
_VERBS = _set(
    "accept agree apply arrange arrive ask attend avoid be become begin believe book bring build"
    " buy call cancel care carry change check choose clean clear collect come compare complain"
    " complete confirm connect consider contact cook cope cover cut deal decide deliver depart"
    " describe dispose do download drive eat enjoy enrol enroll enter exchange expect experience"
    " explain explore extend feel fill find finish fit fix follow forget gather get give go grow"
    " handle hand have hear help hire hold hope imagine improve inform install join judge keep"
    " know land learn leave let like live load log look lose maintain make manage mean measure"
    " meet move need notice open order organise organize own pack park part pass pay pick plan"
    " play prepare protect prove put quit reach read realise realize receive recommend recover"
    " recycle register rely remember renew rent repair replace reply report request research"
    " reserve resolve rest return review ride ring run save say search see sell send set settle"
    " share shop show sign sit sleep solve sort speak spend stand start stay stop store study"
    " subscribe suffer suit switch take talk tell test thank think throw track trade travel treat"
    " trust try turn understand unpack update upgrade use view visit wait wake walk want warn wash"
    " watch wear weigh wish wonder work worry write"
)


def funnel_words(name: str) -> tuple[str, ...]:
    """Return the words of a name that say where the customer stands in a sales funnel."""
    return tuple(word for word in _words(name) if word in _FUNNEL)


def department_words(name: str) -> tuple[str, ...]:
    """Return the words of a name by which an organisation calls its own parts and measures.

    "IT" and "HR" count in capitals only.
    """
    folded = " ".join(_words(name))
    phrases = [p for p in _PHRASES if re.search(rf"(?<!\w){re.escape(p)}(?!\w)", folded)]
    short = [word for word in ("IT", "HR") if re.search(rf"(?<!\w){word}(?!\w)", name)]
    words = [w for w in _words(name) if w in _DEPARTMENTS and w not in ("it", "hr")]
    words = [w for w in words if not any(w in phrase.split() for phrase in phrases)]
    return (*phrases, *words, *short)


def has_customers_words(name: str) -> bool:
    """Tell whether a name says what somebody does, or speaks as the customer does."""
    return any(word in _SELF or _is_verb(word) for word in _words(name))


def _is_verb(word: str) -> bool:
    if word in _VERBS:
        return True
    stem = word.removesuffix("ing")
    return stem != word and any(s in _VERBS for s in (stem, stem + "e", stem[:-1]))


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+(?:['-][a-z]+)*", name.replace("’", "'").casefold())
