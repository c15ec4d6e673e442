"""The clipboard by way of the terminal (OSC 52): it works over ssh too, where no program would."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from typing import Any, Final

from ipcore.errors import TryNext

#: Characters of the encoded text that terminals take.
MOST: Final = 100_000
#: Kinds of terminals that have no clipboard.
_WITHOUT: Final = ("", "dumb", "linux", "emacs", "eterm", "eterm-color", "unknown")


class TerminalClipboard:
    """Writes to the clipboard of the desktop that shows the terminal. To read it few terminals allow."""

    def read(self) -> str:
        """Leave it to another way.

        :raises TryNext: always: a terminal that answers would do so in between keys.
        """
        raise TryNext("the terminal does not give the clipboard away")

    def write(self, text: str) -> None:
        """Hand a text to the terminal. Whether it takes it cannot be known.

        :raises TryNext: without a terminal, or for a text that is too long for it.
        """
        encoded = b64encode(text.encode("utf-8", "replace"))
        if len(encoded) > MOST:
            raise TryNext("the text is too long for the clipboard of the terminal")
        if sys.platform == "win32":
            raise TryNext("Windows has a clipboard of its own")
        if os.environ.get("TERM", "").lower() in _WITHOUT or not _on_terminal():
            raise TryNext("there is no terminal that could take the clipboard")
        try:
            with open(os.ctermid(), "wb", buffering=0) as terminal:
                terminal.write(b"\x1b]52;c;" + encoded + b"\x07")
        except OSError as error:
            raise TryNext(f"the terminal cannot be written to: {error}") from None


def _on_terminal() -> bool:
    stream: Any = sys.__stdout__ if sys.stdout is None else sys.stdout
    try:
        return stream is not None and (stream.isatty() or os.isatty(1))
    except (ValueError, AttributeError, OSError):
        return False
