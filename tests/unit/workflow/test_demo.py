"""A bundled corpus becomes a study with its own charter and codebook."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qualcode import resources
from qualcode.errors import StudyError, UsageError
from qualcode.resources import corpora, corpus_path, default_codebook_path
from qualcode.workflow.demo import DemoReport, corpus_study, demo
from qualcode.workflow.draft_words import WordsReport, draft_words
from qualcode.workflow.llm import LlmOptions, LlmSession
from qualcode.workflow.model_words import model_words
from qualcode.workflow.study import Study

TALK = """\
Interviewer: How did the course go?
P1: I waited three weeks for the books and nobody told me anything. It was so frustrating.
Interviewer: And the teacher?
P1: She was lovely, she explained everything twice, and I was really relieved.
Interviewer: Would you do it again?
P1: I had to ring four times before anybody answered. I just want to know when it starts.
"""
BOOK = """\
schema: 1
name: Evening classes
language: en
codes:
  - id: stage_sign_up
    name: Sign up for the course
    family: stage
    goal: How do I get a place?
    definition: The learner chooses a course and signs up for it.
    examples: [I signed up for the course on a Sunday evening.]
  - id: stage_wait
    name: Wait for the start
    family: stage
    goal: When does it begin?
    definition: The learner waits for books and for the first evening.
    examples: [I waited three weeks for the books to come.]
  - id: pain_no_word
    name: Nobody tells me anything
    family: pain_point
    definition: The learner waits and is told nothing.
    examples: [Nobody told me anything for weeks.]
"""


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put two small corpora in the place of those that ship; `evening` has a codebook."""
    root = tmp_path / "corpora"
    for name in ("evening", "morning"):
        sources = root / name / "sources"
        sources.mkdir(parents=True)
        (sources / "talk.txt").write_text(TALK, encoding="utf-8", newline="\n")
        about = f'[study]\nname = "The {name}"\n\n[charter]\npurpose = "See why people stop"\n'
        (root / name / "study.toml").write_text(about, encoding="utf-8", newline="\n")
    (root / "evening" / "codebook.yaml").write_text(BOOK, encoding="utf-8", newline="\n")
    (root / "evening.txt").write_text("no corpus", encoding="utf-8", newline="\n")
    monkeypatch.setattr(resources, "_corpora_root", lambda: root)
    return root


def test_corpora_are_the_folders_with_sources(bundled: Path) -> None:
    assert corpora() == ["evening", "morning"]


def test_a_study_of_a_corpus_has_its_title_and_charter(bundled: Path, tmp_path: Path) -> None:
    with corpus_study(tmp_path / "made", "evening") as study:
        assert study.settings.study.name == "The evening"
        assert study.settings.charter.purpose == "See why people stop"


def test_a_study_of_a_corpus_has_its_codebook_to_the_byte(bundled: Path, tmp_path: Path) -> None:
    corpus_study(tmp_path / "made", "evening").close()
    own = (bundled / "evening" / "codebook.yaml").read_bytes()
    assert (tmp_path / "made" / "codebook.yaml").read_bytes() == own


def test_a_corpus_without_a_codebook_takes_the_default_one(bundled: Path, tmp_path: Path) -> None:
    corpus_study(tmp_path / "made", "morning").close()
    default = default_codebook_path().read_bytes()
    assert (tmp_path / "made" / "codebook.yaml").read_bytes() == default


def test_the_demo_codes_with_the_corpus_codebook(bundled: Path, tmp_path: Path) -> None:
    report = demo(tmp_path / "made", corpus="evening")
    stages = [code.id for code in report.drafted.codebook.family("stage")]
    assert stages == ["stage_sign_up", "stage_wait"]
    coded = {c.code for c in report.drafted.corpus.codings() if c.family == "stage"}
    assert coded <= set(stages)
    assert report.map_path.is_file()


def test_the_demo_names_a_pain_point_that_somebody_had(bundled: Path, tmp_path: Path) -> None:
    report = demo(tmp_path / "made", corpus="evening")
    assert report.example_code in {c.code for c in report.drafted.corpus.codings()}


def test_a_folder_with_the_study_of_another_corpus_is_refused(
    bundled: Path, tmp_path: Path
) -> None:
    corpus_study(tmp_path / "made", "evening").close()
    with pytest.raises(StudyError, match="holds another study"):
        corpus_study(tmp_path / "made", "morning")


def test_an_unknown_corpus_is_answered_with_those_there_are(bundled: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        corpus_study(tmp_path / "made", "noon")
    assert caught.value.hint == "there are: evening, morning"
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["kestrel", "rollwell"])
def test_a_bundled_corpus_makes_a_study_with_stages(name: str, tmp_path: Path) -> None:
    with corpus_study(tmp_path / "made", name) as study:
        assert len(study.codebook.family("stage")) >= 5
        assert (corpus_path(name) / "README.md").is_file()


@dataclass(frozen=True, slots=True)
class WithModel:
    """Hold the demo with a model's replies, made once; no test changes what others look at."""

    folder: Path
    report: DemoReport

    def words(self, kind: str) -> WordsReport:
        return next(words for words in self.report.words if words.kind == kind)


@pytest.fixture(scope="module")
def with_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithModel]:
    folder = tmp_path_factory.mktemp("with_model")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        yield WithModel(folder / "made", demo(folder / "made", with_model=True))


@pytest.mark.slow
def test_every_segment_of_the_demo_is_coded_by_the_replies(with_model: WithModel) -> None:
    coded = with_model.report.coded
    assert (coded.coder, coded.n_judged, coded.n_segments) == ("llm:hand-written", 554, 554)


@pytest.mark.slow
def test_no_segment_of_the_demo_is_left_unprocessed(with_model: WithModel) -> None:
    assert with_model.report.coded.n_unprocessed == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cell", "criterion", "persona"])
def test_the_demo_drafts_words_of_every_thing_that_a_model_is_asked_about(
    with_model: WithModel, kind: str
) -> None:
    words = with_model.words(kind)
    assert len(words.drafted) == words.n_asked > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cell", "criterion", "persona"])
def test_no_sentence_of_the_replies_is_removed(with_model: WithModel, kind: str) -> None:
    assert with_model.words(kind).removed == {}


@pytest.mark.slow
def test_the_replies_hold_a_name_for_every_stage(with_model: WithModel) -> None:
    options = LlmOptions(replay=resources.replies_path("rollwell"))
    with Study(with_model.folder) as study, LlmSession(study, None, options) as session:
        words = draft_words(study, session.answers, "stage", coder=session.coder)
        assert len(words.drafted) == len(study.codebook.family("stage"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "text", "said"),
    [
        ("duration/stage_stay_or_leave", 1, "Six weeks"),
        ("touchpoint/stage_pay_costs", 1, "Asked the chat"),
        ("need/stage_get_help", 0, "I'm deaf"),
        ("pain_point/stage_use_daily", 1, "Doesnt fit in our lift"),
        ("action/stage_get_started", 0, "So we strapped in the rice"),
        ("action/stage_decide_sign_up", 0, "Did it on me phone in bed"),
        ("attitude/stage_find_out", 0, "My brother had something like this with the phone"),
        ("pain_point/stage_notice_need", 1, "It got nicked"),
    ],
)
def test_a_sentence_of_the_replies_rests_on_the_quotes_that_were_read(
    with_model: WithModel, target: str, text: int, said: str
) -> None:
    corpus = with_model.report.drafted.corpus
    texts = {document.id: document.text for document in corpus.documents}
    with Study(with_model.folder) as study:
        words = next(one for one in model_words(study) if one.target == target)
    quoted = {coding.id: coding.span.of(texts[coding.document_id]) for coding in corpus.codings()}
    assert said in " ".join(quoted[coding] for coding in words.texts[text].codings)


@pytest.mark.slow
def test_the_words_of_the_demo_stand_on_its_map_as_drafts(with_model: WithModel) -> None:
    summaries = with_model.report.drafted.draft.edits.summaries
    assert {(one.status, one.author) for one in summaries} == {("draft", "llm:hand-written")}


def test_a_corpus_without_replies_says_which_one_has_some(bundled: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="evening carries no replies"):
        demo(tmp_path / "made", corpus="evening", with_model=True)
