"""The drawn order outlasts sources that go and come back, and people who are forgotten."""

from collections.abc import Sequence

import pytest

from qualcode.store.draws import Drawn
from qualcode.workflow import review_sample
from qualcode.workflow.edit_log import undo
from qualcode.workflow.forget import forget
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.review_sample import draw, order_keys, reserved_share
from qualcode.workflow.source_life import remove_source
from qualcode.workflow.study import Study
from tests.unit.workflow.conftest import Write

OPTIONS = IngestOptions(text_cols=("why",), id_col="id", participant_col="id")
ANEW = IngestOptions(text_cols=("why",), id_col="id", participant_col="id", replaced=True)


def read(
    study: Study, write: Write, name: str, n_rows: int, options: IngestOptions = OPTIONS
) -> None:
    # Nobody says two words in a row that anybody else says.
    said = [
        " ".join(f"{word}{n}{name[0]}" for word in ("they", "lost", "my", "form"))
        for n in range(n_rows)
    ]
    rows = "".join(f"{name[0]}{n % 20},{words}\n" for n, words in enumerate(said))
    ingest(study, [write(name, f"id,why\n{rows}")], options)


def of_source(study: Study, path: str) -> list[Drawn]:
    (record,) = [one for one in study.repository.sources.all() if one.path == path]
    texts = study.repository.segment_texts.all()
    home = study.repository.review_overview.document_sources()
    own = {t.segment.id for t in texts if home[t.segment.document_id] == record.id}
    return [one for one in study.repository.draws.all() if one.segment_id in own]


def numbers(drawn: Sequence[Drawn]) -> set[int]:
    return {int(one.stratum.rpartition("/")[2]) for one in drawn}


def test_a_source_that_comes_back_has_the_places_that_it_had(study: Study, write: Write) -> None:
    read(study, write, "a.csv", 30)
    before = draw(study)
    gone = remove_source(study, "a.csv", by="Ada")
    read(study, write, "b.csv", 12)
    draw(study)
    undo(study, gone.id, by="Ada")
    draw(study)
    assert tuple(of_source(study, "a.csv")) == before


def test_what_is_drawn_while_a_source_is_out_is_a_draw_of_its_own(
    study: Study, write: Write
) -> None:
    read(study, write, "a.csv", 30)
    draw(study)
    gone = remove_source(study, "a.csv", by="Ada")
    read(study, write, "b.csv", 12)
    draw(study)
    undo(study, gone.id, by="Ada")
    assert not numbers(of_source(study, "a.csv")) & numbers(of_source(study, "b.csv"))


def test_a_draw_reserves_what_it_did_whatever_is_drawn_while_it_is_out(
    study: Study, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_sample, "RESERVED_MOST", 10)
    read(study, write, "a.csv", 100)
    (first, *_) = draw(study)
    before = reserved_share(study)(first.stratum)
    gone = remove_source(study, "a.csv", by="Ada")
    read(study, write, "b.csv", 12)
    draw(study)
    undo(study, gone.id, by="Ada")
    assert (before, reserved_share(study)(first.stratum)) == (0.1, 0.1)


def test_a_source_that_is_read_anew_is_drawn_anew(study: Study, write: Write) -> None:
    read(study, write, "a.csv", 30)
    before = draw(study)
    remove_source(study, "a.csv", by="Ada")
    read(study, write, "a.csv", 30, ANEW)
    assert not {one.stratum for one in draw(study)} & {one.stratum for one in before}


def forget_one(study: Study, *, is_out: bool) -> tuple[Drawn, ...]:
    """Forget a person of twenty, in a source that is out meanwhile or not; return the order."""
    draw(study)
    gone = remove_source(study, "a.csv", by="Ada") if is_out else None
    forget(study, "a3")
    if gone is not None:
        undo(study, gone.id, by="Ada")
    return draw(study)


@pytest.mark.parametrize("is_out", [False, True])
def test_who_is_forgotten_leaves_the_order_of_the_others_as_it_was(
    study: Study, write: Write, is_out: bool
) -> None:
    read(study, write, "a.csv", 60)
    before = [one.segment_id for one in draw(study)]
    after = [one.segment_id for one in forget_one(study, is_out=is_out)]
    assert after == [segment_id for segment_id in before if segment_id in after]


@pytest.mark.parametrize("is_out", [False, True])
def test_the_share_below_a_key_is_that_key_also_after_somebody_is_forgotten(
    study: Study, write: Write, is_out: bool
) -> None:
    read(study, write, "a.csv", 60)
    keys = order_keys(study, forget_one(study, is_out=is_out))
    shares = [sum(key < at / 10 for key in keys) / len(keys) for at in range(1, 11)]
    assert shares == pytest.approx([at / 10 for at in range(1, 11)], abs=1 / len(keys))
