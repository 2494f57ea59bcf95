"""A made-up study with a draft, for tests and screenshots of the journey map.

Eight people, seven stages, two personas, one survey row, right-to-left, emoji and hostile text.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from qualcode.analysis.journey import build_journey
from qualcode.codebook import Code, Codebook
from qualcode.draft import (
    CriteriaDraft,
    DesignCriterion,
    Draft,
    Group,
    JourneyMap,
    MapEdits,
    Opportunity,
    Quote,
    SignOff,
    StageColumn,
    Summary,
)
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
    stable_id,
)
from qualcode.settings import Charter

HOSTILE = '</script><script>alert("spoken")</script><img src=x onerror=alert(1)> & "so on"'
BIDI = "They wrote \u202eesrever\u202c and then شكراً جزيلاً, הכול בסדר, and hung up."
EMOJI = "Honestly? 🤬🤬 three hours 👨‍👩‍👧 on hold, then 🎉 it just worked."

STAGES = (
    ("realise", "Realise I need it", "Why does it keep dropping?"),
    ("compare", "Find out what fits me", "Which one will actually be faster?"),
    ("sign_up", "Sign up", "What will I really pay?"),
    ("connect", "Get connected", "When is somebody coming?"),
    ("use", "Live with it day to day", "Is it good enough upstairs as well?"),
    ("help", "Get help when something breaks", "Who owns this until it works?"),
    ("leave", "Decide to stay or to leave", "Is it worth the bother of moving?"),
)

# stage: (text, family, code, valence of the person's words)
SAID: dict[str, tuple[tuple[str, str, str, float], ...]] = {
    "realise": (
        ("My old line kept dropping in meetings.", "pain_point", "drops", -1.0),
        ("A neighbour told me hers was twice as fast.", "touchpoint", "word_of_mouth", 0.5),
        ("I just need it to hold for an hour.", "need", "reliable", -0.5),
    ),
    "compare": (
        ("Every page quoted a different speed.", "pain_point", "conflicting", -0.8),
        ("I built a spreadsheet to compare the prices.", "duration", "evenings", -0.3),
        ("The chat person answered straight away.", "strength", "fast_answer", 1.0),
        ("I opened six tabs on the web site and gave up.", "touchpoint", "web", -1.0),
        ("I wanted one price that stays the price.", "need", "one_price", -0.4),
    ),
    "sign_up": (
        ("Ordering took me five minutes on the phone app.", "strength", "quick_order", 1.2),
        ("Then the first bill was twenty pounds more.", "pain_point", "surprise", -1.4),
        ("It said web price only, and I had rung them.", "touchpoint", "phone", -0.6),
    ),
    "connect": (
        ("They moved the date twice by text.", "pain_point", "date_moved", -1.6),
        ("I waited in all day and nobody came.", "pain_point", "long_wait", -1.8),
        ("Nobody told me anything for two weeks.", "pain_point", "no_updates", -1.5),
        (EMOJI, "pain_point", "long_wait", -0.6),
        ("The engineer stayed late to finish it.", "strength", "someone_cared", 1.5),
        ("I had to ring three times.", "touchpoint", "phone", -1.2),
        ("Just tell me before I have to ask.", "need", "tell_me", -0.7),
        ("It took three weeks in the end.", "duration", "weeks", -1.0),
        ("I could not get hold of a person.", "pain_point", "nobody_there", -1.7),
        ("The letter had the wrong address.", "pain_point", "wrong_letter", -0.9),
    ),
    "use": (
        ("Once it was in, it was brilliant.", "strength", "fast_once_in", 1.7),
        ("Upstairs is still slow.", "pain_point", "weak_upstairs", -0.6),
        ("The app shows me what is going on.", "touchpoint", "app", 0.8),
        (BIDI, "strength", "fast_once_in", 0.9),
    ),
    "help": (
        ("I told my story to four people.", "pain_point", "repeat_story", -1.3),
        ("The bot kept sending me the same link.", "pain_point", "bot_loops", -1.1),
        ("He called me back when he said he would.", "strength", "kept_promise", 1.4),
        (HOSTILE, "pain_point", "bot_loops", -0.2),
        ("Somebody should own it until it works.", "need", "one_owner", -0.5),
    ),
    "leave": (),
}

NAMES = {
    "drops": "Line drops",
    "conflicting": "Conflicting speeds",
    "surprise": "First bill is a surprise",
    "date_moved": "Date changed",
    "long_wait": "Long wait",
    "no_updates": "No updates while waiting for the installation",
    "nobody_there": "Nobody there",
    "wrong_letter": "Wrong letter",
    "weak_upstairs": "Weak upstairs",
    "repeat_story": "Repeat my story",
    "bot_loops": "Bot loops",
    "fast_answer": "Fast answer",
    "quick_order": "Quick to order",
    "someone_cared": "Someone cared",
    "fast_once_in": "Fast once it is in",
    "kept_promise": "Kept a promise",
    "reliable": "Reliable for as long as I need it",
    "one_price": "One price that stays",
    "tell_me": "Tell me before I ask",
    "one_owner": "One person owns it",
    "word_of_mouth": "Word of mouth",
    "web": "Web site",
    "phone": "Phone",
    "app": "App",
    "evenings": "Evenings",
    "weeks": "Weeks",
}
EMOTIONS = (("angry", "Anger", -2.0), ("uneasy", "Unease", -0.6), ("glad", "Gladness", 1.2))
PEOPLE = {
    f"P{n:02d}": {"persona": "Works at home" if n % 3 else "Family with school-age children"}
    for n in range(1, 9)
}
CHARTER = Charter(
    purpose="Learn where new customers lose trust between order and first use",
    decision="Which two parts of the installation to change before the spring",
)


@dataclass
class Sample:
    """What `render_map` takes."""

    draft: Draft
    corpus: Corpus
    codebook: Codebook
    participants: dict[str, dict[str, str]]

    @property
    def arguments(self) -> tuple[Draft, Corpus, Codebook]:
        return self.draft, self.corpus, self.codebook


def make_codebook(stages: tuple[tuple[str, str, str], ...] = STAGES) -> Codebook:
    family = {code: fam for lines in SAID.values() for _, fam, code, _ in lines}
    codes = [Code(c, name, "stage", goal=goal) for c, name, goal in stages]
    codes += [Code(c, name, "emotion", valence=v) for c, name, v in EMOTIONS]
    codes += [
        Code(c, name, family[c], definition=f"What people say about: {name.lower()}.")
        for c, name in NAMES.items()
    ]
    codes.append(Code("hidden_fee", "Hidden fee", "pain_point"))
    return Codebook("broadband", tuple(codes))


def make_sample(
    people: int = 8,
    stages: tuple[tuple[str, str, str], ...] = STAGES,
    persona_names: dict[str, dict[str, str]] | None = None,
    repeats: int = 1,
    group: Group | None = None,
) -> Sample:
    """Build a study in which person n skips every line whose number and n do not agree.

    Every third segment's codings are accepted by a person. `group` is the part that the map shows.
    """
    participants = persona_names or {k: PEOPLE[k] for k in list(PEOPLE)[:people]}
    documents, segments, judgements, quotes = [], [], [], []
    for number, person in enumerate(participants):
        document, spans = _interview(person, number, stages, repeats)
        documents.append(document)
        for index, (turn, start, end, stage, family, code, valence) in enumerate(spans):
            unknown = document.turns[turn].speaker == "Voice 2"
            segment = Segment(
                stable_id("seg", document.id, str(start)),
                document.id,
                index,
                turn,
                start,
                end,
                Role.UNKNOWN if unknown else Role.PARTICIPANT,
                None if unknown else person,
            )
            segments.append(segment)
            emotion = min(EMOTIONS, key=lambda e: abs(e[2] - valence))[0]
            for fam, name in (("stage", stage), (family, code), ("emotion", emotion)):
                felt = valence if fam == "emotion" else None
                coding = _coding(segment, fam, name, felt, index + 5 * number)
                judgements.append(
                    Judgement(segment.id, fam, "local:x", Verdict.CODED, codings=(coding,))
                )
                quotes.append((stage, fam, name, segment, coding, valence))
    corpus = Corpus(tuple(documents), tuple(segments), tuple(judgements))
    codebook = make_codebook(stages)
    journey = build_journey(corpus, codebook, seed=7, participants=participants, group=group)
    draft = Draft(_criteria(quotes), journey)
    return Sample(draft, corpus, codebook, participants)


def _interview(person, number, stages, repeats):
    text, turns, spans = "", [], []
    seconds = 4.0
    for position, (stage, name, _) in enumerate(stages):
        question = f"Let us talk about this: {name.lower()}. What happened there?"
        text += "Interviewer: "
        turns.append(
            _turn(len(turns), len(text), len(text) + len(question), "Interviewer", seconds)
        )
        text += question + "\n"
        seconds += 9
        said = SAID.get(stage, SAID["connect"] if position % 2 else SAID["use"])
        chosen = [
            line
            for at, line in enumerate(said * repeats)
            if (at + number) % 3 != 1 or line[0] in (HOSTILE, BIDI)
        ]
        if number % 4 == 3 and position == 2 or number in (1, 4, 6) and position == 0:
            chosen = []
        if not chosen:
            continue
        label = "Voice 2" if number == 2 and position == 4 else person
        text += f"{label}: "
        start, marks, turn = len(text), [], len(turns)
        for line, family, code, valence in chosen:
            marks.append(TimeMark(len(text), seconds, seconds + 6))
            spans.append((turn, len(text), len(text) + len(line), stage, family, code, valence))
            text += line + " "
            seconds += 7
        text += "Well, that is how it went, more or less, as far as I remember."
        turns.append(Turn(turn, start, len(text), label, True, tuple(marks)))
        text += "\n"
    path = "a_rather_long_folder_name/interview_transcript_final_v2.docx" if number == 1 else ""
    document = Document(
        stable_id("doc", person),
        stable_id("src", person),
        path or f"interviews/{person.lower()}.vtt",
        DocumentKind.INTERVIEW,
        text,
        tuple(turns),
        (
            Speaker("Interviewer", Role.INTERVIEWER),
            Speaker(person, Role.PARTICIPANT, person),
            Speaker("Voice 2", Role.UNKNOWN),
        ),
    )
    return document, spans


def _turn(index, start, end, label, seconds):
    return Turn(index, start, end, label, True, (TimeMark(start, seconds, seconds + 5),))


def _coding(segment, family, code, valence, index):
    basis = ("definition", "example", "cue", "head")[index % 4]
    return Coding(
        stable_id("cod", segment.id, family, code),
        segment.document_id,
        segment.id,
        segment.start_char,
        segment.end_char,
        family,
        code,
        "local:x",
        0.5 + (index * 7 % 45) / 100,
        Rationale(basis, "waiting a long time for something", 0.61, (segment.span,)),
        valence=valence,
        status="accepted" if index % 3 == 0 else "draft",
    )


def _quote(segment, coding, valence):
    return Quote(
        coding.id,
        segment.document_id,
        segment.id,
        coding.start_char,
        coding.end_char,
        segment.participant_id,
        coding.score,
        valence,
    )


def _criteria(quotes):
    statements = {
        "tell_me": ("Customers need to be told before they have to ask", ("connect", "help")),
        "one_price": ("Customers need one price that stays the price", ("compare", "sign_up")),
        "one_owner": ("Customers need one person who owns it until it works", ("help",)),
    }
    made = []
    for code, (statement, stages) in statements.items():
        rows = [q for q in quotes if q[0] in stages and q[1] in ("need", "pain_point") and q[5] < 0]
        rows = [q for q in rows if q[3].participant_id]
        people = sorted({q[3].participant_id for q in rows})
        if len(people) < 3:
            continue
        at = {
            s: len({q[3].participant_id for q in rows if q[0] == s})
            for s in stages
            if any(q[0] == s for q in rows)
        }
        counts = defaultdict(int)
        for q in rows:
            counts[q[2]] += 1
        made.append(
            DesignCriterion(
                f"crit_{code}",
                statement,
                "From the need text of the code most people raised; check it against the quotes.",
                ("date", "waiting", "ring", "nobody", "told"),
                tuple(people),
                at,
                dict(sorted(counts.items(), key=lambda item: -item[1])),
                tuple(_quote(q[3], q[4], None) for q in rows[::2]),
                len(rows),
                segments=tuple(q[3].id for q in rows),
            )
        )
    if not made:
        return CriteriaDraft((), "fewer than six people have spoken of needs or pains")
    figures = {"stability at 3": 0.71, "stability at 4": 0.66, "shuffled": 0.31}
    return CriteriaDraft(tuple(made), "", figures)


def edited_sample() -> Sample:
    """Return a study on whose map people have worked."""
    made = make_sample()
    first, second, *rest = made.draft.criteria.criteria
    criteria = replace(
        made.draft.criteria,
        criteria=(
            replace(first, statement="Tell me before I ask", status="edited", author="Ann"),
            replace(second, status="accepted", author="Ben", note="Kept as Ben accepted it."),
        ),
        set_aside=tuple(replace(c, status="rejected", author="Ann") for c in rest),
    )
    waits = made.draft.map.cells["pain_point", "connect"].findings[0]
    thoughts = made.draft.map.stages[1].thinking
    edits = MapEdits(
        opportunities=(
            Opportunity(
                "o1", "connect", "Text the customer before the van leaves", "Logistics", "Ann"
            ),
            Opportunity("o2", "connect", "One name for every installation", "", "Ben"),
        ),
        summaries=(
            Summary(
                "connect", "doing", "Waits in, rings twice, plans the day anew", "written", "Ann"
            ),
            Summary("help", "pain_point", "Nobody owns it until it works", "edited", "Ben"),
        ),
        owners={"connect": "Field service", first.id: "Head of service", waits.code: "Planning"},
        pinned={
            f"pain_point/connect/{waits.code}": (waits.quotes[-1].coding_id,),
            "thinking/compare": tuple(q.coding_id for q in thoughts[-1:]),
        },
        hidden={waits.quotes[0].coding_id: "names her employer"},
        sign_offs=(
            SignOff("Cleo", "leader", "2026-03-01T10:00:00+00:00", True, "", True),
            SignOff(
                "Dev",
                "leader",
                "2026-03-02T10:00:00+00:00",
                False,
                "Sign up is our word, not theirs",
                True,
            ),
        ),
    )
    return replace(made, draft=replace(made.draft, criteria=criteria, edits=edits))


def empty_sample() -> Sample:
    """Return a study in which nothing has been read yet."""
    book = Codebook("empty", ())
    journey = JourneyMap((), {}, (), 0, 0, 0, 0)
    draft = Draft(CriteriaDraft((), "no needs or pains are coded yet"), journey)
    return Sample(draft, Corpus((), (), ()), book, {})


def uncoded_sample() -> Sample:
    """Return a study with documents and stages in which nothing is coded yet."""
    full = make_sample()
    nothing = Corpus(full.corpus.documents, full.corpus.segments, ())
    columns = tuple(StageColumn(c, n, g, 0, 0, 0, ()) for c, n, g in STAGES)
    journey = JourneyMap(columns, {}, (), 8, len(nothing.segments), 0, 0)
    draft = Draft(CriteriaDraft((), "no needs or pains are coded yet"), journey)
    return replace(full, draft=draft, corpus=nothing)
