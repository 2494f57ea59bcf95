"""Segments are found by words and by meaning, with who said them and where."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from qualcode.errors import UsageError
from qualcode.records import Role
from qualcode.settings import Charter
from qualcode.store.vectors import text_key
from qualcode.workflow import index as index_step
from qualcode.workflow.code import code, local_coder
from qualcode.workflow.embed import vectors_of
from qualcode.workflow.index import IndexUse, nearest_exactly
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.mask import mask
from qualcode.workflow.search import Filters, Found, search, similar
from qualcode.workflow.study import Study, create_study
from tests.unit.workflow.conftest import Write, talk

COMMENTS = """\
id,persona,wave,comment
r1,Parent,1,The parcel came three weeks late.
r2,Parent,2,Nobody picked up the phone when I rang.
r3,Commuter,1,Délivery was on time.
r4,Commuter,2,The colour of the seat is lovely.
r5,Commuter,2,I waited on hold for an hour before anyone answered.
r6,Parent,1,The parcel came three weeks late.
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """Yield a coded study that tests do not change."""
    folder = tmp_path_factory.mktemp("search")
    (folder / "survey.csv").write_text(COMMENTS, encoding="utf-8", newline="\n")
    (folder / "talk.txt").write_text(
        talk("Ada", "The bus driver waited for me, every single day."), encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "private"))
        with create_study(folder / "study", name="Test", charter=Charter()) as study:
            options = IngestOptions(
                text_cols=("comment",),
                id_col="id",
                attr_cols=("persona", "wave"),
            )
            ingest(study, [folder / "survey.csv", folder / "talk.txt"], options)
            code(study, local_coder(study))
            yield study


def quotes(found: Found) -> list[str]:
    return [hit.quote for hit in found.hits]


def test_segments_with_the_words_come_before_those_that_mean_the_like(shared: Study) -> None:
    found = search(shared, "phone", limit=3, min_score=0.1)
    assert quotes(found)[0] == "Nobody picked up the phone when I rang."
    assert found.hits[0].why[0] == "words"
    assert {hit.why for hit in found.hits[1:]} == {("meaning",)}
    assert found.n_with_words == 1


def test_meaning_finds_what_holds_none_of_the_words(shared: Study) -> None:
    found = search(shared, "waiting for somebody to take a call", limit=1)
    assert quotes(found) == ["I waited on hold for an hour before anyone answered."]
    assert (found.n_with_words, found.hits[0].words) == (0, ())


def test_words_alone_come_in_the_order_of_the_corpus_without_a_score(shared: Study) -> None:
    found = search(shared, "waited", meaning=False)
    assert quotes(found) == [
        "I waited on hold for an hour before anyone answered.",
        "The bus driver waited for me, every single day.",
    ]
    assert {hit.score for hit in found.hits} == {None}


def test_marked_words_are_offsets_of_the_document(shared: Study) -> None:
    (hit,) = search(shared, "driver wait*", meaning=False).hits
    assert [span.of(hit.document.text) for span in hit.words] == ["driver", "waited"]


def test_equal_comments_stay_two_hits(shared: Study) -> None:
    assert len(search(shared, "parcel", meaning=False).hits) == 2


def test_an_excluded_word_excludes_hits_by_meaning_too(shared: Study) -> None:
    found = search(shared, "slow parcels -late", min_score=-1, limit=50)
    assert "The parcel came three weeks late." not in quotes(found)
    assert len(found.hits) == found.n_searched - 2


def test_nothing_below_the_least_score_is_found_by_meaning(shared: Study) -> None:
    scores = [hit.score for hit in search(shared, "hold", min_score=0.1, limit=50).hits]
    assert len(scores) > 1
    assert all(score is not None and score >= 0.1 for score in scores[1:])


def test_interviewers_words_are_found_only_when_asked_for(shared: Study) -> None:
    assert quotes(search(shared, '"what happened then"', meaning=False)) == []
    asked = Filters(roles=(Role.INTERVIEWER,))
    (hit,) = search(shared, '"what happened then"', meaning=False, filters=asked).hits
    assert hit.segment.role is Role.INTERVIEWER
    assert hit.codings == ()
    assert search(shared, "what happened", filters=asked).engine == "exact"


@pytest.mark.parametrize(
    ("filters", "n"),
    [
        (Filters(persona="parent"), 3),
        (Filters(attributes=[("Wave", "2")]), 3),
        (Filters(attributes=[("wave", "2")], persona="Commuter"), 2),
        (Filters(participant="r4"), 1),
        (Filters(sources=["survey.csv"]), 6),
        (Filters(sources=["survey.csv", "TALK.txt"]), 8),
        (Filters(roles=(Role.PARTICIPANT,), sources=["talk.txt"]), 2),
        (Filters(roles=(Role.INTERVIEWER,)), 3),
        (Filters(speakers=["[person_1]"]), 2),
        (Filters(speakers=["Interviewer"], roles=(Role.INTERVIEWER,)), 3),
    ],
)
def test_filters_say_where_is_searched(shared: Study, filters: Filters, n: int) -> None:
    assert search(shared, "anything", meaning=False, filters=filters).n_searched == n


def test_a_code_filter_lets_through_just_the_segments_with_the_code(shared: Study) -> None:
    codings = list(shared.corpus().codings())
    wanted = {c.segment_id for c in codings if c.code == "pain_waiting"}
    assert wanted
    found = search(shared, "x", min_score=-1, limit=50, filters=Filters(code="Waiting and delays"))
    assert {hit.segment.id for hit in found.hits} == wanted
    of_family = search(shared, "x", meaning=False, filters=Filters(family="pain point"))
    assert of_family.n_searched == len({c.segment_id for c in codings if c.family == "pain_point"})


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (Filters(persona="Queen"), "Commuter, Parent"),
        (Filters(participant="r66"), "r6"),
        (Filters(speakers=["Bob"]), "Interviewer"),
        (Filters(sources=["survay.csv"]), "survey.csv"),
        (Filters(attributes=[("wage", "2")]), "wave"),
        (Filters(attributes=[("wave", "9")]), "1, 2"),
        (Filters(code="pain_waitin"), "pain_waiting"),
        (Filters(stage="pain_waiting"), "codebook"),
        (Filters(family="pain_pont"), "pain_point"),
    ],
)
def test_a_filter_for_what_is_not_there_is_told_with_what_is(
    shared: Study, filters: Filters, told: str
) -> None:
    with pytest.raises(UsageError) as caught:
        search(shared, "anything", filters=filters)
    assert told in str(caught.value.hint)


def test_a_hit_carries_its_codings_and_attributes(shared: Study) -> None:
    (hit, _) = search(shared, "parcel", meaning=False).hits
    standing = [c for c in shared.corpus().codings() if c.segment_id == hit.segment.id]
    assert standing
    assert sorted(hit.codings, key=lambda c: c.id) == sorted(standing, key=lambda c: c.id)
    assert (hit.attributes["persona"], hit.attributes["wave"]) == ("Parent", "1")


def test_more_like_a_segment_leaves_itself_out_and_finds_its_equal(shared: Study) -> None:
    first, second = (hit.segment.id for hit in search(shared, "parcel", meaning=False).hits)
    found = similar(shared, first)
    assert first not in [hit.segment.id for hit in found.hits]
    assert (found.hits[0].segment.id, found.hits[0].score) == (second, 1.0)


def test_a_coding_stands_for_its_segment(shared: Study) -> None:
    coding = next(shared.corpus().codings())
    assert similar(shared, coding.id) == similar(shared, coding.segment_id)


def test_other_peoples_words_come_first_when_asked_for(shared: Study) -> None:
    (hit,) = search(shared, "driver", meaning=False).hits
    found = similar(shared, hit.segment.id, others_first=True, min_score=-1, limit=50)
    people = [h.segment.participant_id for h in found.hits]
    own = hit.segment.participant_id
    assert people[-1] == own
    assert own not in people[:-1]


def test_like_nothing_of_the_study_is_refused(shared: Study) -> None:
    with pytest.raises(UsageError, match="no segment or coding"):
        similar(shared, "seg_nowhere")


@pytest.mark.parametrize("query", ["-late", '-"too late" -x'])
def test_a_query_that_only_leaves_out_is_refused(shared: Study, query: str) -> None:
    with pytest.raises(UsageError, match="only says what to leave out"):
        search(shared, query)


def test_the_query_is_not_kept(study: Study, write: Write) -> None:
    ingest(study, [write("1.txt", talk("Colm"))])
    search(study, "Zebedee Quux")
    with closing(sqlite3.connect(study.path / "qualcode.db")) as database:
        keys = {row[0] for row in database.execute("SELECT text_sha256 FROM embedding")}
    assert keys
    assert text_key("Zebedee Quux") not in keys


def test_a_masked_name_is_not_found_any_more(study: Study, write: Write) -> None:
    ingest(study, [write("1.txt", talk("Colm", "Then Zebedee Quux rang me back."))])
    assert search(study, "Zebedee", meaning=False).hits
    mask(study, ["Zebedee Quux"])
    assert not search(study, "Zebedee", meaning=False).hits
    (hit,) = search(study, "PERSON_2", meaning=False).hits
    assert [span.of(hit.document.text) for span in hit.words] == ["PERSON_2"]


def test_scores_do_not_depend_on_what_else_is_compared(shared: Study) -> None:
    texts = shared.repository.segment_texts.all()
    vector = vectors_of(shared, ["The parcel is late."])["The parcel is late."]
    everything = {
        s.text.segment.id: s.score for s in nearest_exactly(shared, texts, vector, len(texts))
    }
    for text in texts:
        (alone,) = nearest_exactly(shared, [text], vector, 1)
        assert alone.score == everything[text.segment.id]


def test_the_nearest_of_many_are_those_that_sorting_all_would_give(shared: Study) -> None:
    texts = shared.repository.segment_texts.all()
    vector = vectors_of(shared, ["The parcel is late."])["The parcel is late."]
    full = nearest_exactly(shared, texts, vector, len(texts))
    assert [s.score for s in full] == sorted((s.score for s in full), reverse=True)
    for limit in range(1, len(texts)):
        assert nearest_exactly(shared, texts, vector, limit) == full[:limit]


def test_from_many_texts_on_the_index_is_wanted_by_itself(
    shared: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert search(shared, "late").doubt == ""
    monkeypatch.setattr(index_step, "INDEX_FROM_TEXTS", 3)
    assert search(shared, "late").doubt == "there is none yet"
    assert search(shared, "late", use=IndexUse.EXACT).doubt == ""


def test_filters_that_leave_few_texts_do_without_the_index(
    shared: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_step, "INDEX_FROM_TEXTS", 3)
    assert search(shared, "late", filters=Filters(participant="r4")).doubt == ""


def test_the_index_finding_too_few_of_the_candidates_leaves_it_to_numpy(
    shared: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def few(*arguments: object) -> None:
        return None

    monkeypatch.setattr(index_step, "_indexed", few)
    found = search(shared, "late", use=IndexUse.CHROMA)
    assert (found.engine, found.doubt) == ("exact", "")
    assert found.hits == search(shared, "late", use=IndexUse.EXACT).hits
