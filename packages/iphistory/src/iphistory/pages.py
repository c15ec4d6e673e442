"""Reading rows out of the pages of a damaged database, past SQLite, which gives up at the first fault.

A database file is a row of pages of one size. The rows of a table are in its leaf pages, and each leaf says
for itself where its rows are. So what is broken elsewhere - the schema, a page above, an index, the end of
the file - costs no row. To which table a row belongs, its shape tells. Follows "Database File Format"
of SQLite's documentation, sections 1.3 to 1.6, 2.1 and 4.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

Value = int | float | str | bytes | None

#: The first byte of a page: a leaf of a table; a leaf and a node of an index or a table without row ids.
_LEAF, _INDEX_LEAF, _INDEX_NODE = 0x0D, 0x0A, 0x02

#: The part of the first page that the file's header takes.
_HEADER: Final = 100

#: Columns of a row at most; more are a sign of damage.
_MOST_COLUMNS: Final = 8

#: Sizes of pages, the likeliest first, for a file whose header is lost.
_SIZES: Final = (4096, 1024, 8192, 2048, 16384, 32768, 65536, 512)


class _File(NamedTuple):
    pages: dict[int, bytes]
    covered: dict[int, bytes]
    """Pages of which the log has another version."""
    usable: int
    """Bytes of a page that SQLite uses."""
    encoding: str


class _Damaged(ValueError):
    """A row that cannot be made out."""


def rows_in_pages(path: Path) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """Give the rows of the tables of a history that can be made out, each with the table's name.

    :param path: the database; what its write-ahead log holds counts too. Read whole, not changed.
    :raises OSError: if it cannot be read.
    """
    file = _read(path)
    free = _free_pages(file)
    for number in sorted(file.pages):
        if number in free:
            continue
        yield from _known_rows(file, number, file.pages[number])
    # Of a page that the log holds too, what the file has comes last: the log may be another database's.
    for number in sorted(file.covered):
        yield from _known_rows(file, number, file.covered[number])


def _known_rows(file: _File, number: int, page: bytes) -> Iterator[tuple[str, tuple[Value, ...]]]:
    start = _HEADER if number == 1 else 0
    if len(page) < start + 12:
        return
    for values, key in _rows(file, page, start):
        table = _table_of(values, page[start])
        if table:
            # A column that is the row's key is not stored in the row.
            yield table, (key, *values[1:]) if table in _KEYED else values


#: Tables whose first column is the key of the row.
_KEYED: Final = ("sessions", "ipshell_sessions", "ipshell_folders")


def _table_of(values: tuple[Value, ...], kind: int) -> str:
    """Tell which table has rows of this shape; empty if none has."""
    if kind != _LEAF:
        return "ipshell_cells" if _fits(values, (int, int, _INT, _REAL, _REAL, _TEXT)) else ""
    for table, shape in _SHAPES.items():
        if _fits(values, shape):
            return table
    return ""


_Shape = tuple[type | tuple[type, ...], ...]
_NONE: Final = type(None)
_INT: Final = (int, _NONE)
_TEXT: Final = (str, _NONE)
_REAL: Final = (float, int, _NONE)
#: A time is what its writer made of it.
_TIME: Final = (str, float, int, _NONE)

_SHAPES: Final[dict[str, _Shape]] = {
    "history": (int, int, _TEXT, _TEXT),
    "output_history": (int, int, _TEXT),
    "sessions": (_NONE, _TIME, _TIME, _INT, _TEXT),
    "ipshell_sessions": (_NONE, str, _TEXT, _INT),
    "ipshell_folders": (_NONE, str),
}


def _fits(values: tuple[Value, ...], shape: _Shape) -> bool:
    return len(values) == len(shape) and all(map(isinstance, values, shape))


# -- the file ----------------------------------------------------------------


def _read(path: Path) -> _File:
    data = path.read_bytes()
    size = int.from_bytes(data[16:18], "big")
    size = 65536 if size == 1 else size
    if size not in _SIZES:
        size = _likely_size(data)
    unused = data[20] if len(data) > 20 and data[20] < 64 else 0
    encoding = {2: "utf-16-le", 3: "utf-16-be"}.get(int.from_bytes(data[56:60], "big"), "utf-8")
    pages = {at // size + 1: data[at : at + size] for at in range(0, len(data), size)}
    log = path.with_name(f"{path.name}-wal")
    logged = _logged(log.read_bytes()) if log.exists() else {}
    covered = {number: pages[number] for number in logged.keys() & pages.keys()}
    return _File({**pages, **logged}, covered, size - unused, encoding)


def _likely_size(data: bytes) -> int:
    def leaves(size: int) -> float:
        starts = range(size, len(data), size)
        return sum(data[at] in (_LEAF, _INDEX_LEAF) for at in starts) / max(len(starts), 1)

    return max(_SIZES, key=leaves)


def _logged(log: bytes) -> dict[int, bytes]:
    """Give the pages that a write-ahead log holds, as of its last commit."""
    if len(log) < 32:
        return {}
    size = int.from_bytes(log[8:12], "big")
    if size not in _SIZES:
        return {}
    salt = log[16:24]
    committed: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    for at in range(32, len(log) - size - 23, size + 24):
        number, commits = struct.unpack(">II", log[at : at + 8])
        if log[at + 8 : at + 16] != salt:  # of an earlier round
            break
        pending[number] = log[at + 24 : at + 24 + size]
        if commits:
            committed.update(pending)
            pending.clear()
    return committed


def _free_pages(file: _File) -> set[int]:
    """Give the pages that hold what was deleted; none if the list of them is damaged."""
    free: set[int] = set()
    header = file.pages.get(1, b"")
    number = int.from_bytes(header[32:36], "big")
    while number and number not in free and (page := file.pages.get(number)):
        free.add(number)
        count = min(int.from_bytes(page[4:8], "big"), file.usable // 4 - 2)
        free.update(struct.unpack_from(f">{count}I", page.ljust(8 + 4 * count, b"\0"), 8))
        number = int.from_bytes(page[:4], "big")
    return free if len(free) == int.from_bytes(header[36:40], "big") else set()


# -- a page ------------------------------------------------------------------


def _rows(file: _File, page: bytes, start: int) -> Iterator[tuple[tuple[Value, ...], int]]:
    """Give the rows of a page, each with its key; none if it is not a page of rows."""
    kind = page[start]
    if kind not in (_LEAF, _INDEX_LEAF, _INDEX_NODE):
        return
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    first = start + (12 if kind == _INDEX_NODE else 8)
    for at in range(first, min(first + 2 * count, len(page) - 1), 2):
        try:
            yield _row(file, page, int.from_bytes(page[at : at + 2], "big"), kind)
        except (_Damaged, IndexError, struct.error):
            continue


def _row(file: _File, page: bytes, at: int, kind: int) -> tuple[tuple[Value, ...], int]:
    if kind == _INDEX_NODE:
        at += 4  # the page below
    length, at = _number(page, at)
    key = 0
    if kind == _LEAF:
        key, at = _number(page, at)
    return _values(_payload(file, page, at, length, kind == _LEAF), file.encoding), key


def _payload(file: _File, page: bytes, at: int, length: int, is_table: bool) -> bytes:
    """Give a row's bytes; what does not fit into its page is in a chain of others."""
    if not 0 < length < 1 << 30:
        raise _Damaged
    usable = file.usable
    most = usable - 35 if is_table else (usable - 12) * 64 // 255 - 23
    if length <= most:
        found = page[at : at + length]
        if len(found) < length:
            raise _Damaged
        return found
    least = (usable - 12) * 32 // 255 - 23
    here = least + (length - least) % (usable - 4)
    here = here if here <= most else least
    pieces = [page[at : at + here]]
    left = length - here
    number = int.from_bytes(page[at + here : at + here + 4], "big")
    seen: set[int] = set()
    while left > 0:
        more = file.pages.get(number)
        if more is None or number in seen or len(more) < 4 + min(left, usable - 4):
            raise _Damaged
        seen.add(number)
        pieces.append(more[4 : 4 + min(left, usable - 4)])
        left -= usable - 4
        number = int.from_bytes(more[:4], "big")
    return b"".join(pieces)


def _values(record: bytes, encoding: str) -> tuple[Value, ...]:
    """Take a row apart: the kinds of its values stand before them."""
    end, at = _number(record, 0)
    kinds = []
    while at < end:
        kind, at = _number(record, at)
        kinds.append(kind)
        if len(kinds) > _MOST_COLUMNS:
            raise _Damaged
    if at != end:
        raise _Damaged
    values = []
    for kind in kinds:
        size, make = _reader(kind, encoding)
        piece = record[at : at + size]
        if len(piece) != size:
            raise _Damaged
        values.append(make(piece))
        at += size
    return tuple(values)


_WIDTHS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


def _reader(kind: int, encoding: str) -> tuple[int, Callable[[bytes], Value]]:
    if kind == 0:
        return 0, lambda _: None
    if kind in _WIDTHS:
        return _WIDTHS[kind], lambda piece: int.from_bytes(piece, "big", signed=True)
    if kind == 7:
        return 8, lambda piece: float(struct.unpack(">d", piece)[0])
    if kind in (8, 9):
        return 0, lambda _: kind - 8
    if kind >= 13 and kind % 2:
        return (kind - 13) // 2, lambda piece: piece.decode(encoding, "replace")
    if kind >= 12:
        return (kind - 12) // 2, lambda piece: piece
    raise _Damaged


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number of variable length; give it and the place behind it."""
    value = 0
    for length in range(9):
        byte = data[at + length]
        if length == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + length + 1
    raise _Damaged
