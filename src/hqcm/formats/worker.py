"""Another process that reads tasks, seen from this one, which gives them out."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import get_context
from socket import socket, socketpair
from typing import TypeVar

from hqcm.formats.channel import Channel, Memory, Received, share_memory
from hqcm.formats.reader import Reader, Reading, Signal, keep_freed_memory

T = TypeVar("T")  # a task
R = TypeVar("R")  # a result
# The one start method that every platform has; and a copy of a process with threads may hang.
_CONTEXT = get_context("spawn")


class Worker(Reader[T, R]):
    """Another process: reads tasks one after the other and sends each result at once.

    So a task of a thousand results needs the memory of one. And where a decoder brings the
    process down, all it had read is here: `crashed` stands for the rest of the task it was at,
    and a new process goes on with the others.

    Attributes:
        channel: its connection says when there is something to `receive`.
        is_ready: whether it has started.
    """

    channel: Channel
    is_ready: bool

    def __init__(self, reading: Reading[T, R]) -> None:
        super().__init__(reading)
        self._start()

    def give(self, task: T) -> None:
        """Have one more task read, after those it has."""
        super().give(task)
        self._send(task)

    def receive(self) -> None:
        """Wait for one result or signal.

        Raises:
            RuntimeError: the process does not even start.
        """
        try:
            received = self.channel.receive()
        except (EOFError, ConnectionError):
            self._replace()
            return
        if received.message is Signal.READY:
            self.is_ready = True
        else:
            self._append(received)

    def fileno(self) -> int:
        """What `select` waits for."""
        return self.channel.connection.fileno()

    def close(self) -> None:
        """End the process, whatever it is doing: it owns nothing that would be lost."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self.channel.connection.close()

    def _start(self) -> None:
        self.is_ready = False
        self._n_results = 0
        memory = share_memory(_CONTEXT)
        ours, theirs = socketpair()
        self.channel = Channel(ours, memory)
        arguments = (theirs, memory, self._reading.read)
        self._process = _CONTEXT.Process(target=_serve, args=arguments, daemon=True)
        # No reader multiplies matrices: the threads NumPy starts for it would only cost time.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        try:
            self._process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()

    def _send(self, task: T) -> None:
        with suppress(ConnectionError):  # it has crashed: the next process is given it again
            self.channel.send(task)

    def _append(self, received: Received) -> None:
        super()._append(received)
        self._n_results = 0 if received.message is Signal.DONE else self._n_results + 1

    def _replace(self) -> None:
        self._process.join()
        code = self._process.exitcode
        if not self.is_ready or code is None:
            raise RuntimeError(f"a process that reads files must start; its exit code was {code}")
        rest = self._reading.crashed(self.tasks[0], self._n_results, code)
        for message in (rest, Signal.DONE):
            self._append(Received(message, 0))
        self.close()
        self._start()
        for task in self.tasks:
            self._send(task)


def _serve(client: socket, memory: Memory, read: Callable[[T], Iterator[R]]) -> None:
    """What the process does until its client ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the client's, who ends this process
    keep_freed_memory()
    channel = Channel(client, memory)
    with client, suppress(EOFError, ConnectionError):
        channel.send(Signal.READY)
        while True:
            for result in read(channel.receive().message):
                channel.send(result)
            channel.send(Signal.DONE)
