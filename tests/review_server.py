"""Run `qualcode review` as a process of its own, and talk to it as a page does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

__all__ = ["ON_WINDOWS", "Client", "Server"]

ON_WINDOWS = sys.platform == "win32"


class Server:
    """Run qualcode review and read the links that it prints."""

    def __init__(self, study: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qualcode", "review", "--no-browser", *arguments],
            cwd=study,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        n_people = arguments.count("--reviewer") + arguments.count("--adjudicator")
        self.links = [self.link() for _ in range(max(1, n_people))]

    def link(self) -> str:
        """Return the next link that is printed; whose it is stands before it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "/open?token=" in line, self.process.communicate(timeout=30)
        return line.split()[-1]

    def press_enter(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def stop(self) -> tuple[int, str]:
        """Press Ctrl-C and return the exit code with what was said on stderr."""
        self.process.send_signal(signal.SIGTERM if ON_WINDOWS else signal.SIGINT)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said

    def close(self) -> None:
        """End it at once, if it still runs."""
        self.process.kill()
        self.process.wait(timeout=30)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


class Client:
    """Hold a cookie and talk to one server."""

    def __init__(self, link: str) -> None:
        self.origin = link.partition("/open")[0]
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self.open(link.removeprefix(self.origin))
        self.csrf = self.get("/api/session")["csrf"]

    def open(self, path: str, body: Any = None) -> bytes:
        request = urllib.request.Request(self.origin + path)
        if body is not None:
            request.data = json.dumps(body).encode("utf-8")
            request.add_header("Content-Type", "application/json")
            request.add_header("Origin", self.origin)
            request.add_header("X-CSRF-Token", self.csrf)
        with self._opener.open(request, timeout=30) as reply:
            read: bytes = reply.read()
        return read

    def get(self, path: str) -> Any:
        return json.loads(self.open(path))

    def send(self, path: str, body: Any) -> Any:
        return json.loads(self.open(path, body))
