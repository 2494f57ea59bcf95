"""Find the files that ship with the package."""

from __future__ import annotations

from pathlib import Path

from qualcode.errors import UsageError

__all__ = ["DEFAULT_CORPUS", "corpora", "corpus_path", "default_codebook_path", "replies_path"]

DEFAULT_CORPUS = "rollwell"

_PACKAGE = Path(__file__).parent


def _corpora_root() -> Path:
    """A wheel carries `corpora/` inside the package, a checkout beside it."""
    inside = _PACKAGE / "corpora"
    return inside if inside.is_dir() else _PACKAGE.parent / "corpora"


def corpora() -> list[str]:
    """List the names of the bundled corpora; none where an installation left them out."""
    return sorted(folder.parent.name for folder in _corpora_root().glob("*/sources"))


def corpus_path(name: str) -> Path:
    """Return the folder of a bundled corpus.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in corpora():
        raise UsageError(f"no corpus named {name!r}", hint=f"there are: {', '.join(corpora())}")
    return _corpora_root() / name


def replies_path(name: str) -> Path:
    """Return the recording of a model's replies that a bundled corpus carries.

    Raises:
        UsageError: There is no such corpus, or it carries none.
    """
    path = corpus_path(name) / "replies.jsonl"
    if not path.is_file():
        raise UsageError(
            f"corpus {name} carries no replies of a language model",
            hint=f"{DEFAULT_CORPUS} does: qualcode demo --with-model",
        )
    return path


def default_codebook_path() -> Path:
    return _PACKAGE / "codebooks" / "default.yaml"
