"""The title of the window: where the shell is, for as long as it is there."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from ipcore.notices import notice

if TYPE_CHECKING:
    from .editor import Editor

#: Puts the title of the window on a stack, and takes it from there.
_SAVE: Final = "\x1b[22;2t"
_RESTORE: Final = "\x1b[23;2t"

#: Kinds of terminals that have no title and may show what sets it.
_NONE: Final = ("linux", "eterm", "eterm-color", "ansi", "cygwin", "vt100", "vt220")

#: Characters of a title.
_LONGEST: Final = 200


def folder_name() -> str:
    """Give the working directory, as people write it."""
    try:
        folder = os.getcwd()
    except OSError:  # it is gone
        return "?"
    home = os.path.expanduser("~")
    if folder == home:
        return "~"
    if len(home) > 1 and folder.startswith(home + os.sep):
        return "~" + folder[len(home) :]
    return folder


def printable(text: str) -> str:
    """Give a text that cannot end the sequence it stands in: the name of a folder may hold anything."""
    return "".join(each for each in text if each.isprintable())[:_LONGEST]


class Title:
    """Sets the title before each prompt; the one before comes back at the end.

    :param editor: whose window it is.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._shown = ""
        editor.before_prompt.append(self.show)
        editor.follow(("term_title", "term_title_format"), self.show)

    def show(self) -> None:
        """Set the title, if it is another one."""
        conversation, terminal = self._editor.conversation, self._editor.terminal
        if not terminal.term_title or not _can():
            self._end()
            return
        text = title(terminal.term_title_format)
        if text == self._shown:
            return
        output: Any = self._editor.output
        if not conversation.undo and sys.platform != "win32":  # consoles have no such stack
            output.write_raw(_SAVE)
            conversation.undo = _RESTORE
        self._shown = text
        output.set_title(text)
        output.flush()

    def _end(self) -> None:
        """Give the window the title back that it had, if this has set another one."""
        undo, self._shown = self._editor.conversation.undo, ""
        if undo:
            self._editor.conversation.undo = ""
            self._editor.output.write_raw(undo)
            self._editor.output.flush()


def title(form: str) -> str:
    """Give the title that a format means; a format that is wrong is told, and stands as it is."""
    try:
        return printable(form.format(cwd=folder_name()))
    except (LookupError, ValueError, AttributeError) as error:
        notice(
            f"term_title_format: {form!r} cannot be filled in ({error}); {{cwd}} is the working directory.",
            once="term_title_format",
        )
        return printable(form)


def _can() -> bool:
    return os.environ.get("TERM", "").lower() not in _NONE


def install(editor: Editor) -> None:
    """Set the title, unless the shell stands in somebody's function."""
    if editor.shell.namespace is None:
        Title(editor)
