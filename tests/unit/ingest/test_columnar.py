"""SPSS and Parquet: questions from labels, answers in words, and errors that say what to do."""

from __future__ import annotations

import datetime
import io
import sys
from pathlib import PurePath
from typing import Any

import pytest

from qualcode.errors import SourceError
from qualcode.ingest.table import Table, read_table
from tests.spss_sample import Variable, spss_bytes

WHY = "Why would you come back, or not?"
VARIABLES = (
    Variable("ResponseId", 20),
    Variable("Q1", 0, "Would you come back?", {1.0: "Yes", 2.0: "No", 8.0: "Refused"}, (8.0,)),
    Variable("Q2", 60, WHY),
    Variable("days_open", 0, "", {}, (99.0,)),
    Variable("EndDate", is_date=True),
)
_EPOCH = datetime.datetime(1582, 10, 14)
DAY = (datetime.datetime(2026, 2, 3) - _EPOCH).total_seconds()
ROWS = (
    ("R_1", 1.0, "the fitter was kind, märchenhaft", 12.5, DAY),
    ("R_2", 8.0, "", 99.0, DAY),
    ("R_3", None, "nobody called back", 2.0, None),
)


def spss() -> bytes:
    return spss_bytes(VARIABLES, ROWS)


def read_spss(data: bytes | None = None, dialect: str | None = None) -> Table:
    pytest.importorskip("pyreadstat", reason="needs the extra qualcode[sav]")
    return read_table(spss() if data is None else data, PurePath("s.sav"), dialect=dialect)


def parquet_bytes(columns: dict[str, list[Any]]) -> bytes:
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra qualcode[parquet]")
    import pyarrow.parquet as parquet

    stream = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), stream)
    return stream.getvalue()


# --- SPSS --------------------------------------------------------------------------------------


def test_a_variables_label_is_the_question_and_its_name_the_code() -> None:
    table = read_spss()
    assert table.header == ("ResponseId", "Would you come back?", WHY, "days_open", "EndDate")
    assert table.codes == {"Q1": "Would you come back?", "Q2": WHY}


def test_answers_are_told_by_their_labels_and_dates_in_iso() -> None:
    assert read_spss().rows[0].cells == (
        "R_1",
        "Yes",
        "the fitter was kind, märchenhaft",
        "12.5",
        "2026-02-03",
    )


def test_what_was_declared_missing_is_empty_and_counted_unless_it_has_a_label() -> None:
    table = read_spss()
    assert [row.cells[1] for row in table.rows] == ["Yes", "Refused", ""]
    assert [row.cells[3] for row in table.rows] == ["12.5", "", "2"]
    assert table.problems == ("column 'days_open': 1 cells that the survey declares missing",)


def test_the_first_case_is_row_two() -> None:
    assert [row.number for row in read_spss().rows] == [2, 3, 4]


def test_an_spss_file_from_qualtrics_is_of_that_dialect() -> None:
    own = [Variable(n, 40) for n in ("StartDate", "EndDate", "Finished", "ResponseId")]
    data = spss_bytes([*own, Variable("Q2", 40, WHY)], [("a", "b", "0", "R_1", "the lock broke")])
    table = read_spss(data)
    assert (table.full_format, table.rows[0].state) == ("sav/qualtrics", "unfinished")


@pytest.mark.parametrize("n_kept", [30, 400, -9])
def test_a_cut_spss_file_is_an_error(n_kept: int) -> None:
    with pytest.raises(SourceError, match="the SPSS file is damaged or incomplete") as caught:
        read_spss(spss()[:n_kept])
    assert caught.value.hint


def test_an_spss_file_with_no_case_is_an_error() -> None:
    with pytest.raises(SourceError, match="the table is empty"):
        read_spss(spss_bytes(VARIABLES, []))


# --- Parquet -----------------------------------------------------------------------------------


def test_parquet_cells_are_written_as_a_person_would() -> None:
    data = parquet_bytes(
        {
            "id": [1, 2],
            "comment": ["slow – very", None],
            "nps": [9.0, float("nan")],
            "at": [datetime.date(2026, 2, 3), None],
            "tags": [["a", "b"], []],
        }
    )
    table = read_table(data, PurePath("s.parquet"), dialect=None)
    assert (table.full_format, table.header) == ("parquet", ("id", "comment", "nps", "at", "tags"))
    assert [row.cells for row in table.rows] == [
        ("1", "slow – very", "9", "2026-02-03", '["a", "b"]'),
        ("2", "", "", "", "[]"),
    ]


def test_a_cut_parquet_file_is_an_error() -> None:
    data = parquet_bytes({"comment": ["x"]})
    with pytest.raises(SourceError, match="the Parquet file is damaged or incomplete"):
        read_table(data[:-20], PurePath("s.parquet"))


def test_a_parquet_file_without_rows_is_an_error() -> None:
    data = parquet_bytes({"comment": []})
    with pytest.raises(SourceError, match="the table is empty"):
        read_table(data, PurePath("s.parquet"))


def test_a_parquet_file_of_too_many_columns_is_refused() -> None:
    data = parquet_bytes({f"c{n}": ["x"] for n in range(2_001)})
    with pytest.raises(SourceError, match="2,001 columns"):
        read_table(data, PurePath("s.parquet"))


# --- without the extras --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "data", "extra"),
    [("pyreadstat", spss(), "sav"), ("pyarrow", b"PAR1....PAR1", "parquet")],
)
def test_without_the_extra_the_error_names_it(
    module: str, data: bytes, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SourceError, match="what reads it is not installed") as caught:
        read_table(data, PurePath("s"))
    assert f"qualcode[{extra}]" in str(caught.value.hint)
