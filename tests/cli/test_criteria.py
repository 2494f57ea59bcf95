"""qualcode criteria: in the terminal, as JSON, as a page."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Run


def test_the_terminal_shows_statement_words_people_stability_and_what_speaks_against(
    qualcode: Run, demo_folder: Path
) -> None:
    shown = qualcode("criteria", "--study", demo_folder).stdout
    assert shown.startswith("1. ")
    for words in (
        "(draft)",
        "   in their words: “",
        " people, ",
        "with half of the people (0.",
        "near it were left out as unclear",
        "The wording is the codebook's",
    ):
        assert words in shown


def test_how_the_number_was_chosen_is_told_on_stderr(qualcode: Run, demo_folder: Path) -> None:
    done = qualcode("criteria", "--study", demo_folder)
    assert "How the number was chosen. " in done.stderr
    assert "gain over shuffled data" in done.stderr


def test_json_holds_the_whole_proof(qualcode: Run, demo_folder: Path) -> None:
    found = json.loads(qualcode("criteria", "--study", demo_folder, "--json").stdout)
    assert found["choice"]
    assert found["figures"]["k"] == len(found["criteria"])
    for criterion in found["criteria"]:
        assert criterion["in_their_words"]["quote"]
        assert len(criterion["segment_ids"]) == criterion["segments"]
        assert 0 <= criterion["stability"] <= 1
        for key in ("quotes", "counter_evidence", "left_out"):
            assert all(quote["quote"] for quote in criterion[key])
        for merge in criterion["merges"]:
            assert [set(side) for side in merge["sides"]] == [
                {"people", "segments", "codes", "words"}
            ] * 2


def test_out_writes_the_proof_page_and_prints_the_criteria_all_the_same(
    qualcode: Run, demo_folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "proof.html"
    done = qualcode("criteria", "--study", demo_folder, "--out", page)
    assert done.stdout.startswith("1. ")
    assert str(page) in done.stderr
    html = page.read_text(encoding="utf-8")
    ids = [
        c["id"]
        for c in json.loads(qualcode("criteria", "--study", demo_folder, "--json").stdout)[
            "criteria"
        ]
    ]
    assert all(f'id="{criterion}"' in html for criterion in ids)


def test_two_runs_print_the_same(qualcode: Run, demo_folder: Path) -> None:
    first, second = (
        qualcode("criteria", "--study", demo_folder, "--json").stdout for _ in range(2)
    )
    assert first == second


def test_a_page_that_cannot_be_written_is_an_error_with_a_hint(
    qualcode: Run, demo_folder: Path, tmp_path: Path
) -> None:
    done = qualcode(
        "criteria", "--study", demo_folder, "--out", tmp_path / "no" / "p.html", expect=2
    )
    assert "cannot be written" in done.stderr
    assert "What to do: " in done.stderr
