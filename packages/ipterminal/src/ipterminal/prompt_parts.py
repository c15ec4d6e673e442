"""The parts that prompts and toolbars are made of: time, duration, repository, environment, folder, mode.

A text such as ``"{duration} {git}"`` is filled in with what is known at that moment; a part that has nothing
to say leaves no gap. ``{style:NAME}`` has what follows look so.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from string import Formatter
from typing import TYPE_CHECKING, Final

from ipcore.notices import notice

from .title import folder_name, printable

if TYPE_CHECKING:
    from ipcore import InteractiveShell

    from .repository import Repository

#: Pieces of a text: style name and text.
Pieces = list[tuple[str, str]]

#: Seconds that a cell has to take before its duration is shown.
WORTH_TELLING: Final = 0.1
#: Columns of a folder's name.
_LONGEST_FOLDER: Final = 40


class Parts:
    """What parts say just now. Used on the editor's thread; cells are timed on theirs.

    :param shell: the shell.
    :param repository: watches the working directory; ``None`` for none.
    :param mode: tells the mode of vi; empty in emacs.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        repository: Repository | None = None,
        mode: Callable[[], str] = str,
    ) -> None:
        self._shell = shell
        self.repository = repository
        self._mode = mode
        self._began: float | None = None
        self._took: float | None = None
        #: Part → its pieces, of a format's specification.
        self._parts: Mapping[str, Callable[[str], Pieces]] = {
            "time": lambda form: [("prompt.time", now(form))],
            "duration": self._duration,
            "git": self._git,
            "branch": self._branch,
            "environment": lambda form: _one("prompt.environment", environment_name(os.environ, sys.prefix)),
            "cwd": lambda form: _one("prompt.folder", shortened(printable(folder_name()))),
            "folder": lambda form: _one("prompt.folder", shortened(printable(folder_name()))),
            "mode": lambda form: _one("prompt.mode", self._mode()),
            "number": lambda form: [("prompt.number", str(shell.execution_count))],
            "style": lambda form: [],
        }

    def watch(self) -> None:
        """Measure how long cells take, from now on."""
        events = self._shell.events
        events.register("pre_run_cell", self._cell_begins)
        events.register("post_run_cell", self._cell_ended)

    def unwatch(self) -> None:
        """Measure no longer."""
        events = self._shell.events
        if not self._shell.closed:
            events.unregister("pre_run_cell", self._cell_begins)
            events.unregister("post_run_cell", self._cell_ended)

    def pieces(self, text: str, option: str) -> Pieces:
        """Fill in a text.

        :param text: the text with parts, ``{name}`` or ``{name:specification}``; ``{{`` is a brace.
        :param option: where it comes from, to tell of a mistake.
        """
        try:
            fields = list(Formatter().parse(text))
        except ValueError as error:
            notice(f"{option}: {text!r} is no text with parts: {error}.", once=f"{option} {text}")
            return [("", text)]
        found: list[Pieces] = []
        style = ""
        for words, name, form, _ in fields:
            if words:
                found.append([(style, words)])
            if name == "style":
                style = self._style(form or "", option)
            elif name is not None:
                found.append([(style or own, text) for own, text in self._part(name, form or "", option)])
        return _without_gaps(found)

    def _style(self, name: str, option: str) -> str:
        """Give a style name; none if there is no such."""
        from ipcore.styles import STYLES, line_of_names

        if not name or any(each in STYLES for each in line_of_names(name)):
            return name
        notice(f"{option}: there is no style called {name!r}.", once=f"{option} style {name}")
        return ""

    def _part(self, name: str, form: str, option: str) -> Pieces:
        part = self._parts.get(name)
        if part is None:
            notice(
                f"{option}: there is no part called {name!r}; there are {', '.join(self._parts)}.",
                once=f"{option} {name}",
            )
            return []
        return part(form)

    # -- parts ---------------------------------------------------------------------

    def _cell_begins(self, info: object) -> None:
        self._began = time.monotonic()

    def _cell_ended(self, result: object) -> None:
        if self._began is not None:
            self._took, self._began = time.monotonic() - self._began, None

    def _duration(self, form: str) -> Pieces:
        if self._took is None or self._took < WORTH_TELLING:
            return []
        return [("prompt.duration", duration(self._took))]

    def _branch(self, form: str) -> Pieces:
        return self._git(form)[:1]

    def _git(self, form: str) -> Pieces:
        state = self.repository.state if self.repository is not None else None
        if state is None:
            return []
        dirty = [("prompt.git.dirty", "*")] if state.dirty else []
        return [("prompt.git", printable(state.branch)), *dirty]


def now(form: str) -> str:
    """Give the time of the day; by a form that the system does not know, as if there were none."""
    try:
        return printable(time.strftime(form or "%H:%M"))
    except ValueError:
        return time.strftime("%H:%M")


def duration(seconds: float) -> str:
    """Give a duration as people say it: ``230ms``, ``4.1s``, ``2m 5s``, ``1h 3m``."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest}s"
    return f"{minutes // 60}h {minutes % 60}m"


def environment_name(environ: Mapping[str, str], prefix: str) -> str:
    """Give the name of the environment that this Python runs in, if it is an active one; empty if not."""
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        folder = environ.get(variable, "")
        if folder and os.path.normcase(os.path.normpath(folder)) == os.path.normcase(
            os.path.normpath(prefix)
        ):
            if variable == "CONDA_PREFIX":
                return printable(environ.get("CONDA_DEFAULT_ENV") or os.path.basename(prefix))
            said = environ.get("VIRTUAL_ENV_PROMPT", "").strip(" ()")
            name = os.path.basename(os.path.normpath(folder))
            # "venv" says nothing: the folder above it is the project's.
            above = os.path.basename(os.path.dirname(os.path.normpath(folder)))
            return printable(said or (above if name in ("venv", ".venv", "env", ".env") and above else name))
    return ""


def shortened(folder: str, columns: int = _LONGEST_FOLDER) -> str:
    """Give the name of a folder in at most so many columns; its end is what matters."""
    return folder if len(folder) <= columns else "…" + folder[len(folder) - columns + 1 :]


def _one(style: str, text: str) -> Pieces:
    return [(style, text)] if text else []


def _without_gaps(found: list[Pieces]) -> Pieces:
    """Join what was found. Of the blanks before and behind an empty part, those before it are kept."""
    kept: Pieces = []
    before: str | None = None
    for each in found:
        if not each:
            if before is None:
                before = _take_blanks(kept)
            continue
        if before is not None:
            if not each[0][0]:
                each = [("", each[0][1].lstrip(" ")), *each[1:]]
                if not each[0][1]:
                    continue  # nothing but blanks: the next piece comes in their place
            if kept and before:
                kept.append(("", before))
            before = None
        kept += each
    return kept


def _take_blanks(kept: Pieces) -> str:
    """Take the blanks at the end of a text away, and give them."""
    if not kept or kept[-1][0]:
        return ""
    text = kept[-1][1]
    bare = text.rstrip(" ")
    if bare:
        kept[-1] = ("", bare)
    else:
        kept.pop()
    return text[len(bare) :]
