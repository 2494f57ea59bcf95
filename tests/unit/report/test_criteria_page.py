"""The proof page of the criteria: what it says, and that nothing said can become markup."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from journey_sample import HOSTILE, Sample, empty_sample
from proof_sample import FIGURES, edited_proof, proof_sample

from qualcode.draft import CriteriaDraft, MapEdits
from qualcode.errors import QualcodeError
from qualcode.report.criteria_page import render_criteria
from qualcode.report.criteria_view import (
    CriteriaView,
    shown_words,
    stability_word,
    tried_numbers,
)


def page_of(sample: Sample, **options: Any) -> str:
    options = {"title": "Broadband", "participants": sample.participants, **options}
    return render_criteria(*sample.arguments, **options)


def context_of(sample: Sample) -> dict[str, Any]:
    return CriteriaView(*sample.arguments, sample.participants).context()


def text_of(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


SAMPLE = proof_sample()
PAGE = page_of(SAMPLE, stamps=("names were not masked",), map_file="map.html")


def test_each_criterion_has_a_section_with_its_id_and_a_numbered_heading() -> None:
    criteria = SAMPLE.draft.criteria.criteria
    assert re.findall(r'<section class="criterion" id="([^"]+)"', PAGE) == [c.id for c in criteria]
    assert re.findall(r'<h2 id="(criterion-\d)"', PAGE) == [
        f"criterion-{n}" for n in range(1, len(criteria) + 1)
    ]


def test_every_link_on_the_page_leads_somewhere_on_it_or_to_the_map() -> None:
    ids = set(re.findall(r' id="([^"]+)"', PAGE))
    for target in re.findall(r'href="([^"]+)"', PAGE):
        assert target == "map.html" or target[1:] in ids


def test_ids_are_used_once() -> None:
    ids = re.findall(r' id="([^"]+)"', PAGE)
    assert len(ids) == len(set(ids))


def test_the_page_shows_statement_words_people_and_stability() -> None:
    text = text_of(PAGE)
    criterion = SAMPLE.draft.criteria.criteria[0]
    assert criterion.statement in text
    assert "In their words: P" in text
    assert f"{len(criterion.participants)} of 8" in text
    assert "comes back almost unchanged" in text
    assert criterion.basis in text
    assert criterion.note in text


def test_every_quote_stands_with_its_speaker_and_place_in_the_transcript() -> None:
    for criterion in context_of(SAMPLE)["criteria"]:
        for quote in (*criterion["quotes"], *criterion["against"], *criterion["left_out"]):
            assert quote["who"]
            assert quote["place"]
            assert sum(turn.get("quote") == quote["text"] for turn in quote["context"]) == 1
            assert len(quote["context"]) <= 3


def test_quotes_on_the_page_equal_their_slices() -> None:
    texts = {document.id: document.text for document in SAMPLE.corpus.documents}
    shown = [
        unescape(q) for q in re.findall(r"<blockquote dir=.auto.>(.*?)</blockquote>", PAGE, re.S)
    ]
    wanted = []
    for c in SAMPLE.draft.criteria.criteria:
        own = [c.in_their_words] if c.in_their_words else []
        for quote in (*own, *c.quotes, *c.counter_evidence, *c.left_out):
            wanted.append(texts[quote.document_id][quote.start_char : quote.end_char])
    assert shown == wanted


def test_a_quote_that_the_study_does_not_hold_is_refused() -> None:
    first, *rest = SAMPLE.draft.criteria.criteria
    quote = replace(first.quotes[0], end_char=first.quotes[0].end_char + 1)
    broken = replace(first, quotes=(quote, *first.quotes[1:]))
    criteria = replace(SAMPLE.draft.criteria, criteria=(broken, *rest))
    with pytest.raises(QualcodeError, match="draft and study disagree"):
        page_of(replace(SAMPLE, draft=replace(SAMPLE.draft, criteria=criteria)))


def test_what_people_said_never_becomes_markup() -> None:
    texts = [
        turn.get("text", "")
        for c in context_of(SAMPLE)["criteria"]
        for q in c["quotes"]
        for turn in q["context"]
    ]
    quotes = [
        q["text"] for c in context_of(SAMPLE)["criteria"] for q in (*c["quotes"], *c["left_out"])
    ]
    assert HOSTILE in [*texts, *quotes]
    assert HOSTILE not in PAGE
    assert "<script" not in PAGE
    assert "<img" not in PAGE


def test_titles_names_and_files_never_become_markup() -> None:
    people = {who: {"persona": HOSTILE} for who in SAMPLE.participants}
    page = page_of(
        replace(SAMPLE, participants=people),
        title=HOSTILE,
        stamps=(HOSTILE,),
        map_file='"><script>',
    )
    assert "<script" not in page
    assert "<img" not in page


def test_the_policy_allows_the_style_that_stands_in_the_page_and_nothing_else() -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", PAGE, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = unescape(
        re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', PAGE)[0]
    )
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert " style=" not in PAGE
    assert not re.search(r"(?:src|href)=.https?:", PAGE)


def test_counts_say_how_much_is_shown_of_how_much_there_is() -> None:
    text = text_of(PAGE)
    assert "9 segments in all, 5 shown" in text
    assert "2 segments nearest to this criterion belong to none of them clearly" in text
    assert "4 segments nearest to this criterion belong to none of them clearly" in text


def test_where_nothing_speaks_against_a_criterion_the_page_says_what_that_means() -> None:
    assert "That is no proof that nobody is content." in text_of(PAGE)


def test_the_merge_log_names_codes_words_people_and_distance() -> None:
    text = text_of(PAGE)
    assert "“date, text” 8 people, 14 segments" in text
    assert "2.41" in text


def test_how_the_number_was_chosen_stands_in_a_table_with_the_chosen_row_marked() -> None:
    rows = re.findall(r"<tr( class=\"chosen\")?><th scope=\"row\">(\d)", PAGE)
    assert [int(k) for _, k in rows] == [2, 3, 4, 5, 6]
    assert [int(k) for mark, k in rows if mark] == [3]
    text = text_of(PAGE)
    assert "Three and four cannot be told apart, so three are taken" in text
    assert "Four groups less three: −0.03, 95 % interval −0.11 to +0.05" in text


def test_stage_bars_count_the_people_behind_it_of_all_at_the_stage() -> None:
    (first, *_) = context_of(SAMPLE)["criteria"]
    at = {stage.name: stage.n_people for stage in SAMPLE.draft.map.stages}
    criterion = SAMPLE.draft.criteria.criteria[0]
    assert [bar.name for bar in first["stages"]] == list(at)
    for bar, stage in zip(first["stages"], SAMPLE.draft.map.stages, strict=True):
        assert bar.count == criterion.stages.get(stage.code, 0)
        assert bar.total == max(stage.n_people, bar.count)
        assert 0 <= bar.filled <= bar.length <= 100


def test_persona_bars_count_everybody_with_the_persona_who_spoke() -> None:
    people = {**SAMPLE.participants, "silent": {"persona": "Nobody heard"}}
    (first, *_) = context_of(replace(SAMPLE, participants=people))["criteria"]
    assert "Nobody heard" not in [bar.name for bar in first["personas"]]
    assert sum(bar.total for bar in first["personas"]) == 8


def test_a_hidden_sentence_is_not_shown_as_the_customers_words() -> None:
    own = SAMPLE.draft.criteria.criteria[0].in_their_words
    assert own is not None
    edits = MapEdits(hidden={own.coding_id: "names her"})
    (first, *_) = context_of(replace(SAMPLE, draft=replace(SAMPLE.draft, edits=edits)))["criteria"]
    assert first["words"] is None


def test_a_sentence_that_left_with_a_moved_need_is_not_shown_as_the_customers_words() -> None:
    first = SAMPLE.draft.criteria.criteria[0]
    own = first.in_their_words
    assert own is not None
    left = tuple(segment for segment in first.segments if segment != own.segment_id)
    assert shown_words(first, ()) == own
    assert shown_words(replace(first, segments=left), ()) is None


def test_people_s_decisions_owners_and_what_they_set_aside_are_shown() -> None:
    text = text_of(page_of(edited_proof()))
    assert "edited by Ann" in text
    assert "Owner: Head of service" in text
    assert "Set aside" in text
    assert "rejected by Ann" in text
    assert "that nobody has decided on" not in text


def test_without_criteria_the_page_gives_the_reason() -> None:
    sample = empty_sample()
    none = CriteriaDraft((), "needs or pain points of 5 people; criteria rest on at least 6")
    page = page_of(replace(sample, draft=replace(sample.draft, criteria=none)))
    assert "There are no design criteria yet" in page
    assert "Needs or pain points of 5 people; criteria rest on at least 6." in text_of(page)


def test_the_same_draft_gives_the_same_page() -> None:
    assert page_of(proof_sample()) == page_of(proof_sample())


@pytest.mark.parametrize(
    ("stability", "word"),
    [
        (None, "not measured"),
        (0.85, "comes back almost unchanged"),
        (0.75, "comes back as a whole"),
        (0.6, "comes back in outline"),
        (0.5, "comes back in part"),
        (0.49, "falls apart more often than not"),
    ],
)
def test_stability_in_words(stability: float | None, word: str) -> None:
    assert stability_word(stability) == word


def test_the_figures_are_read_back_as_a_table() -> None:
    rows = tried_numbers(FIGURES)
    assert [(row.k, row.smallest, row.is_chosen) for row in rows] == [
        (2, 7, False),
        (3, 6, True),
        (4, 5, False),
        (5, 4, False),
        (6, 3, False),
    ]
    assert tried_numbers({}) == []
