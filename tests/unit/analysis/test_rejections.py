"""What people's decisions say about the codebook."""

from qualcode.analysis.rejections import Suggestion, suggest
from qualcode.analysis.reviewed import fold
from qualcode.codebook import Code, Codebook
from qualcode.records import Coding, Judgement, Rationale, Verdict
from qualcode.review_events import Action, ReviewEvent

CODES = {
    "slow": Code(id="slow", family="pain_point", name="Too slow"),
    "costly": Code(id="costly", family="pain_point", name="Too costly"),
    "rude": Code(id="rude", family="pain_point", name="Rude"),
}


def book(**exclude: str) -> Codebook:
    codes = [
        Code(
            id=code.id,
            family=code.family,
            name=code.name,
            exclude=(exclude[code.id],) if code.id in exclude else (),
        )
        for code in CODES.values()
    ]
    return Codebook("test", tuple(codes))


def proposal(segment: str, code: str) -> Judgement:
    coding = Coding(
        f"c_{segment}_{code}",
        "doc",
        segment,
        0,
        5,
        "pain_point",
        code,
        "local:x",
        0.6,
        Rationale("definition", ""),
    )
    return Judgement(segment, "pain_point", "local:x", Verdict.CODED, "", (coding,))


def event(segment: str, action: Action, code: str = "", **more: object) -> ReviewEvent:
    return ReviewEvent(
        uid=f"{segment}{action}{code}",
        author="Ann",
        segment_id=segment,
        action=action,
        family="pain_point",
        code=code,
        start_char=0,
        end_char=5,
        **more,  # type: ignore[arg-type]
    )


def found(
    events: list[ReviewEvent], judgements: list[Judgement], codebook: Codebook
) -> tuple[Suggestion, ...]:
    codes = frozenset(CODES)
    return suggest(fold(events, lambda _, __: codes).values(), judgements, codebook)


def changes(n: int) -> tuple[list[ReviewEvent], list[Judgement]]:
    segments = [f"s{at}" for at in range(n)]
    return (
        [event(s, Action.CHANGE, "costly", value={"instead_of": "slow"}) for s in segments],
        [proposal(s, "slow") for s in segments],
    )


def test_a_code_that_people_turn_into_another_lacks_an_exclusion() -> None:
    (one,) = found(*changes(3), book())
    assert (one.kind, one.codes) == ("missing_exclusion", ("slow", "costly"))
    assert "3 of 3 times" in one.text
    assert one.segment_ids == ("s0", "s1", "s2")


def test_where_the_exclusion_is_there_the_two_codes_are_mixed_up() -> None:
    (one,) = found(*changes(3), book(slow="what it costs (costly)"))
    assert one.kind == "mixed_up"


def test_two_decisions_are_no_pattern() -> None:
    assert found(*changes(2), book()) == ()


def test_a_code_that_is_proposed_often_and_never_accepted_is_told() -> None:
    segments = [f"s{at}" for at in range(5)]
    rejected = [event(s, Action.REJECT, "rude") for s in segments]
    (one,) = found(rejected, [proposal(s, "rude") for s in segments], book())
    assert (one.kind, one.codes) == ("unaccepted", ("rude",))


def test_being_done_without_accepting_a_proposal_is_a_no_to_it() -> None:
    segments = [f"s{at}" for at in range(5)]
    done = [event(s, Action.DONE, value={"families": ["pain_point"]}) for s in segments]
    (one,) = found(done, [proposal(s, "rude") for s in segments], book())
    assert one.kind == "unaccepted"


def test_codes_that_are_mostly_given_together_are_told() -> None:
    events = [event(f"s{at}", Action.ADD, code) for at in range(3) for code in ("slow", "rude")]
    (one,) = found(events, [], book())
    assert (one.kind, one.codes) == ("together", ("slow", "rude"))


def test_what_was_accepted_in_bulk_says_nothing_because_nobody_looked() -> None:
    segments = [f"s{at}" for at in range(5)]
    bulk = [event(s, Action.REJECT, "rude", batch="b1") for s in segments]
    assert found(bulk, [proposal(s, "rude") for s in segments], book()) == ()
