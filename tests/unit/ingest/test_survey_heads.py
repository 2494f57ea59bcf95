"""Survey tools: each is known by what it adds, and its rows of headers come out as questions."""

from __future__ import annotations

import io
from pathlib import PurePath

import openpyxl
import pytest

from qualcode.ingest import survey_heads
from qualcode.ingest.columns import Profile, detect
from qualcode.ingest.survey_heads import DIALECTS, read_head
from qualcode.ingest.survey_services import plain
from qualcode.ingest.table import Table, read_table
from tests.survey_samples import (
    ANSWERS,
    GOOGLE_FORMS,
    LIMESURVEY_BOTH,
    LIMESURVEY_CODES,
    LIMESURVEY_TITLES,
    QUALTRICS,
    QUALTRICS_LEGACY,
    SURVEYMONKEY,
    TYPEFORM,
    WHY,
    Lines,
    as_bytes,
)

CODES, LABELS, IMPORT_IDS, *ROWS = QUALTRICS
MONKEY_NEW = [
    ["respondent_id", "collector_id", "date_created", "date_modified", "ip_address",
     "email_address", "first_name", "last_name", "custom_1", *SURVEYMONKEY[0][9:]],
    *SURVEYMONKEY[1:],
]  # fmt: skip
ALCHEMER: Lines = [
    ["Response ID", "Time Started", "Date Submitted", "Status", "Language", "User Agent", WHY],
    *(
        [str(n), "2015-12-18 12:26:15", "2015-12-18 12:36:10", status, "English", "Mozilla/5.0", a]
        for n, (status, a) in enumerate(
            zip(["Complete", "Partial", "Complete", "Disqualified", "Complete"], ANSWERS,
                strict=True), start=4)
    ),
]  # fmt: skip
MS_FORMS: Lines = [
    ["ID", "Start time", "Completion time", "Email", "Name", WHY],
    *([str(n), "2/3/26 9:12:00", "2/3/26 9:14:00", "anonymous", "", a]
      for n, a in enumerate(ANSWERS, start=1)),
]  # fmt: skip
ALL = {
    "qualtrics": QUALTRICS,
    "surveymonkey": SURVEYMONKEY,
    "typeform": TYPEFORM,
    "limesurvey": LIMESURVEY_TITLES,
    "alchemer": ALCHEMER,
    "msforms": MS_FORMS,
    "googleforms": GOOGLE_FORMS,
}


def read(lines: Lines, dialect: str | None = None) -> Table:
    return read_table(as_bytes(lines), PurePath("s.csv"), dialect=dialect)


def states(table: Table) -> list[str]:
    return [row.state for row in table.rows]


@pytest.mark.parametrize("name", DIALECTS)
def test_each_tool_is_known_by_its_export(name: str) -> None:
    assert read(ALL[name]).full_format == f"csv/{name}"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (QUALTRICS, WHY),
        (QUALTRICS_LEGACY, WHY),
        (SURVEYMONKEY, WHY),
        (MONKEY_NEW, WHY),
        (TYPEFORM, f"Well, {{{{field:abc}}}}: {WHY[0].lower()}{WHY[1:]}"),
        (LIMESURVEY_TITLES, WHY),
        (LIMESURVEY_BOTH, WHY),
        (LIMESURVEY_CODES, "Why"),
        (ALCHEMER, WHY),
        (MS_FORMS, WHY),
        (GOOGLE_FORMS, WHY),
    ],
)
def test_the_open_question_is_found_by_what_people_were_asked(lines: Lines, why: str) -> None:
    assert why in detect(read(lines))[0].text_cols


@pytest.mark.parametrize(
    ("lines", "id_col"),
    [
        (QUALTRICS, "ResponseId"),
        (QUALTRICS_LEGACY, "ResponseID"),
        (SURVEYMONKEY, "Respondent ID"),
        (TYPEFORM, "#"),
        (LIMESURVEY_CODES, "id"),
        (ALCHEMER, "Response ID"),
        (MS_FORMS, "ID"),
        (GOOGLE_FORMS, None),
    ],
)
def test_the_tools_id_is_the_id(lines: Lines, id_col: str | None) -> None:
    assert detect(read(lines))[0].id_col == id_col


@pytest.mark.parametrize("lines", list(ALL.values()))
def test_no_address_place_or_browser_is_an_attribute(lines: Lines) -> None:
    kept = " ".join(detect(read(lines))[0].attr_cols).casefold()
    assert not [
        word for word in ("ip", "mail", "name", "latitude", "agent") if word in kept.split()
    ]


# --- Qualtrics ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ([CODES, LABELS, IMPORT_IDS], WHY),
        ([CODES, LABELS], WHY),
        ([CODES, IMPORT_IDS], "Q2"),
        ([LABELS, IMPORT_IDS], WHY),
        ([CODES], "Q2"),
        ([LABELS], WHY),
    ],
)
def test_qualtrics_has_one_to_three_header_rows(head: Lines, title: str) -> None:
    table = read([*head, *ROWS])
    assert (table.dialect, len(table.rows), table.rows[0].number) == ("qualtrics", 5, len(head) + 1)
    assert title in table.header


def test_import_ids_alone_name_the_columns() -> None:
    table = read([IMPORT_IDS, *ROWS])
    assert (table.dialect, table.header[8], table.header[18]) == (
        "qualtrics",
        "recordId",
        "QID2_TEXT",
    )


def test_qualtrics_codes_stay_names_of_their_columns() -> None:
    assert read(QUALTRICS).codes["Q2"] == WHY


def test_qualtrics_own_columns_keep_their_codes() -> None:
    assert read(QUALTRICS).header[:3] == ("StartDate", "EndDate", "Status")


def test_the_tools_columns_are_looked_up_once_however_many_rows_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    n_calls = 0

    def counted(name: str) -> str:
        nonlocal n_calls
        n_calls += 1
        return plain(name)

    monkeypatch.setattr(survey_heads, "plain", counted)
    read([CODES, LABELS, IMPORT_IDS, *ROWS])
    once, n_calls = n_calls, 0
    read([CODES, LABELS, IMPORT_IDS, *ROWS * 50])
    assert n_calls == once


@pytest.mark.parametrize("progress", ["9" * 5_000, "\u00b2", "0" * 5_000])
def test_a_progress_that_is_hardly_a_number_stops_nothing(progress: str) -> None:
    row = [progress if code == "Progress" else "" for code in CODES]
    row[-1] = "so"
    assert len(states(read([CODES, LABELS, IMPORT_IDS, row]))) == 1


def test_qualtrics_previews_and_unfinished_rows_are_told_apart() -> None:
    assert states(read(QUALTRICS)) == ["preview", "answered", "unfinished", "answered", "answered"]


@pytest.mark.parametrize(
    ("column", "value", "state"),
    [
        ("Status", "1", "preview"),
        ("Status", "0", "answered"),
        ("DistributionChannel", "preview", "preview"),
        ("Finished", "0", "unfinished"),
        ("Finished", "FALSE", "unfinished"),
        ("Finished", "1", "answered"),
    ],
)
def test_qualtrics_says_it_in_numbers_too(column: str, value: str, state: str) -> None:
    row = list(ROWS[1])
    row[CODES.index(column)] = value
    assert states(read([CODES, LABELS, IMPORT_IDS, row])) == [state]


def test_without_a_column_finished_progress_tells() -> None:
    at = CODES.index("Finished")
    lines = [[c for i, c in enumerate(cells) if i != at] for cells in QUALTRICS]
    assert states(read(lines)).count("unfinished") == 1


def test_a_tab_separated_file_in_utf16_is_read_like_the_other() -> None:
    data = as_bytes(QUALTRICS, "\t", "utf-16")
    table = read_table(data, PurePath("s.tsv"), dialect=None)
    assert (table.encoding, table.header, [r.cells for r in table.rows]) == (
        "utf-16-le",
        read(QUALTRICS).header,
        [r.cells for r in read(QUALTRICS).rows],
    )


def test_semicolons_in_windows_1252_are_read_like_commas_in_utf8() -> None:
    lines = [[cell.replace("courier", "Kurier – „Zürich“") for cell in row] for row in QUALTRICS]
    data = as_bytes(lines, ";", "cp1252")
    table = read_table(data, PurePath("s.csv"), dialect=None)
    assert (table.encoding, [r.cells for r in table.rows]) == (
        "cp1252",
        [r.cells for r in read(lines).rows],
    )


def test_a_ragged_row_keeps_its_place_under_several_headers() -> None:
    table = read([*QUALTRICS[:4], ROWS[1][:19], *ROWS[2:]])
    assert (table.rows[1].cells[18], table.rows[1].cells[19:]) == (ANSWERS[1], ("", ""))
    assert table.problems[0].startswith("row 5 (line 5): 19 cells under 21 columns")


def test_a_hundred_and_twenty_questions_are_as_many_columns() -> None:
    more = [f"Q{n}" for n in range(10, 130)]
    asked = [f"Thinking of everything that happened on day {n}, what else was there?" for n in more]
    table = read([CODES + more, LABELS + asked, *(row + [""] * 120 for row in ROWS)])
    assert (len(table.header), table.codes["Q129"]) == (141, asked[-1])


# --- SurveyMonkey ------------------------------------------------------------------------------


def test_surveymonkeys_blanks_belong_to_the_question_before_them() -> None:
    header = read(SURVEYMONKEY).header
    asked = "Which parts did you order? (select all that apply)"
    assert header[9:] == (
        "How likely are you to recommend us?",
        f"{asked} - Saddle",
        f"{asked} - Lights",
        f"{asked} - Other (please specify)",
        WHY,
    )


def test_surveymonkey_rows_are_numbered_as_a_spreadsheet_does() -> None:
    assert [row.number for row in read(SURVEYMONKEY).rows] == [3, 4, 5, 6, 7]


def test_surveymonkey_in_one_row_of_headers_loses_no_answer() -> None:
    lines = [
        [title or label for title, label in zip(*SURVEYMONKEY[:2], strict=True)],
        *SURVEYMONKEY[2:],
    ]
    assert len(read(lines).rows) == 5


def test_a_workbook_with_two_header_rows_is_read_like_the_text_file() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for cells in SURVEYMONKEY:
        book.active.append([cell or None for cell in cells])
    book.active.merge_cells("K1:M1")
    stream = io.BytesIO()
    book.save(stream)
    table = read_table(stream.getvalue(), PurePath("s.xlsx"), dialect=None)
    other = read(SURVEYMONKEY)
    assert (table.full_format, table.header, table.rows) == (
        "xlsx/surveymonkey",
        other.header,
        other.rows,
    )


def test_several_boxes_of_one_question_are_columns_of_their_own() -> None:
    first, second, *rows = SURVEYMONKEY
    boxes = ["What three things would you change?", "", ""]
    lines = [first + boxes, second + ["1.", "2.", "3."], *(r + [r[-1], "", ""] for r in rows)]
    assert read(lines).header[-3:] == tuple(f"{boxes[0]} - {n}." for n in (1, 2, 3))


# --- Typeform, LimeSurvey, Alchemer, Google Forms ------------------------------------------------


def test_typeform_says_which_rows_are_partial() -> None:
    assert states(read(TYPEFORM)) == [
        "answered",
        "answered",
        "unfinished",
        "answered",
        "unfinished",
    ]


def test_typeforms_title_with_markup_still_names_the_column() -> None:
    assert TYPEFORM[0][2] in read(TYPEFORM).codes


@pytest.mark.parametrize("lines", [LIMESURVEY_CODES, LIMESURVEY_TITLES, LIMESURVEY_BOTH])
def test_limesurvey_without_a_submit_date_is_unfinished(lines: Lines) -> None:
    assert states(read(lines)).count("unfinished") == 1


@pytest.mark.parametrize("lines", [LIMESURVEY_CODES, LIMESURVEY_TITLES, LIMESURVEY_BOTH])
def test_limesurveys_timings_are_no_attributes(lines: Lines) -> None:
    assert not [name for name in detect(read(lines))[0].attr_cols if "time" in name.casefold()]


def test_limesurveys_codes_are_parted_from_questions() -> None:
    table = read(LIMESURVEY_BOTH)
    assert (table.codes["Why"], table.codes["Again[SQ001]"]) == (
        WHY,
        "Would you come again? [In person]",
    )


def test_alchemer_says_which_rows_are_partial() -> None:
    assert states(read(ALCHEMER)).count("unfinished") == 1


@pytest.mark.parametrize(
    "stamp", ["2/3/2026 9:05:01", "03/02/2026 09:05:01", "03.02.2026 09:05:01"]
)
def test_google_forms_is_known_by_how_it_writes_the_time(stamp: str) -> None:
    lines = [GOOGLE_FORMS[0], *([stamp, *cells[1:]] for cells in GOOGLE_FORMS[1:])]
    assert read(lines).dialect == "googleforms"


def test_a_first_column_of_other_times_makes_no_google_form() -> None:
    lines = [GOOGLE_FORMS[0], *(["2026-02-03T09:05:01Z", *c[1:]] for c in GOOGLE_FORMS[1:])]
    assert read(lines).dialect == ""


# --- any table ---------------------------------------------------------------------------------


def test_a_table_of_no_tool_has_its_first_row_as_header() -> None:
    table = read([["id", "comment"], ["1", "Start Date"], ["2", "End Date"]])
    assert (table.full_format, table.header, len(table.rows)) == ("csv", ("id", "comment"), 2)


def test_whoever_asks_for_a_plain_table_gets_the_first_row_as_header() -> None:
    table = read(QUALTRICS, dialect="")
    assert (table.dialect, table.header[18], len(table.rows)) == ("", "Q2", 7)


def test_a_dialect_that_is_named_is_taken_even_where_little_shows_it() -> None:
    head = read_head([["Response Type", WHY], ["partial", "x"]], "typeform")
    assert (head.dialect, head.held) == ("typeform", {0: "service"})


def test_a_question_with_the_name_of_a_tools_column_is_a_question() -> None:
    lines = [[*GOOGLE_FORMS[0], "Timestamp"], *([*row, ANSWERS[0]] for row in GOOGLE_FORMS[1:])]
    assert list(read(lines).held) == ["Timestamp"]


def test_detection_names_every_text_column_once() -> None:
    assert detect(read(GOOGLE_FORMS))[0] == Profile(
        None, (WHY,), ("Timestamp", *GOOGLE_FORMS[0][1:4])
    )
