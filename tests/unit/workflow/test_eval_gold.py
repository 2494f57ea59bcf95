"""Gold files, as people have them."""

from pathlib import Path

import pytest

from qualcode.codebook import load_codebook
from qualcode.errors import SourceError, UsageError
from qualcode.resources import default_codebook_path
from qualcode.workflow.eval_gold import EMPTY, OTHERS, Gold, GoldColumns, read_gold
from qualcode.workflow.eval_scheme import foreign_scheme, own_scheme

COLUMNS = GoldColumns("text", "label")


def gold_of(
    folder: Path,
    text: str,
    *,
    family: str | None = None,
    columns: GoldColumns = COLUMNS,
    ignore: bool = False,
) -> Gold:
    path = folder / "gold.csv"
    path.write_text(text, encoding="utf-8", newline="\n")
    scheme = own_scheme(load_codebook(default_codebook_path()), "the default codebook", family)
    return read_gold(path, columns, scheme, family=family, ignore_unknown=ignore)


def test_labels_are_ids_or_names_and_an_empty_one_is_none(tmp_path: Path) -> None:
    gold = gold_of(
        tmp_path,
        "text,label\nx,pain_waiting; Broken promise\ny,\n",
        family="pain_point",
    )
    assert [row.labels for row in gold.rows] == [
        {"pain_waiting", "pain_broken_promise"},
        frozenset(),
    ]
    assert not gold.is_yes_no


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("1.0", "0.0"), ("Yes", "no"), ("TRUE", "")])
def test_labels_say_yes_or_no_with_a_family(tmp_path: Path, yes: str, no: str) -> None:
    gold = gold_of(tmp_path, f"text,label\nx,{yes}\ny,{no}\n", family="emotion")
    assert gold.is_yes_no
    assert [row.is_yes for row in gold.rows] == [True, False]


def test_yes_and_no_without_a_family_say_which_option_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        gold_of(tmp_path, "text,label\nx,1\ny,0\n")
    assert "--family" in str(caught.value.hint)


def test_an_unknown_label_is_told_with_its_row_and_what_is_spelt_alike(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"row 3: 'pain_wating' is no code of the default") as e:
        gold_of(tmp_path, "text,label\nx,pain_waiting\ny,pain_wating\n", family="pain_point")
    assert "did you mean pain_waiting" in e.value.message
    assert "--ignore-unknown-labels" in str(e.value.hint)


def test_a_code_of_another_family_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="it is a code of family need"):
        gold_of(tmp_path, "text,label\nx,need_timely\n", family="pain_point")


def test_a_text_in_place_of_a_label_is_not_shown(tmp_path: Path) -> None:
    words = "nobody ever told me what was going on with my parcel " * 2
    with pytest.raises(SourceError, match="--label-col the right column") as caught:
        gold_of(tmp_path, f"text,label\nx,{words}\n")
    assert "nobody" not in caught.value.message


def test_unknown_labels_are_ignored_and_counted_when_asked(tmp_path: Path) -> None:
    gold = gold_of(tmp_path, "text,label\nx,pain_waiting;other\ny,other\nz,misc\n", ignore=True)
    assert gold.ignored == {"other": 2, "misc": 1}
    assert [sorted(row.labels) for row in gold.rows] == [["pain_waiting"], [], []]


def test_without_a_family_those_that_labels_name_are_scored(tmp_path: Path) -> None:
    gold = gold_of(tmp_path, "text,label\nx,pain_waiting;need_timely\n")
    assert gold.families == ("pain_point", "need")


def test_without_a_family_and_any_label_it_is_unclear_what_to_score(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no row has a label"):
        gold_of(tmp_path, "text,label\nx,\n")


def test_rows_without_a_text_or_with_an_unreadable_one_have_a_problem(tmp_path: Path) -> None:
    gold = gold_of(
        tmp_path,
        "text,label\nfine,1\n,1\n   ,0\n\ufffd\ufffd \u200b,0\n\U0001f620,1\n",
        family="emotion",
    )
    assert [bool(row.problem) for row in gold.rows] == [False, True, True, True, False]


def test_an_id_column_is_taken_where_there_is_one(tmp_path: Path) -> None:
    gold = gold_of(tmp_path, "ID,text,label\nr1,x,1\n", family="emotion")
    assert (gold.id_name, gold.rows[0].id) == ("ID", "r1")
    assert gold_of(tmp_path, "text,label\nx,1\n", family="emotion").id_name is None


def test_values_of_an_attribute_are_groups_and_rare_ones_are_put_together(tmp_path: Path) -> None:
    lines = [f"x,1,{value}" for value in ["b", "b", ""] + [f"v{n}" for n in range(30)] + [""]]
    gold = gold_of(
        tmp_path,
        "\n".join(["text,label,who", *lines]) + "\n",
        family="emotion",
        columns=GoldColumns("text", "label", by=("who",)),
    )
    groups = [row.groups[0] for row in gold.rows]
    assert groups[:3] == ["b", "b", EMPTY]
    assert (len(set(groups)), groups.count(OTHERS)) == (20, 13)


def test_codes_of_a_codebook_file_called_1_and_0_are_codes(tmp_path: Path) -> None:
    book = tmp_path / "book.csv"
    book.write_text("name,definition\n1,good\n0,bad\n", encoding="utf-8", newline="\n")
    path = tmp_path / "gold.csv"
    path.write_text("text,label\nx,1\ny,0\n", encoding="utf-8", newline="\n")
    gold = read_gold(path, COLUMNS, foreign_scheme(book))
    assert not gold.is_yes_no
    assert sorted(gold.called.values()) == ["0", "1"]
