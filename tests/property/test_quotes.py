"""From bytes to export: every quote equals its slice, whatever people write."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import PurePath

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.codebook import Codebook, load_codebook
from qualcode.coders.base import Task
from qualcode.coders.local.coder import LocalCoder
from qualcode.draft import CriteriaDraft, Draft, JourneyMap
from qualcode.ingest.interview import build_document, read_interview
from qualcode.ingest.pseudonyms import Key, mask_document
from qualcode.ingest.segmentation import segment
from qualcode.ingest.speakers import guess_roles
from qualcode.records import Corpus, Role
from qualcode.report.export_json import export_json
from qualcode.resources import default_codebook_path

SAID = st.sampled_from(
    [
        "I waited three weeks for the delivery and nobody rang me back.",
        "The woman on the phone was lovely 👍🏽, honestly, she sorted it in five minutes!",
        "كنت أنتظر ثلاثة أسابيع ولم يتصل بي أحد.",
        "It cost me 40 € more than they’d said – I was furious…",
        "Ich musste alles dreimal erklären, das war so ärgerlich.",
        "Ana\u0308is wrote to ana@example.org and then, well, e\u0301h.",
        "The app 🙄 logged me out. Again.",
        "I just want someone to tell me what is happening.",
    ]
)
ODD = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
WORDS = st.lists(st.one_of(SAID, ODD), min_size=1, max_size=4).map(" ".join)
TURNS = st.lists(WORDS, min_size=2, max_size=6)
EMPTY = Draft(CriteriaDraft((), "not drafted here"), JourneyMap((), {}, (), 0, 0, 0, 0))


@cache
def shared() -> tuple[Codebook, LocalCoder]:
    """Load once; not a fixture, whose long repr Hypothesis would print."""
    book = load_codebook(default_codebook_path())
    return book, LocalCoder(book)


@settings(max_examples=40, deadline=None)
@given(turns=TURNS, line_end=st.sampled_from(["\n", "\r\n"]), bom=st.booleans())
def test_every_exported_quote_equals_its_slice_and_no_interviewer_is_coded(
    turns: list[str], line_end: str, bom: bool
) -> None:
    book, coder = shared()
    lines = [f"{('Interviewer', 'Ana Soto')[n % 2]}: {words}" for n, words in enumerate(turns)]
    data = line_end.join([*lines, "Interviewer: Thank you?", "Ana Soto: Bye."]).encode()
    reading = read_interview((b"\xef\xbb\xbf" if bom else b"") + data, PurePath("a.txt"))
    document = build_document(
        reading, path="a.txt", source_id="src", source_sha256="0", attributes={}
    )
    document = replace(document, speakers=guess_roles(document))
    document, _ = mask_document(document, Key(), ())
    segments = segment(document)
    judgements = coder.code([Task(document, segments)], coder.families).items
    corpus = Corpus((document,), segments, judgements)
    data_out = json.loads(export_json(corpus, book, EMPTY, participants={}, study={}, masked=True))
    text = data_out["documents"][0]["text"]
    roles = {s["id"]: s["role"] for s in data_out["segments"]}
    spans = {s["id"]: (s["start_char"], s["end_char"]) for s in data_out["segments"]}
    for coding in data_out["codings"]:
        start, end = coding["start_char"], coding["end_char"]
        assert coding["quote"] == text[start:end] != ""
        assert spans[coding["segment_id"]][0] <= start < end <= spans[coding["segment_id"]][1]
        assert roles[coding["segment_id"]] != Role.INTERVIEWER
        for word in coding["rationale"]["words"]:
            assert start <= word["start_char"] < word["end_char"] <= end
