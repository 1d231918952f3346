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
        content, headers, status = self.files[name], {}, 200
        if mood == "redirect":
            request.send_response(302)
            request.send_header("Location", f"/elsewhere/{name}")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        if mood == "busy":
            request.send_error(503)
            return
        if mood.startswith("page"):
            content = PAGE
            headers["Content-Type"] = "text/html" if mood == "page" else "application/zip"
        if mood == "wrong":
            content = content[:-1] + b"?"
        if mood == "too much":
            content += bytes(1 << 20)
        start = request.start
        if start and mood != "no ranges" and not mood.startswith("page"):
            if start >= len(content):
                request.send_error(416)
                return
            status = 206
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            content = content[start:]
        if not mood.startswith(("no length", "too much")):
            headers["Content-Length"] = str(len(content))
        request.send_response(status)
        for key, value in headers.items():
            request.send_header(key, value)
        request.end_headers()
        cut = {"cut": len(content) // 2, "no length, cut": len(content) // 2}.get(mood)
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
