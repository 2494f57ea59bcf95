"""Reading codebooks: three formats, one book, problems with file and line."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from qualcode.codebook import FAMILIES, dump_codebook, load_codebook
from qualcode.errors import CodebookError
from qualcode.resources import default_codebook_path

BOOK = """\
schema: 1
name: Mine
codes:
  - id: pain_wait
    name: Waiting
    family: pain_point
    definition: It takes too long.
    include: [queue, a long wait of any kind]
    examples: [I waited for weeks.]
  - id: pain_wait_phone
    name: Waiting on the phone
    family: pain_point
    parent: pain_wait
"""


def write(folder: Path, text: str, name: str = "book.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def problems(folder: Path, text: str) -> str:
    with pytest.raises(CodebookError) as caught:
        load_codebook(write(folder, text))
    return str(caught.value)


def test_the_default_book_has_codes_for_every_family() -> None:
    book = load_codebook(default_codebook_path())
    assert book.families == tuple(FAMILIES)


def test_every_code_of_the_default_book_is_told_apart_from_others() -> None:
    book = load_codebook(default_codebook_path())
    bare = [
        code.id
        for code in book.codes
        if not (code.definition and code.examples and code.exclude and code.counter_examples)
    ]
    assert bare == []


def test_the_default_stages_have_goals_and_the_needs_have_statements() -> None:
    book = load_codebook(default_codebook_path())
    assert all(code.goal for code in book.family("stage"))
    assert all(code.statement for code in book.family("need"))
    assert all(code.valence is not None for code in book.family("emotion"))


def test_a_book_keeps_order_parents_and_cues(tmp_path: Path) -> None:
    book = load_codebook(write(tmp_path, BOOK))
    assert [code.id for code in book.codes] == ["pain_wait", "pain_wait_phone"]
    assert book.code("pain_wait_phone").parent == "pain_wait"
    assert book.code("pain_wait").cues == ("queue",)


def test_a_written_book_reads_back_equal(tmp_path: Path) -> None:
    for book in (load_codebook(write(tmp_path, BOOK)), load_codebook(default_codebook_path())):
        assert load_codebook(write(tmp_path, dump_codebook(book), "again.yaml")) == book


def test_csv_and_xlsx_give_the_same_codes(tmp_path: Path) -> None:
    header = ["id", "name", "family", "definition", "examples", "valence"]
    rows = [
        ["joy", "Joy", "emotion", "Being happy; really", "I loved it | So good", "2"],
        ["calm", "Calm", "emotion", "", "", ""],
    ]
    text = (
        ";".join(header) + "\n" + "\n".join(";".join(f'"{cell}"' for cell in row) for row in rows)
    )
    workbook = openpyxl.Workbook()
    for row in [header, *rows]:
        workbook.active.append(row)
    workbook.save(tmp_path / "book.xlsx")
    workbook.close()
    from_csv = load_codebook(write(tmp_path, text, "book.csv"))
    assert from_csv.codes == load_codebook(tmp_path / "book.xlsx").codes
    assert from_csv.code("joy").examples == ("I loved it", "So good")


def test_a_table_without_ids_and_families_makes_themes(tmp_path: Path) -> None:
    book = load_codebook(write(tmp_path, "name,definition\nLate trains!,They are late\n", "b.csv"))
    assert (book.codes[0].id, book.codes[0].family) == ("late_trains", "theme")


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ("    name: Waiting\n>    nmae: Waiting\n", 5, "unknown key 'nmae'"),
        ("  - id: pain_wait\n>  - id: Pain Wait\n", 4, "lower-case"),
        ("    parent: pain_wait\n>    parent: gone\n", 13, "'gone' is not a code"),
        ("  - id: pain_wait_phone\n>  - id: pain_wait\n", 4, "used 2 times"),
        ("    name: Waiting on the phone\n>    name: waiting\n", 11, "used twice"),
        ("    include: [queue, a long wait of any kind]\n>    include: queue\n", 8, "not a list"),
        ("    definition: It takes too long.\n>    definition: [a]\n", 7, "not text"),
        ("    definition: It takes too long.\n>    valence: 3\n", 7, "from -2 to 2"),
        ("    definition: It takes too long.\n>    status: gone\n", 7, "status is one of"),
        ("    definition: It takes too long.\n>    parent: pain_wait_phone\n", 7, "ancestor"),
    ],
)
def test_a_problem_is_told_with_its_line(
    tmp_path: Path, change: str, line: int, words: str
) -> None:
    before, after = change.split(">", 1)
    assert before in BOOK
    message = problems(tmp_path, BOOK.replace(before, after))
    assert f"book.yaml:{line}: " in message
    assert words in message


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = BOOK.replace("name: Waiting\n", "nmae: x\n").replace("parent: pain_wait", "parent: gone")
    message = problems(tmp_path, text)
    assert "nmae" in message
    assert "gone" in message


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    assert "book.yaml:3: not YAML" in problems(tmp_path, "schema: 1\ncodes:\n\t- id: a\n")


def test_a_book_of_a_later_schema_is_refused(tmp_path: Path) -> None:
    assert "reads schema 1" in problems(tmp_path, BOOK.replace("schema: 1", "schema: 2"))


def test_only_a_changed_family_changes_its_fingerprint(tmp_path: Path) -> None:
    extra = "  - id: joy\n    name: Joy\n    family: emotion\n"
    one = load_codebook(write(tmp_path, BOOK + extra))
    two = load_codebook(write(tmp_path, BOOK + extra.replace("Joy", "Delight")))
    assert one.fingerprint("pain_point") == two.fingerprint("pain_point")
    assert one.fingerprint("emotion") != two.fingerprint("emotion")
    assert one.fingerprint() != two.fingerprint()


def table_problems(folder: Path, text: str) -> str:
    with pytest.raises(CodebookError) as caught:
        load_codebook(write(folder, text, "book.csv"))
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_quotes_and_other_delimiters_in_a_csv_cell_keep_its_text(
    tmp_path: Path, delimiter: str
) -> None:
    definition = 'Says "I waited"; long, dull\tand\nslow'
    rows = [
        ["id", "name", "family", "definition", "include"],
        ["wait", "Waiting", "pain_point", definition, "queue | slow"],
    ]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    code = load_codebook(write(tmp_path, out.getvalue(), "book.csv")).code("wait")
    assert (code.definition, code.include) == (definition, ("queue", "slow"))


def test_prose_full_of_semicolons_does_not_change_the_delimiter_of_the_header(
    tmp_path: Path,
) -> None:
    text = "id,name,family,definition\n" + "".join(
        f"c{n},Code {n},need,one; two; three; four; five\n" for n in range(20)
    )
    book = load_codebook(write(tmp_path, text, "book.csv"))
    assert book.code("c7").definition == "one; two; three; four; five"


def test_a_csv_row_with_more_cells_than_the_header_is_told_with_its_row(tmp_path: Path) -> None:
    text = "id,name,definition\na,A,fine\nb,B,half of it, the other half\n"
    assert "book.csv:3: a cell in column 4" in table_problems(tmp_path, text)


def test_empty_cells_beyond_the_header_are_no_problem(tmp_path: Path) -> None:
    book = load_codebook(write(tmp_path, "id,name,\na,A,,,\n", "book.csv"))
    assert [code.id for code in book.codes] == ["a"]


def test_an_unknown_column_is_told_once_at_the_header(tmp_path: Path) -> None:
    text = "id,name,remark\n" + "".join(f"c{n},Code {n},x\n" for n in range(5))
    message = table_problems(tmp_path, text)
    assert message.count("remark") == 1
    assert "book.csv:1: unknown column 'remark'" in message


def test_a_column_that_stands_twice_is_a_problem(tmp_path: Path) -> None:
    message = table_problems(tmp_path, "id,Name,name\na,One,Two\n")
    assert "book.csv:1: column 'name' stands there 2 times" in message


def test_a_quote_that_is_never_closed_is_told_and_swallows_no_code(tmp_path: Path) -> None:
    text = 'id,name,definition\na,A,fine\nb,B,"never closed\nc,C,lost\n'
    assert "book.csv:3: not CSV" in table_problems(tmp_path, text)


def test_a_row_of_a_workbook_is_told_by_the_number_that_excel_shows(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for at, row in ((3, ["id", "name"]), (4, ["a", "A"]), (6, ["B b", "B"])):
        for column, cell in enumerate(row, start=2):
            workbook.active.cell(at, column, cell)
    workbook.save(tmp_path / "book.xlsx")
    workbook.close()
    with pytest.raises(CodebookError, match=r"book\.xlsx:6: id is 'B b'"):
        load_codebook(tmp_path / "book.xlsx")


def test_the_default_book_tells_getting_it_in_good_time_from_news_and_promises() -> None:
    code = load_codebook(default_codebook_path()).code("need_timely")
    excluded = " ".join(code.exclude)
    assert "(need_know_status)" in excluded
    assert "(need_keep_promise)" in excluded


LIFE = (
    BOOK
    + """\
  - id: pain_queue
    name: Queueing
    former_names: [Standing in line, Queues]
    family: pain_point
    status: retired
    merged_into: pain_wait
  - id: pain_hold
    name: On hold
    family: pain_point
    split_from: pain_wait_phone
    owner: "Service: second line"
"""
)


def test_a_code_keeps_its_former_names_and_what_became_of_it(tmp_path: Path) -> None:
    book = load_codebook(write(tmp_path, LIFE))
    assert book.code("pain_queue").former_names == ("Standing in line", "Queues")
    assert book.code("pain_queue").merged_into == "pain_wait"
    assert book.code("pain_hold").split_from == "pain_wait_phone"
    assert book.code("pain_hold").owner == "Service: second line"
    assert load_codebook(write(tmp_path, dump_codebook(book), "again.yaml")) == book


def test_a_table_tells_the_life_of_a_code_too(tmp_path: Path) -> None:
    text = (
        "id,name,family,former_names,status,merged_into,owner\n"
        "a,A,need,Old | Older,retired,b,\nb,B,need,,,,Ada\n"
    )
    book = load_codebook(write(tmp_path, text, "book.csv"))
    assert book.code("a").former_names == ("Old", "Older")
    assert (book.code("a").merged_into, book.code("b").owner) == ("b", "Ada")


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ("    merged_into: pain_wait\n>    merged_into: gone\n", 19, "'gone' is not a code"),
        ("    merged_into: pain_wait\n>    merged_into: pain_queue\n", 19, "merged into itself"),
        ("    merged_into: pain_wait\n>    merged_into: 3\n", 19, "not text"),
        ("    status: retired\n>    status: active\n", 19, "merged but not retired"),
        ("    split_from: pain_wait_phone\n>    split_from: pain_hold\n", 23, "split from itself"),
        ("    former_names: [Standing in line, Queues]\n>    former_names: x\n", 16, "not a list"),
        ('    owner: "Service: second line"\n>    owner: [a]\n', 24, "not text"),
    ],
)
def test_a_life_that_cannot_be_is_told_with_its_line(
    tmp_path: Path, change: str, line: int, words: str
) -> None:
    before, after = change.split(">", 1)
    assert before in LIFE
    message = problems(tmp_path, LIFE.replace(before, after))
    assert f"book.yaml:{line}: " in message
    assert words in message


def test_a_code_is_merged_inside_its_family_only(tmp_path: Path) -> None:
    text = LIFE.replace("    status: retired\n    merged_into: pain_wait\n", "") + (
        "  - id: joy\n    name: Joy\n    family: emotion\n    status: retired\n"
        "    merged_into: pain_wait\n"
    )
    assert "is of another family" in problems(tmp_path, text)


def test_what_came_later_to_codes_leaves_the_fingerprints_of_older_books(tmp_path: Path) -> None:
    # As written by the first version of the program, for BOOK.
    assert load_codebook(write(tmp_path, BOOK)).fingerprint() == "36c90327049c"


def test_only_what_says_where_a_code_applies_is_its_meaning(tmp_path: Path) -> None:
    book = load_codebook(write(tmp_path, BOOK))
    for line in ("owner: Ada", "goal: x", "statement: y", "status: draft"):
        other = load_codebook(write(tmp_path, BOOK + f"    {line}\n"))
        assert other.meaning("pain_point") == book.meaning("pain_point"), line
        assert other.fingerprint() != book.fingerprint()
    for line in ("definition: x", "include: [x]", "exclude: [x]", "counter_examples: [x]"):
        other = load_codebook(write(tmp_path, BOOK + f"    {line}\n"))
        assert other.meaning("pain_point") != book.meaning("pain_point"), line


def test_the_order_is_part_of_what_stages_mean_and_of_no_other_family(tmp_path: Path) -> None:
    codes = "codes:\n  - {{id: a, name: A, family: {0}}}\n  - {{id: b, name: B, family: {0}}}\n"
    for family, matters in (("stage", True), ("need", False)):
        book = load_codebook(write(tmp_path, codes.format(family)))
        turned = replace(book, codes=book.codes[::-1])
        assert (book.meaning(family) != turned.meaning(family)) is matters


def test_blank_edges_of_texts_and_empty_entries_are_no_part_of_a_book(tmp_path: Path) -> None:
    text = BOOK.replace("[I waited for weeks.]", "[' I waited for weeks. ', '']").replace(
        "definition: It takes too long.", "definition: |\n      It takes too long.\n"
    )
    assert load_codebook(write(tmp_path, text)) == load_codebook(write(tmp_path, BOOK))


def test_a_sign_that_divides_entries_can_stand_in_one(tmp_path: Path) -> None:
    text = 'id,name,examples\na,A,"one \\| half | two\\\\ | three\\\nlines\nfour"\n'
    book = load_codebook(write(tmp_path, text, "book.csv"))
    assert book.code("a").examples == ("one | half", "two\\", "three\nlines", "four")
