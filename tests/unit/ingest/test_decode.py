import pytest

from qualcode.errors import SourceError
from qualcode.ingest.decode import decode, entities_decoded, trim


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("Grüße".encode(), "utf-8"),
        ("\ufeffGrüße".encode(), "utf-8"),
        ("\ufeffGrüße".encode("utf-16-le"), "utf-16-le"),
        ("\ufeffGrüße".encode("utf-16-be"), "utf-16-be"),
        ("Grüße".encode("cp1252"), "cp1252"),
    ],
)
def test_the_text_is_the_same_in_every_encoding_that_can_be_told(data: bytes, name: str) -> None:
    assert decode(data, path="a.txt", encoding=None) == ("Grüße", name)


def test_the_given_encoding_wins() -> None:
    assert decode("Привет".encode("koi8-r"), path="a", encoding="koi8-r")[0] == "Привет"


def test_line_ends_become_lf_and_other_separators_stay() -> None:
    text, _ = decode("a\r\nb\rc\u2028d\x0be\x0cf".encode(), path="a.txt", encoding=None)

    assert text == "a\nb\nc\u2028d\x0be\x0cf"


def test_an_error_names_file_offset_and_the_flag() -> None:
    with pytest.raises(
        SourceError, match=r"talk\.txt: byte 0xe9 at offset 3 is not utf-8"
    ) as error:
        decode(b"caf\xe9", path="talk.txt", encoding="utf-8")

    assert "--encoding" in str(error.value.hint)


@pytest.mark.parametrize("encoding", ["nonsense", "rot13", "base64", "a\0b", ""])
def test_a_name_that_is_no_text_encoding_never_ends_in_a_traceback(encoding: str) -> None:
    if not encoding:
        assert decode(b"abc", path="a", encoding=encoding)[0] == "abc"
        return
    with pytest.raises(SourceError, match="unknown text encoding"):
        decode(b"abc", path="a", encoding=encoding)


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf\n", b"\xff\xfe"])
def test_a_file_without_text_is_empty(data: bytes) -> None:
    with pytest.raises(SourceError, match="empty"):
        decode(data, path="a.txt", encoding=None)


@pytest.mark.parametrize("data", [b"abc\0def", bytes(range(1, 32)) * 3, b"h\0i\0"])
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="binary"):
        decode(data, path="a.bin", encoding=None)


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(SourceError):
        decode(rb"\ud800 hello", path="a", encoding="unicode_escape")


def test_entities_are_decoded_once_and_only_with_their_semicolon() -> None:
    assert entities_decoded("&amp;lt; AT&T &copy2020 &#233;") == "&lt; AT&T &copy2020 é"


def test_only_spaces_and_tabs_are_trimmed() -> None:
    assert trim(" \t\u2028a b\u00a0 \t") == "\u2028a b\u00a0"
