"""One module a database version; their order is the chain of `down_revision`."""

__all__ = ["HEAD", "REVISIONS"]

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
HEAD = REVISIONS[-1]
