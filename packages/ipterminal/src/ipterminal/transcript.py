"""What was typed and shown in this session, as texts: for the pager and for the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ipcore import InteractiveShell

#: Characters of a value that are shown, at most.
MOST: Final = 2_000_000


def cells_of(shell: InteractiveShell) -> dict[int, str]:
    """Give the cells of the session that are kept, as they were typed, by number. Safe from any thread."""
    return {number: text for number, text in enumerate([*shell.outputs.raw_inputs]) if text.strip()}


def joined(parts: list[str]) -> str:
    """Put texts below each other, with an empty line beside one of several lines."""
    pieces: list[str] = []
    before = ""
    for part in parts:
        if pieces and ("\n" in part or "\n" in before):
            pieces.append("")
        pieces.append(part)
        before = part
    return "\n".join(pieces)


def with_outputs(shell: InteractiveShell) -> str:
    """Give the cells of the session as code, and the values that they showed as comments."""
    texts = {**shell.outputs.texts}
    parts = []
    for number, cell in cells_of(shell).items():
        shown = texts.get(number)
        if shown is not None:
            between = "\n" if "\n" in shown else " "
            lines = f"Out[{number}]:{between}{shown}".splitlines()
            cell = "\n".join([cell, *(f"# {line}".rstrip() for line in lines)])
        parts.append(cell)
    return joined(parts)


def last_output(shell: InteractiveShell) -> str | None:
    """Give the text of the value that was shown last, whole if it was shortened; ``None`` if there is none.

    On the thread that runs cells: the value's own code may run.
    """
    outputs, display = shell.outputs, shell.display
    number = next(reversed(outputs.texts), None)
    if number is None:
        return None
    text = outputs.texts[number]
    if "..." not in text or number not in outputs.values or not 0 < display.max_chars < MOST:
        return text
    usual, display.max_chars = display.max_chars, MOST
    try:
        whole = display.text(outputs.values[number])
    finally:
        display.max_chars = usual
    return whole if len(whole) > len(text) else text
