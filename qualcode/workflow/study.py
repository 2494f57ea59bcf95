"""A study: the folder with charter, codebook and store, and its private part outside."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from qualcode.codebook import Codebook, load_codebook, parse_codebook
from qualcode.codebook.changes import seen_with
from qualcode.codebook.files import read_text
from qualcode.codebook.text import rewritten
from qualcode.errors import StudyError
from qualcode.records import Corpus
from qualcode.resources import default_codebook_path
from qualcode.settings import (
    MAX_BYTES,
    Charter,
    Settings,
    SurveyProfile,
    data_home,
    load_settings,
)
from qualcode.workflow.files import write_atomically
from qualcode.workflow.private import PrivateFolder

if TYPE_CHECKING:
    from qualcode.ingest.pseudonyms import Key
    from qualcode.store.repository import Repository
    from qualcode.workflow.held_draft import HeldDraft

__all__ = ["Study", "create_study", "find_study", "is_unfinished", "refuse_unfit_id"]

_SETTINGS = "study.toml"
_CODEBOOK = "codebook.yaml"
_DATABASE = "qualcode.db"
_OWN_ENTRIES = (_SETTINGS, "vectors", "backups", ".ingest.lock")
# It names the private folder, so it must not lead out of the folder of all of them.
_NAMES_A_FOLDER = re.compile(r"(?!\.)[\w .@+-]{1,100}(?<![ .])")
_HIGHEST = "highest_placeholders"
_LOCK_WAIT_SECONDS = 1.0


class Study:
    """Give access to an existing study.

    Attributes:
        held_draft: The machine's draft, where a process that asks for it at every decision keeps
            it at hand; None where each one drafts anew.
        run_id: The run of the log that is under way, None outside of one.

    Raises:
        StudyError: The folder holds no study, or its settings do not validate.
    """

    held_draft: HeldDraft | None = None
    run_id: int | None = None

    def __init__(self, path: Path) -> None:
        if not (path / _SETTINGS).is_file():
            raise StudyError(
                f"{path}: no study here (there is no {_SETTINGS})",
                hint=f"qualcode init {path} makes one; qualcode demo makes one with sample data",
            )
        self.path = path
        _refuse_links(path)
        self.settings: Settings = load_settings(path / _SETTINGS)
        refuse_unfit_id(self.settings.study.id, str(path / _SETTINGS))

    @cached_property
    def codebook_text(self) -> str:
        """Return the text of the study's codebook, with its comments."""
        return read_text(self.path / _CODEBOOK)

    @cached_property
    def codebook(self) -> Codebook:
        return parse_codebook(self.codebook_text, self.path / _CODEBOOK)

    def save_codebook(self, book: Codebook) -> None:
        """Write a changed book into the study's file; what did not change stays to the letter.

        Raises:
            StudyError: Somebody else has changed the file since it was read.
        """
        self._write_codebook(rewritten(self.codebook_text, self.codebook, book), book)

    def save_codebook_text(self, text: str) -> None:
        """Write the text of a book, comments and all, into the study's file.

        Raises:
            StudyError: Somebody else has changed the file since it was read.
            CodebookError: The text is no codebook; nothing is written then.
        """
        self._write_codebook(text, parse_codebook(text, self.path / _CODEBOOK))

    def _write_codebook(self, text: str, book: Codebook) -> None:
        path = self.path / _CODEBOOK
        if read_text(path) != self.codebook_text:
            raise StudyError(f"{path}: was changed just now", hint="run the command again")
        write_atomically(path, text)
        self.codebook_text, self.codebook = text, book

    @cached_property
    def repository(self) -> Repository:
        from qualcode.store.repository import Repository

        return Repository(self.path / _DATABASE)

    @cached_property
    def private(self) -> PrivateFolder:
        """Return the folder outside the study for the pseudonym key and the originals' text."""
        return PrivateFolder(data_home() / "studies" / self.settings.study.id)

    def load_key(self) -> Key:
        """Return the study's pseudonym key.

        Numbers go on after the highest that the store has seen, also where the key itself is
        missing, as in a study that somebody handed on: no placeholder ever means two people.
        """
        key = self.private.load_key()
        key.reserve(json.loads(self.repository.meta(_HIGHEST) or "{}"))
        return key

    def save_key(self, key: Key) -> None:
        """Save the key; always before a text that uses it, so that no number is given twice."""
        highest = json.dumps(key.highest(), sort_keys=True)
        if self.repository.meta(_HIGHEST) != highest:
            self.repository.set_meta(_HIGHEST, highest)
        self.private.save_key(key)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other processes from ingesting or masking in this study at the same time.

        Raises:
            StudyError: Another one is at it.
        """
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.path / ".ingest.lock", timeout=_LOCK_WAIT_SECONDS):
                yield
        except Timeout as error:
            raise StudyError(
                f"{self.path}: another qualcode is reading files or masking names here",
                hint="wait until it has ended and run the command again",
            ) from error

    def corpus(self, *, of_all_machines: bool = False) -> Corpus:
        """Return everything as it stands now, with codings as the codebook has their codes.

        What people rejected at the review is left out, what they added is there; a coding's
        status says what they made of it. Where several machines judged, the leading one's word is
        taken (`analysis/leading.py`).

        Args:
            of_all_machines: Keep the judgements of those that do not lead.
        """
        from qualcode.analysis.leading import leading
        from qualcode.workflow.reviews import settled

        corpus = seen_with(self.repository.corpus(), self.codebook)
        if not of_all_machines:
            coders = self.repository.judgements.coders()
            corpus = replace(corpus, judgements=leading(corpus.judgements, coders))
        return settled(self, corpus)

    def save_profile(self, name: str, profile: SurveyProfile) -> bool:
        """Keep how a survey's columns were read, for its next wave; tell whether there was room."""
        import tomlkit

        path = self.path / _SETTINGS
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
        surveys = document.setdefault("surveys", tomlkit.table(is_super_table=True))
        values = profile.model_dump(exclude_defaults=True, mode="json")
        if surveys.get(name) == values:
            return True
        surveys[name] = values
        data = tomlkit.dumps(document).encode("utf-8")
        if len(data) > MAX_BYTES:
            return False
        write_atomically(path, data)
        return True

    def change_profiles(
        self, changed: Callable[[str, SurveyProfile], tuple[str, SurveyProfile]]
    ) -> None:
        """Keep otherwise how surveys were read: `changed` gets and returns name and profile.

        A profile is dropped whose new name another one has.
        """
        import tomlkit

        path = self.path / _SETTINGS
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
        surveys = document.get("surveys", {})
        is_changed = False
        for name, values in list(surveys.unwrap().items() if surveys else ()):
            profile = SurveyProfile.model_validate(values)
            new_name, newer = changed(name, profile)
            if (new_name, newer) == (name, profile):
                continue
            is_changed = True
            del surveys[name]
            if new_name not in surveys:
                surveys[new_name] = newer.model_dump(exclude_defaults=True, mode="json")
        if is_changed:
            write_atomically(path, tomlkit.dumps(document).encode("utf-8"))

    def close(self) -> None:
        if "repository" in self.__dict__:
            self.repository.close()
            del self.__dict__["repository"]

    def __enter__(self) -> Study:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _refuse_links(path: Path) -> None:
    """Refuse a folder whose own files lie elsewhere: a study may come from a stranger.

    Raises:
        StudyError: One does; it would be read, written or deleted there.
    """
    inside = path.resolve()
    for entry in path.iterdir():
        if not entry.is_symlink() or not (entry.name in _OWN_ENTRIES or _is_ours(entry.name)):
            continue
        if not entry.resolve().is_relative_to(inside):
            raise StudyError(
                f"{entry}: a link out of the study's folder",
                hint="put the file itself in its place, if it is yours; do not use this study if "
                "somebody else made it",
            )


def refuse_unfit_id(identity: str, where: str) -> None:
    """Refuse a study's id that cannot name its private folder, or would lead out of all of them.

    Args:
        identity: The id.
        where: The file that it stands in, for the message.

    Raises:
        StudyError: It cannot.
    """
    if not identity:
        raise StudyError(
            f"{where}: [study] has no id",
            hint='add the line id = "…" with any text that no other study of yours has',
        )
    if not _NAMES_A_FOLDER.fullmatch(identity):
        raise StudyError(
            f"{where}: [study] id {identity[:40]!r} cannot name a folder",
            hint="write letters, digits, blanks and hyphens only",
        )


def find_study(named: Path | None, start: Path) -> Path:
    """Return the study's folder: the one named, else the nearest parent with a study.toml.

    Raises:
        StudyError: There is none.
    """
    if named is not None:
        return named.parent if named.name == _SETTINGS else named
    for folder in (start, *start.parents):
        if (folder / _SETTINGS).is_file():
            return folder
    raise StudyError(
        f"{start}: neither this folder nor one above it holds a study",
        hint="name it with --study DIR, or make one: qualcode init my-study",
    )


def create_study(path: Path, *, name: str, charter: Charter, codebook: Path | None = None) -> Study:
    """Make a study's folder with settings, codebook and an empty store.

    Args:
        path: A folder, made when it is missing. Files of other kinds may lie in it, and what a
            call that was stopped left there is taken over.
        name: The study's title.
        charter: What the map is for.
        codebook: A .yaml, .csv or .xlsx to start from, which may be the folder's own
            codebook.yaml; the default book when None.

    Raises:
        StudyError: A study, another codebook or a database that is not empty is there already, or
            the folder cannot be made; nothing is changed then.
        CodebookError: The codebook does not validate; nothing is made then.
    """
    from qualcode.codebook import dump_codebook
    from qualcode.store.repository import Repository

    if (path / _SETTINGS).exists():
        raise StudyError(
            f"{path}: there is a study already", hint="use it with --study, or name another folder"
        )
    chosen = codebook or default_codebook_path()
    book = load_codebook(chosen)
    try:
        if chosen.suffix.lower() in (".yaml", ".yml"):
            content = chosen.read_bytes()  # as it is, with its comments
        else:
            content = dump_codebook(book).encode("utf-8")
        _refuse_other_codebook(path / _CODEBOOK, content)
        path.mkdir(parents=True, exist_ok=True)
        with Repository(path / _DATABASE, create=True) as repository:
            if repository.sources.all():
                raise StudyError(
                    f"{path}: holds a study's database without its {_SETTINGS}",
                    hint=f"restore {_SETTINGS} from a backup, or name another folder",
                )
        for temporary in path.glob(".*.part"):
            if _is_ours(temporary.name):
                temporary.unlink()
        write_atomically(path / _CODEBOOK, content)
        # Last, because a folder with settings is a study: a call that is stopped before leaves
        # none, and the next one goes on.
        write_atomically(path / _SETTINGS, _study_toml(name, charter))
    except OSError as error:
        raise StudyError(f"{path}: cannot be made: {error.strerror or error}") from error
    return Study(path)


def is_unfinished(path: Path) -> bool:
    """Return whether a folder is empty but for what a stopped `create_study` leaves."""
    names = {entry.name for entry in path.iterdir()}
    return _SETTINGS not in names and all(map(_is_ours, names))


def _is_ours(name: str) -> bool:
    if name.endswith(".part"):
        return name.startswith((f".{_CODEBOOK}.", f".{_SETTINGS}."))
    return name in (_CODEBOOK, _DATABASE) or name.startswith((f"{_DATABASE}-", f"{_DATABASE}."))


def _refuse_other_codebook(path: Path, content: bytes) -> None:
    """Refuse a folder whose codebook somebody wrote; the default one is no loss."""
    if not path.exists():
        return
    if path.read_bytes() not in (content, default_codebook_path().read_bytes()):
        raise StudyError(
            f"{path}: there is a codebook already, and it is not the one to start from",
            hint=f"keep it with --codebook {path}, move it away, or name another folder",
        )


def _study_toml(name: str, charter: Charter) -> str:
    import tomlkit

    def text(value: str | Sequence[str]) -> str:
        item = value if isinstance(value, str) else list(value)
        return tomlkit.item(item).as_string()

    return f"""\
# Settings of a qualcode study. A misspelt key is an error, so nothing is ignored silently.

[study]
name = {text(name)}
id = "{uuid.uuid4().hex}"
schema_version = 1

# The charter stands in the head of every map: what it is for and whose journey it shows.
[charter]
purpose = {text(charter.purpose)}
decision = {text(charter.decision)}
success_measures = {text(charter.success_measures)}
personas = {text(charter.personas)}
scope = {text(charter.scope)}
participants = {text(charter.participants)}

# E-mails, phones, card and account numbers, handles, post codes, participants' names and the
# names listed here become placeholders such as [PERSON_3]. The key lies outside this folder.
#
# A line that begins with # shows the default. Take the # away to set a value for this study; else
# your own config.toml and then the default are in effect.
[pseudonyms]
# enabled = true
# names = []

# Speaker labels whose role is known beforehand, for example interviewers = ["Hanna Berg"].
[speakers]
# interviewers = []
# participants = []

[coding]
# families = []   # empty: all that the embedded coder knows
# seed = 20260101
"""
