"""How the surveys of a study were read, so that the next wave is read the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from qualcode.settings import SurveyProfile
from qualcode.workflow.study import Study

__all__ = ["KeptProfiles", "kept_profiles"]

_SAME_WAVES = 0.8
"""So many of the columns of two surveys taken together are in both, if they are waves of one."""


@dataclass(frozen=True, slots=True)
class KeptProfiles:
    """Hold how the surveys of a study were read, for the next wave.

    Titles have placeholders for the names in them, as the study keeps them.

    Attributes:
        profiles: By the path that the study knows a survey by, which no two surveys share.
        headers: Columns of the surveys that are in the study, likewise.
    """

    profiles: Mapping[str, SurveyProfile] = field(default_factory=dict)
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, name: str, header: Sequence[str]) -> tuple[SurveyProfile, str] | None:
        """Return the profile for a table and the survey that it is from.

        A survey of the same name counts, else the one that shares the most columns. Attributes
        that are no longer asked for are left out of the profile.
        """
        alike = sorted(
            (path for path in self.profiles if path in self.headers and path != name),
            key=lambda path: (-_shared(self.headers[path], header), path),
        )
        titles = set(header)
        for path in (name, *alike):
            kept = self.profiles.get(path)
            if kept is None or not _fits(kept, titles):
                continue
            if path == name or _shared(self.headers[path], header) >= _SAME_WAVES:
                attributes = tuple(n for n in kept.attr_cols if n in titles)
                return kept.model_copy(update={"attr_cols": attributes}), path
        return None

    @property
    def sheets(self) -> tuple[str, ...]:
        """Return the sheets of workbooks that were chosen by name, each once."""
        chosen = (self.profiles[path].sheet for path in sorted(self.profiles))
        return tuple(dict.fromkeys(sheet for sheet in chosen if sheet is not None))


def kept_profiles(study: Study) -> KeptProfiles:
    """Return how the surveys of a study were read so far."""
    records = study.repository.sources.all()
    return KeptProfiles(
        study.settings.surveys,
        {r.path: r.table_header for r in records if r.table_header is not None},
    )


def _fits(kept: SurveyProfile, titles: Set[str]) -> bool:
    """Tell whether a table still has the columns that an earlier wave could not be read without."""
    needed = (*kept.text_cols, kept.id_col, kept.participant_col)
    return all(name is None or name in titles for name in needed)


def _shared(one: Sequence[str], other: Sequence[str]) -> float:
    a, b = set(one), set(other)
    return len(a & b) / max(len(a | b), 1)
