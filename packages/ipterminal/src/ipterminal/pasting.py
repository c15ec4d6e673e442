"""Pasted text: one event, whatever the terminal makes of it.

Line endings become line feeds, prompts go, indentation is that of the place; nothing of it runs, and one undo
takes it away. Terminals that mark what is pasted tell us; for the others see :mod:`ipterminal.bursts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from os.path import commonprefix
from typing import TYPE_CHECKING, Final, NamedTuple

from ipcore.cells.logical_lines import BLANK, LogicalLine, scan

from .edits import Edit, blanks_of, line_start
from .indentation import width

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.key_binding.key_processor import KeyPress

    from .bursts import Bursts
    from .editor import Editor

#: The first prompt of a cell, and those of its other lines.
_PROMPTS: Final = (
    (re.compile(r"[ \t]*>>>(?: |\Z)"), re.compile(r"[ \t]*\.\.\.(?: |\Z)")),
    (re.compile(r"[ \t]*(?:\[(?:ins|nav)\] )?In ?\[\d+\]:(?: |\Z)"), re.compile(r"[ \t]*\.{3,}:(?: |\Z)")),
)
#: What stands before a value in a session of IPython.
_OUTPUT: Final = re.compile(r"[ \t]*Out ?\[\d+\]:")
_BLANK_END = re.compile(r"(?:[ \t]*\n)+[ \t]*\Z")


def pasted(text: str, cursor: int, data: str) -> Edit:
    """Tell what pasting does to the text.

    :param data: what was pasted.
    """
    data = with_line_feeds(data)
    start = line_start(text, cursor)
    margin = text[start:cursor]
    if not margin.strip(" \t") and not in_string(text, cursor):
        data = without_prompts(data)
        on_top = not text[:start].strip()
        if on_top or margin:  # at the left edge below other lines it is meant to stand as it stood
            data = dedented(data)
        if on_top:
            data = re.sub(r"\A(?:[ \t]*\n)+(?=[ \t]*\S)", "", data)
        if margin:
            data = re.sub(r"\n(?=[ \t]*[^ \t\n])", lambda _: "\n" + margin, data)
    if not text[cursor:].strip() and data.strip():
        whole = _BLANK_END.sub("", data)
        data = whole + "\n" if "\n" in whole and len(whole) < len(data) else whole
    return Edit(cursor, cursor, data, cursor + len(data))


def with_line_feeds(data: str) -> str:
    """Give a text whose lines end with line feeds, whatever they ended with."""
    return data.replace("\r\n", "\n").replace("\r", "\n")


def in_string(text: str, cursor: int) -> bool:
    """Tell whether the cursor is in a string of several lines."""
    lines = scan(text[:cursor])
    return bool(lines) and lines[-1].open == '"'


def without_prompts(data: str) -> str:
    """Take prompts away, Python's or IPython's, if every line that is not blank has one.

    In a piece of a session, of several prompts or with an ``Out[1]:``, lines that have none are what was
    printed, and go too.
    """
    lines = _without_output(data.split("\n"))
    filled = [line for line in lines if line.strip()]
    for first, other in _PROMPTS:
        if (
            filled
            and all(first.match(line) or other.match(line) for line in filled)
            and first.match(filled[0])
        ) or _only_first_is_bare(filled, other):
            return "\n".join(other.sub("", first.sub("", line, count=1), count=1) for line in lines)
    return data


def _without_output(lines: list[str]) -> list[str]:
    """Leave out what was printed; nothing, where a line may be code that has lost its prompt."""
    filled = [line for line in lines if line.strip()]
    for first, other in _PROMPTS:
        if not filled or not first.match(filled[0]):
            continue
        if sum(bool(first.match(line)) for line in filled) < 2 and not any(map(_OUTPUT.match, filled)):
            break
        kept: list[str] = []
        cell: list[str] = []
        for line in lines:
            if first.match(line):
                cell = [first.sub("", line, count=1)]
            elif other.match(line):
                cell.append(other.sub("", line, count=1))
            elif line.strip():
                if _goes_on("\n".join(cell)):
                    return lines
                continue
            kept.append(line)
        return kept
    return lines


def _goes_on(cell: str) -> bool:
    """Tell whether more must follow: a bracket or string is open, or a block has been opened."""
    found = [line for line in scan(cell + "\n") if line.kind != BLANK]
    return bool(found) and (bool(found[-1].open) or _opens_block(cell, found[-1]))


def _only_first_is_bare(lines: list[str], other: re.Pattern[str]) -> bool:
    """Tell whether somebody began to copy behind the first prompt: ``...:`` is nothing else than a prompt."""
    return other is _PROMPTS[1][1] and len(lines) > 1 and all(other.match(line) for line in lines[1:])


def dedented(data: str) -> str:
    """Take away the indentation that all statements have in common.

    The first one has none if somebody began to copy behind it; then what the others have in common goes, if
    they could not stand there below the first.
    """
    if data.lstrip().startswith("%%"):  # what follows is not Python
        margins = [blanks_of(line) for line in data.split("\n") if line.strip()]
        return _without_margin(data, commonprefix(margins))  # noqa: RUF071  # by characters, as meant
    lines = [line for line in scan(data + "\n") if line.kind != BLANK]
    margins = [data[line.start : line.code] for line in lines]
    margin = commonprefix(margins)  # noqa: RUF071
    if margin or len(lines) < 2 or margins[0]:
        return _without_margin(data, margin)
    margin = commonprefix(margins[1:])  # noqa: RUF071
    if _opens_block(data, lines[0]) and width(margin) == width(margins[1]):
        return data
    head, line_feed, rest = data.partition("\n")
    return head + line_feed + _without_margin(rest, margin)


def _without_margin(text: str, margin: str) -> str:
    return re.sub(rf"^{margin}", "", text, flags=re.MULTILINE) if margin else text


def _opens_block(text: str, line: LogicalLine) -> bool:
    return text[line.code : line.mark].rstrip().endswith(":")


# -- in the editor -------------------------------------------------------------


class Unmarked(str):
    """Pasted text that was not marked, with what :class:`~ipterminal.bursts.Bursts` says of it."""

    before = ""
    goes_on = False


class _Last(NamedTuple):
    """The last piece of pasted text that was not marked, for the next one to go on with."""

    text: str
    """The cell before it."""
    cursor: int
    data: str
    after: tuple[str, int]
    """The cell and the cursor with it."""


class Pasting:
    """Pasted text in one editor."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self._last: _Last | None = None

    def paste(self, data: str) -> None:
        """Put in text that was marked as pasted."""
        buffer = self.editor.buffer
        self._put(buffer.text, buffer.cursor_position, data)

    def as_it_comes(self, data: str) -> None:
        """Put in text and change nothing of it but the ends of its lines."""
        buffer = self.editor.buffer
        buffer.complete_state = None
        buffer.save_to_undo_stack()
        buffer.insert_text(with_line_feeds(data))

    def unmarked(self, data: str, before: str, goes_on: bool) -> None:
        """Put in text that turned out to be pasted.

        :param before: its beginning, which stands there already, indented as if it were typed.
        :param goes_on: whether it goes on with the piece before.
        """
        buffer = self.editor.buffer
        text, cursor = buffer.text, buffer.cursor_position
        last = self._last
        if goes_on and last is not None and last.after == (text, cursor):
            text, cursor, data = last.text, last.cursor, last.data + data
        elif before and (start := _start_of(text, cursor, before)) is not None:
            text, cursor, data = text[:start] + text[cursor:], start, before + data
        self._put(text, cursor, data)

    def _put(self, text: str, cursor: int, data: str) -> None:
        from prompt_toolkit.document import Document

        buffer = self.editor.buffer
        edit = pasted(text, cursor, data)
        new = edit.of(text)
        buffer.complete_state = None
        if (buffer.text, buffer.cursor_position) != (text, cursor):  # one undo is to lead there
            buffer.set_document(Document(text, cursor))
        buffer.save_to_undo_stack()
        buffer.set_document(Document(new, edit.cursor))
        self._last = _Last(text, cursor, data, (new, edit.cursor))


def _start_of(text: str, cursor: int, typed: str) -> int | None:
    """Find where typed text begins that ends at the cursor, whatever blanks were put in meanwhile."""
    pattern = r"[ \t]*\n[ \t]*".join(re.escape(line.strip()) for line in typed.split("\n"))
    margin = re.escape(blanks_of(typed))
    found = re.search(rf"{margin}{pattern}[ \t]*\Z", text[:cursor])
    return None if found is None else found.start()


def install(editor: Editor) -> None:
    """Take marked text as it is, and find the other among the keys."""
    keys, pasting = editor.keys, Pasting(editor)

    def paste(event: KeyPressEvent) -> None:
        data = event.data
        if editor.paste_mode:
            pasting.as_it_comes(data)
        elif isinstance(data, Unmarked):
            pasting.unmarked(data, data.before, data.goes_on)
        else:
            pasting.paste(data)

    keys.command("paste.insert", paste, "Put in what was pasted, without prompts and indented as it must be.")
    keys.bind("<bracketed-paste>", "paste.insert", "in_cell")
    finder: list[Bursts] = []

    def prompted() -> None:
        if not finder:  # the editor has its keyboard after all subjects are installed
            finder.append(_finder(editor))
        finder[0].prompted()

    editor.before_prompt.append(prompted)


def _finder(editor: Editor) -> Bursts:
    """Look for pasted text through the keys that are read; a Windows console has its own way."""
    import asyncio
    import time

    from prompt_toolkit.key_binding.key_processor import KeyPress
    from prompt_toolkit.keys import Keys

    from .bursts import Bursts, behind_other_keys
    from .terminal_input import TerminalInput

    app, read = editor.app, editor.input
    typing = editor.keys.filter("in_cell & insert_mode")

    def feed(typed: list[KeyPress]) -> None:
        app.key_processor.feed_multiple(typed)
        app.key_processor.process_keys()

    def paste(data: str, before: str, goes_on: bool) -> None:
        unmarked = Unmarked(data)
        unmarked.before, unmarked.goes_on = before, goes_on
        feed([KeyPress(Keys.BracketedPaste, unmarked)])  # behind the keys that were read before

    def later(seconds: float, function: Callable[[], object]) -> asyncio.Handle:
        loop = asyncio.get_running_loop()
        if not seconds:
            return loop.call_soon(app.in_context, function)
        return loop.call_later(seconds, app.in_context, function)

    def holds() -> bool:
        return isinstance(read, TerminalInput) and read.holds_more()

    def sifted(keys: list[KeyPress]) -> list[KeyPress]:
        if not editor.paste_mode:
            return bursts.take(keys)
        bursts.give_up()  # what came in one piece with the key that began the mode
        processor = app.key_processor
        if processor.key_buffer or processor.input_queue or behind_other_keys(keys):
            return keys
        # Put in at once, whatever its characters are bound to.
        return [KeyPress(Keys.BracketedPaste, "".join(press.data for press in keys))]

    bursts = Bursts(paste, feed, holds=holds, later=later, clock=time.monotonic, one_by_one=one_by_one)
    if isinstance(read, TerminalInput):
        read.sift = lambda keys: sifted(keys) if typing() else keys
    return bursts


def one_by_one(text: str) -> bool:
    """Tell whether what was typed ahead is made of cells that can be run, without own blanks and prompts.

    A last line without Enter may be one that is still being typed, so it may well be wrong as it stands. But
    where it opens a block or a bracket the text may be pasted, and more of it be on its way.
    """
    from ipcore.cells.completeness import check_complete
    from ipcore.cells.plain_lines import transform

    if without_prompts(text) != text:
        return False
    *entered, rest = text.split("\n")
    cell = ""
    for line in entered:
        if line[:1].isspace():
            return False
        status = check_complete(f"{cell}{line}\n", transform)[0]
        if status == "invalid" and not cell:  # Enter would show it, and what follows be typed into it
            return False
        # Within a block it may be wrong for want of the blanks that Enter puts in.
        cell = f"{cell}{line}\n" if status == "incomplete" else ""
    if cell or rest[:1].isspace():
        return False
    return not rest or check_complete(rest + "\n", transform)[0] != "incomplete"
