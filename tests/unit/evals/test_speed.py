"""The comparison with a peer in another interpreter."""

import io
import json
import sys
from pathlib import Path

import pytest

from evals.speed import Peer, peer_of


def test_the_peer_is_asked_line_by_line() -> None:
    answers = [{"torch": "2"}, {"seconds": 1.5, "cpu_seconds": 2.5}, {}]
    asked = io.StringIO()
    peer = Peer(asked, io.StringIO("".join(json.dumps(answer) + "\n" for answer in answers)))
    assert peer.about == {"torch": "2"}
    assert peer.encode() == (1.5, 2.5)
    peer.save(Path("peer.npy"))
    assert asked.getvalue() == "encode\nsave peer.npy\n"


def test_a_python_without_the_peers_packages_ends_the_comparison(tmp_path: Path) -> None:
    texts = tmp_path / "texts.json"
    texts.write_text("[]", encoding="utf-8")
    with (
        pytest.raises(SystemExit, match="the peer ended without an answer"),
        peer_of(Path(sys.executable), tmp_path, texts, threads=1),
    ):
        pass
