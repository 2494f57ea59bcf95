"""Survey exports as the tools write them, about an invented bicycle shop."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

__all__ = [
    "ANSWERS",
    "GOOGLE_FORMS",
    "LIMESURVEY_BOTH",
    "LIMESURVEY_CODES",
    "LIMESURVEY_TITLES",
    "QUALTRICS",
    "QUALTRICS_LEGACY",
    "SURVEYMONKEY",
    "TYPEFORM",
    "WHY",
    "Lines",
    "as_bytes",
]

Lines = list[list[str]]

ANSWERS = (
    "The courier came two days late and nobody told me why.",
    "I love the lights, they switch on by themselves at dusk.",
    "Booking a repair took four phone calls.",
    "My saddle squeaks since the second ride.",
    "The manual says nothing about the charger's blinking.",
)
WHY = "Why did you give this score?"
SCORE = "How likely are you to recommend us?"
PARTS = "Which parts did you order? (select all that apply)"


def as_bytes(lines: Lines, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Return lines as a delimited file with all cells quoted."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows(lines)
    return stream.getvalue().encode(encoding)


def _rows(*columns: Sequence[str]) -> Lines:
    return [list(cells) for cells in zip(*columns, strict=True)]


_DAYS = [f"2026-02-0{day} 09:1{day}:00" for day in range(1, 6)]
_SCORES = ["2", "10", "4", "6", "5"]

_QUALTRICS_CODES = [
    "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished",
    "RecordedDate", "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail",
    "ExternalReference", "LocationLatitude", "LocationLongitude", "DistributionChannel",
    "UserLanguage", "Q1", "Q2", "Q3", "Q3_9_TEXT",
]  # fmt: skip
_QUALTRICS_LABELS = [
    "Start Date", "End Date", "Response Type", "IP Address", "Progress", "Duration (in seconds)",
    "Finished", "Recorded Date", "Response ID", "Recipient Last Name", "Recipient First Name",
    "Recipient Email", "External Data Reference", "Location Latitude", "Location Longitude",
    "Distribution Channel", "User Language", SCORE, WHY, f"{PARTS} - Selected Choice",
    f"{PARTS} - Other: - Text",
]  # fmt: skip
_QUALTRICS_IMPORT = [
    '{"ImportId":"startDate","timeZone":"America/Denver"}',
    *(
        f'{{"ImportId":"{name}"}}'
        for name in (
            "endDate",
            "status",
            "ipAddress",
            "progress",
            "duration",
            "finished",
            "recordedDate",
            "_recordId",
            "recipientLastName",
            "recipientFirstName",
            "recipientEmail",
            "externalDataReference",
            "locationLatitude",
            "locationLongitude",
            "distributionChannel",
            "userLanguage",
            "QID1",
            "QID2_TEXT",
            "QID3",
            "QID3_9_TEXT",
        )  # fmt: skip
    ),
]
_QUALTRICS_ROWS = _rows(
    _DAYS,
    _DAYS,
    ["Survey Preview", "IP Address", "IP Address", "IP Address", "IP Address"],
    ["", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"],
    ["100", "100", "43", "100", "100"],
    ["11", "95", "30", "120", "88"],
    ["True", "True", "False", "True", "True"],
    _DAYS,
    [f"R_3f{i}Qw8kTz" for i in range(5)],
    ["", "Quill", "", "", ""],
    ["", "Ottoline", "", "", ""],
    ["", "oq@example.org", "", "", ""],
    [""] * 5,
    ["52.1", "52.2", "52.3", "52.4", "52.5"],
    ["4.1", "4.2", "4.3", "4.4", "4.5"],
    ["preview", "anonymous", "anonymous", "anonymous", "anonymous"],
    ["EN"] * 5,
    _SCORES,
    list(ANSWERS),
    ["Saddle", "Saddle,Lights", "Lights", "Saddle", "Saddle,Lights"],
    ["", "", "a bell", "", ""],
)
QUALTRICS: Lines = [_QUALTRICS_CODES, _QUALTRICS_LABELS, _QUALTRICS_IMPORT, *_QUALTRICS_ROWS]
"""Three header rows; the first answer is a preview, the third is unfinished."""

QUALTRICS_LEGACY: Lines = [
    ["V1", "V2", "V3", "V8", "V9", "V10", "Q2"],
    ["ResponseID", "ResponseSet", "Name", "StartDate", "EndDate", "Finished", WHY],
    *_rows(
        [f"R_0a{i}" for i in range(5)],
        ["Default Response Set"] * 5,
        ["Anonymous"] * 5,
        _DAYS,
        _DAYS,
        ["1", "1", "0", "1", "1"],
        list(ANSWERS),
    ),
]

SURVEYMONKEY: Lines = [
    ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address",
     "First Name", "Last Name", "Custom Data 1", SCORE, PARTS, "", "", WHY],
    ["", "", "", "", "", "", "", "", "", "Response", "Saddle", "Lights", "Other (please specify)",
     "Open-Ended Response"],
    *_rows(
        [f"1184{i}0226" for i in range(5)],
        ["41023"] * 5,
        ["02/03/2026 09:12:00 AM"] * 5,
        ["02/03/2026 09:14:00 AM"] * 5,
        [f"192.0.2.{i}" for i in range(5)],
        [""] * 5,
        ["", "Ottoline", "", "", ""],
        ["", "Quill", "", "", ""],
        [""] * 5,
        _SCORES,
        ["Saddle", "", "Saddle", "Saddle", ""],
        ["", "Lights", "Lights", "", ""],
        ["", "", "", "", "a bell that can be heard"],
        list(ANSWERS),
    ),
]  # fmt: skip

TYPEFORM: Lines = [
    ["#", SCORE, f"Well, <strong>{{{{field:abc}}}}</strong>: {WHY[0].lower()}{WHY[1:]}", "Saddle",
     "Lights", "Other", "Response Type", "Start Date (UTC)", "Stage Date (UTC)",
     "Submit Date (UTC)", "Network ID", "Tags", "Ending"],
    *_rows(
        [f"k3{i}vq0zwk3b7h{i}e" for i in range(5)],
        _SCORES,
        list(ANSWERS),
        ["Saddle", "", "Saddle", "", ""],
        ["", "Lights", "Lights", "", ""],
        [""] * 5,
        ["completed", "completed", "partial", "completed", "started"],
        _DAYS,
        ["", "", _DAYS[2], "", ""],
        [_DAYS[0], _DAYS[1], "", _DAYS[3], ""],
        [f"9f{i}c0e71ab" for i in range(5)],
        [""] * 5,
        ["Thanks"] * 5,
    ),
]  # fmt: skip

_LIME_ROWS = _rows(
    ["1", "2", "3", "5", "8"],
    [_DAYS[0], _DAYS[1], "", _DAYS[3], _DAYS[4]],
    ["2", "2", "1", "2", "2"],
    ["en"] * 5,
    ["1184022", "331", "90211", "7", "55"],
    _DAYS,
    _DAYS,
    _SCORES,
    list(ANSWERS),
    ["N/A", "yes, gladly", "N/A", "N/A", "N/A"],
    ["95.2", "33.1", "12.0", "71.5", "80.0"],
    ["40.1", "13.1", "2.0", "31.5", "50.0"],
)
_LIME_CODES = [
    "id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "Score",
    "Why", "Again[SQ001]", "interviewtime", "WhyTime",
]  # fmt: skip
_LIME_TITLES = [
    "Response ID", "Date submitted", "Last page", "Start language", "Seed", "Date started",
    "Date last action", SCORE, WHY, "Would you come again? [In person]", "Total time",
    "Question time: Why",
]  # fmt: skip
LIMESURVEY_CODES: Lines = [_LIME_CODES, *_LIME_ROWS]
LIMESURVEY_TITLES: Lines = [_LIME_TITLES, *_LIME_ROWS]
LIMESURVEY_BOTH: Lines = [
    [f"{code}. {title}" for code, title in zip(_LIME_CODES, _LIME_TITLES, strict=True)],
    *_LIME_ROWS,
]

GOOGLE_FORMS: Lines = [
    ["Timestamp", SCORE, "How did these work for you? [Saddle]",
     "How did these work for you? [Lights]", PARTS, WHY],
    *_rows(
        [f"2026/02/0{day} 3:0{day}:25 pm CET" for day in range(1, 6)],
        _SCORES,
        ["Well", "Badly", "Well", "Well", "Badly"],
        ["Badly", "Badly", "Well", "Well", "Badly"],
        ["Saddle;Lights", "Lights", "Saddle", "Saddle;Lights;a bell", "Saddle"],
        list(ANSWERS),
    ),
]  # fmt: skip
