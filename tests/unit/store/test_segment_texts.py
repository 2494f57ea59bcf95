"""What a search reads at once is what the records say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualcode.records import Document, DocumentKind, Role, Segment, Speaker, Turn
from qualcode.store.repository import Repository
from qualcode.store.sources import Ingested, SourceRecord
from qualcode.store.vectors import text_key

TEXTS = {
    "doc_b": "INT: How was it?\nAda: I waited 👍 for hours.",
    "doc_a": "A lone voice\x00 with an odd character.",
}


def document(document_id: str, *speakers: Speaker, turns: tuple[Turn, ...]) -> Document:
    return Document(
        id=document_id,
        source_id=f"src_{document_id}",
        path=f"{document_id}.txt",
        kind=DocumentKind.INTERVIEW,
        text=TEXTS[document_id],
        turns=turns,
        speakers=speakers,
        attributes={"wave": "2"},
    )


TALK = document(
    "doc_b",
    Speaker("INT", Role.INTERVIEWER, "P09"),
    Speaker("Ada", Role.PARTICIPANT, "P01"),
    turns=(Turn(0, 5, 16, "INT"), Turn(1, 22, 42, "Ada")),
)
ALONE = document("doc_a", Speaker(None, Role.UNKNOWN), turns=(Turn(0, 0, 36),))


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    with Repository(tmp_path / "q.db", create=True) as opened:
        for saved in (TALK, ALONE):
            opened.sources.begin(
                SourceRecord(
                    saved.source_id, saved.path, "0", "interview", "txt", "utf-8", masked=True
                )
            )
            segments = tuple(
                Segment(f"seg_{saved.id}_{turn.index}", saved.id, n, turn.index, *turn_span(turn))
                for n, turn in enumerate(saved.turns)
            )
            opened.sources.add(saved.source_id, [(0, Ingested(saved, segments))], is_last=True)
        yield opened


def turn_span(turn: Turn) -> tuple[int, int]:
    return turn.start_char, turn.end_char


def test_segments_are_those_of_the_corpus_in_its_order(repository: Repository) -> None:
    read = repository.segment_texts.all()
    assert tuple(text.segment for text in read) == repository.corpus().segments


def test_words_labels_paths_and_keys_are_those_of_the_documents(repository: Repository) -> None:
    read = repository.segment_texts.all()
    assert [(t.text, t.label, t.path) for t in read] == [
        ("How was it?", "INT", "doc_b.txt"),
        ("I waited 👍 for hours", "Ada", "doc_b.txt"),
        (TEXTS["doc_a"], None, "doc_a.txt"),
    ]
    assert [text.key for text in read] == [text_key(text.text) for text in read]


def test_only_a_participants_segment_names_a_participant(repository: Repository) -> None:
    read = repository.segment_texts.all()
    assert [text.segment.participant_id for text in read] == [None, "P01", None]


def test_attributes_of_documents_are_read_by_id(repository: Repository) -> None:
    assert repository.segment_texts.document_attributes()["doc_a"] == {"wave": "2"}


def test_some_documents_are_those_of_all(repository: Repository) -> None:
    found = repository.sources.documents_of(["doc_a", "doc_b", "nowhere"])
    assert found == {"doc_a": ALONE, "doc_b": TALK}
