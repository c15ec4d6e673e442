"""Hooks that extensions set by ``shell.set_hook``: editor, pager, clipboard, completion of commands.

Behind each stands a chain of functions; the first that does not raise
:class:`~ipcore.errors.TryNext` does the work. These are set while the shell runs; plugins have the
hooks of :mod:`ipcore.hookspecs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import MethodType
from typing import TYPE_CHECKING, Any, Final

from .component import Component
from .errors import TryNext
from .notices import notice

if TYPE_CHECKING:
    from .shell import InteractiveShell

Function = Callable[..., Any]

#: The hooks there are, and what their functions are called with after the shell.
HOOKS: Final = {
    "editor": "(filename, linenum=None, wait=True)",
    "synchronize_with_editor": "(filename, linenum, column)",
    "show_in_pager": "(data, start=0, screen_lines=0)",
    "clipboard_get": "()",
    "clipboard_set": "(text)",
    "complete_command": "(event)",
}

#: The priority of the shell's own functions: those of extensions go first by default.
OWN_PRIORITY: Final = 100


class Chain:
    """Functions behind one hook, by priority. Calling it calls them until one does the work."""

    def __init__(self) -> None:
        self.chain: list[tuple[int, Function]] = []

    def add(self, func: Function, priority: int = 0) -> None:
        """Add a function; those of a lower number go first, of the same number in the order of adding."""
        self.chain.append((priority, func))
        self.chain.sort(key=lambda pair: pair[0])

    def remove(self, func: Function) -> None:
        """Remove a function, as it was given to ``set_hook`` or to :meth:`add`.

        :raises ValueError: if it is not there.
        """
        for pair in self.chain:
            if pair[1] == func or getattr(pair[1], "__func__", None) == func:
                self.chain.remove(pair)
                return
        raise ValueError(f"{func!r} is not set for this hook")

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Give what the first function gives that does not raise ``TryNext``.

        :raises TryNext: if all do.
        """
        last = TryNext("no function is set for this hook")
        for _, function in tuple(self.chain):
            try:
                return function(*arguments, **named)
            except TryNext as passed:
                last = passed
        raise last

    def __iter__(self) -> Iterator[tuple[int, Function]]:
        return iter(tuple(self.chain))

    def __repr__(self) -> str:
        return f"<hook: {', '.join(f'{priority}: {function}' for priority, function in self.chain)}>"


class Dispatch:
    """Functions that are chosen by a text: those for just this text, and those for a pattern it matches."""

    def __init__(self) -> None:
        self._exact: dict[str, Chain] = {}
        self._patterns: dict[re.Pattern[str], Chain] = {}

    def add_s(self, key: str, func: Function, priority: int = 0) -> None:
        """Add a function for one text."""
        self._exact.setdefault(key, Chain()).add(func, priority)

    def add_re(self, pattern: str | re.Pattern[str], func: Function, priority: int = 0) -> None:
        """Add a function for the texts that begin as a regular expression says."""
        self._patterns.setdefault(re.compile(pattern), Chain()).add(func, priority)

    def matches(self, *texts: str) -> list[Function]:
        """Give the functions for any of some texts, those of exact ones first, each by priority."""
        exact = [self._exact[text] for text in texts if text in self._exact]
        by_pattern = [chain for each, chain in self._patterns.items() if any(map(each.match, texts))]
        return [function for chain in (*exact, *by_pattern) for _, function in chain]


class Hooks(Component):
    """The hooks of one shell, each an attribute. Used on the thread that runs cells."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        #: What was set with a key, by the name of the hook.
        self.strdispatchers: dict[str, Dispatch] = {}
        self.editor = Chain()
        self.synchronize_with_editor = Chain()
        self.show_in_pager = Chain()
        self.clipboard_get = Chain()
        self.clipboard_set = Chain()
        for name, function in (
            ("editor", _editor),
            ("synchronize_with_editor", _synchronize),
            ("show_in_pager", _pager),
            ("clipboard_get", _clipboard),
            ("clipboard_set", _to_clipboard),
        ):
            self.set_hook(name, function, OWN_PRIORITY)

    def set_hook(
        self,
        name: str,
        hook: Function,
        priority: int = 50,
        str_key: str | None = None,
        re_key: str | None = None,
    ) -> None:
        """Have a function called at a hook. Told if there is no such hook; it is set all the same.

        :param name: one of :data:`HOOKS`.
        :param hook: called with the shell and then what :data:`HOOKS` says.
        :param priority: those of a lower number go first; the shell's own have 100.
        :param str_key: for ``complete_command``, the first word of the lines that it completes.
        :param re_key: for ``complete_command``, an expression that those lines begin with.
        :raises TypeError: if the hook cannot be called.
        :raises ValueError: if ``complete_command`` is set without a key.
        """
        if not callable(hook):
            raise TypeError(f"the hook {name} takes a function, not {type(hook).__name__}")
        if name not in HOOKS:
            notice(
                f"set_hook: there is no hook {name!r}; there are {', '.join(HOOKS)}. It is set all the same."
            )
        bound = MethodType(hook, self._shell)
        if str_key is not None or re_key is not None:
            dispatch = self.strdispatchers.setdefault(name, Dispatch())
            if str_key is not None:
                dispatch.add_s(str_key, bound, priority)
            else:
                dispatch.add_re(re_key or "", bound, priority)
            return
        if name == "complete_command":
            raise ValueError("complete_command needs str_key= or re_key=: which lines it completes")
        chain = getattr(self, name, None)
        if not isinstance(chain, Chain):
            chain = Chain()
            setattr(self, name, chain)
        chain.add(bound, priority)

    def page(self, text: str, start: int = 0, screen_lines: int = 0) -> None:
        """Show a text through the hook ``show_in_pager``; if nobody takes it, print it.

        :param start: the line to begin at, counted from 0.
        :param screen_lines: height of the screen, of which the prompt wants some; 0 for the terminal's.
        """
        try:
            self.show_in_pager(text, start=start, screen_lines=screen_lines)
        except TryNext:
            print(text)


def _editor(shell: InteractiveShell, filename: str, linenum: int | None = None, wait: bool = True) -> None:
    from .system.editors import edit

    edit(shell, filename, linenum, wait=wait)


def _synchronize(shell: InteractiveShell, filename: str, linenum: int, column: int) -> None:
    """Do nothing: which editor could be told is an extension's business."""


def _pager(shell: InteractiveShell, data: object, start: int = 0, screen_lines: int = 0) -> None:
    from .system.paging import page

    page(shell, data, start, screen_lines)


def _clipboard(shell: InteractiveShell) -> str:
    from .system.clipboard import paste

    return paste(shell)


def _to_clipboard(shell: InteractiveShell, text: str) -> None:
    from .system.clipboard import copy

    copy(shell, text)
