"""The columns that survey tools add to what people answered, by tool.

Names are compared without case, white space and punctuation: `Start Date (UTC)` is
`startdateutc`. A name that is not here is a question's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["SERVICES", "Held", "Service", "plain"]

Held = Literal["id", "name", "private", "service"]
"""What such a column holds: the row's id, a person's name, what nobody compares people by (an
address, a place, a browser, seconds spent), or how and when the row came about."""


@dataclass(frozen=True, slots=True)
class Service:
    """Describe one survey tool.

    Attributes:
        name: The dialect's, as `--format` takes it.
        columns: What each column that the tool adds holds.
        certain: Column names that no other table has together.
    """

    name: str
    columns: Mapping[str, Held]
    certain: tuple[frozenset[str], ...]


def plain(name: str) -> str:
    """Return a column's name as `SERVICES` writes it."""
    return re.sub(r"[\W_]+", "", name).casefold()


def _columns(*, ids: str, names: str = "", private: str = "", service: str = "") -> dict[str, Held]:
    listed: tuple[tuple[Held, str], ...] = (
        ("id", ids),
        ("name", names),
        ("private", private),
        ("service", service),
    )
    return {word: held for held, words in listed for word in words.split()}


def _certain(*sets: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(words.split()) for words in sets)


SERVICES: tuple[Service, ...] = (
    Service(
        "qualtrics",
        _columns(
            ids="responseid",
            names="recipientlastname recipientfirstname name",
            private="ipaddress recipientemail emailaddress externalreference externaldatareference"
            " locationlatitude locationlongitude locationaccuracy responseset durationinseconds"
            " progress qballotboxstuffing qrecaptchascore qrelevantidduplicate"
            " qrelevantidduplicatescore qrelevantidfraudscore qrelevantidlaststartdate"
            " qambiguoustextpresent qambiguoustextquestions"
            " qunansweredpercentage qunansweredquestions qstraightliningcount"
            " qstraightliningpercentage qstraightliningquestions qurl qlanguage",
            service="startdate enddate recordeddate status responsetype finished"
            " distributionchannel userlanguage",
        ),
        _certain(
            "responseid startdate enddate finished",
            "responseid recordeddate",
            "startdate enddate progress recordeddate",
            "responseid responseset",
        ),
    ),
    Service(
        "surveymonkey",
        _columns(
            ids="respondentid",
            names="firstname lastname",
            private="collectorid ipaddress emailaddress",
            service="startdate enddate datecreated datemodified customdata customdata1 custom1",
        ),
        _certain("respondentid collectorid"),
    ),
    Service(
        "typeform",
        _columns(
            ids="# token",
            private="networkid tags",
            service="startdateutc stagedateutc submitdateutc responsetype ending",
        ),
        _certain("startdateutc submitdateutc", "submitdateutc networkid"),
    ),
    Service(
        "limesurvey",
        _columns(
            ids="id responseid",
            names="firstname lastname",
            private="token accesscode email emailaddress ipaddr ipaddress refurl referrerurl seed"
            " interviewtime totaltime lastpage",
            service="submitdate datesubmitted startlanguage startdate datestarted datestamp"
            " datelastaction",
        ),
        _certain("lastpage startlanguage"),
    ),
    Service(
        "alchemer",
        _columns(
            ids="responseid",
            private="contactid legacycomments referer sessionid useragent extendeduseragent"
            " ipaddress longitude latitude postal extendedreferer",
            service="timestarted datesubmitted status language tags country city stateregion",
        ),
        _certain("timestarted datesubmitted status"),
    ),
    Service(
        "msforms",
        _columns(
            ids="id",
            names="name",
            private="email",
            service="starttime completiontime lastmodifiedtime",
        ),
        _certain("id starttime completiontime"),
    ),
    Service(
        "googleforms",
        _columns(
            ids="",
            private="emailaddress username email adressemail",
            service="timestamp zeitstempel horodateur marcatemporal carimbodedatahora"
            " informazionicronologiche tijdstempel score punktzahl",
        ),
        # Any table may begin with a time: `survey_heads` also looks at how it is written.
        (),
    ),
)
"""All tools known, those with the more telling columns first."""
