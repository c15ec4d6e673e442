"""How editors are called that do not take ``+LINE FILE``, or that come back before the file is closed."""

from __future__ import annotations

from typing import Final

#: Program → how it is told file and line, how a file alone, and how it is told to wait.
EDITORS: Final[dict[str, tuple[str, str, str]]] = {
    "atom": ("{file}:{line}", "{file}", "--wait"),
    "charm": ("--line {line} {file}", "{file}", "--wait"),
    "code": ("--goto {file}:{line}", "{file}", "--wait"),
    "code-insiders": ("--goto {file}:{line}", "{file}", "--wait"),
    "codium": ("--goto {file}:{line}", "{file}", "--wait"),
    "cursor": ("--goto {file}:{line}", "{file}", "--wait"),
    "emacsclient": ("+{line} {file}", "{file}", ""),
    "gedit": ("{file} +{line}", "{file}", "--wait"),
    "gvim": ("+{line} {file}", "{file}", "-f"),
    "kate": ("--line {line} {file}", "{file}", "--block"),
    "kwrite": ("--line {line} {file}", "{file}", ""),
    "mate": ("--line {line} {file}", "{file}", "--wait"),
    "micro": ("{file}:{line}", "{file}", ""),
    "mvim": ("+{line} {file}", "{file}", "-f"),
    "notepad++": ("-n{line} {file}", "{file}", ""),
    "pycharm": ("--line {line} {file}", "{file}", "--wait"),
    "subl": ("{file}:{line}", "{file}", "--wait"),
    "windsurf": ("--goto {file}:{line}", "{file}", "--wait"),
    "zed": ("{file}:{line}", "{file}", "--wait"),
}


class KnownEditor:
    """One of them.

    :param name: its program.
    """

    def __init__(self, name: str) -> None:
        self._with_line, self._alone, self._waiting = EDITORS[name]

    def arguments(self, filename: str, line: int | None, wait: bool) -> list[str]:
        """Give what follows the editor's command."""
        form = self._alone if line is None else self._with_line
        words = [word.replace("{line}", str(line)).replace("{file}", filename) for word in form.split(" ")]
        return [self._waiting, *words] if wait and self._waiting else words
