"""Take sources out of a study, bring them back, and finish what replaces them."""

from __future__ import annotations

from qualcode.errors import UsageError
from qualcode.records import Decision
from qualcode.store.removals import RemovedSource
from qualcode.store.sources import SourceRecord
from qualcode.workflow.author import author_of
from qualcode.workflow.carrying import Carried, apply, plan
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study

__all__ = [
    "SUBJECT",
    "begin_replacing",
    "find_source",
    "finish_replacing",
    "remove_source",
    "take_back",
]

SUBJECT = "source"
"""What decisions about sources are filed under."""

_LIST = "qualcode sources list"
_SHORTEST_ID = 8


def find_source(study: Study, named: str) -> SourceRecord:
    """Return the source with this path, or with an id that begins like this.

    A path may be given as the file is called where names in it are masked, and without folders
    where that leaves one.

    Raises:
        UsageError: There is none, or several.
    """
    records = study.repository.sources.all()
    masked = _masked(study, named)
    for found in (
        [r for r in records if named in (r.path, r.id)],
        [r for r in records if r.path == masked],
        [r for r in records if r.path.rpartition("/")[2] == named],
        [r for r in records if len(named) >= _SHORTEST_ID and r.id.startswith(named)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(record.id for record in found)
            raise UsageError(f"{len(found)} sources are called {named!r}", hint=f"name one: {ids}")
    raise UsageError(f"the study has no source {named!r}", hint=f"{_LIST} shows them")


def _masked(study: Study, named: str) -> str:
    from qualcode.ingest.pseudonyms import mask_path

    key = study.private.load_key()
    return mask_path(named, key, sorted({*study.settings.pseudonyms.names, *key.persons}))


def remove_source(study: Study, named: str, *, by: str | None = None, reason: str = "") -> Decision:
    """Take a source out of the study; `take_back` brings it in again with all decisions.

    Raises:
        UsageError: There is no such source.
        StudyError: Another process is reading files here.
    """
    author = author_of(study, by)
    with study.exclusive(), recorded(study, "remove") as run:
        record = find_source(study, named)
        with study.repository.writing():
            decision = study.repository.decisions.add(
                author=author,
                subject=SUBJECT,
                target=record.id,
                action="remove",
                value={"path": record.path},
                reason=reason.strip(),
            )
            study.repository.removals.take_out(record.id, decision_id=decision.id)
        run.counts["sources"] = 1
    return decision


def begin_replacing(
    study: Study, record: SourceRecord, new_id: str, *, by: str | None = None, reason: str = ""
) -> None:
    """Take a source out because another one is about to be read in its place.

    Everything that was decided waits in the copy until `finish_replacing`.
    """
    author = author_of(study, by)
    with study.repository.writing():
        decision = study.repository.decisions.add(
            author=author,
            subject=SUBJECT,
            target=record.id,
            action="replace",
            value={"path": record.path},
            reason=reason.strip(),
        )
        study.repository.removals.take_out(record.id, decision_id=decision.id, replaced_by=new_id)


def finish_replacing(study: Study, new_id: str | None = None) -> Carried | None:
    """Carry what people decided to the sources that have been read completely since.

    What an earlier run did not come to is done as well, so a run that was killed loses nothing.

    Returns:
        How it went with the source `new_id`; None where nothing was waiting for it.
    """
    told = None
    complete = {record.id for record in study.repository.sources.all() if record.is_complete}
    for removed in study.repository.removals.all():
        if removed.is_carried or removed.replaced_by not in complete:
            continue
        removals, came = study.repository.removals, str(removed.replaced_by)
        old, new = removals.copy(removed.id), removals.live(came)
        made = plan(study, old, new, removed.source_id, came)
        apply(study, made, removed.id)
        if came == new_id:
            told = made.carried
    return told


def take_back(
    study: Study, root: Decision, last: Decision, *, by: str, reason: str = ""
) -> Decision:
    """Bring a source back, or take it out once more where the taking back is taken back.

    What people decided meanwhile on the source that goes is carried as by a replacement.

    Args:
        study: The study.
        root: The decision that took the source out.
        last: The decision that is taken back now: `root`, or the last undoing of it.
        by: Who decides.
        reason: In the author's words.

    Raises:
        UsageError: The copy is gone, or something else stands in its place.
        StudyError: Another process is reading files here.
    """
    with study.exclusive(), recorded(study, "undo") as run:
        out = [r for r in study.repository.removals.all() if r.decision_id == root.id]
        with study.repository.writing():
            decision = study.repository.decisions.add(
                author=by,
                subject=SUBJECT,
                target=root.target,
                action="undo",
                reason=reason.strip(),
                undoes=last.id,
            )
            if out:
                _bring_in(study, root, out[0])
            else:
                _take_out_again(study, root)
        run.counts["sources"] = 1
    return decision


def _bring_in(study: Study, root: Decision, out: RemovedSource) -> None:
    repository, live = study.repository, {r.id: r for r in study.repository.sources.all()}
    going = live.get(out.replaced_by or "")
    if out.replaced_by is not None and out.is_carried and going is None:
        raise UsageError(
            f"what took the place of {out.path} is out of the study itself",
            hint="take back the later decision first: qualcode edit log",
        )
    for record in live.values():
        if record is not going and (record.id == out.source_id or record.path == out.path):
            raise UsageError(
                f"the study has another {out.path} now",
                hint=f"take it out first: qualcode sources remove {record.id}",
            )
    if going is None:
        repository.removals.put_back(out.id)
    elif not out.is_carried:
        repository.sources.remove(going.id)
        repository.removals.put_back(out.id)
    else:
        old, new = repository.removals.live(going.id), repository.removals.copy(out.id)
        made = plan(study, old, new, going.id, out.source_id)
        number = repository.removals.take_out(
            going.id, decision_id=root.id, replaced_by=out.source_id
        )
        repository.removals.put_back(out.id)
        apply(study, made, number)


def _take_out_again(study: Study, root: Decision) -> None:
    live = {record.id for record in study.repository.sources.all()}
    if root.action != "remove" or root.target not in live:
        raise UsageError(
            f"the copy of {root.value.get('path', root.target)} is not kept any more",
            hint="a name was masked in it or a person forgotten since; "
            "read the file again: qualcode ingest PATH",
        )
    study.repository.removals.take_out(root.target, decision_id=root.id)
