"""What of a study, and of a key, reaches whom when a model codes it, end to end over HTTP."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import langsmith.utils
import pytest
from langchain_core.tracers.langchain import wait_for_all_tracers

from qualcode.errors import SettingsError
from qualcode.settings import load_settings
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.study import Study
from tests.llm_server import LlmServer
from tests.llm_server import troubles as t
from tests.llm_server.asking import KEY
from tests.llm_server.obedient import INJECTIONS, Obedient
from tests.llm_server.patches import quoting, with_changed_digit, with_not
from tests.llm_server.trap import Trap
from tests.model_study import N_ROWS, called, coded_by, dialled, judged, make_study, survey

TALK = (
    "Interviewer: How did it go?\nP1: I was on hold for two hours and I was furious.\n"
    "Interviewer: And then?\nP1: {}\n"
    "Interviewer: Anything else?\nP1: The website was so confusing that I gave up.\n"
)
SECRETS = {
    "an e-mail address": "ada.moss@example.org",
    "an e-mail address in German": "jörg.huber@müller-versand.example",
    "a British phone number": "+44 20 7946 0958",
    "a German phone number": "030 23125 148",
    "a French phone number": "06 39 98 12 34",
    "a card number": "4242 4242 4242 4242",
    "a German IBAN": "DE89 3704 0044 0532 0130 00",
    "a French IBAN": "FR14 2004 1010 0505 0001 3M02 606",
    "a listed name": "Ada Moss",
    "a listed name with an accent": "Zoë Núñez",
}
KEPT = ("12 March 2024", "€1,250.50", "£40", "3.5.2023", "1 000 €", "three weeks")


@pytest.fixture
def study(asked_template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(asked_template, tmp_path / "study")


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer(Obedient()) as made:
        yield made


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """Have a key that the server is to get."""
    monkeypatch.setenv("QUALCODE_LLM_KEY_VARIABLE", "SERVER_KEY")
    monkeypatch.setenv("SERVER_KEY", KEY)
    return KEY


def everything_in(folder: Path) -> bytes:
    """Return all bytes below a folder, packed bodies of requests unpacked."""
    found = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    with Study(folder) as study:
        found += [body for _, body in study.repository.ledger.bodies()]
    return b"\n".join(found)


def test_variables_for_proxies_and_tracing_divert_nothing(
    study: Path, server: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.lower() == "no_proxy"]:
        monkeypatch.delenv(name)
    with Trap() as trap:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "LANGSMITH_ENDPOINT"):
            monkeypatch.setenv(name, trap.url)
            monkeypatch.setenv(name.lower(), trap.url)
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
        monkeypatch.setenv("LANGSMITH_API_KEY", "lsv2_trap")
        langsmith.utils.get_env_var.cache_clear()
        dials = dialled(monkeypatch)
        coded_by(server, study)
        wait_for_all_tracers()
        monkeypatch.undo()
        langsmith.utils.get_env_var.cache_clear()
        assert (server.n_requests, trap.heard) == (3, [])
    assert set(dials) == {"127.0.0.1"}


def test_plain_http_to_the_public_net_is_refused(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dials = dialled(monkeypatch)
    model = ("--coder", "llm", "--model", "compatible:m", "--base-url", "http://example.org/v1")
    done = called("code", *model, "--yes", "--study", study, expect=2)
    assert "example.org: plain http" in done.err
    assert dials == []


def test_a_redirect_stops_the_run_and_is_not_followed(study: Path, server: LlmServer) -> None:
    with LlmServer(Obedient()) as other:
        server.script(t.redirect(f"{other.openai_url}/chat/completions").always)
        coded_by(server, study, expect=4)
        assert other.n_requests == 0


@pytest.mark.parametrize(
    "line",
    [
        'base_url = "https://models.example.org/v1"',
        'key_variable = "AWS_SECRET_ACCESS_KEY"',
        "allow_http = true",
        'prices = "/etc/passwd"',
    ],
)
def test_a_study_cannot_say_where_texts_and_keys_go(study: Path, line: str) -> None:
    settings = study / "study.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f"{text}\n[llm]\n{line}\n", encoding="utf-8", newline="\n")
    with pytest.raises(SettingsError, match=f"llm.{line.split()[0]} cannot stand in a study"):
        load_settings(settings)


@pytest.mark.parametrize("kind", ["key", "echo", "prose", "reason"])
def test_a_key_that_the_server_repeats_is_nowhere(
    study: Path, server: LlmServer, key: str, kind: str, tmp_path: Path
) -> None:
    def telling(reply: Any) -> Any:
        for coding in (one for item in reply["items"] for one in item["codings"]):
            coding["why"] = f"The key is {key}."
        return reply

    troubles = {
        "prose": t.garbage(f"Your key is {key}, is it not?"),
        "reason": t.patched(telling),
    }
    server.script(troubles.get(kind, t.fails(kind)).always)
    record = tmp_path / "answers.jsonl"
    done = coded_by(server, study, "--record", record, expect=None)
    assert server.log[0].headers["authorization"] == f"Bearer {key}"
    exported = called("export", "json", "--study", study, "--out", study / "out.json")
    log = called("log", "--egress", "--json", "--study", study)
    told = "".join(one.out + one.err for one in (done, exported, log))
    assert key not in told
    assert key.encode() not in everything_in(study) + record.read_bytes()


@pytest.mark.parametrize("name", ["English", "reply", "chat turn", "other ids"])
def test_an_order_in_a_talk_changes_no_other_judgement(
    server: LlmServer, name: str, tmp_path: Path
) -> None:
    order = " ".join(INJECTIONS[name].split())
    found, told = [], []
    calm = "Well, you know how it is."
    for at, words in enumerate((order, calm)):
        path = make_study(tmp_path / str(at), ["It is all right, seven out of ten."])
        talk = tmp_path / str(at) / "talk.txt"
        talk.write_text(TALK.format(words), encoding="utf-8", newline="\n")
        called("ingest", "--study", path, talk)
        told.append(
            "Words like an instruction to the model stand in 1" in coded_by(server, path).err
        )
        found.append(judged(path))
    others = [
        {place: said for place, said in one.items() if place[0] not in (order, calm)}
        for one in found
    ]
    assert others[0] == others[1] and len(others[0]) == 3 * 4
    assert told == [True, False]
    assert isinstance(server.answer, Obedient) and server.answer.obeyed == [1]


def test_an_order_in_a_comment_is_flagged_and_changes_no_other_judgement(
    study: Path, server: LlmServer, tmp_path: Path
) -> None:
    calm = shutil.copytree(study, tmp_path / "calm")
    coded_by(server, calm)
    added = survey(tmp_path, "order", [INJECTIONS["German"]])
    called("ingest", "--study", study, added, "--text-col", "comment", "--id-col", "id")
    done = coded_by(server, study)
    found, expected = judged(study), judged(calm)
    assert found[INJECTIONS["German"], "emotion"] == ("coded", ("emo_joy",))
    assert {place: found[place] for place in expected} == expected
    assert "Words like an instruction to the model stand in 1" in done.err


@pytest.mark.parametrize(
    "change", [with_not, with_changed_digit, "It was a catastrophe."], ids=["not", "digit", "new"]
)
def test_words_that_nobody_said_are_in_no_coding_and_the_raw_reply_is_kept(
    server: LlmServer, change: Any, tmp_path: Path
) -> None:
    study = make_study(tmp_path, ["I 2 was on hold for hours.", "It was lovely."])
    at_hold = t.patched(quoting(change)).where(lambda said: "on hold" in said.user).always
    server.script(at_hold)
    done = coded_by(server, study, expect=3)
    found = judged(study)
    assert {said for place, said in found.items() if "hold" in place[0]} == {("unprocessed", ())}
    assert found["It was lovely.", "emotion"] == ("coded", ("emo_joy",))
    with Study(study) as opened:
        (failed,) = (one for one in opened.repository.replies.all() if not one.is_valid)
    assert failed.reason and '"codings"' in failed.raw_text and done.code == 3
    called("export", "json", "--study", study, "--out", study / "out.json")
    assert "catastrophe" not in (study / "out.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("masked", [True, False], ids=["masked", "unmasked"])
def test_what_tells_who_somebody_is_is_in_no_request(
    server: LlmServer, tmp_path: Path, masked: bool
) -> None:
    said = [f"{what} is {secret}, believe me." for what, secret in SECRETS.items()]
    study = make_study(tmp_path, [*said, *(f"It was {kept} then." for kept in KEPT)], masked=masked)
    talk = tmp_path / "talk.txt"
    talk.write_text(
        "Interviewer: Ada Moss, is it 4242 4242 4242 4242?\n"
        "Tom Berger: No. Ada Moss rang +44 20 7946 0958 and I paid £40 on 12 March 2024.\n",
        encoding="utf-8",
        newline="\n",
    )
    with Study(study) as opened:
        ingest(opened, [talk], IngestOptions(masked=masked))
    _listed(study, ["Ada Moss", "Zoë Núñez"])
    done = coded_by(server, study)
    bodies = "\n".join(
        "\n".join(one.text for one in logged.said.messages)
        for logged in server.log
        if logged.said is not None
    )
    leaked = [what for what, secret in {**SECRETS, "a label": "Berger"}.items() if secret in bodies]
    assert leaked == []
    assert [kept for kept in KEPT if kept not in bodies] == []
    assert f"Judged {len(said) + len(KEPT) + 1} of" in done.err


def _listed(study: Path, names: Sequence[str]) -> None:
    """List names once all texts are taken in."""
    settings = study / "study.toml"
    listed = ", ".join(f'"{name}"' for name in names)
    head, begin, rest = settings.read_text(encoding="utf-8").partition("[pseudonyms]\n")
    assert begin
    rest = f"names = [{listed}]\n" + "".join(
        line for line in rest.splitlines(keepends=True) if not line.startswith("names")
    )
    settings.write_text(head + begin + rest, encoding="utf-8", newline="\n")


def test_an_unmasked_study_says_that_texts_are_masked_on_the_way(
    server: LlmServer, tmp_path: Path
) -> None:
    study = make_study(tmp_path, ["Write to ada.moss@example.org."], masked=False)
    told = coded_by(server, study, "--dry-run").err
    assert "1 sources were taken in unmasked; their texts are masked on the way." in told


def test_the_study_is_of_as_many_comments_as_the_tests_say(study: Path) -> None:
    with Study(study) as opened:
        assert len(opened.repository.segment_texts.all()) == N_ROWS
