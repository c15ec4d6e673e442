"""``sys.ps1`` and ``sys.ps2``, which the user may set as in Python."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from .notices import notice
from .plain.prompts import columns
from .plugins.failures import reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .shell import InteractiveShell

#: As the shell sets them, for programs that look whether there is a prompt.
OF_THE_SHELL: Final = {"ps1": "In : ", "ps2": "...: ", "ps3": "Out: "}

#: What colours a prompt of Python's has: sequences of the terminal, and readline's marks around them.
_NO_TEXT: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x09\x0b-\x1f\x7f]"
)


class PythonPrompts:
    """What the user has set ``sys.ps1`` and ``sys.ps2`` to.

    :param shell: the shell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        # A program that opens a shell may have prompts of its own.
        embedded = shell.namespace is not None
        self._others = {
            name: getattr(sys, name, None) if embedded else text for name, text in OF_THE_SHELL.items()
        }

    def ask(self, name: str) -> str | None:
        """Give the text of ``ps1`` or ``ps2`` as it is now.

        To be called on the thread of the cells: the text of an object is made by the user's code.
        What fails in that, or Ctrl-C leaves, is told.

        :returns: ``None`` if the user has set none, or it has no text.
        """
        value: Any = getattr(sys, name, None)
        other = self._others[name]
        if value is None or value is other:
            return None
        if type(value) is str:
            return None if value in (other, OF_THE_SHELL[name]) else value
        try:
            return str(value)
        except (Exception, KeyboardInterrupt) as error:  # the user's, who must get a prompt all the same
            text = f"sys.{name}: {reason_of(error).rstrip('.')}. The shell's own stands there."
            notice(text, once=f"sys.{name}")
            return None

    def runs_code(self, name: str) -> bool:
        """Tell whether :meth:`ask` would run the user's code: the ``str()`` of an object."""
        value: Any = getattr(sys, name, None)
        return value is not None and value is not self._others[name] and type(value) is not str

    def before_line(self, number: int, *, further: bool) -> str:
        """Give the prompt before a line of cell ``number``: the user's, else the shell's.

        :param further: whether it is not the first line.
        """
        if not further:
            text = self.ask("ps1")
            return self._shell.prompts.input(number) if text is None else text
        text = self.ask("ps2")
        if text is None:
            first = self.ask("ps1")
            if first is None:
                return self._shell.prompts.continuation(number)
            text = below(without_colors(first))
        return text


@contextmanager
def set_names(former: Mapping[str, Any], *, restore: bool) -> Iterator[None]:
    """Set ``sys.ps1`` and its like to the shell's own in the body, where the user has not set them.

    :param former: what they were before anything of the user's ran; ``None`` where there was none.
    :param restore: whether a program goes on behind it, whose they are.
    """
    for name, text in OF_THE_SHELL.items():
        if getattr(sys, name, None) is former.get(name):
            setattr(sys, name, text)
    try:
        yield
    finally:
        if restore:
            for name in OF_THE_SHELL:
                vars(sys).pop(name, None)
                if former.get(name) is not None:
                    setattr(sys, name, former[name])


def without_colors(text: str) -> str:
    """Give what is seen of a prompt of Python's."""
    return _NO_TEXT.sub("", text)


def below(first: str) -> str:
    """Give a prompt for further lines that is as wide as the last line of the first one."""
    width = columns(first.rpartition("\n")[2])
    return "...: ".rjust(width)[-width:] if width else ""
