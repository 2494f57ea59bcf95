"""The tables of a study's database.

Sources, documents, segments, judgements and codings are only ever added to, with three exceptions.
A name masked later and a person forgotten rewrite a document's text together with every span in it
and leave the edit list behind (`document_edit`). Forgetting also deletes what is the person's
alone. A source taken out or replaced moves, with all that hangs on it, into a copy
(`removed_source`). JSON columns are TEXT with sorted keys.

A column that a later migration added to a table says since which: packs of older studies lack it.
"""

from __future__ import annotations

import sqlalchemy as sa

__all__ = [
    "candidate",
    "codebook_version",
    "coding",
    "decision",
    "document",
    "document_edit",
    "draw",
    "embedding",
    "judgement",
    "learnt",
    "lease",
    "meta",
    "metadata",
    "narrative",
    "note",
    "participant",
    "removed_document",
    "removed_source",
    "reply",
    "request",
    "request_body",
    "review_event",
    "review_session",
    "run",
    "segment",
    "source",
    "speaker",
    "turn",
]

metadata = sa.MetaData()


def _table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, metadata, *columns, sqlite_strict=True)


meta = _table(
    "meta",
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

source = _table(
    "source",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False, unique=True),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("encoding", sa.Text, nullable=False),
    sa.Column("is_complete", sa.Integer, nullable=False),
    sa.Column("masked", sa.Integer, nullable=False),
    sa.Column("table_json", sa.Text),
    sa.Column("notes_json", sa.Text, nullable=False),
    sa.Column("added_at", sa.Text, nullable=False),
)

document = _table(
    "document",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Text, sa.ForeignKey("source.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("row", sa.Integer),
    sa.Column("external_id", sa.Text),
    sa.Column("participant_id", sa.Text),
    sa.Column("attributes_json", sa.Text, nullable=False),
    sa.Column("cells_json", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("source_id", "position"),
)

document_edit = _table(
    "document_edit",
    sa.Column("document_id", sa.Text, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("from_version", sa.Integer, primary_key=True),
    sa.Column("edits_json", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)

speaker = _table(
    "speaker",
    sa.Column("document_id", sa.Text, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("label", sa.Text),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("participant_id", sa.Text),
    sa.Column("guessed", sa.Integer, nullable=False),
)

turn = _table(
    "turn",
    sa.Column("document_id", sa.Text, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("start_char", sa.Integer, nullable=False),
    sa.Column("end_char", sa.Integer, nullable=False),
    sa.Column("speaker", sa.Text),
    sa.Column("is_speech", sa.Integer, nullable=False),
    sa.Column("marks_json", sa.Text, nullable=False),
)

segment = _table(
    "segment",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("document_id", sa.Text, sa.ForeignKey("document.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("turn_position", sa.Integer, nullable=False),
    sa.Column("start_char", sa.Integer, nullable=False),
    sa.Column("end_char", sa.Integer, nullable=False),
    sa.UniqueConstraint("document_id", "position"),
)

participant = _table(
    "participant",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("attributes_json", sa.Text, nullable=False),
)

embedding = _table(
    "embedding",
    sa.Column("text_sha256", sa.Text, primary_key=True),
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)

run = _table(
    "run",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("coder", sa.Text, nullable=False),
    sa.Column("parameters_json", sa.Text, nullable=False),
    sa.Column("codebook_fingerprint", sa.Text, nullable=False),
    sa.Column("code_version", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("counts_json", sa.Text, nullable=False),
    sa.Column("started_at", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Text),
)

judgement = _table(
    "judgement",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("segment_id", sa.Text, sa.ForeignKey("segment.id"), nullable=False),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("coder", sa.Text, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
    sa.Index("judgement_of_segment", "segment_id", "family", "coder"),
)

coding = _table(
    "coding",
    sa.Column("judgement_id", sa.Integer, sa.ForeignKey("judgement.id"), primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("document_id", sa.Text, sa.ForeignKey("document.id"), nullable=False),
    sa.Column("start_char", sa.Integer, nullable=False),
    sa.Column("end_char", sa.Integer, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("score", sa.REAL, nullable=False),
    sa.Column("intensity", sa.Integer),
    sa.Column("valence", sa.REAL),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("rationale_json", sa.Text, nullable=False),
    sa.Index("coding_of_document", "document_id"),
)

# What people decided: only ever added to. `undoes` names the decision that a row takes back.
decision = _table(
    "decision",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("value_json", sa.Text, nullable=False),
    sa.Column("replaced_json", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("undoes", sa.Integer, sa.ForeignKey("decision.id"), unique=True),
    sa.Index("decision_on", "subject", "target"),
)

# Every state of the codebook that segments were judged with or that a command wrote.
codebook_version = _table(
    "codebook_version",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("book_yaml", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("codebook_version_of", "fingerprint"),
)

# What people did at the review page: only ever added to. `undoes` holds the uid of the event that
# a row takes back.
review_event = _table(
    "review_event",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("uid", sa.Text, nullable=False, unique=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("segment_id", sa.Text, sa.ForeignKey("segment.id"), nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("start_char", sa.Integer),
    sa.Column("end_char", sa.Integer),
    sa.Column("value_json", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("is_blind", sa.Integer, nullable=False),
    sa.Column("batch", sa.Text, nullable=False),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("undoes", sa.Text, unique=True),
    sa.Index("review_event_on", "segment_id", "author"),
    sa.Index("review_event_by", "author", "id"),
)

# The random order of all segments from which any judged beginning is a sample (`store/draws.py`).
draw = _table(
    "draw",
    sa.Column("segment_id", sa.Text, sa.ForeignKey("segment.id"), primary_key=True),
    sa.Column("stratum", sa.Text, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("arm", sa.Text, nullable=False),
    sa.UniqueConstraint("stratum", "place"),
)

# What the embedded coder has learnt of codes from people's judgements; made anew at any time.
learnt = _table(
    "learnt",
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("learnt_json", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)

# Who has which segment before him or her, until when.
lease = _table(
    "lease",
    sa.Column("segment_id", sa.Text, sa.ForeignKey("segment.id"), primary_key=True),
    sa.Column("reviewer", sa.Text, primary_key=True),
    sa.Column("until", sa.Text, nullable=False),
)

# Browsers that may review, by the SHA-256 of their cookie.
review_session = _table(
    "review_session",
    sa.Column("token_sha256", sa.Text, primary_key=True),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("until", sa.Text, nullable=False),
)

# Every attempt to ask a model, written before it is sent: without an outcome it was under way when
# the program was stopped. `body_state` says what became of the bytes (`store/ledger.py`).
request = _table(
    "request",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("coder", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("n_units", sa.Integer, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("seconds", sa.REAL),
    sa.Column("input_tokens", sa.Integer),
    sa.Column("output_tokens", sa.Integer),
    sa.Column("cached_tokens", sa.Integer),
    sa.Column("is_estimated", sa.Integer, nullable=False),
    sa.Column("cost_usd", sa.REAL),
    sa.Column("sent_sha256", sa.Text),
    sa.Column("n_bytes", sa.Integer, nullable=False),
    sa.Column("body_state", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False, server_default="", info={"since": "0006"}),
    sa.Index("request_of_run", "run_id"),
    sa.Index("request_with_body", "sent_sha256"),
)

# What was sent, once for equal bytes, compressed with zlib.
request_body = _table(
    "request_body",
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# What models answered, a unit a row: only ever added to, the newest valid one of a key counts.
reply = _table(
    "reply",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("setup", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("coder", sa.Text, nullable=False),
    sa.Column("is_valid", sa.Integer, nullable=False),
    sa.Column("answer_json", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("raw_text", sa.Text, nullable=False),
    sa.Column("document_id", sa.Text, nullable=False),
    sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Index("reply_of", "key"),
    sa.Index("reply_on_document", "document_id"),
)

# Codes that a model proposed; in the codebook only when a person accepts one.
candidate = _table(
    "candidate",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("quotes_json", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)

# Words that a model drafted for the map and the criteria, each sentence with its codings.
narrative = _table(
    "narrative",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("sentences_json", sa.Text, nullable=False),
    sa.Column("n_removed", sa.Integer, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Index("narrative_of", "kind", "target"),
)

# Sources that were taken out of the study, so that this can be taken back (`store/removals.py`).
# `replaced_by` names the source that came in their place, `is_carried` whether what people decided
# has moved to it.
removed_source = _table(
    "removed_source",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("decision_id", sa.Integer, sa.ForeignKey("decision.id"), nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("replaced_by", sa.Text),
    sa.Column("is_carried", sa.Integer, nullable=False),
    sa.Column("lost_json", sa.Text, nullable=False),
    sa.Column("source_json", sa.Text, nullable=False),
    sa.Index("removed_by", "decision_id"),
)

# Their rows as they stood, a document a row, with all that was judged and decided on it.
removed_document = _table(
    "removed_document",
    sa.Column("removed_id", sa.Integer, sa.ForeignKey("removed_source.id"), primary_key=True),
    sa.Column("document_id", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("rows_json", sa.Text, nullable=False),
)

# What people noted on the study, a source, participant, code, segment or coding: only ever added
# to. `segment_id` keeps the place of a coding, whose id changes when it is made again.
note = _table(
    "note",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("segment_id", sa.Text),
    sa.Column("text", sa.Text, nullable=False),
    sa.Index("note_on", "kind", "target"),
)
