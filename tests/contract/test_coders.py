"""What every coder owes its callers; a new coder joins by one line in CODERS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from qualcode.codebook import Code, Codebook, load_codebook
from qualcode.coders.base import Coder, Task
from qualcode.coders.llm.budget import Budget
from qualcode.coders.llm.coder import LlmCoder
from qualcode.coders.llm.engine import answers
from qualcode.coders.llm.ladder import Ladder
from qualcode.coders.llm.pool import Pool, Request
from qualcode.coders.llm.steps import Answered, Step, Unit
from qualcode.coders.local.coder import LocalCoder
from qualcode.prompts import load_prompt
from qualcode.records import (
    Document,
    DocumentKind,
    Judgement,
    Role,
    Segment,
    Speaker,
    Turn,
    Verdict,
    stable_id,
)
from qualcode.resources import default_codebook_path
from tests.llm_server import LlmServer, Wire
from tests.llm_server.asking import QUICK, choice_for, connection_to
from tests.llm_server.obedient import Obedient


@cache
def _book() -> Codebook:
    book = load_codebook(default_codebook_path())
    own = (
        Code("theme_parking", "Parking", "theme", definition="Finding a place to park the car."),
        Code("theme_food", "Food", "theme", definition="What there is to eat, and how it tastes."),
    )
    return replace(book, codes=book.codes + own)


@cache
def _local() -> Coder:
    return LocalCoder(_book())


_OPEN = ExitStack()


class NoMemory:
    """Remember nothing: every time the coder judges, the model is asked."""

    def recall(self, step: Step, units: Sequence[Unit]) -> Mapping[str, Answered]:
        return {}

    def sending(self, step: Step, request: Request) -> None: ...

    def keep(self, step: Step, unit: Unit, answer: Any, raw: str) -> None: ...

    def fail(self, step: Step, unit: Unit, reason: str, raw: str) -> None: ...

    def commit(self) -> None: ...


@cache
def _llm() -> Coder:
    """Return a coder that asks a real server on loopback."""
    server = _OPEN.enter_context(LlmServer(Obedient()))
    connection = _OPEN.enter_context(closing(connection_to(server, Wire.OPENAI)))

    def asked(step: Step, units: Sequence[Unit]) -> Iterator[Answered]:
        with Pool(connection, Ladder(), QUICK, Budget(), on_attempt=lambda attempt: None) as pool:
            yield from answers(step, units, NoMemory(), pool)

    name = choice_for(server.url, Wire.OPENAI).coder_name
    prompts = {name: load_prompt(name, None) for name in ("code", "repair")}
    return LlmCoder(_book(), name, asked, prompts)


CODERS: dict[str, Callable[[], Coder]] = {"local": _local, "llm": _llm}

TALK = (
    ("INT", "How did you find out about it, and how was signing up?"),
    ("P1", "A friend told me. I compared three websites for two weeks. It was confusing."),
    ("P1", "Mm-hm."),
    ("INT", "And then the hotline kept you on hold for an hour, you said? That is annoying."),
    ("P1", "Forty minutes on hold! I was furious 😡. Nobody ever called me back."),
    ("X", "I just want somebody who picks up the phone.\r\nThe nurse was so kind though."),
    ("P1", "שלום, הייתי מאוד מאוכזב."),
    ("P1", "…"),
)
COMMENTS = (
    *("love it", "love it", "n/a", "\ud83d broken \x00 text", " "),
    "The car park was full, no parking anywhere. The soup was wonderful.",
)


def _interview(name: str) -> Task:
    text, turns, segments = "", [], []
    roles = {"INT": Role.INTERVIEWER, "P1": Role.PARTICIPANT, "X": Role.UNKNOWN}
    for index, (label, words) in enumerate(TALK):
        start = len(text) + len(label) + 2
        text += f"{label}: {words}\n"
        end = start + len(words)
        turns.append(Turn(index, start, end, label))
        key = stable_id("seg", name, str(start))
        segments.append(Segment(key, name, index, index, start, end, roles[label]))
    speakers = tuple(Speaker(label, role) for label, role in roles.items())
    document = Document(name, "src", name, DocumentKind.INTERVIEW, text, tuple(turns), speakers)
    return Task(document, tuple(segments))


def _comment(index: int) -> Task:
    name, text = f"doc_c{index}", COMMENTS[index]
    document = Document(
        name,
        "src",
        "survey.csv",
        DocumentKind.COMMENT,
        text,
        (Turn(0, 0, len(text)),),
        (Speaker(None, Role.PARTICIPANT, f"p{index}"),),
        row=index + 2,
    )
    segment = Segment(f"seg_c{index}", name, 0, 0, 0, len(text), Role.PARTICIPANT, f"p{index}")
    return Task(document, (segment,))


@cache
def _tasks() -> tuple[Task, ...]:
    return (_interview("doc_a"), *(_comment(i) for i in range(len(COMMENTS))))


@cache
def _judged(coder: str) -> tuple[Judgement, ...]:
    made = CODERS[coder]()
    return made.code(_tasks(), made.families).items


@pytest.fixture(scope="module", autouse=True)
def close_what_coders_opened() -> Iterator[None]:
    yield
    _OPEN.close()


@pytest.fixture(params=CODERS)
def made(request: pytest.FixtureRequest) -> str:
    """Return a coder's key in CODERS; what a test gets of it is all of the same one."""
    key: str = request.param
    return key


@pytest.fixture
def coder(made: str) -> Coder:
    return CODERS[made]()


@pytest.fixture
def judgements(made: str) -> tuple[Judgement, ...]:
    return _judged(made)


def _segments() -> dict[str, Segment]:
    return {s.id: s for task in _tasks() for s in task.segments}


def test_every_segment_comes_back_once_for_each_family(
    coder: Coder, judgements: tuple[Judgement, ...]
) -> None:
    heard = [s.id for s in _segments().values() if s.role is not Role.INTERVIEWER]
    expected = sorted((segment, family) for segment in heard for family in coder.families)
    assert sorted((j.segment_id, j.family) for j in judgements) == expected


def test_no_interviewers_words_are_judged(judgements: tuple[Judgement, ...]) -> None:
    asked = {s.id for s in _segments().values() if s.role is Role.INTERVIEWER}
    assert not asked & {j.segment_id for j in judgements}


def test_the_sample_gets_every_family_coded_somewhere(
    coder: Coder, judgements: tuple[Judgement, ...]
) -> None:
    # Otherwise the tests below could hold for want of codings.
    coded = {j.family for j in judgements if j.codings}
    assert coded >= {"emotion", "pain_point", "need", "touchpoint", "duration", "theme"}


def test_codings_lie_inside_their_segment(judgements: tuple[Judgement, ...]) -> None:
    segments = _segments()
    for judgement in judgements:
        segment = segments[judgement.segment_id]
        for coding in judgement.codings:
            assert coding.document_id == segment.document_id
            assert coding.segment_id == segment.id
            assert segment.span.contains(coding.span)
            assert len(coding.span) > 0


def test_the_words_of_a_rationale_lie_inside_their_segment(
    judgements: tuple[Judgement, ...],
) -> None:
    segments = _segments()
    for judgement in judgements:
        for coding in judgement.codings:
            span = segments[judgement.segment_id].span
            assert all(span.contains(word) and len(word) for word in coding.rationale.words)


def test_scores_lie_between_zero_and_one(judgements: tuple[Judgement, ...]) -> None:
    assert all(0 <= c.score <= 1 for j in judgements for c in j.codings)


def test_codes_are_active_ones_of_the_family_that_was_judged(
    judgements: tuple[Judgement, ...],
) -> None:
    codes = {family: {c.id for c in _book().family(family)} for family in _book().families}
    for judgement in judgements:
        assert {c.code for c in judgement.codings} <= codes[judgement.family]
        assert {c.family for c in judgement.codings} <= {judgement.family}


def test_a_segment_gets_a_code_at_most_once(judgements: tuple[Judgement, ...]) -> None:
    for judgement in judgements:
        codes = [c.code for c in judgement.codings]
        assert len(codes) == len(set(codes))


def test_ids_of_codings_are_unique(judgements: tuple[Judgement, ...]) -> None:
    ids = [c.id for j in judgements for c in j.codings]
    assert len(ids) == len(set(ids))


def test_a_coder_signs_with_its_name(coder: Coder, judgements: tuple[Judgement, ...]) -> None:
    assert {j.coder for j in judgements} == {coder.name}
    assert {c.coder for j in judgements for c in j.codings} == {coder.name}


def test_whatever_is_not_coded_says_why_unless_no_code_applies(
    judgements: tuple[Judgement, ...],
) -> None:
    quiet = (Verdict.CODED, Verdict.NONE)
    assert all(j.reason for j in judgements if j.verdict not in quiet)


def test_only_emotions_have_intensity_and_valence_and_in_their_range(
    judgements: tuple[Judgement, ...],
) -> None:
    signs = {c.id: c.valence for c in _book().family("emotion")}
    for judgement in judgements:
        for coding in judgement.codings:
            if coding.family != "emotion":
                assert coding.intensity is None and coding.valence is None
                continue
            assert coding.intensity in (1, 2, 3)
            assert coding.valence is not None and -2 <= coding.valence <= 2
            assert coding.valence * (signs[coding.code] or 0) >= 0


def test_a_document_is_judged_alike_whatever_stands_beside_it(
    coder: Coder, judgements: tuple[Judgement, ...]
) -> None:
    for task in _tasks():
        ids = {segment.id for segment in task.segments}
        alone = coder.code([task], coder.families).items
        assert alone == tuple(j for j in judgements if j.segment_id in ids)


def test_the_order_of_documents_and_families_changes_nothing(
    coder: Coder, judgements: tuple[Judgement, ...]
) -> None:
    other = coder.code(_tasks()[::-1], coder.families[::-1]).items
    assert sorted(other, key=lambda j: (j.segment_id, j.family)) == sorted(
        judgements, key=lambda j: (j.segment_id, j.family)
    )


def test_a_second_run_gives_the_same_judgements(
    coder: Coder, judgements: tuple[Judgement, ...]
) -> None:
    assert coder.code(_tasks(), coder.families).items == judgements


def test_no_documents_give_no_judgements(coder: Coder) -> None:
    assert coder.code([], coder.families).items == ()


def test_a_document_of_questions_only_gives_no_judgements(coder: Coder) -> None:
    task = _tasks()[0]
    asked = tuple(s for s in task.segments if s.role is Role.INTERVIEWER)
    assert coder.code([Task(task.document, asked)], coder.families).items == ()


def test_a_basis_is_the_same_when_asked_again_and_differs_by_family(coder: Coder) -> None:
    bases = [coder.basis(family) for family in coder.families]
    assert bases == [coder.basis(family) for family in coder.families]
    assert len(set(bases)) == len(bases)
