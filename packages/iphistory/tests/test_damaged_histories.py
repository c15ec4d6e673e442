"""A history that is damaged: the shell goes on, what can be read is saved, and the user is told once."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typists import cells, fill, note

from iphistory.accessor import HistoryAccessor
from iphistory.database import connect
from iphistory.faults import Fault, fault_of
from iphistory.repair import is_sound, repair
from iphistory.writer import Writer

NIGHTLY = pytest.mark.nightly


def visit(path: Path) -> tuple[set[str], list[str]]:
    """Be a shell that keeps a cell and is asked for all; give what is found, and what its user is told."""
    said: list[str] = []
    writer = Writer(path, said.append)
    writer.put({"kind": "input", "line": 1, "raw": "after", "at": 2e9})
    try:
        assert writer.flush(20), said
    finally:
        writer.close()
    with HistoryAccessor(hist_file=path) as reader:
        try:
            rows = reader.search("*")
        except (sqlite3.Error, UnicodeError) as error:
            if fault_of(error) is not Fault.CORRUPT:
                raise
            reader.close()
            said.append(repair(path))
            rows = reader.search("*")
    found = {str(text) for *_, text in rows}
    # An index that leads elsewhere without contradicting itself hides a cell from a search; it is there.
    with closing(connect(path)) as connection:
        stored = {text for (text,) in connection.execute("SELECT source_raw FROM history NOT INDEXED")}
    assert found <= stored
    return stored, said


def small(path: Path, count: int, page: int) -> dict[str, int]:
    """Make a history of small pages; give the page of each cell."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA page_size = {page}")
        connection.execute("VACUUM")
    fill(path, "cell", count)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(truncate)")
        connection.execute("PRAGMA journal_mode = delete")
        assert connection.execute("PRAGMA page_size").fetchone()[0] == page
    data = path.read_bytes()
    # A cell is stored twice, with and without escapes rewritten; an index holds no text.
    return {text: data.index(text.encode() * 2) // page + 1 for text in cells(path)}


def clean(folder: Path) -> list[Path]:
    """Remove what a case left; give the copies that were put aside."""
    aside = [each for each in folder.glob("*corrupt*") if each.suffix == ".sqlite"]
    for each in folder.iterdir():
        if each.is_file():
            each.unlink()
    return aside


def test_a_damaged_file_is_copied_aside_and_the_session_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    fill(path, "old", 300)
    data = bytearray(path.read_bytes())
    data[5000:5200] = bytes(200)
    data[:16] = b"not a database!!"
    path.write_bytes(data)
    found, said = visit(path)
    assert len(said) == 1
    assert "was damaged" in said[0]
    [copy] = tmp_path.glob("history-corrupt-*.sqlite")
    assert str(copy) in said[0]
    assert copy.read_bytes() == data
    assert "after" in found
    assert len(found) > 200
    assert is_sound(path)


@pytest.mark.parametrize("step", [197, pytest.param(1, marks=NIGHTLY)])
def test_a_file_that_was_cut_off_at_any_length(tmp_path: Path, step: int) -> None:
    path = tmp_path / "history.sqlite"
    page = 512
    pages = small(path, 12, page)
    good = path.read_bytes()
    clean(tmp_path)
    rounds = repaired = 0
    for length in sorted({*range(0, len(good), step), 1, 15, 16, 99, 100, 101, 511, 512, 513, len(good) - 1}):
        path.write_bytes(good[:length])
        found, said = visit(path)
        # Of a page that is cut, some rows may be whole.
        whole = {text for text, number in pages.items() if number * page <= length}
        assert whole <= found, length
        assert "after" in found
        assert all(text.startswith("cell ") for text in found - {"after"})
        aside = clean(tmp_path)
        assert len(said) == len(aside) <= 1, length
        rounds += 1
        repaired += len(aside)
    note(
        "the file cut off at "
        + ("every length" if step == 1 else f"every {step}th length")
        + f" below {len(good)}",
        rounds,
        "no cell of a page that is whole",
        f"in {repaired} cases, in a line, that it was damaged, where the copy is, how much was saved",
    )


def flipped(good: bytes, chance: random.Random, page: int) -> tuple[bytes, set[int]]:
    data, hit = bytearray(good), set()
    for _ in range(chance.choice((1, 1, 4, 20))):
        at = chance.randrange(len(data))
        data[at] ^= 1 << chance.randrange(8)
        hit.add(at // page + 1)
    return bytes(data), hit


@pytest.mark.parametrize(
    ("rounds", "page"),
    [(40, 512), (40, 4096), pytest.param(1000, 512, marks=NIGHTLY), pytest.param(1000, 4096, marks=NIGHTLY)],
)
def test_bits_that_were_flipped(tmp_path: Path, rounds: int, page: int) -> None:
    path = tmp_path / "history.sqlite"
    pages = small(path, 400, page)
    good = path.read_bytes()
    clean(tmp_path)
    chance = random.Random(page + 11)
    repaired = lost = 0
    for number in range(rounds):
        data, hit = flipped(good, chance, page)
        path.write_bytes(data)
        found, said = visit(path)
        untouched = {text for text, of in pages.items() if of not in hit}
        assert untouched <= found, number
        assert "after" in found
        lost += len(pages.keys() - found)
        aside = clean(tmp_path)
        assert len(said) == len(aside) <= 1, (number, said)
        repaired += len(aside)
    note(
        f"1 to 20 bits flipped, pages of {page} bytes",
        rounds,
        f"{lost} of {rounds * len(pages)} cells, all of pages that were hit",
        f"in {repaired} cases, in a line, that it was damaged, where the copy is, how much was saved",
    )
