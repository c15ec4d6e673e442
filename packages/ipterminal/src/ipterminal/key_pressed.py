"""Waiting for one key while a cell runs, to tell its name."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Final

from ipcore.errors import UsageError
from ipcore.hosts.wakeup import wait_readable

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPress

    from .editor import Editor

#: Seconds that one is waited for.
PATIENCE: Final = 10.0
#: Seconds in which all that one key sends has come.
_TOGETHER: Final = 0.05


def wait_for_key(editor: Editor) -> tuple[str, ...]:
    """Read one key, on the thread of the cells. Ctrl-C is a key like any other.

    :returns: the key as prompt_toolkit spells it, the keys that it stands for if it stands for several.
    :raises UsageError: if none comes, or where single keys cannot be read.
    """
    if sys.platform == "win32":
        raise UsageError("%keys --press needs a terminal of POSIX systems; name the key instead: %keys c-r")
    from prompt_toolkit.input.vt100_parser import Vt100Parser

    from .answers import Answers

    found: list[KeyPress] = []
    parser, answers = Vt100Parser(found.append), Answers()
    editor.conversation.drain()
    modes, descriptor = editor.conversation.modes, editor.input.fileno()
    with modes.held("raw"):
        print(f"Press a key, within {PATIENCE:g} s:", flush=True)  # not before: Ctrl-C is to be a key
        end = time.monotonic() + PATIENCE
        while not found and (left := end - time.monotonic()) > 0:
            if not wait_readable(descriptor, left):
                continue
            while wait_readable(descriptor, _TOGETHER):
                data = os.read(descriptor, 1024)
                if not data:
                    raise UsageError("%keys: the terminal is gone")
                typed, told = answers.feed(data.decode("utf-8", "replace"))
                for answer in told:  # the terminal's, to the editor
                    editor._answered(answer)
                parser.feed(typed)
            parser.feed(answers.flush())
            parser.flush()
    if not found:
        raise UsageError("%keys: no key was pressed")
    return tuple(str(getattr(press.key, "value", press.key)) for press in found[:4])
