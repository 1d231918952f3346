"""A file server on this machine that does what servers on the internet do."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGE = b"<!DOCTYPE html><html><head><title>Just a moment</title></head></html>"


@dataclass
class Server:
    """What it holds, how it behaves, and what it has sent.

    `moods` are the behaviours of a file's next answers, in order; after them it is fine again.
    """

    files: Mapping[str, bytes]
    moods: dict[str, list[str]] = field(default_factory=dict)
    n_sent: Counter[str] = field(default_factory=Counter)
    n_asked: Counter[str] = field(default_factory=Counter)
    pause_s: float = 0.02
    address: str = ""

    def answer(self, request: "_Handler") -> None:
        """One answer, in the mood that is next."""
        name = request.path.rpartition("/")[2]
        if name not in self.files:
            request.send_error(404)
            return
        self.n_asked[name] += 1
        waiting = self.moods.get(name, [])
        mood = waiting.pop(0) if waiting else "fine"
        if mood == "redirect":
            request.begin(302, {"Location": f"/elsewhere/{name}", "Content-Length": "0"})
        elif mood == "busy":
            request.send_error(503)
        else:
            self._give(request, name, mood)

    def _give(self, request: "_Handler", name: str, mood: str) -> None:
        """The file from where it was asked for, or what the mood makes of it."""
        content, start = self.files[name], request.start
        headers: dict[str, str] = {}
        if mood.startswith("page"):
            content, start = PAGE, 0
            headers["Content-Type"] = "text/html" if mood == "page" else "application/zip"
        elif mood == "wrong":
            content = content[:-1] + b"?"
        elif mood == "too much":
            content += bytes(1 << 20)
        elif mood == "no ranges":
            start = 0
        n_bytes = len(content)
        if start >= n_bytes:
            request.send_error(416)
            return
        content = content[start:]
        if start:
            headers["Content-Range"] = f"bytes {start}-{n_bytes - 1}/{n_bytes}"
        if not mood.startswith(("no length", "too much")):
            headers["Content-Length"] = str(len(content))
        request.begin(206 if start else 200, headers)
        cut = len(content) // 2 if mood.endswith("cut") else None
        self._send(request, name, content[:cut], is_slow=mood == "slow")

    def _send(self, request: "_Handler", name: str, content: bytes, *, is_slow: bool) -> None:
        step = max(len(content) // 20, 1) if is_slow else len(content) or 1
        for at in range(0, len(content), step):
            try:
                request.wfile.write(content[at : at + step])
                request.wfile.flush()
            except OSError:  # whoever asked is gone
                return
            self.n_sent[name] += len(content[at : at + step])
            if is_slow:
                time.sleep(self.pause_s)


class _Handler(BaseHTTPRequestHandler):
    server: "_Listening"

    @property
    def start(self) -> int:
        return int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The status and the headers of an answer."""
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()

    def do_GET(self) -> None:
        self.server.told.answer(self)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the library's name)
        """Nothing."""


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    told: Server


@contextmanager
def serve(server: Server) -> Iterator[Server]:
    """Answer on a free port of this machine; the address ends in a slash."""
    listening = _Listening(("127.0.0.1", 0), _Handler)
    listening.told = server
    server.address = f"http://127.0.0.1:{listening.server_port}/"
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
