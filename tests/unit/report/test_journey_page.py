"""The journey map as HTML: what it says, and that nothing said can become markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journey_sample import (
    BIDI,
    CHARTER,
    EMOJI,
    HOSTILE,
    STAGES,
    Sample,
    edited_sample,
    empty_sample,
    make_sample,
    uncoded_sample,
)

from qualcode.codebook import Code, Codebook
from qualcode.draft import (
    CriteriaDraft,
    Draft,
    Feeling,
    Finding,
    Group,
    JourneyMap,
    MapEdits,
    Quote,
    Share,
    Summary,
    Tally,
)
from qualcode.errors import QualcodeError
from qualcode.records import (
    Corpus,
    Document,
    DocumentKind,
    Role,
    Segment,
    Speaker,
    TimeMark,
    Turn,
    Verdict,
)
from qualcode.report.feeling_curve import (
    feeling_curve,
    feeling_scale,
    feeling_word,
    signed,
)
from qualcode.report.journey_evidence import Room, _chosen, embeddable_json
from qualcode.report.journey_facts import attributes_of
from qualcode.report.journey_page import MapFiles, MapPages, draw_map, render_map
from qualcode.report.quote_sources import Sources, clock, excerpt
from qualcode.settings import Charter


def render(sample: Sample, **changed: Any) -> str:
    given_ = {"title": "Broadband", "charter": CHARTER, "stamps": ()} | changed
    return render_map(*sample.arguments, participants=sample.participants, **given_)


def evidence_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="evidence">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


class _Visible(HTMLParser):
    """Collect tags, attributes and visible text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._silent = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._silent:
            self.tags.append((tag, dict(attrs)))
        self._silent += tag in ("script", "style", "template")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "template")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_sample()


@pytest.fixture(scope="module")
def page(sample: Sample) -> str:
    return render(sample)


def test_every_embedded_quote_is_the_slice_of_its_document(sample: Sample, page: str) -> None:
    data = evidence_of(page)
    texts = {document.id: document.text for document in sample.corpus.documents}
    codings = {coding.id: coding for coding in sample.corpus.codings()}
    assert len(data["quotes"]) > 100
    for quote in data["quotes"]:
        coding = codings[quote["id"]]
        assert data["texts"][quote["text"]] in coding.span.of(texts[coding.document_id])
        own = next(piece for piece in quote["context"] if "quote" in piece)
        assert own["quote"] == quote["text"]


def test_the_transcript_around_a_quote_is_the_text_before_and_after_it(sample: Sample) -> None:
    sources = Sources(sample.corpus, sample.participants)
    quote = next(q for s in sample.draft.map.stages for q in s.quotes if q.participant_id == "P01")
    document = next(d for d in sample.corpus.documents if d.id == quote.document_id)
    before, own, after = sources.record(quote)["context"]
    turn = next(t for t in document.turns if t.start_char <= quote.start_char < t.end_char)
    assert own["before"] + own["quote"] + own["after"] == turn.span.of(document.text)
    assert before["who"] == after["who"] == "Interviewer"
    assert before["text"] == document.turns[turn.index - 1].span.of(document.text)


def test_a_quote_has_the_time_of_the_last_mark_before_it(sample: Sample) -> None:
    sources = Sources(sample.corpus, sample.participants)
    for quote in sample.draft.map.stages[3].quotes[:5]:
        document = next(d for d in sample.corpus.documents if d.id == quote.document_id)
        marks = [m for t in document.turns for m in t.marks if m.start_char == quote.start_char]
        assert sources.record(quote)["time"] == clock(marks[0].start_seconds)


def test_a_survey_quote_names_its_row() -> None:
    record, _ = _survey_record()
    assert record["place"] == "survey.csv, row 17"
    assert record["time"] == ""
    assert record["context"][0]["role"] == "note"


def test_a_persona_is_found_whatever_the_case_of_its_key() -> None:
    record, _ = _survey_record({"R17": {"Persona": "Family"}})
    assert record["persona"] == "Family"


def _survey_record(people: dict[str, dict[str, str]] | None = None) -> tuple[Any, Any]:
    full = make_sample(people=1)
    text = "What can we do better?\nAnswer the phone."
    document = Document(
        "doc_1",
        "src_1",
        "survey.csv",
        DocumentKind.COMMENT,
        text,
        (Turn(0, 0, 22, None, False), Turn(1, 23, 40)),
        (Speaker(None, Role.PARTICIPANT, "R17"),),
        row=17,
        participant_id="R17",
    )
    segment = Segment("seg_1", "doc_1", 0, 1, 23, 40, Role.PARTICIPANT, "R17")
    first = full.corpus.judgements[0]
    coding = replace(
        first.codings[0], document_id="doc_1", segment_id="seg_1", start_char=23, end_char=40
    )
    judgement = replace(first, segment_id="seg_1", codings=(coding,))
    sources = Sources(Corpus((document,), (segment,), (judgement,)), people or {})
    quote = Quote(coding.id, "doc_1", "seg_1", 23, 40, "R17", 0.5)
    return sources.record(quote), sources


def _moved(sample: Sample, **changes: Any) -> Sample:
    stage = sample.draft.map.stages[0]
    quotes = (replace(stage.quotes[0], **changes), *stage.quotes[1:])
    stages = (replace(stage, quotes=quotes), *sample.draft.map.stages[1:])
    return replace(
        sample, draft=replace(sample.draft, map=replace(sample.draft.map, stages=stages))
    )


@pytest.mark.parametrize(
    "changes",
    [{"start_char": 0}, {"end_char": 10**6}, {"document_id": "doc_x"}, {"coding_id": "cod_x"}],
)
def test_a_quote_that_is_not_its_codings_span_stops_the_page(
    sample: Sample, changes: dict[str, Any]
) -> None:
    with pytest.raises(QualcodeError, match="disagree"):
        render(_moved(sample, **changes))


def test_a_quote_of_an_interviewer_stops_the_page(sample: Sample) -> None:
    silent = tuple(replace(s, role=Role.INTERVIEWER) for s in sample.corpus.segments)
    with pytest.raises(QualcodeError, match="disagree"):
        render(replace(sample, corpus=replace(sample.corpus, segments=silent)))


def test_words_of_participants_never_become_elements(page: str) -> None:
    tags = [tag for tag, _ in _Visible(page).tags]
    assert HOSTILE.split("<")[0] not in tags
    assert tags.count("script") == 2
    assert "img" not in tags
    assert '<script>alert("spoken")' not in page


def test_a_title_a_stamp_and_a_label_with_markup_stay_text(sample: Sample) -> None:
    told = _Visible(
        render(
            sample,
            title=f"T {HOSTILE}",
            stamps=(f"S {HOSTILE}",),
            charter=Charter(purpose=f"P {HOSTILE}"),
        )
    )
    assert [tag for tag, _ in told.tags].count("script") == 2
    for letter in "TSP":
        assert f"{letter} {HOSTILE}" in told.text


def test_stage_names_with_markup_stay_text_in_the_curve_too() -> None:
    stages = (("a", '"><script>x</script>', 'g"<b>'), *STAGES[1:])
    told = _Visible(render(make_sample(stages=stages)))
    assert [tag for tag, _ in told.tags].count("script") == 2


def test_bidirectional_text_and_emoji_arrive_unchanged(page: str) -> None:
    texts = evidence_of(page)["texts"]
    assert BIDI in texts and EMOJI in texts


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_embedded_json_reads_back_and_has_nothing_that_html_could_read(text: str) -> None:
    made = embeddable_json({"t": text})
    assert json.loads(made) == {"t": text}
    assert not re.search("[<>&\u2028\u2029\ud800-\udfff]", made)


@given(st.text(), st.integers(10, 60))
def test_an_excerpt_begins_like_its_quote(text: str, longest: int) -> None:
    flat = " ".join(text.split())
    short = excerpt(text, longest)
    assert flat.startswith(short.removesuffix(" […]"))
    assert len(short) <= longest + 4


def test_the_policy_allows_exactly_the_style_and_script_of_the_page(page: str) -> None:
    policy = next(
        a["content"] or ""
        for tag, a in _Visible(page).tags
        if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    for directive, pattern in (
        ("style", "<style>(.*?)</style>"),
        ("script", "<script>(.*)</script>"),
    ):
        inside = re.search(pattern, page, re.S)
        assert inside
        digest = base64.b64encode(hashlib.sha256(inside[1].encode()).digest()).decode()
        assert f"{directive}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_names_no_address_and_no_inline_handler(page: str) -> None:
    for _, attributes in _Visible(page).tags:
        assert not {"src", "href", "style", "action"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
    namespace = 'const SVG = "http://www.w3.org/2000/svg";'  # a name, never asked for
    assert page.count(namespace) == 1
    assert not re.search("https?:", page.replace(namespace, ""))


def test_every_key_of_a_button_opens_something(page: str) -> None:
    cells = evidence_of(page)["cells"]
    keys = {a["data-key"] for tag, a in _Visible(page).tags if tag == "button" and "data-key" in a}
    assert keys and keys <= set(cells)


def test_the_same_draft_gives_the_same_page(sample: Sample, page: str) -> None:
    assert render(sample) == page


def test_the_head_says_people_segments_draft_purpose_and_stamps(sample: Sample) -> None:
    told = _Visible(render(sample, stamps=("names were not masked",))).text
    assert "8 people · 154 segments" in told
    assert "Draft: 51 of 154 segments checked by a person" in told
    assert CHARTER.purpose in told and CHARTER.decision in told
    assert "names were not masked" in told


def test_a_charter_without_a_purpose_says_where_to_add_it(sample: Sample) -> None:
    assert (
        "purpose not set: add it to study.toml" in _Visible(render(sample, charter=Charter())).text
    )


def test_a_stage_without_evidence_says_so_in_every_lane(page: str) -> None:
    cells = re.findall(r'<td data-cell="(\w+)/leave">(.*?)</td>', page, re.S)
    assert len(cells) >= 12
    for lane, cell in cells:
        told = {"opportunity": "Yours to write", "moment": "none stands out"}
        assert told.get(lane, "no evidence") in cell


def test_codes_nobody_raised_are_listed(page: str) -> None:
    assert "Hidden fee" in _Visible(page).text.split("Codes without evidence")[1]


def test_voices_not_assigned_are_listed_with_the_command(page: str) -> None:
    told = _Visible(page).text
    assert "interviews/p03.vtt : Voice 2 , 3 segments" in told
    assert "qualcode speakers" in told


def test_fewer_than_three_people_are_drawn_dashed_and_three_are_not(sample: Sample) -> None:
    for count, dashed in ((1, True), (2, True), (3, False)):
        changed = _with_share(sample, Share(count, 7, None, None, "", "fewer than eight people"))
        tag = re.search(r'<button[^>]*data-key="pain_point/realise/drops"[^>]*>', render(changed))
        assert tag and ("thin" in tag[0]) is dashed


def test_an_interval_is_drawn_only_where_there_is_one(sample: Sample) -> None:
    for low, high, marks in ((0.2, 0.7, 3), (None, None, 0)):
        page = render(_with_share(sample, Share(3, 7, low, high, "Wilson 95 %", "")))
        button = re.search(r'data-key="pain_point/realise/drops".*?</button>', page, re.S)
        assert button and button[0].count('class="range"') == marks
        assert "3 of 7 people" in _Visible("<p>" + button[0]).text


def test_one_person_is_not_called_people(sample: Sample) -> None:
    page = render(_with_share(sample, Share(1, 1, None, None, "", "")))
    assert "1 of 1 person" in _Visible(page).text
    assert not re.search(r"\b1 people\b", _Visible(page).text)


def test_a_finding_of_unassigned_voices_only_counts_nobody(sample: Sample) -> None:
    page = render(_with_share(sample, Share(0, 0, None, None, "", "nobody is assigned")))
    assert "0 of 0" not in _Visible(page).text


def _with_share(sample: Sample, share: Share) -> Sample:
    cells = dict(sample.draft.map.cells)
    cell = cells["pain_point", "realise"]
    finding = Finding("drops", "Line drops", share, cell.findings[0].quotes)
    cells["pain_point", "realise"] = replace(cell, findings=(finding,))
    return replace(sample, draft=replace(sample.draft, map=replace(sample.draft.map, cells=cells)))


def _drawn(sample: Sample) -> MapPages:
    options = {"title": "Broadband", "charter": CHARTER, "stamps": ()}
    files = MapFiles(quotes="map-quotes.html")
    people = sample.participants
    return draw_map(*sample.arguments, participants=people, files=files, **options)


def test_a_cell_embeds_its_strongest_quotes_and_counts_all() -> None:
    repeated = make_sample(repeats=5)
    cells = evidence_of(render(repeated))["cells"]
    waiting = cells["pain_point/connect/long_wait"]
    findings = repeated.draft.map.cells["pain_point", "connect"].findings
    assert waiting["n"] == next(len(f.quotes) for f in findings if f.code == "long_wait")
    assert 12 <= len(waiting["quotes"]) < waiting["n"]


def test_a_cell_embeds_quotes_of_every_group_that_the_page_can_show() -> None:
    repeated = make_sample(repeats=5)
    data = evidence_of(render(repeated))
    findings = repeated.draft.map.cells["pain_point", "connect"].findings
    waiting = next(f for f in findings if f.code == "long_wait")
    persona = {who: told["persona"] for who, told in repeated.participants.items()}
    embedded = [
        persona[data["facts"]["people"][data["quotes"][i]["person"]]]
        for i in data["cells"]["pain_point/connect/long_wait"]["quotes"]
    ]
    for name in {persona[q.participant_id] for q in waiting.quotes if q.participant_id}:
        assert embedded.count(name) >= 4


def test_nobody_fills_a_cell_while_others_have_something_to_say() -> None:
    quotes = [Quote(f"c{n}", "d", f"s{n}", 0, 1, "P1", 0.9) for n in range(20)]
    quotes += [Quote(f"o{n}", "d", f"t{n}", 0, 1, f"Q{n}", 0.1) for n in range(3)]
    chosen = _chosen(quotes, Room(6, 0), {}, keep=0)
    assert [q.participant_id for q in chosen] == ["P1", "P1", "P1", "Q0", "Q1", "Q2"]


def test_quotes_beyond_the_map_stand_in_a_second_page_all_of_them() -> None:
    pages = _drawn(make_sample(repeats=5))
    facts = evidence_of(pages.map)["facts"]
    assert facts["files"]["quotes"] == "map-quotes.html"
    assert pages.quotes is not None
    for key in facts["beyond"]:
        cell = evidence_of(pages.map)["cells"][key]
        section = re.search(rf'<section class="cell" id="{key}".*?</section>', pages.quotes, re.S)
        assert section and section[0].count("<li>") == cell["n"] > len(cell["quotes"])


def test_a_map_that_holds_every_quote_has_no_second_page(sample: Sample) -> None:
    fits = [
        cell["n"] == len(cell["quotes"]) for cell in evidence_of(render(sample))["cells"].values()
    ]
    assert (_drawn(sample).quotes is None) is all(fits)


def test_sixty_long_interviews_stay_under_three_megabytes() -> None:
    people = {f"P{n:03d}": {"persona": "Family"} for n in range(60)}
    page = render(make_sample(persona_names=people, repeats=4))
    assert len(page.encode("utf-8")) < 3_000_000


def test_a_page_that_grows_too_large_embeds_fewer_quotes_and_counts_the_rest(
    sample: Sample, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evidence_of(page)
    monkeypatch.setattr("qualcode.report.journey_page._PAGE_BYTES", 60_000)
    fewer = evidence_of(render(sample))
    assert len(fewer["quotes"]) < len(whole["quotes"])
    assert {k: c["n"] for k, c in fewer["cells"].items()} == {
        k: c["n"] for k, c in whole["cells"].items()
    }


def test_without_criteria_the_reason_stands(sample: Sample) -> None:
    criteria = CriteriaDraft((), "criteria rest on at least 6 people")
    page = render(replace(sample, draft=replace(sample.draft, criteria=criteria)))
    assert "There are none yet: criteria rest on at least 6 people." in _Visible(page).text


def test_a_criterion_stands_in_the_stages_where_it_holds(page: str) -> None:
    row = re.search(r'<tr class="lane holds"[^>]*>.*?</tr>', page, re.S)
    assert row
    cells = row[0].split("<td ")[1:]
    holds = [n for n, cell in enumerate(cells) if "one price that stays" in cell]
    assert holds == [1, 2]


def test_an_empty_study_renders_with_what_to_do_next() -> None:
    told = _Visible(render(empty_sample())).text
    assert "qualcode ingest PATH…" in told
    assert "There are none yet" in told


def test_a_study_without_codings_shows_its_stages_and_the_next_command() -> None:
    made = render(uncoded_sample())
    told = _Visible(made).text
    assert "<svg" not in made
    assert "No segment is coded yet: qualcode code" in told
    assert STAGES[3][1] in told


def test_codes_that_the_codebook_lost_keep_their_evidence(sample: Sample) -> None:
    less = replace(sample.codebook, codes=sample.codebook.codes[:1])
    assert "Line drops" in _Visible(render(replace(sample, codebook=less))).text


def test_the_persona_of_a_map_is_said_in_its_head(sample: Sample) -> None:
    journey = replace(sample.draft.map, group=Group({"persona": "Family"}))
    told = _Visible(render(replace(sample, draft=replace(sample.draft, map=journey)))).text
    assert "Only persona: Family" in told


def test_a_feeling_without_interval_shows_every_person_as_a_dot() -> None:
    means = {"P01": -1.0, "P02": -1.0, "P03": 0.5}
    drawn = feeling_curve([Feeling("a", -0.5, None, None, 3, means)], ["A"])
    assert drawn.count('class="person"') == 3
    assert 'class="band"' not in drawn


def test_a_band_stands_only_where_there_is_an_interval() -> None:
    full = Feeling("a", 1.2, 0.8, 1.6, 9, {f"P{n}": 1.2 for n in range(9)})
    bare = Feeling("c", 0.5, None, None, 1, {"P1": 0.5})
    assert feeling_curve([full, full, bare], "ABC").count('class="band"') == 1
    assert feeling_curve([bare], "A").count('class="band"') == 0


def test_the_curve_leaves_a_gap_at_a_stage_without_evidence() -> None:
    felt = Feeling("a", 1.0, None, None, 1, {"P1": 1.0})
    none = Feeling("b", None, None, None, 0)
    drawn = feeling_curve([felt, none, felt, felt], "ABCD")
    assert drawn.count('class="mean"') == 1
    assert "B: no evidence" in drawn


def test_the_curve_says_in_words_what_its_colours_say() -> None:
    drawn = feeling_curve([Feeling("a", -1.5, -1.8, -1.2, 8)], ["Wait"])
    assert "▼▼ very unhappy</text>" in drawn
    assert "Wait: very unhappy, −1.5 (interval −1.8 to −1.2), 8 people" in drawn


def test_a_middle_mean_of_people_who_disagree_is_mixed() -> None:
    assert feeling_word(0.0, {"a": -1.0, "b": 1.0})[1] == "mixed"
    assert feeling_word(0.0, {"a": -0.1, "b": 0.1})[1] == "neutral"


@pytest.mark.parametrize(
    ("value", "text"), [(-0.44, "−0.4"), (0.04, "0.0"), (-0.04, "0.0"), (1.96, "+2.0")]
)
def test_a_valence_shows_sign_and_one_decimal(value: float, text: str) -> None:
    assert signed(value) == text


@given(
    st.lists(
        st.dictionaries(st.text(min_size=1, max_size=4), st.floats(-2, 2), max_size=9), max_size=13
    )
)
@settings(max_examples=60, deadline=None)
def test_words_and_dots_stay_inside_the_drawing(stages: list[dict[str, float]]) -> None:
    feelings = [
        Feeling(str(n), sum(v.values()) / len(v) if v else None, None, None, len(v), v)
        for n, v in enumerate(stages)
    ]
    drawn = feeling_curve(feelings, [f.stage for f in feelings])
    for y in re.findall(r'class="word" x="[^"]*" y="([^"]*)"', drawn):
        assert 12 <= float(y) <= 181
    for y in re.findall(r'class="person" cx="[^"]*" cy="([^"]*)"', drawn):
        assert 20 <= float(y) <= 164


def test_no_stages_give_no_curve() -> None:
    assert feeling_curve([], []) == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "00:00"), (754.9, "12:34"), (3600, "1:00:00"), (7384, "2:03:04")]
)
def test_a_time_code_reads_as_on_a_player(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_a_map_with_a_family_of_the_teams_own_gets_its_lane(sample: Sample) -> None:
    cells = dict(sample.draft.map.cells)
    cell = cells["pain_point", "realise"]
    cells["moment_of_truth", "realise"] = replace(cell, family="moment_of_truth")
    journey: JourneyMap = replace(sample.draft.map, cells=cells)
    told = _Visible(render(replace(sample, draft=Draft(sample.draft.criteria, journey))))
    assert "Moment of truth" in told.text


def test_a_time_mark_inside_a_turn_moves_the_time_of_later_words() -> None:
    marks = (TimeMark(3, 1.0, 2.0), TimeMark(10, 62.0, 63.0))
    document = Document(
        "doc_1",
        "src_1",
        "a.vtt",
        DocumentKind.INTERVIEW,
        "A: one two. three four.",
        (Turn(0, 3, 23, "A", True, marks),),
        (Speaker("A", Role.PARTICIPANT, "A"),),
    )
    base = make_sample(people=1).corpus.judgements[0]
    coding = replace(
        base.codings[0], document_id="doc_1", segment_id="s", start_char=12, end_char=23
    )
    corpus = Corpus(
        (document,),
        (Segment("s", "doc_1", 0, 0, 12, 23, Role.PARTICIPANT, "A"),),
        (replace(base, segment_id="s", codings=(coding,)),),
    )
    record = Sources(corpus, {}).record(Quote(coding.id, "doc_1", "s", 12, 23, "A", 0.5))
    assert (record["time"], record["text"]) == ("01:02", "three four.")


def _lane_names(page: str) -> list[str]:
    return re.findall(r'<th scope="row">([^<]+)</th>', page)


def _stages_and_own(sample: Sample, found: bool) -> Sample:
    """Give a study whose codebook has stages and a family of the team's own, nothing else."""
    stages = tuple(code for code in sample.codebook.codes if code.family == "stage")
    own = Code("trust", "Trust", "team_theme")
    cells = dict.fromkeys(("team_theme", stage.id) for stage in stages)
    cell = sample.draft.map.cells["pain_point", "realise"]
    made = {
        key: replace(cell, family="team_theme", stage=key[1], findings=cell.findings * found)
        for key in cells
    }
    feelings = tuple(Feeling(s.id, None, None, None, 0) for s in stages)
    journey = replace(sample.draft.map, cells=made, feelings=feelings)
    draft = replace(sample.draft, map=journey)
    return replace(sample, draft=draft, codebook=Codebook("own", (*stages, own)))


@pytest.mark.parametrize("found", [True, False])
def test_lanes_are_the_families_of_the_codebook(sample: Sample, found: bool) -> None:
    names = _lane_names(render(_stages_and_own(sample, found)))
    assert names == [
        "Doing",
        "Thinking",
        "Team theme",
        "Design criteria",
        "Opportunity",
        "Evidence",
    ]


def test_the_footer_names_the_usual_lanes_that_the_codebook_lacks(sample: Sample) -> None:
    told = _Visible(render(_stages_and_own(sample, True))).text
    assert (
        "the codebook has no codes for them: "
        "Feeling, Pain points, What works, Touchpoints, Needs, Durations." in told
    )
    assert "Its word goes by" not in told


def test_a_codebook_with_every_usual_family_has_no_lane_left_out(page: str) -> None:
    assert "Lanes left out" not in _Visible(page).text


def test_a_usual_lane_of_retired_codes_only_is_left_out(sample: Sample) -> None:
    own = _stages_and_own(sample, True)
    retired = Code("old_need", "Old need", "need", status="retired")
    book = replace(own.codebook, codes=(*own.codebook.codes, retired))
    assert "Needs" not in _lane_names(render(replace(own, codebook=book)))


def test_a_usual_family_that_nobody_raised_keeps_its_lane(sample: Sample) -> None:
    told = _lane_names(render(replace(sample, draft=uncoded_sample().draft)))
    assert {"Feeling", "Pain points", "Durations"} <= set(told)


def test_personas_that_differ_in_capitals_are_one_filter(sample: Sample) -> None:
    spelt = ("Parent", "parent", "PARENT", "Student")
    people = {who: {"persona": name} for who, name in zip(sample.participants, spelt, strict=False)}
    told = _Visible(render(replace(sample, participants=people))).text
    assert "Parent (3)" in told and "Student (1)" in told
    assert "parent (" not in told and "PARENT" not in told


def test_measures_properties_of_one_value_and_rare_ones_are_no_filters() -> None:
    tally = Tally(people=tuple("abcdefgh"))
    people = {
        who: {
            "persona": "New" if who in "abc" else "Old",
            "nps": str(n),
            "wave": "1",
            "name": f"x{n}" * 2,
            "Plan": "Solo" if n % 2 else "Cargo",
            **({"vip": "yes" if who == "a" else "no"} if who in "ab" else {}),
        }
        for n, who in enumerate("abcdefgh")
    }
    found = attributes_of(tally, people)
    assert [(a.name, a.values, a.counts) for a in found] == [
        ("Persona", ("Old", "New"), (5, 3)),
        ("Name", tuple(sorted(f"x{n}x{n}" for n in range(8))), (1,) * 8),
        ("Plan", ("Cargo", "Solo"), (4, 4)),
    ]
    assert found[0].of == (1, 1, 1, 0, 0, 0, 0, 0)


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_equal_shown_figures_have_equal_words(one: float, other: float) -> None:
    near = round(one, 1) + (other - round(other, 1)) * 0.99
    if signed(near) == signed(one):
        assert feeling_word(near, {}) == feeling_word(one, {})


@pytest.mark.parametrize(
    ("mean", "word"),
    [
        (-0.96, "very unhappy"),
        (-0.94, "unhappy"),
        (-0.26, "unhappy"),
        (-0.24, "neutral"),
        (0.24, "neutral"),
        (0.26, "pleased"),
        (0.94, "pleased"),
        (0.96, "very pleased"),
    ],
)
def test_the_word_of_a_feeling_goes_by_its_shown_figure(mean: float, word: str) -> None:
    assert feeling_word(mean, {})[1] == word


def test_the_footer_tells_the_thresholds_of_the_words(page: str) -> None:
    told = _Visible(page).text.split("What the counts mean")[1]
    assert "Very unhappy: −1.0 or below; unhappy: −0.9 to −0.3; neutral: −0.2 to +0.2" in told
    assert "pleased: +0.3 to +0.9; very pleased: +1.0 or above" in told


def test_every_figure_has_the_word_that_the_scale_gives_it() -> None:
    spans = {}
    for part in feeling_scale().rstrip(".").replace(", but", ";").split("; "):
        word, colon, figures = part.partition(": ")
        if colon:
            spans[word] = [float(f.replace("−", "-")) for f in re.findall(r"[+−][0-9.]+", figures)]
    lowest = {"very unhappy": -2.0}
    highest = {"very pleased": 2.0}
    for tenth in range(-20, 21):
        word = feeling_word(tenth / 10, {})[1]
        assert lowest.get(word, spans[word][0]) <= tenth / 10 <= highest.get(word, spans[word][-1])


@pytest.mark.parametrize("family", ["pain_point", "touchpoint"])
def test_a_finding_of_unassigned_voices_only_says_so_in_place_of_a_count(
    sample: Sample, family: str
) -> None:
    cells = dict(sample.draft.map.cells)
    share = Share(0, 5, None, None, "", "nobody is assigned")
    quotes = cells["pain_point", "realise"].findings[0].quotes
    finding = Finding("gratitude", "Gratitude", share, quotes)
    cells[family, "realise"] = replace(cells[family, "realise"], findings=(finding,))
    journey = replace(sample.draft.map, cells=cells)
    page = render(replace(sample, draft=replace(sample.draft, map=journey)))
    button = re.search(rf'data-key="{family}/realise/gratitude".*?</button>', page, re.S)
    assert button
    told = _Visible("<p " + button[0]).text
    assert told == "Gratitude voice not assigned at Realise I need it. Read the quotes"


@pytest.fixture(scope="module")
def edited() -> tuple[Sample, str]:
    sample = edited_sample()
    return sample, render(sample)


def _cell(page: str, key: str) -> str:
    found = re.search(rf'<td data-cell="{key}">.*?</td>', page, re.S)
    assert found
    return _Visible("<table>" + found[0]).text


def test_what_people_wrote_stands_in_its_cell_with_who_wrote_it(
    edited: tuple[Sample, str],
) -> None:
    page = edited[1]
    assert _cell(page, "doing/connect").startswith(
        "Waits in, rings twice, plans the day anew written by Ann"
    )
    told = _cell(page, "opportunity/connect")
    assert "Text the customer before the van leaves Owner: Logistics written by Ann" in told
    assert _cell(page, "opportunity/help") == "Yours to write"


def drafted_by_model(sample: Sample) -> Sample:
    """Return the sample with a model's words on a cell, a criterion and a persona."""
    first, *rest = sample.draft.criteria.criteria
    note = "rests on 2 quotes of 2 people"
    edits = MapEdits(
        summaries=(
            Summary("connect", "doing", "They wait in", "draft", "llm:x", note=note),
            Summary("p1", "persona", "They work <at> home", "draft", "llm:x", "At home", note=note),
        )
    )
    criteria = replace(
        sample.draft.criteria,
        criteria=(replace(first, statement="Say when", author="llm:x"), *rest),
    )
    return replace(sample, draft=replace(sample.draft, criteria=criteria, edits=edits))


def test_a_models_words_over_a_cell_are_marked_as_its_draft(sample: Sample) -> None:
    page = render(drafted_by_model(sample))
    told = "They wait in draft by llm:x ; rests on 2 quotes of 2 people"
    assert _cell(page, "doing/connect").startswith(told)
    assert '<p class="summary draft">' in page


def test_a_criterion_in_a_models_words_is_marked_as_its_draft(sample: Sample) -> None:
    page = render(drafted_by_model(sample))
    assert "Say when draft by llm:x" in _Visible(page).text
    assert page.count('<span class="status draft">') == len(sample.draft.criteria.criteria)


def test_a_persona_is_described_with_whose_words_these_are(sample: Sample) -> None:
    told = _Visible(render(drafted_by_model(sample))).text
    assert "Personas At home They work <at> home draft by llm:x ; rests on" in told


def test_a_page_with_a_models_words_says_what_they_are(sample: Sample, page: str) -> None:
    words = "were written by a language model"
    drafted = _Visible(render(drafted_by_model(sample))).text
    assert (words in drafted, words in _Visible(page).text) == (True, False)


def test_accepted_and_edited_criteria_say_so_and_rejected_ones_stand_apart(
    edited: tuple[Sample, str],
) -> None:
    sample, page = edited
    told = _Visible(page).text
    assert "Tell me before I ask edited by Ann" in told
    assert "accepted by Ben" in told and "Kept as Ben accepted it." in told
    assert sample.draft.criteria.set_aside
    for criterion in sample.draft.criteria.set_aside:
        assert f'data-criterion="{criterion.id}"' not in page
        assert f"{criterion.statement} , rejected by Ann" in told


def test_a_pinned_quote_comes_first_and_a_hidden_one_is_not_shown_but_counted(
    edited: tuple[Sample, str],
) -> None:
    sample, page = edited
    data = evidence_of(page)
    (key, pinned), *_ = [(k, v) for k, v in sample.draft.edits.pinned.items() if "pain" in k]
    cell = data["cells"][key]
    assert [data["quotes"][i]["id"] for i in cell["quotes"][: cell["pinned"]]] == list(pinned)
    (hidden,) = sample.draft.edits.hidden
    assert hidden not in [quote["id"] for quote in data["quotes"]]
    plain = evidence_of(render(make_sample()))["cells"][key]
    assert (cell["hidden"], cell["n"]) == (1, plain["n"] - 1)


def test_the_head_says_who_agreed_to_the_stage_names_and_who_did_not(
    edited: tuple[Sample, str], page: str
) -> None:
    told = _Visible(edited[1]).text
    assert "Stage names agreed by Cleo (leader)" in told
    assert "dissent: Dev , “ Sign up is our word, not theirs ”" in told
    assert "Stage names not agreed yet" in _Visible(page).text


def test_a_sign_off_of_other_names_counts_no_longer(edited: tuple[Sample, str]) -> None:
    sample = edited[0]
    old = tuple(replace(s, is_current=False) for s in sample.draft.edits.sign_offs)
    draft = replace(sample.draft, edits=replace(sample.draft.edits, sign_offs=old))
    told = _Visible(render(replace(sample, draft=draft))).text
    assert "Stage names not agreed since they were changed" in told


def test_owners_stand_at_their_stage_and_criterion(edited: tuple[Sample, str]) -> None:
    told = _Visible(edited[1]).text
    assert "When is somebody coming? Owner: Field service" in told
    assert "Owner: Head of service" in told


def test_a_pinned_quote_stands_also_when_its_coding_is_gone(edited: tuple[Sample, str]) -> None:
    sample = edited[0]
    pinned = sample.draft.edits.kept
    judgements = tuple(
        replace(j, verdict=Verdict.NONE, codings=())
        if any(c.id in pinned for c in j.codings)
        else j
        for j in sample.corpus.judgements
    )
    gone = replace(sample, corpus=replace(sample.corpus, judgements=judgements))
    data = evidence_of(render(gone))
    records = [quote for quote in data["quotes"] if quote["id"] in pinned]
    assert records
    for record in records:
        assert data["texts"][record["why"]] == "A person pinned it; no coding stands here any more."
        assert record["checked"] is True
