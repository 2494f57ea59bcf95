"""Codes that a model proposes for a study: what is kept, and what is not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from qualcode.coders.llm.steps import Answered, Step, Unit
from qualcode.errors import StudyError, UsageError
from qualcode.prompts import shipped_prompts
from qualcode.records import Role
from qualcode.workflow import candidates
from qualcode.workflow.mask import mask
from qualcode.workflow.propose import propose, proposing
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study
from tests.proposing_sample import COMMENTS, NOISE, STAIRS, answering, make_study, run

KEYS = ("family", "name", "definition", "sentences")
WORDS = {"loud": NOISE, "stairs": STAIRS}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proposing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        make_study(folder).close()
    return folder / "study"


@pytest.fixture
def opened(template: Path, tmp_path: Path) -> Iterator[Study]:
    with Study(shutil.copytree(template, tmp_path / "study")) as study:
        yield study


def held(study: Study) -> list[tuple[object, ...]]:
    """Return all candidates without the time."""
    return [
        (c.id, c.family, c.name, c.definition, c.quotes, c.status)
        for c in study.repository.candidates.all()
    ]


def test_a_proposed_code_is_kept_with_its_quotes_from_every_source(opened: Study) -> None:
    report = run(opened, WORDS)
    rows = {row.candidate.name: row for row in candidates.offered(opened)}
    assert report.new == (1, 2)
    assert [quote.quote for quote in rows["Stairs in the way"].quotes] == [
        "The stairs are steep.",
        "Stairs and stairs, and no lift.",
        "Yes, and the stairs were wet. I nearly fell.",
    ]
    assert (rows["Too loud"].n_people, rows["Too loud"].n_segments) == (3, 3)


def test_every_quote_is_a_span_of_a_participants_segment(opened: Study) -> None:
    run(opened, {**WORDS, "what": ("need", "All that was asked", "Nothing."), "n/a": NOISE})
    segments = {s.id: s for s in opened.repository.corpus().segments}
    quotes = [q for c in opened.repository.candidates.all() for q in c.quotes]
    assert len(quotes) == 6
    for quote in quotes:
        segment = segments[quote.segment_id]
        assert segment.role is Role.PARTICIPANT
        assert segment.start_char <= quote.start_char < quote.end_char <= segment.end_char


def test_the_codebook_stays_as_it_is(opened: Study) -> None:
    before = (opened.path / "codebook.yaml").read_bytes()
    run(opened, WORDS)
    assert (opened.path / "codebook.yaml").read_bytes() == before
    assert opened.repository.decisions.all() == ()


def test_answers_in_another_order_make_the_same_candidates(opened: Study, tmp_path: Path) -> None:
    with make_study(tmp_path / "other") as other:
        run(opened, WORDS)
        run(other, WORDS, backwards=True)
        assert [c[1:4] for c in held(other)] == [c[1:4] for c in held(opened)]
        texts = [
            [[q.quote for q in row.quotes] for row in candidates.offered(study)]
            for study in (opened, other)
        ]
        assert texts[0] == texts[1]


def test_the_same_answers_again_change_nothing(opened: Study) -> None:
    run(opened, WORDS)
    before = held(opened)
    report = run(opened, WORDS)
    assert held(opened) == before
    assert (report.new, report.joined) == ((), (1, 2))


def test_new_quotes_go_to_the_open_candidate_that_means_the_same(opened: Study) -> None:
    run(opened, {"steep": STAIRS})
    other = ("pain_point", "Stairs are in my way", "Customers meet stairs and need a lift or ramp.")
    report = run(opened, {"stairs": other})
    (one,) = opened.repository.candidates.all()
    assert (report.joined, one.name, len(one.quotes)) == ((1,), "Stairs in the way", 3)


def test_what_the_book_has_is_counted_and_not_kept(opened: Study) -> None:
    report = run(
        opened,
        {
            "queue": ("pain_point", "Waiting", "Whatever."),
            "slow": ("pain_point", "It takes too long", "It takes too long to be served."),
        },
    )
    assert (report.n_proposed, report.n_in_book, report.new) == (2, 2, ())


def test_what_was_dismissed_does_not_come_back(opened: Study) -> None:
    run(opened, WORDS)
    candidates.dismiss(opened, 1, by="Ada")
    before = held(opened)
    assert run(opened, WORDS).n_dismissed == 1
    assert held(opened) == before


def test_every_proposed_code_is_accounted_for(opened: Study) -> None:
    run(opened, {"steep": STAIRS})
    words = {**WORDS, "queue": ("pain_point", "Waiting", "It takes too long.")}
    report = run(opened, words)
    told = report.n_merged + report.n_in_book + report.n_dismissed + len(report.new)
    assert (report.n_proposed, told) == (5, 5)


def test_a_family_that_the_book_does_not_have_can_be_proposed_for(opened: Study) -> None:
    run(opened, {"ramp": STAIRS, "phone": ("trust", "Out of reach", "Nobody can be called.")})
    assert opened.repository.candidates.all() == ()
    run(opened, {"phone": ("trust", "Out of reach", "Nobody can be called.")}, ["Trust"])
    assert [c.family for c in opened.repository.candidates.all()] == ["trust"]


def test_a_family_is_named_by_letters(opened: Study) -> None:
    with pytest.raises(UsageError, match="cannot be the id of a family"):
        proposing(opened, ["4ever!"])


def test_a_pack_without_a_usable_answer_is_told_and_the_others_count(opened: Study) -> None:
    def reply(unit: Unit) -> str:
        if unit.document_id:
            return "I would rather not."
        return json.dumps({"candidates": [dict(zip(KEYS, (*NOISE, [3]), strict=True))]})

    with recorded(opened, "propose"):
        report = propose(opened, answering(reply))
    (one,) = report.unprocessed
    assert one.reason == "the reply is not JSON: it begins with other text"
    assert [c.name for c in opened.repository.candidates.all()] == ["Too loud"]


def test_a_run_that_is_stopped_keeps_nothing_by_halves(opened: Study) -> None:
    def stopped(step: Step, units: Sequence[Unit]) -> Iterator[Answered]:
        yield Answered(units[0], {"candidates": [dict(zip(KEYS, (*NOISE, [1]), strict=True))]})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), recorded(opened, "propose"):
        propose(opened, stopped)
    assert opened.repository.candidates.all() == ()


def test_texts_that_change_meanwhile_are_not_pointed_into(opened: Study) -> None:
    prepared = proposing(opened)
    mask(opened, ["headache"])
    nothing = answering(lambda unit: '{"candidates": []}')
    with pytest.raises(StudyError, match="while codes were"), recorded(opened, "propose"):
        propose(opened, nothing, prepared=prepared)


def test_a_name_masked_later_leaves_the_quotes_on_their_words(opened: Study) -> None:
    run(opened, WORDS)
    mask(opened, ["headache"])
    noise = next(r for r in candidates.offered(opened) if r.candidate.name == "Too loud")
    assert noise.quotes[0].quote == "So loud in there that I got a [PERSON_2]."


def test_what_is_asked_can_be_seen_before(opened: Study) -> None:
    prepared = proposing(opened)
    assert (len(prepared.units), prepared.n_segments, prepared.n_unknown) == (2, 7, 0)
    assert len(COMMENTS) - 1 + 2 == prepared.n_segments


def test_a_studys_own_prompt_is_used(opened: Study) -> None:
    (shipped,) = (p for p in shipped_prompts() if p.name == "propose.v1.md")
    own = opened.path / "prompts" / "propose.v2.md"
    own.parent.mkdir()
    text = shipped.read_text(encoding="utf-8").replace("You help a research", "You help our")
    own.write_text(text, encoding="utf-8", newline="\n")
    prepared = proposing(opened)
    assert "You help our team" in prepared.step.ask([prepared.units[0]]).messages[0].text


def test_proposing_belongs_into_a_run(opened: Study) -> None:
    with pytest.raises(RuntimeError, match="belongs into a run"):
        propose(opened, answering(lambda unit: '{"candidates": []}'))
