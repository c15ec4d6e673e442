"""Writing to a terminal that takes what it gets late, or never."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from ipterminal import first_paint
from ipterminal.first_paint import write

TEXT = "0123456789" * 100_000


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)  # as a program may leave a terminal
    yield reader, writer
    os.close(reader)
    os.close(writer)


def test_nothing_is_lost_where_writing_does_not_wait(pipe: tuple[int, int], no_leaks: object) -> None:
    reader, writer = pipe
    found = bytearray()

    def read() -> None:
        while b"!" not in found:
            found.extend(os.read(reader, 4096))

    thread = threading.Thread(target=read)
    thread.start()
    write(writer, TEXT)
    os.set_blocking(writer, True)
    os.write(writer, b"!")
    thread.join(30)
    assert found.decode() == f"{TEXT}!"


def test_a_terminal_that_takes_nothing_more_holds_nobody_up(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_paint, "STALLED", 0.05)
    write(pipe[1], TEXT)
    assert os.read(pipe[0], 10) == b"0123456789"
