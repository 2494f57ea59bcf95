"""Who decides: the name that stands beside a decision."""

from __future__ import annotations

import getpass

from qualcode.errors import UsageError
from qualcode.workflow.study import Study

__all__ = ["author_of"]


def author_of(study: Study, named: str | None = None) -> str:
    """Return the name given, else that of the settings (`[person] name`), else the login name.

    Raises:
        UsageError: The machine has no login name either.
    """
    chosen = (named or study.settings.person.name).strip()
    if chosen:
        return chosen
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        raise UsageError(
            "it is not known who decides",
            hint='add --by NAME, or name = "…" under [person] in your config.toml',
        ) from error
