import io
import zipfile
from pathlib import PurePath

import pytest

from qualcode.errors import SourceError
from qualcode.ingest.interview import read_interview
from qualcode.ingest.reading import Reading

NS = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "text", "table")
)


def odt(body: str, *, kind: str = "text", manifest: str = "", head: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        packed.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        packed.writestr(
            "content.xml",
            f"{head}<office:document-content {NS}><office:body><office:{kind}>{body}"
            f"</office:{kind}></office:body></office:document-content>",
        )
    return out.getvalue()


def read(body: str) -> Reading:
    return read_interview(odt(body), PurePath("a.odt"))


def said(body: str) -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in read(body).paragraphs if p.is_speech]


def paragraphs(*texts: str) -> str:
    return "".join(f"<text:p>{text}</text:p>" for text in texts)


def test_paragraphs_with_labels_are_turns() -> None:
    assert said(paragraphs("Ann: one", "Bo: two", "Ann: three")) == [
        ("Ann", "one"),
        ("Bo", "two"),
        ("Ann", "three"),
    ]


def test_headings_are_seen_and_not_said() -> None:
    first = read("<text:h>Part 1</text:h>" + paragraphs("I came.")).paragraphs[0]

    assert (first.text, first.is_speech) == ("Part 1", False)


def test_spaces_tabs_and_line_breaks_are_read_and_layout_white_space_is_one_space() -> None:
    body = paragraphs(
        'a<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d\n   <text:span>e</text:span>'
    )

    assert said(body) == [(None, "a  b\tc\nd e")]


def test_deleted_changes_notes_and_comments_are_left_out() -> None:
    body = (
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
        "<text:p>It was<text:note><text:p>a note</text:p></text:note>"
        "<office:annotation><text:p>hm</text:p></office:annotation> good.</text:p>"
    )

    assert said(body) == [(None, "It was good.")]
    assert read(body).skipped == (
        "footnotes: 2 words stand outside the talk and are left out",
        "comments: 1 words stand outside the talk and are left out",
        "deleted: 1 words stand outside the talk and are left out",
    )


def test_headers_and_footers_are_counted() -> None:
    style = 'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    out = io.BytesIO(odt(paragraphs("I came.")))
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr(
            "styles.xml",
            f"<office:document-styles {NS} {style}><style:header><text:p>Strictly secret</text:p>"
            "</style:header></office:document-styles>",
        )

    assert read_interview(out.getvalue(), PurePath("a.odt")).skipped == (
        "header: 2 words stand outside the talk and are left out",
    )


def test_lists_and_sections_are_read_in_order() -> None:
    body = (
        f"<text:section>{paragraphs('one')}</text:section>"
        f"<text:list><text:list-item>{paragraphs('two')}</text:list-item></text:list>"
    )

    assert [text for _, text in said(body)] == ["one", "two"]


def test_a_table_of_speaker_and_words_is_turns() -> None:
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell>{paragraphs(cell)}</table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in (("Ann", "one"), ("Bo", "two"), ("Ann", "three"))
    )

    assert said(f"<table:table>{rows}</table:table>") == [
        ("Ann", "one"),
        ("Bo", "two"),
        ("Ann", "three"),
    ]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (odt("<unclosed>"), "damaged OpenDocument"),
        (odt("x", manifest="encryption-data"), "password-protected"),
        (odt("", kind="spreadsheet"), "not a text"),
        (odt(paragraphs("x"))[:-90], "damaged or cut-off"),
        (
            odt(paragraphs("&x;"), head='<!DOCTYPE a [<!ENTITY x "boom">]>'),
            "declares XML entities",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(data: bytes, what: str) -> None:
    with pytest.raises(SourceError, match=what):
        read_interview(data, PurePath("a.odt"))
