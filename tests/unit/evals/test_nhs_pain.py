"""Pain on comments of services that no head was trained on: what is compared with what."""

import csv
from pathlib import Path

import numpy as np

from evals.nhs_pain import compared, documents_of, earlier_framework


def written(folder: Path, coded: list[str], earlier: list[tuple[str, str]]) -> Path:
    (folder / "nhs_comments").mkdir()
    with (folder / "nhs_comments/comments_coded.csv").open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([["text"], *([text] for text in coded)])
    path = folder / "nhs_comments/comments_earlier_framework.csv"
    with path.open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([["feedback", "criticality"], *earlier])
    return folder


def test_a_comment_that_the_heads_may_know_is_left_out(tmp_path: Path) -> None:
    data = written(tmp_path, ["Long wait!"], [("long wait", "-3"), ("No chairs", "-2")])
    assert [example.text for example in earlier_framework(data)] == ["No chairs"]


def test_equal_comments_count_once_with_their_mean(tmp_path: Path) -> None:
    data = written(tmp_path, [], [("Fine.", "3"), ("fine", "-1"), ("Cold", "-2"), ("Ok", "0")])
    pains = {example.text: example.pain for example in earlier_framework(data)}
    assert pains == {"Fine.": False, "Cold": True, "Ok": None}


def test_a_criticality_that_is_no_number_from_minus_5_to_5_is_left_out(tmp_path: Path) -> None:
    rows = [("a", "-o"), ("b", "NA"), ("c", "-9"), ("d", "5")]
    assert [e.text for e in earlier_framework(written(tmp_path, [], rows))] == ["d"]


def test_every_comment_becomes_a_document_in_its_place() -> None:
    texts = ["One.", 'He said "no", twice', "line\nbreak"]
    assert [document.text for document in documents_of(texts)] == texts


def test_answers_are_compared_on_the_same_comments() -> None:
    pain = np.array([True, True, False, False])
    said = {"coder": np.array([True, False, False, False]), "tfidf": pain}
    figures = compared(pain, said)
    # coder: P 1/1, R 1/2, F1 2/3; tfidf is always right
    assert (figures["coder"]["f1"], figures["tfidf"]["f1"]) == (0.667, 1.0)
    assert figures["coder_minus_tfidf"]["f1"] == -0.333
    assert figures["f1_of_always_yes"] == 0.667  # P 1/2, R 1
