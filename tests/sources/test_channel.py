"""Objects between two ends of a channel: the same come out, through memory or the socket."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from socket import socketpair
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hqcm.formats.channel import Channel, count_bytes, share_memory

N_SLOTS = 4
MEBIBYTE = 1 << 20


class Ends(NamedTuple):
    """Of one channel; the sender sends arrays."""

    sender: Channel
    receiver: Channel


@pytest.fixture
def ends() -> Iterator[Ends]:
    memory = share_memory(get_context("spawn"))
    one, other = socketpair()
    with one, other:
        yield Ends(Channel(one, memory), Channel(other, memory))


ARRAYS = arrays.arrays(
    st.sampled_from([np.bool_, np.uint8, np.int16, np.float32, np.float64]),
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
SHARED = HealthCheck.function_scoped_fixture


@settings(suppress_health_check=[SHARED], max_examples=60)
@given(st.lists(st.tuples(ARRAYS, st.text()), max_size=4), st.booleans())
def test_what_goes_in_comes_out(
    ends: Ends,
    message: list[tuple[np.ndarray[Any, Any], str]],
    is_released: bool,  # noqa: FBT001  (hypothesis gives it)
) -> None:
    for lay_out in (np.ascontiguousarray, np.asfortranarray):
        ends.sender.send([(lay_out(array), text) for array, text in message])
        received = ends.receiver.receive()
        for (given_array, text), (found, found_text) in zip(message, received.message, strict=True):
            np.testing.assert_array_equal(found, lay_out(given_array))
            assert (found.dtype, found_text) == (given_array.dtype, text)
        if is_released:
            received.release()


def test_arrays_take_the_socket_where_the_memory_is_full(ends: Ends) -> None:
    for number in range(N_SLOTS + 2):
        ends.sender.send(np.full(9, number))
    results = [ends.receiver.receive() for _ in range(N_SLOTS + 2)]
    assert [result.is_taken is None for result in results] == [False] * N_SLOTS + [True] * 2
    assert [result.message[0] for result in results] == list(range(N_SLOTS + 2))
    for result in results[:2]:
        result.release()
    for number in range(3):
        ends.sender.send(np.full(9, 10 + number))
    later = [ends.receiver.receive() for _ in range(3)]
    assert [result.is_taken is None for result in later] == [False, False, True]
    assert [result.message[0] for result in later] == [10, 11, 12]
    # What was not released is still there.
    assert [result.message[0] for result in results[2:]] == list(range(2, N_SLOTS + 2))


@pytest.mark.parametrize("mebibytes", [2, 3])
def test_an_array_of_any_size_comes_through(ends: Ends, mebibytes: int) -> None:
    array = np.arange(mebibytes * MEBIBYTE // 8)
    with ThreadPoolExecutor() as pool:
        sent = pool.submit(ends.sender.send, [array, "end"])
        received = ends.receiver.receive()
        sent.result()
    np.testing.assert_array_equal(received.message[0], array)
    assert (received.is_taken is None) == (mebibytes > 2)
    assert received.n_bytes == count_bytes([array, "end"])
    assert array.nbytes < received.n_bytes < array.nbytes + 1000


def test_without_arrays_no_slot_is_taken(ends: Ends) -> None:
    for number in range(3 * N_SLOTS):
        ends.sender.send(("text", number))
        received = ends.receiver.receive()
        assert (received.message, received.is_taken) == (("text", number), None)


def test_the_end_of_the_other_side_is_an_error(ends: Ends) -> None:
    ends.sender.send("last")
    ends.sender.connection.close()
    assert ends.receiver.receive().message == "last"
    with pytest.raises(EOFError, match="the other end must send whole objects; got its end"):
        ends.receiver.receive()
    with pytest.raises(ConnectionError):
        ends.receiver.send("to nobody")


@pytest.mark.parametrize("n_bytes", [1, 12, 15])
def test_half_an_object_is_an_error(ends: Ends, n_bytes: int) -> None:
    other, whole = socketpair()
    with other, whole:
        Channel(other, share_memory(get_context("spawn"))).send("an object of more than 15 bytes")
        ends.sender.connection.sendall(whole.recv(n_bytes))
    ends.sender.connection.close()
    with pytest.raises(EOFError, match="whole objects"):
        ends.receiver.receive()
