"""Whatever people say and tools write, a turn's slice is the words; nothing else escapes."""

import codecs
import io
import zipfile
from pathlib import PurePath

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.errors import SourceError
from qualcode.ingest.interview import build_document, read_interview
from qualcode.ingest.labels import name_like
from qualcode.ingest.reading import assemble

# Names that are words of a clause as well ("So", "Is") are no labels to any reader of the language.
SPEAKERS = st.lists(
    st.from_regex(
        r"[A-Z][a-z]{1,8}( [A-Z][a-z]{1,8})?|P[0-9]{1,2}|[א-ת]{2,8}", fullmatch=True
    ).filter(name_like),
    min_size=2,
    max_size=4,
    unique_by=str.casefold,
)
UGLY = st.sampled_from(
    [
        "👩🏽\u200d🔧",
        "🇩🇪",
        "e\u0301",
        "שלום",
        "\u202eمرحبا\u202c",
        "x\u2028y",
        "a\x0bb",
        "&amp;",
        "<i>",
        "-->",
        "00:00:01",
        "Name: x",
        "*stars*",
        "don't",
    ]
)
# Control characters are a binary file's mark, half characters no encoding has, and the readers
# take spaces and tabs off both ends.
ANY = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), min_size=1
)
UTTERANCE = (
    st.lists(st.one_of(UGLY, ANY), min_size=1, max_size=6)
    .map(" ".join)
    .map(lambda words: f"so {words} .")
)


@st.composite
def talks(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Draw alternating turns in which every speaker has two at least."""
    speakers = draw(SPEAKERS)
    n_rounds = draw(st.integers(2, 4))
    return [(speaker, draw(UTTERANCE)) for _ in range(n_rounds) for speaker in speakers]


def spoken(data: bytes, suffix: str) -> list[tuple[str | None, str]]:
    """Return each turn's speaker and its slice of the document's text."""
    reading = read_interview(data, PurePath(f"talk{suffix}"))
    document = build_document(reading, path="talk", source_id="s", source_sha256="0", attributes={})
    assert (document.text, document.turns) == assemble(reading.paragraphs)
    return [(turn.speaker, turn.span.of(document.text)) for turn in document.turns]


def encoded(text: str, line_end: str, mark: bool) -> bytes:
    data = text.replace("\n", line_end).encode()
    return codecs.BOM_UTF8 + data if mark else data


def escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cues(talk: list[tuple[str, str]], decimal: str, shape: str) -> str:
    return "\n".join(
        f"{number + 1}\n00:{number:02}:01{decimal}000 --> 00:{number:02}:05{decimal}000\n"
        + shape.format(name=name, words=escaped(words))
        + "\n"
        for number, (name, words) in enumerate(talk)
    )


LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@settings(max_examples=150, deadline=None)
@given(talk=talks(), line_end=LINE_ENDS, mark=st.booleans(), gap=st.sampled_from(["\n", "\n\n"]))
def test_turns_of_plain_text_are_the_words_written(
    talk: list[tuple[str, str]], line_end: str, mark: bool, gap: str
) -> None:
    text = gap.join(f"{name}: {words}" for name, words in talk)

    assert spoken(encoded(text, line_end, mark), ".txt") == talk


@settings(max_examples=150, deadline=None)
@given(talk=talks(), line_end=LINE_ENDS, mark=st.booleans())
def test_turns_of_webvtt_are_the_words_written(
    talk: list[tuple[str, str]], line_end: str, mark: bool
) -> None:
    text = "WEBVTT\n\n" + cues(talk, ".", "<v {name}>{words}</v>")

    assert spoken(encoded(text, line_end, mark), ".vtt") == talk


@settings(max_examples=150, deadline=None)
@given(talk=talks(), line_end=LINE_ENDS, mark=st.booleans())
def test_turns_of_subrip_are_the_words_written(
    talk: list[tuple[str, str]], line_end: str, mark: bool
) -> None:
    text = cues(talk, ",", "{name}: {words}")

    assert spoken(encoded(text, line_end, mark), ".srt") == talk


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(name, data)
    return out.getvalue()


HEADS = st.sampled_from(
    [b"", b"WEBVTT\n\n", b"00:01.000 --> 00:02.000\n", b"PK\x03\x04", b"---\n", b"\xff\xfe", b"# "]
)
ZIPPED = st.builds(
    zipped, st.sampled_from(["word/document.xml", "content.xml", "x"]), st.binary(max_size=200)
)
SCRAPS = st.sampled_from(
    [
        *("A: ", "**B:** ", "\n", "\n\n", "---\n", "# x\n", "00:01 --> 00:02\n", "[m]", "<v C>"),
        *("- ", "`", "1\n", "x: ", "?", "  ", "WEBVTT\n", "[0:01] ", "\u2028", "\u00a0", ">> "),
    ]
)
FILES = st.one_of(
    st.builds(bytes.__add__, HEADS, st.binary(max_size=400)),
    st.builds(lambda head, text: head + text.encode(), HEADS, ANY),
    ZIPPED,
    st.builds(lambda data, cut: data[:-cut], ZIPPED, st.integers(1, 60)),
    st.lists(SCRAPS, max_size=30).map(lambda parts: "".join(parts).encode()),
)
SUFFIXES = st.sampled_from(["", ".txt", ".md", ".vtt", ".srt", ".docx", ".odt", ".TXT"])


@settings(max_examples=300, deadline=None)
@given(data=FILES, suffix=SUFFIXES, encoding=st.sampled_from([None, None, "utf-16-le", "cp1252"]))
def test_any_bytes_are_read_or_refused_with_a_source_error(
    data: bytes, suffix: str, encoding: str | None
) -> None:
    try:
        reading = read_interview(data, PurePath(f"a{suffix}"), encoding=encoding)
    except SourceError as error:
        assert error.message.startswith(f"a{suffix}")
        return

    text, turns = assemble(reading.paragraphs)
    assert all(turn.span.of(text).strip() for turn in turns)
    assert all(
        turn.start_char <= mark.start_char < turn.end_char
        and mark.start_seconds <= mark.end_seconds
        for turn in turns
        for mark in turn.marks
    )
