"""What is saved comes back as the same records."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qualcode.records import (
    Coding,
    Document,
    DocumentKind,
    Judgement,
    Rationale,
    Role,
    Segment,
    Speaker,
    TimeMark,
    Turn,
    Verdict,
)
from qualcode.spans import Edit, Rebase, Span, apply_edits
from qualcode.store.repository import Repository
from qualcode.store.revisions import Rewrite
from qualcode.store.sources import Ingested, SourceRecord
from qualcode.store.vectors import text_key

TEXT = "INT: How was it?\nAda: Ada waited 👍 for hours."
SOURCE = SourceRecord("src_1", "a.txt", "00", "interview", "txt", "utf-8", masked=True)
DOCUMENT = Document(
    id="doc_1",
    source_id="src_1",
    path="a.txt",
    kind=DocumentKind.INTERVIEW,
    text=TEXT,
    turns=(
        Turn(0, 5, 16, "INT", marks=(TimeMark(5, 0.5, 2.0),)),
        Turn(1, 22, len(TEXT), "Ada"),
    ),
    speakers=(Speaker("INT", Role.INTERVIEWER), Speaker("Ada", Role.PARTICIPANT, "P01")),
)
SEGMENTS = (
    Segment("seg_0", "doc_1", 0, 0, 5, 16, Role.INTERVIEWER),
    Segment("seg_1", "doc_1", 1, 1, 22, len(TEXT), Role.PARTICIPANT, "P01"),
)


def judgement(score: float = 0.5) -> Judgement:
    coding = Coding(
        id="cod_1",
        document_id="doc_1",
        segment_id="seg_1",
        start_char=22,
        end_char=len(TEXT),
        family="pain_point",
        code="pain_waiting",
        coder="local:x",
        score=score,
        rationale=Rationale("example", "I waited", 0.7, (Span(26, 32),), "Near an example."),
        valence=-1.0,
        intensity=2,
    )
    return Judgement("seg_1", "pain_point", "local:x", Verdict.CODED, codings=(coding,))


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    with Repository(tmp_path / "q.db", create=True) as opened:
        opened.sources.begin(SOURCE)
        opened.sources.add("src_1", [(0, Ingested(DOCUMENT, SEGMENTS))], is_last=True)
        yield opened


def save(repository: Repository, *judgements: Judgement, basis: str = "b1") -> None:
    run_id = repository.judgements.begin_run(
        "code", coder="local:x", codebook_fingerprint="f1", code_version="0"
    )
    repository.judgements.add(run_id, [(judgement, basis) for judgement in judgements])


def test_documents_and_segments_come_back_as_they_were_saved(repository: Repository) -> None:
    assert repository.sources.documents() == (DOCUMENT,)
    assert repository.sources.segments([DOCUMENT]) == SEGMENTS


def test_saving_a_document_twice_leaves_one(repository: Repository) -> None:
    repository.sources.add("src_1", [(0, Ingested(DOCUMENT, SEGMENTS))], is_last=True)
    assert len(repository.sources.documents()) == 1


def test_judgements_come_back_with_their_codings(repository: Repository) -> None:
    save(repository, judgement())
    assert repository.corpus().judgements == (judgement(),)


def test_a_newer_judgement_takes_the_place_of_the_older(repository: Repository) -> None:
    save(repository, judgement(0.2))
    save(repository, judgement(0.9))
    assert repository.corpus().judgements == (judgement(0.9),)


def test_the_basis_of_the_newest_judgement_is_known_with_its_codebook(
    repository: Repository,
) -> None:
    save(repository, judgement(), basis="b1")
    assert repository.judgements.bases("pain_point", "local:x") == {"seg_1": ("b1", "f1")}
    assert repository.judgements.bases("pain_point", "other") == {}


def test_an_unprocessed_segment_does_not_count_as_judged(repository: Repository) -> None:
    save(repository, Judgement("seg_1", "pain_point", "local:x", Verdict.UNPROCESSED, "cut"))
    assert repository.judgements.bases("pain_point", "local:x") == {}


def test_the_codes_that_a_segment_has_are_told_apart_from_those_it_ever_had(
    repository: Repository,
) -> None:
    save(repository, judgement())
    save(repository, Judgement("seg_1", "pain_point", "local:x", Verdict.NONE))
    assert repository.judgements.codes("pain_point", "local:x") == {}
    ever = repository.judgements.codes("pain_point", "local:x", ever=True)
    assert ever == {"seg_1": frozenset({"pain_waiting"})}


def test_a_voice_made_interviewer_silences_its_codings(repository: Repository) -> None:
    save(repository, judgement())
    repository.people.set_speaker("doc_1", "Ada", Role.INTERVIEWER, None)
    assert list(repository.corpus().codings()) == []


def test_masking_moves_every_span_with_the_text(repository: Repository) -> None:
    save(repository, judgement())
    edits = (Edit(17, 20, "[PERSON_1]"), Edit(22, 25, "[PERSON_1]"))
    rebase = Rebase(edits)
    turns = [
        replace(t, start_char=rebase.span(t.span).start_char, end_char=rebase.span(t.span).end_char)
        for t in DOCUMENT.turns
    ]
    speakers = (DOCUMENT.speakers[0], Speaker("[PERSON_1]", Role.PARTICIPANT, "P01"))
    masked = replace(
        DOCUMENT,
        text=apply_edits(TEXT, edits),
        turns=(
            replace(turns[0], marks=DOCUMENT.turns[0].marks),
            replace(turns[1], speaker="[PERSON_1]"),
        ),
        speakers=speakers,
        version=2,
    )
    repository.revisions.rewrite([Rewrite(masked, edits)], reason="masked")
    corpus = repository.corpus()
    coding = next(corpus.codings())
    assert corpus.documents == (masked,)
    assert coding.span.of(masked.text) == "[PERSON_1] waited 👍 for hours."
    assert coding.rationale.words[0].of(masked.text) == "waited"
    assert corpus.segments[1].span.of(masked.text) == "[PERSON_1] waited 👍 for hours."


def test_masked_words_are_nowhere_in_the_files_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "q.db"
    secret = "Zebulonia"
    document = replace(DOCUMENT, text=f"INT: Hi?\nAda: {secret}", turns=(), speakers=())
    with Repository(path, create=True) as opened:
        opened.sources.begin(SOURCE)
        opened.sources.add("src_1", [(0, Ingested(document, ()))], is_last=True)
        at = document.text.index(secret)
        edits = (Edit(at, at + len(secret), "[PERSON_1]"),)
        newer = replace(document, text=apply_edits(document.text, edits), version=2)
        opened.revisions.rewrite([Rewrite(newer, edits)], reason="masked")
        opened.erase_leftovers()
    left = [p.name for p in tmp_path.iterdir() if secret.encode() in p.read_bytes()]
    assert left == []


def test_removing_a_source_removes_all_that_hangs_on_it(repository: Repository) -> None:
    save(repository, judgement())
    repository.sources.remove("src_1")
    corpus = repository.corpus()
    assert (corpus.documents, corpus.segments, corpus.judgements) == ((), (), ())
    assert repository.sources.all() == ()


def test_vectors_come_back_bit_for_bit(repository: Repository) -> None:
    vector = np.linspace(-1, 1, 384, dtype=np.float32)
    repository.vectors.add({text_key("a"): vector}, "m")
    found = repository.vectors.get([text_key("a"), text_key("b")], "m")
    assert list(found) == [text_key("a")]
    assert found[text_key("a")].tobytes() == vector.tobytes()


def test_a_killed_run_still_says_running(repository: Repository) -> None:
    repository.judgements.begin_run("code", code_version="0")
    assert [run.status for run in repository.judgements.runs()] == ["running"]
