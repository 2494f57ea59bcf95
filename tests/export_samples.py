"""A small study, written for these tests, and random ones."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from qualcode.codebook import Code, Codebook
from qualcode.draft import (
    Cell,
    CriteriaDraft,
    DesignCriterion,
    Draft,
    Feeling,
    Finding,
    JourneyMap,
    MapEdits,
    Merge,
    Moment,
    Opportunity,
    Quote,
    Share,
    SignOff,
    StageColumn,
    Summary,
)
from qualcode.ingest.reading import Paragraph, assemble
from qualcode.records import (
    Coding,
    Corpus,
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
from qualcode.report.export_tables import SurveyTable
from qualcode.spans import Span

CODER = "local:test"
BOOK = Codebook(
    name="Test book",
    codes=(
        Code("choose", "Find what fits me", "stage", goal="What suits me?"),
        Code("waiting", "Waiting", "pain_point", definition="Time passes without news"),
        Code("queue", "Queueing", "pain_point", parent="waiting"),
        Code("gone", "No longer used", "pain_point", status="retired"),
        Code("joy", "Joy", "emotion", valence=1.5),
    ),
)
PARTICIPANTS = {
    "P2": {"persona": "Planner", "region": "North"},
    "P10": {"persona": "Wanderer"},
}


def coding(segment, code, family, *, span=None, coder=CODER, score=0.71234567):
    start, end = span or (segment.start_char, segment.end_char)
    return Coding(
        id=f"cod-{segment.id}-{code}",
        document_id=segment.document_id,
        segment_id=segment.id,
        start_char=start,
        end_char=end,
        family=family,
        code=code,
        coder=coder,
        score=score,
        rationale=Rationale("definition", "Time passes", 1 / 3, (Span(start, end),), "Near it."),
        intensity=2 if family == "emotion" else None,
        valence=-1.0 if family == "emotion" else None,
    )


def coded(segment, family, *codes, coder=CODER):
    codings = tuple(coding(segment, code, family, coder=coder) for code in codes)
    verdict = Verdict.CODED if codes else Verdict.NONE
    return Judgement(segment.id, family, coder, verdict, codings=codings)


def declined(segment, family, verdict=Verdict.ABSTAINED, reason="too short"):
    return Judgement(segment.id, family, CODER, verdict, reason)


def interview():
    text, turns = assemble(
        [
            Paragraph("Topic guide", is_speech=False),
            Paragraph("How was it?", "Ann", marks=(TimeMark(0, 1.5, 4.0),)),
            Paragraph("I waited 😀 hours. שלום, then joy.", "Bo", marks=(TimeMark(0, 62.0, 70.0),)),
            Paragraph("=SUM(me) is what I felt.", "Cy", marks=(TimeMark(0, 3725.0, 3730.0),)),
        ]
    )
    speakers = (
        Speaker("Ann", Role.INTERVIEWER),
        Speaker("Bo", Role.PARTICIPANT, "P10"),
        Speaker("Cy", Role.UNKNOWN),
    )
    return Document(
        *("doc-talk", "src-talk", "talks/one.vtt", DocumentKind.INTERVIEW, text, turns, speakers),
        attributes={"wave": "1"},
    )


def comment(row, text, participant="P2"):
    turns = (Turn(0, 0, len(text)),) if text else ()
    return Document(
        id=f"doc-{row}",
        source_id="src-survey",
        path="survey.csv",
        kind=DocumentKind.COMMENT,
        text=text,
        turns=turns,
        speakers=(Speaker(None, Role.PARTICIPANT, participant),),
        row=row,
        external_id=f"r{row}",
        participant_id=participant,
        attributes={"nps": str(row)},
    )


def segments_of(document):
    """Make one segment of each turn that holds speech."""
    made = []
    for turn in document.turns:
        if turn.is_speech and turn.end_char > turn.start_char:
            who = document.speaker(turn.speaker)
            at = (len(made), turn.index, turn.start_char, turn.end_char)
            seg_id = f"seg-{document.id}-{turn.index}"
            made.append(Segment(seg_id, document.id, *at, who.role, who.participant_id))
    return made


def sample():
    """Return a corpus: one talk of three voices, and a survey whose rows end in each verdict."""
    documents = (
        interview(),
        comment(2, "The queue, the queue!"),
        comment(3, "Fine."),
        comment(4, "Hm."),
        comment(5, ""),
        comment(6, "-5"),
    )
    segments = tuple(s for document in documents for s in segments_of(document))
    ann, bo, cy, queue, fine, hm, broken = segments
    judgements = (
        coded(ann, "pain_point", "waiting"),
        coded(bo, "stage", "choose"),
        coded(bo, "pain_point", "waiting"),
        coded(bo, "emotion", "joy"),
        coded(cy, "pain_point", "waiting"),
        coded(queue, "pain_point", "queue", "gone"),
        coded(fine, "pain_point"),
        declined(hm, "pain_point"),
        declined(broken, "pain_point", Verdict.UNPROCESSED, "model failed"),
    )
    return Corpus(documents, segments, judgements)


def survey_of(corpus, header=("id", "comment"), extra=()):
    rows = [d for d in corpus.documents if d.row is not None]
    return SurveyTable(
        "survey.csv",
        tuple(header) + tuple(extra),
        tuple(d.id for d in rows),
        tuple((d.external_id, d.text, *("x" for _ in extra)) for d in rows),
    )


def draft_of(corpus):
    """Return a draft that quotes the corpus's first coding everywhere, empty without one."""
    codings = list(corpus.codings())
    pointers = tuple(
        Quote(c.id, c.document_id, c.segment_id, c.start_char, c.end_char, "P10", c.score, -1.0)
        for c in codings[:1]
    )
    share = Share(1, 2, 0.0123456789, 0.9, "Wilson 95 %; sampling only, codings unchecked")
    finding = Finding("waiting", "Waiting", share, pointers)
    criterion = DesignCriterion(
        *("crit-1", "Tell people how long it takes", "need texts", ("wait", "hour"), ("P10",)),
        *({"choose": 1}, {"waiting": 2, "queue": 1}, pointers, 3),
        segments=("seg-doc-talk-2",),
        needs=("told",),
        personas={"Wanderer": 1},
        in_their_words=next(iter(pointers), None),
        stability=1 / 3,
        counter_evidence=pointers,
        left_out=pointers,
        merges=(Merge((("wait",), ("hour",)), (2, 1), (1, 1), 0.5),),
        status="edited",
        author="Ann",
        note="The codings no longer group like this.",
    )
    rejected = replace(criterion, id="crit-2", status="rejected", in_their_words=None)
    return Draft(
        CriteriaDraft(
            (criterion,),
            "",
            {"silhouette_4": 0.1, "silhouette_3": 0.25},
            "three, because four came back less often",
            (rejected,),
        ),
        JourneyMap(
            stages=(
                StageColumn(
                    *("choose", "Find what fits me", "What?", 1, 2, 1),
                    *(pointers, pointers, pointers),
                ),
            ),
            moments=(Moment("choose", "web", "Web site", share, -1.5, 0.75, pointers),),
            cells={
                ("own", "choose"): Cell("own", "choose", ()),
                ("pain_point", "choose"): Cell("pain_point", "choose", (finding,)),
            },
            feelings=(
                Feeling("choose", -0.5, None, None, 1, {"P10": -0.5, "P2": 1.0}, "one person"),
            ),
            n_people=2,
            n_segments=7,
            n_coded_segments=3,
            n_unassigned_segments=1,
        ),
        MapEdits(
            opportunities=(Opportunity("O1", "choose", "Call people back.", "Ops", "Ann"),),
            summaries=(Summary("choose", "doing", "They compare.", "written", "Ann"),),
            owners={"crit-1": "Ops", "choose": "Sales"},
            pinned={"pain_point/choose/waiting": tuple(q.coding_id for q in pointers)},
            hidden={"cod-x": "names a street"},
            sign_offs=(SignOff("Ann", "leader", "2026-03-01T10:00:00Z", False, "no", True),),
        ),
    )


# Emoji, right-to-left, combining marks and formula starts come up often; CR does not: the
# canonical text has LF only.
TEXTS = st.text(
    st.one_of(
        st.sampled_from("😀👩‍🚀עבשלוםمرحبا=+-@'\",;\n\t é\u0301\u202e"),
        st.characters(exclude_characters="\r", exclude_categories=("Cs",)),
    ),
    max_size=40,
)


@st.composite
def corpora(draw):
    """Draw surveys and talks with random text, spans and verdicts."""
    documents = []
    for row in range(draw(st.integers(0, 4))):
        documents.append(comment(row + 2, draw(TEXTS), draw(st.sampled_from(["P2", "P10"]))))
    for number in range(draw(st.integers(0, 2))):
        said = draw(st.lists(st.tuples(st.sampled_from("ABC"), TEXTS), max_size=4))
        text, turns = assemble([Paragraph(words, who) for who, words in said])
        roles = dict(zip("ABC", (Role.PARTICIPANT, Role.INTERVIEWER, Role.UNKNOWN), strict=True))
        speakers = tuple(
            Speaker(who, role, "P10" if role is Role.PARTICIPANT else None)
            for who, role in roles.items()
        )
        head = (f"doc-talk-{number}", "src", f"{number}.txt", DocumentKind.INTERVIEW)
        documents.append(Document(*head, text, turns, speakers))
    segments = [s for document in documents for s in segments_of(document)]
    judgements = []
    for segment in segments:
        for family, code in draw(
            st.sets(st.sampled_from([("stage", "choose"), ("pain_point", "waiting")]))
        ):
            verdict = draw(st.sampled_from(Verdict))
            if verdict is Verdict.CODED:
                start = draw(st.integers(segment.start_char, segment.end_char))
                end = draw(st.integers(start, segment.end_char))
                made = coding(segment, code, family, span=(start, end))
                judgements.append(Judgement(segment.id, family, CODER, verdict, codings=(made,)))
            else:
                judgements.append(declined(segment, family, verdict))
    return Corpus(tuple(documents), tuple(segments), tuple(judgements))
