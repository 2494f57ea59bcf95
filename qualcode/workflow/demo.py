"""Make a whole study from a bundled corpus: the main job in one call."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from qualcode.errors import StudyError
from qualcode.resources import DEFAULT_CORPUS, corpus_path, replies_path
from qualcode.settings import Charter
from qualcode.workflow.code import CodeReport, code, local_coder
from qualcode.workflow.draft import Drafted
from qualcode.workflow.draft_words import WordsReport, draft_words
from qualcode.workflow.ingest import IngestReport, ingest
from qualcode.workflow.map import write_map
from qualcode.workflow.progress import Progress, silent
from qualcode.workflow.study import Study, create_study, is_unfinished

__all__ = ["DemoReport", "corpus_study", "demo"]

_DRAFTED = ("cell", "criterion", "persona")
"""Kinds of words that stand on the map; names of stages are only suggested, see `draft stages`."""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """Hold what each step of the demonstration did.

    `words` is what was drafted of each kind, empty without a model; `example_code` is the pain
    point that was coded most often, None where none was.
    """

    map_path: Path
    ingested: IngestReport
    coded: CodeReport
    drafted: Drafted
    words: tuple[WordsReport, ...] = ()

    @property
    def example_code(self) -> str | None:
        codings = self.drafted.corpus.codings()
        counts = Counter(c.code for c in codings if c.family == "pain_point")
        return max(counts, key=lambda code: (counts[code], code), default=None)


def demo(
    path: Path,
    *,
    corpus: str = DEFAULT_CORPUS,
    with_model: bool = False,
    progress: Progress = silent,
) -> DemoReport:
    """Make the study, or finish one that an earlier call began, and write its map.

    Args:
        path: As for `corpus_study`.
        corpus: Its name.
        with_model: Code it also as a language model would, and draft words over it, from the
            replies that the corpus carries; nothing is asked.
        progress: Told how far each step is.

    Raises:
        StudyError: The folder holds something else than a study of this corpus.
        UsageError: There is no such corpus, or it carries no replies.
    """
    replies = replies_path(corpus) if with_model else None
    with corpus_study(path, corpus) as study:
        ingested = ingest(study, [corpus_path(corpus) / "sources"], progress=progress)
        coded = code(study, local_coder(study), progress=progress)
        words: tuple[WordsReport, ...] = ()
        if replies is not None:
            coded, words = _answered_from(study, replies, progress)
        drafted = write_map(study, path / "map.html").drafted
    return DemoReport(path / "map.html", ingested, coded, drafted, words)


def _answered_from(
    study: Study, replies: Path, progress: Progress
) -> tuple[CodeReport, tuple[WordsReport, ...]]:
    """Code and draft words as a model would whose replies lie in a file."""
    from qualcode.workflow.llm import LlmOptions, LlmSession
    from qualcode.workflow.llm_code import asking_parameters, llm_coder
    from qualcode.workflow.llm_veil import veil_of

    with LlmSession(study, None, LlmOptions(replay=replies)) as session:
        coder = llm_coder(session)
        parameters = asking_parameters(session, coder)
        coded = code(study, coder, parameters=parameters, progress=progress)
        # What is sent would be masked; so the same words asked for later are known already.
        veil = veil_of(study, study.repository.sources.documents())
        words = tuple(
            draft_words(study, session.answers, kind, coder=session.coder, veil=veil)
            for kind in _DRAFTED
        )
    return coded, words


def corpus_study(path: Path, corpus: str) -> Study:
    """Open the study of a bundled corpus, made with the corpus' charter and codebook if need be.

    Its sources are not read yet.

    Args:
        path: A new folder, or one in which an earlier call made, or began to make, this study.
        corpus: Its name; a corpus without a codebook of its own takes the default one.

    Raises:
        StudyError: The folder holds something else than a study of this corpus.
        UsageError: There is no such corpus.
    """
    folder = corpus_path(corpus)
    about = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    name = str(about["study"]["name"])
    if (path / "study.toml").is_file():
        study = Study(path)
        if study.settings.study.name != name:
            raise StudyError(
                f"{path}: holds another study", hint="name a new folder: qualcode demo DIR"
            )
        return study
    if path.is_dir() and not is_unfinished(path):
        raise StudyError(f"{path}: is not empty and holds no study", hint="name a new folder")
    own = folder / "codebook.yaml"
    return create_study(
        path,
        name=name,
        charter=Charter.model_validate(about.get("charter", {})),
        codebook=own if own.is_file() else None,
    )
