"""A study: the folder with charter, codebook and store, and its private part outside."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from qualcode.codebook import Codebook, load_codebook
from qualcode.errors import StudyError
from qualcode.resources import default_codebook_path
from qualcode.settings import Charter, Settings, SurveyProfile, data_home, load_settings
from qualcode.workflow.files import write_atomically

if TYPE_CHECKING:
    from qualcode.ingest.pseudonyms import Key
    from qualcode.store.repository import Repository

__all__ = ["Study", "create_study", "find_study"]

_SETTINGS = "study.toml"
_CODEBOOK = "codebook.yaml"
_DATABASE = "qualcode.db"


class Study:
    """Give access to an existing study.

    Raises:
        StudyError: The folder holds no study, or its settings do not validate.
    """

    def __init__(self, path: Path) -> None:
        if not (path / _SETTINGS).is_file():
            raise StudyError(
                f"{path}: no study here (there is no {_SETTINGS})",
                hint=f"qualcode init {path} makes one; qualcode demo makes one with sample data",
            )
        self.path = path
        self.settings: Settings = load_settings(path / _SETTINGS)
        if not self.settings.study.id:
            raise StudyError(
                f"{path / _SETTINGS}: [study] has no id",
                hint='add the line id = "…" with any text that no other study of yours has',
            )

    @cached_property
    def codebook(self) -> Codebook:
        return load_codebook(self.path / _CODEBOOK)

    @cached_property
    def repository(self) -> Repository:
        from qualcode.store.repository import Repository

        return Repository(self.path / _DATABASE)

    @property
    def private_path(self) -> Path:
        """Return the folder outside the study for the pseudonym key and the originals' text."""
        return data_home() / "studies" / self.settings.study.id

    def load_key(self) -> Key:
        """Return the study's pseudonym key, an empty one before the first ingest."""
        from qualcode.ingest.pseudonyms import Key

        path = self.private_path / "pseudonyms.json"
        return Key.from_json(path.read_text(encoding="utf-8")) if path.is_file() else Key()

    def save_key(self, key: Key) -> None:
        """Save the key; always before a text that uses it, so that no number is given twice."""
        self._make_private()
        write_atomically(self.private_path / "pseudonyms.json", key.to_json())

    def keep_originals(self, source_id: str, entries: Sequence[Mapping[str, object]]) -> None:
        """Append texts as they were before masking to the private folder, one JSON a line."""
        if not entries:
            return
        self._make_private()
        path = self.private_path / f"originals-{source_id}.jsonl"
        with path.open("a", encoding="utf-8", newline="\n") as file:
            for entry in entries:
                file.write(json.dumps(entry, ensure_ascii=True, sort_keys=True) + "\n")

    def _make_private(self) -> None:
        self.private_path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def save_profile(self, name: str, profile: SurveyProfile) -> None:
        """Keep how a survey's columns were read, for its next wave."""
        import tomlkit

        path = self.path / _SETTINGS
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
        surveys = document.setdefault("surveys", tomlkit.table(is_super_table=True))
        values = profile.model_dump(exclude_none=True, mode="json")
        if surveys.get(name) == values:
            return
        surveys[name] = values
        write_atomically(path, tomlkit.dumps(document))

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
        path: A new or empty folder.
        name: The study's title.
        charter: What the map is for.
        codebook: A .yaml, .csv or .xlsx to start from; the default book when None.

    Raises:
        StudyError: A study is there already, or the folder cannot be made.
        CodebookError: The codebook does not validate; nothing is made then.
    """
    from qualcode.codebook import dump_codebook
    from qualcode.store.repository import Repository

    if (path / _SETTINGS).exists():
        raise StudyError(
            f"{path}: there is a study already", hint="use it with --study, or name another folder"
        )
    book = load_codebook(codebook or default_codebook_path())
    try:
        path.mkdir(parents=True, exist_ok=True)
        if codebook is None or codebook.suffix.lower() in (".yaml", ".yml"):
            shutil.copyfile(codebook or default_codebook_path(), path / _CODEBOOK)
        else:
            write_atomically(path / _CODEBOOK, dump_codebook(book))
    except OSError as error:
        raise StudyError(f"{path}: cannot be made: {error.strerror}") from error
    Repository(path / _DATABASE, create=True).close()
    write_atomically(path / _SETTINGS, _study_toml(name, charter))
    return Study(path)


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
[pseudonyms]
enabled = true
names = []

# Speaker labels whose role is known beforehand, for example interviewers = ["Hanna Berg"].
[speakers]
interviewers = []
participants = []

[coding]
families = []   # empty: all that the embedded coder knows
seed = 20260101
"""
