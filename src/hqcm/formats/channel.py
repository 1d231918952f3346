"""Python objects with large arrays, sent from process to process.

The arrays travel beside the pickled rest (pickle protocol 5, PEP 574): through shared memory
while there is room, else through the socket that the rest takes. To hand over a slice of
512 x 512 costs a tenth of what it costs through `multiprocessing`'s pipes.
"""

import pickle
import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise
from multiprocessing.context import SpawnContext
from socket import socket
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from ctypes import Array, c_ubyte

Memory: TypeAlias = "Array[c_ubyte]"
_N_SLOTS = 4
_SLOT_BYTES = 1 << 21  # two slices of 512 x 512, the usual size of the largest source
_PREFIX = struct.Struct("!QIb")  # bytes of the pickled rest; number of arrays; their slot ...
_NO_SLOT = -1  # ... or that they come through the socket


class Received(NamedTuple):
    """An object that came through.

    Attributes:
        message: the object; its arrays may be gone after `release`.
        n_bytes: what it takes.
        is_taken: the byte that says so of the slot where the arrays are, if they are in one.
    """

    message: Any
    n_bytes: int
    is_taken: memoryview | None = None

    def release(self) -> None:
        """Let the other end overwrite the arrays."""
        if self.is_taken is not None:
            self.is_taken[0] = 0


def share_memory(context: SpawnContext) -> Memory:
    """Memory for the arrays of one direction: slots, then a byte for each."""
    return context.RawArray("B", _N_SLOTS * (_SLOT_BYTES + 1))


def count_bytes(message: object) -> int:
    """What an object takes on its way, or in memory: the arrays count."""
    rest, parts = _take_apart(message)
    return len(rest) + sum(part.nbytes for part in parts)


class Channel:
    """One end of a connection between two processes, one of which may send arrays.

    Args:
        connection: a socket to the other end.
        memory: what `share_memory` gave, the same at both ends.
    """

    def __init__(self, connection: socket, memory: Memory) -> None:
        self.connection = connection
        self._memory = memoryview(memory).cast("B")
        self._slot = 0

    def send(self, message: object) -> None:
        """Send one object; waits where the other end is far behind.

        Raises:
            ConnectionError: nobody is there any more.
        """
        rest, parts = _take_apart(message)
        lengths = [part.nbytes for part in parts]
        slot = self._fill_slot(parts, sum(lengths))
        prefix = _PREFIX.pack(len(rest), len(parts), slot)
        self.connection.sendall(prefix + struct.pack(f"!{len(parts)}Q", *lengths) + rest)
        for part in parts if slot == _NO_SLOT else ():
            self.connection.sendall(part)

    def receive(self) -> Received:
        """Wait for the next object.

        Raises:
            EOFError: the other end is gone, perhaps in the middle of an object.
            ConnectionError: it went badly.
        """
        n_rest, n_parts, slot = _PREFIX.unpack(self._read(_PREFIX.size))
        lengths = struct.unpack(f"!{n_parts}Q", self._read(8 * n_parts))
        rest = self._read(n_rest)
        in_slot = slot != _NO_SLOT
        content = self._memory[slot * _SLOT_BYTES :] if in_slot else self._read(sum(lengths))
        ends = accumulate(lengths, initial=0)
        parts = [content[first:last] for first, last in pairwise(ends)]
        message = pickle.loads(rest, buffers=parts)  # noqa: S301  (from a process of our own)
        return Received(message, n_rest + sum(lengths), self._flag(slot) if in_slot else None)

    def _fill_slot(self, parts: Sequence[memoryview], total: int) -> int:
        """Put all parts into the next slot, unless they do not fit or it is taken."""
        slot, flag = self._slot, self._flag(self._slot)
        if not 0 < total <= _SLOT_BYTES or flag[0]:
            return _NO_SLOT
        at = slot * _SLOT_BYTES
        for part in parts:
            self._memory[at : at + part.nbytes] = part
            at += part.nbytes
        flag[0] = 1
        self._slot = (slot + 1) % _N_SLOTS
        return slot

    def _flag(self, slot: int) -> memoryview:
        start = _N_SLOTS * _SLOT_BYTES + slot
        return self._memory[start : start + 1]

    def _read(self, length: int) -> memoryview:
        content = np.empty(length, np.uint8).data  # a bytearray would be zeroed first
        rest = content
        while rest:
            n_received = self.connection.recv_into(rest)
            if n_received == 0:
                raise EOFError("the other end must send whole objects; got its end")
            rest = rest[n_received:]
        return content


def _take_apart(message: object) -> tuple[bytes, list[memoryview]]:
    """Its arrays, and the pickled rest."""
    arrays: list[pickle.PickleBuffer] = []
    rest = pickle.dumps(message, protocol=5, buffer_callback=arrays.append)
    return rest, [array.raw() for array in arrays]
