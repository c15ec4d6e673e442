"""The default table below what the subjects have bound, and above it the user's own keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipcore.notices import notice

from .bindings import replay
from .keys.names import identity, spelled
from .keys.shortcuts import apply
from .keys.table import ABOVE, ROWS, THEIR_ROWS, Row

if TYPE_CHECKING:
    from .editor import Editor
    from .keys import Bound, Keys


def install(editor: Editor) -> None:
    """Complete the bindings. To be called when all subjects have theirs."""
    bind_defaults(editor.keys)
    entries = editor.terminal.shortcuts
    for index, problem in apply(editor.keys, entries):
        _tell(editor, index, problem)
    replay(editor)


def bind_defaults(keys: Keys) -> None:
    """Bind the rows of the table that no subject has bound, below everything else but for ``ABOVE``."""
    known = {(identity(each.keys), each.command) for each in keys.bound}
    rows = [*ROWS]
    rows += [Row(row.ours or row.keys, row.command, row.when or row.filter) for row in THEIR_ROWS]
    made: list[Bound] = []
    for row in dict.fromkeys(rows):
        if row.command.startswith("suggestion."):
            continue
        if row.command in keys.commands and (identity(spelled(row.keys)), row.command) not in known:
            when = str(keys.expression(row.when)) if row.when else ""  # by our names
            made.append(keys.made(row.keys, row.command, when, "default"))
    keys.put([*made, *keys.bound])
    for row in ABOVE:
        if row.command in keys.commands:
            keys.bind(row.keys, row.command, row.when)


def _tell(editor: Editor, index: int, problem: str) -> None:
    from ipcore.configuration.origins import origin_of

    terminal = editor.terminal
    section = next(
        (name for name in reversed(terminal.section_names()) if "shortcuts" in terminal.config.get(name, {})),
        "Terminal",
    )
    origin = origin_of(terminal.config, section, "shortcuts")
    place = f"{origin}: " if origin else ""
    said = problem if problem.endswith(("?", ".")) else f"{problem}."
    text = f"{place}{section}.shortcuts[{index}]: {said} This entry was left out."
    notice(text, once=f"ipterminal shortcuts {text}")
