"""Which codes labels may name, and how they are found."""

from pathlib import Path

import pytest

from qualcode.codebook import Codebook, dump_codebook, load_codebook
from qualcode.codebook.codes import Code
from qualcode.errors import CodebookError, UsageError
from qualcode.resources import default_codebook_path
from qualcode.workflow.eval_scheme import FOREIGN_FAMILY, foreign_scheme, own_scheme

UGLY = """\
Name;Definition;include;owner;examples
Late Delivery;It came later than promised.;late | delayed;Ada;It took weeks | Still waiting
2nd price rise;The price went up; dearer;;
Ärger;;"angry; furious";;
"Lost; found";Lost and later found.;;;
"""


def written(folder: Path, text: str, name: str = "book.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def book() -> Codebook:
    return Codebook(
        "own",
        (
            Code("pain_wait", "Waiting", "pain_point", former_names=("Queues",)),
            Code("pain_late", "Late", "pain_point", status="retired", merged_into="pain_wait"),
            Code("pain_old", "Old", "pain_point", status="retired"),
            Code("need_wait", "Waiting", "need"),
            Code("need_price", "Price", "need"),
        ),
    )


def test_codes_of_a_table_are_named_exactly_as_in_the_file(tmp_path: Path) -> None:
    text = UGLY.replace("up; dearer", "up;dearer")
    scheme = foreign_scheme(written(tmp_path, text))
    assert [code.name for code in scheme.codes()] == [
        *("Late Delivery", "2nd price rise", "Ärger", "Lost; found")
    ]
    assert {code.family for code in scheme.codes()} == {FOREIGN_FAMILY}


def test_lists_of_a_table_are_parted_by_bars_else_by_semicolons(tmp_path: Path) -> None:
    late, price, anger, _ = foreign_scheme(
        written(tmp_path, UGLY.replace("up; dearer", "up;dearer"))
    ).codes()
    assert late.include == ("late", "delayed")
    assert late.examples == ("It took weeks", "Still waiting")
    assert price.include == ("dearer",)
    assert anger.include == ("angry", "furious")


def test_a_codebook_file_gives_no_examples_unless_it_has_some(tmp_path: Path) -> None:
    (code,) = foreign_scheme(written(tmp_path, "name,definition\nLate,It was late.\n")).codes()
    assert (code.definition, code.examples) == ("It was late.", ())


def test_a_yaml_codebook_of_ours_becomes_one_family_without_what_is_retired(tmp_path: Path) -> None:
    scheme = foreign_scheme(written(tmp_path, dump_codebook(book()), "book.yaml"))
    assert [code.name for code in scheme.codes((FOREIGN_FAMILY,))] == [
        "Waiting",
        "Waiting",
        "Price",
    ]
    # Two of one name: ids tell them apart.
    assert list(scheme.called([]).values()) == ["pain_wait", "need_wait", "need_price"]
    found = scheme.find("need_wait")
    assert found is scheme.codes()[1]


def test_a_yaml_codebook_needs_only_names(tmp_path: Path) -> None:
    text = "codes:\n  - name: Late Delivery\n    definition: It was late.\n  - name: 404\n"
    scheme = foreign_scheme(written(tmp_path, text, "book.yml"))
    assert list(scheme.called([]).values()) == ["Late Delivery", "404"]


def test_a_yaml_codebook_is_called_by_ids_where_labels_are_ids(tmp_path: Path) -> None:
    text = "codes:\n  - {id: late, name: Late Delivery, family: theme}\n"
    scheme = foreign_scheme(written(tmp_path, text, "book.yaml"))
    assert [list(scheme.called([label]).values()) for label in ("late", "Late Delivery")] == [
        ["late"],
        ["Late Delivery"],
    ]


def test_two_codes_of_one_name_are_refused_with_both_places(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=r"row 3: name 'Late' is used twice, before by row 2"):
        foreign_scheme(written(tmp_path, "name,definition\nLate,x\nLate,y\n"))


def test_a_table_without_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="no column name"):
        foreign_scheme(written(tmp_path, "label,definition\nLate,x\n"))


def test_a_file_that_is_no_codebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="not a codebook format"):
        foreign_scheme(written(tmp_path, "x", "book.pdf"))


@pytest.mark.parametrize(
    "label", ["pain_wait", "Pain_Wait", "Waiting", "waiting", "Queues", "Late"]
)
def test_a_code_is_found_by_id_name_former_name_and_what_was_merged_into_it(label: str) -> None:
    found = own_scheme(book(), "the book", "pain_point").find(label)
    assert found is not None
    assert found.id == "pain_wait"


def test_a_retired_code_is_no_label() -> None:
    assert own_scheme(book(), "the book", None).find("Old") is None


def test_a_name_of_two_families_is_refused_without_a_family() -> None:
    with pytest.raises(UsageError, match="several codes"):
        own_scheme(book(), "the book", None).find("Waiting")


def test_exact_spelling_goes_before_any_case(tmp_path: Path) -> None:
    scheme = foreign_scheme(written(tmp_path, "name\nIT\nit\n"))
    assert [code.name for code in map(scheme.find, ("IT", "it")) if code] == ["IT", "it"]


def test_labels_are_parted_by_semicolons_but_for_names_that_hold_one(tmp_path: Path) -> None:
    scheme = foreign_scheme(written(tmp_path, UGLY.replace("up; dearer", "up;dearer")))
    codes, unknown = scheme.split(" Late Delivery ;Lost; found;; nonsense ")
    assert [code.name for code in codes] == ["Late Delivery", "Lost; found"]
    assert unknown == ["nonsense"]


def test_columns_are_called_as_the_labels_write_codes() -> None:
    scheme = own_scheme(book(), "the book", "need")
    assert scheme.called(["need_price"])["need_price"] == "need_price"
    assert scheme.called(["Price"])["need_price"] == "Price"
    assert scheme.called([])["need_price"] == "need_price"


def test_a_family_is_found_by_its_name_and_an_unknown_one_lists_what_there_is() -> None:
    default = load_codebook(default_codebook_path())
    assert own_scheme(default, "the book", "Pain point").families == ("pain_point",)
    with pytest.raises(UsageError) as caught:
        own_scheme(default, "the book", "pains")
    assert "pain_point" in str(caught.value.hint)
