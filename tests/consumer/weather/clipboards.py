"""What was copied, for as long as the session lasts."""

from __future__ import annotations

from ipcore import InteractiveShell
from ipcore.errors import TryNext
from ipcore.hookspecs import hookimpl
from ipcore.types.clipboards import Clipboard


class Memory:
    def __init__(self) -> None:
        self.text = ""

    def read(self) -> str:
        if not self.text:
            raise TryNext("nothing was copied")
        return self.text

    def write(self, text: str) -> None:
        self.text = text


@hookimpl
def ipshell_clipboard(name: str, shell: InteractiveShell) -> Clipboard:
    return Memory()
