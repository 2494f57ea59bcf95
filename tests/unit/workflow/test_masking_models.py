"""A name masked later is gone from what models were asked, too, and from what they wrote."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from qualcode.records import Coding, Judgement, Rationale, Verdict
from qualcode.spans import Span
from qualcode.store.candidates import CandidateQuote, Proposal
from qualcode.store.ledger import BodyState, Ending, Outgoing
from qualcode.store.narratives import DraftedSentence, Wording
from qualcode.store.replies import FailedReply, KeptReply
from qualcode.workflow.ingest import ingest
from qualcode.workflow.mask import mask
from qualcode.workflow.study import Study
from tests.unit.workflow.conftest import Write, talk

WORDS = "Then Zebedee Quux rang me back."
LATER = "Nobody else ever rang me at all."


@pytest.fixture
def asked(study: Study, write: Write) -> Study:
    """Return a study with two talks, in one of which a name stands, and a run that asked."""
    ingest(study, [write("1.txt", talk("Interviewee", WORDS))])
    ingest(study, [write("2.txt", talk("Interviewee", LATER))])
    study.repository.judgements.begin_run("code", coder="llm:x:m", code_version="1")
    return study


def run_of(study: Study) -> int:
    return study.repository.judgements.runs()[-1].id


def documents(study: Study) -> tuple[str, str]:
    named, other = study.repository.sources.documents()
    return named.id, other.id


def request_body(words: str) -> bytes:
    messages = [
        {"role": "system", "content": "Code what people said."},
        {"role": "user", "content": f"s1: 1 {words}"},
    ]
    return json.dumps({"model": "m", "messages": messages}).encode("utf-8")


def sent(study: Study, body: bytes) -> int:
    out = Outgoing("code", "ask", "llm:x:m", "api.example.org", 1)
    return study.repository.ledger.add(run_of(study), out, Ending("ok", sent=body))


def state_of(study: Study, number: int) -> BodyState:
    held = study.repository.ledger.get(number)
    assert held is not None
    return held.body_state


def reply(study: Study, key: str, document_id: str, answer: object) -> None:
    kept = KeptReply(key, "c", "s", "code", "llm:x:m", answer, document_id)
    study.repository.replies.keep(run_of(study), [kept])


def test_what_was_sent_holds_the_placeholder_afterwards(asked: Study) -> None:
    number = sent(asked, request_body(WORDS))
    mask(asked, ["Zebedee Quux"])
    body = asked.repository.ledger.body(number)
    assert json.loads(body or b"") == json.loads(
        request_body(WORDS.replace("Zebedee Quux", "[PERSON_1]"))
    )
    assert state_of(asked, number) is BodyState.MASKED


def test_what_was_sent_without_the_name_stays_byte_for_byte(asked: Study) -> None:
    number = sent(asked, request_body(LATER))
    mask(asked, ["Zebedee Quux"])
    assert asked.repository.ledger.body(number) == request_body(LATER)
    assert state_of(asked, number) is BodyState.EXACT


def test_the_hash_of_what_was_sent_goes_with_the_name(asked: Study) -> None:
    number = sent(asked, request_body(WORDS))
    before = asked.repository.ledger.get(number)
    mask(asked, ["Zebedee Quux"])
    after = asked.repository.ledger.get(number)
    assert before is not None
    assert after is not None
    assert before.sent_sha256 != after.sent_sha256


def test_a_name_with_an_accent_is_found_behind_escapes(asked: Study, write: Write) -> None:
    words = "I asked Zoé Lévy for it."
    ingest(asked, [write("3.txt", talk("Interviewee", words))])
    number = sent(asked, request_body(words))
    assert b"Zo\\u00e9" in request_body(words)
    mask(asked, ["Zoé Lévy"])
    body = asked.repository.ledger.body(number) or b""
    assert b"[PERSON_1]" in body
    assert "Zo" not in body.decode("utf-8")


def test_a_name_in_json_inside_the_request_takes_the_whole_away(asked: Study) -> None:
    quoted = json.dumps({"words": f"\n{WORDS[5:]}"})
    number = sent(asked, request_body(f"You answered: {quoted}"))
    mask(asked, ["Zebedee Quux"])
    assert asked.repository.ledger.body(number) is None
    assert state_of(asked, number) is BodyState.ERASED


def test_a_request_that_was_cut_is_masked_as_text(asked: Study) -> None:
    number = sent(asked, request_body(WORDS)[:-10])
    mask(asked, ["Zebedee Quux"])
    body = asked.repository.ledger.body(number) or b""
    assert b"[PERSON_1] rang" in body
    assert b"Quux" not in body


def test_a_name_in_small_letters_is_found_where_the_talk_has_none_but_small_letters(
    study: Study, write: Write
) -> None:
    words = "well then zebedee rang me and he said that it would take another week or two for it"
    ingest(study, [write("1.csv", f"id,comment\n1,{words}\n")])
    study.repository.judgements.begin_run("code", coder="llm:x:m", code_version="1")
    number = sent(study, request_body(words))
    mask(study, ["Zebedee"])
    assert b"zebedee" not in (study.repository.ledger.body(number) or b"zebedee")


def test_the_answers_on_a_text_with_the_name_are_asked_for_again(asked: Study) -> None:
    named, other = documents(asked)
    reply(asked, "a", named, {"why": "he rang"})
    reply(asked, "b", other, {"why": "nobody rang"})
    mask(asked, ["Zebedee Quux"])
    assert asked.repository.replies.valid(["a", "b"]) == {"b": {"why": "nobody rang"}}


def test_an_answer_on_another_text_that_holds_the_name_is_asked_for_again(asked: Study) -> None:
    _, other = documents(asked)
    reply(asked, "a", other, {"why": "not like Zebedee"})
    mask(asked, ["Zebedee Quux"])
    assert asked.repository.replies.valid(["a"]) == {}


def test_a_raw_reply_that_holds_the_name_behind_a_line_end_is_taken_away(asked: Study) -> None:
    _, other = documents(asked)
    raw = '{"words": "\\nZebedee'
    failed = FailedReply("k", "c", "s", "code", "llm:x:m", "no JSON", raw, other)
    asked.repository.replies.fail(run_of(asked), [failed])
    mask(asked, ["Zebedee Quux"])
    assert list(asked.repository.replies.all()) == []


def test_proposed_codes_and_drafted_words_hold_the_placeholder_afterwards(asked: Study) -> None:
    run = run_of(asked)
    segment = asked.repository.corpus().segments[0]
    quote = CandidateQuote(segment.id, segment.start_char, segment.end_char)
    asked.repository.candidates.add(
        run, [Proposal("need", "Reach Zebedee", "To reach Zebedee Quux.", (quote,))]
    )
    drafted = (DraftedSentence("They wait for Zebedee Quux.", ("cod_1",)),)
    asked.repository.narratives.add(run, [Wording("cell", "need/stage_wait", drafted)])
    mask(asked, ["Zebedee Quux"])
    (candidate,) = asked.repository.candidates.all()
    (narrative,) = asked.repository.narratives.all()
    assert (candidate.name, candidate.definition) == ("Reach [PERSON_1]", "To reach [PERSON_1].")
    assert narrative.text == "They wait for [PERSON_1]."


def test_the_quotes_of_a_proposed_code_are_the_same_words_afterwards(asked: Study) -> None:
    segment = asked.repository.corpus().segments[0]
    document = asked.repository.sources.documents()[0]
    start = document.text.index("rang")
    quote = CandidateQuote(segment.id, start, start + 4)
    asked.repository.candidates.add(run_of(asked), [Proposal("need", "A", "B", (quote,))])
    mask(asked, ["Zebedee Quux"])
    (candidate,) = asked.repository.candidates.all()
    (moved,) = candidate.quotes
    text = asked.repository.sources.documents()[0].text
    assert Span(moved.start_char, moved.end_char).of(text) == "rang"


def judgement(study: Study, coder: str, note: str, reason: str) -> Judgement:
    segment = study.repository.corpus().segments[0]
    coding = Coding(
        id="cod_1",
        document_id=segment.document_id,
        segment_id=segment.id,
        start_char=segment.start_char,
        end_char=segment.end_char,
        family="need",
        code="need_soon",
        coder=coder,
        score=0.9,
        rationale=Rationale(basis="model", reference="", note=note),
    )
    return Judgement(segment.id, "need", coder, Verdict.CODED, reason, (coding,))


def test_what_a_model_gives_as_reasons_holds_the_placeholder_afterwards(asked: Study) -> None:
    told = judgement(asked, "llm:x:m", "Zebedee rang late", "about Zebedee Quux")
    asked.repository.judgements.add(run_of(asked), [(told, "basis")])
    mask(asked, ["Zebedee Quux"])
    (held,) = asked.repository.corpus().judgements
    assert (held.reason, held.codings[0].rationale.note) == (
        "about [PERSON_1]",
        "[PERSON_1] rang late",
    )
    assert held.codings[0].rationale == replace(
        told.codings[0].rationale, note="[PERSON_1] rang late"
    )


def test_the_log_says_how_much_was_changed_and_taken_away(asked: Study) -> None:
    named, _ = documents(asked)
    sent(asked, request_body(WORDS))
    reply(asked, "a", named, 1)
    report = mask(asked, ["Zebedee Quux"])
    assert report.of_models == {"requests masked": 1, "replies dropped": 1}
    assert asked.repository.judgements.runs()[-1].counts["replies dropped"] == 1


def test_the_name_is_nowhere_in_the_studys_files_nor_in_what_they_pack(asked: Study) -> None:
    named, other = documents(asked)
    run = run_of(asked)
    for body in (request_body(WORDS), request_body(json.dumps({"w": f"\n{WORDS[5:]}"}))):
        sent(asked, body)
    reply(asked, "a", named, {"why": WORDS})
    reply(asked, "b", other, {"why": WORDS})
    failed = FailedReply("c", "c", "s", "code", "llm:x:m", "no JSON", WORDS, "")
    asked.repository.replies.fail(run, [failed])
    asked.repository.candidates.add(run, [Proposal("need", WORDS, WORDS)])
    asked.repository.narratives.add(run, [Wording("cell", "a", (DraftedSentence(WORDS, ()),))])
    told = judgement(asked, "llm:x:m", WORDS, WORDS)
    asked.repository.judgements.add(run, [(told, "basis")])
    mask(asked, ["Zebedee Quux"])
    packed = b"".join(body for _, body in asked.repository.ledger.bodies())
    asked.close()
    whole = b"".join(path.read_bytes() for path in asked.path.rglob("*") if path.is_file())
    assert b"[PERSON_1] rang me back." in whole
    assert (b"Zebedee" in whole, b"Quux" in whole, b"Zebedee" in packed) == (False,) * 3
