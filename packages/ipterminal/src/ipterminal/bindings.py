"""Keys of the user's own, for start-up files and for cells.

.. code-block:: python

    from ipterminal import bindings

    bindings.bind("c-x t", "lines.comment")
    bindings.bind("f8", lambda event: event.current_buffer.insert_text("import numpy as np"))

Calls are kept for editors that are still to come; mistakes in them are told when an editor takes them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from ipcore import get_ipython
from ipcore.errors import UserError
from ipcore.notices import notice

if TYPE_CHECKING:
    from ipcore import InteractiveShell

    from .editor import Editor
    from .keys import Keys

#: So many calls are kept for one shell.
_MOST: Final = 1000

_kept: WeakKeyDictionary[InteractiveShell, list[_Call]] = WeakKeyDictionary()

_Call = tuple[str, Callable[["Keys"], Any]]


def bind(keys: str, command: str | Callable[[Any], object], when: str = "in_cell") -> None:
    """Bind keys to a command or to a function of one's own; it wins over what they are bound to by now.

    :param keys: separated by blanks: ``c-x t``, ``escape f``, ``f6``. ``%keys --press`` tells a key's name.
    :param command: a name that ``%keys`` lists, or a function. That is called with prompt_toolkit's event of
        the key, in the thread of the editor, and must be quick.
    :param when: conditions, joined by ``&``, ``|``, ``~`` and parentheses; empty for always.
    :raises UserError: outside a shell.
    """
    name = command if isinstance(command, str) else f"user.{getattr(command, '__name__', 'function')}"

    def make(known: Keys) -> None:
        if not isinstance(command, str):
            known.command(name, command, _first_line(command) or "A function of the user's.")
        with known.of("user"):
            known.bind(keys, name, when)

    _keep(f"bind({keys!r})", make)


def unbind(keys: str, command: str = "") -> None:
    """Take away what keys are bound to; what prompt_toolkit itself does by them stays.

    :param command: take away this one alone. To have keys do nothing at all, bind them to ``key.ignore``.
    :raises UserError: outside a shell.
    """

    def make(known: Keys) -> None:
        if not known.unbind(keys, command):
            raise UserError(f"{keys} is bound to nothing" + (f" like {command}" if command else ""))

    _keep(f"unbind({keys!r})", make)


def add_condition(name: str, function: Callable[[], bool], help: str) -> None:
    """Make a condition known that ``when`` may name.

    :param function: tells whether it holds; called for each key, in the thread of the editor.
    :param help: what it means, in one line.
    :raises UserError: outside a shell.
    """
    _keep(f"add_condition({name!r})", lambda known: known.condition(name, function, help))


def _keep(what: str, make: Callable[[Keys], Any]) -> None:
    shell = get_ipython()
    if shell is None:
        raise UserError("keys are bound in a shell, and there is none here")
    caller = sys._getframe(2)
    call = (f"{caller.f_code.co_filename}:{caller.f_lineno}: {what}", make)
    kept = _kept.setdefault(shell, [])
    if len(kept) >= _MOST:
        raise UserError(f"more than {_MOST} keys were bound")
    kept.append(call)
    terminal: Any = shell.find("terminal")
    editor = getattr(terminal, "editor", None)
    if editor is not None:
        editor.call_soon(lambda: _follow(editor, call))


def replay(editor: Editor) -> None:
    """Have an editor take what was bound before it was there."""
    for call in _kept.get(editor.shell, ()):
        _follow(editor, call)


def _follow(editor: Editor, call: _Call) -> None:
    what, make = call
    try:
        make(editor.keys)
    except (UserError, ValueError) as error:
        notice(f"{what}: {str(error).rstrip('.')}. This was left out.", once=f"ipterminal {what}")


def _first_line(function: object) -> str:
    return (getattr(function, "__doc__", None) or "").strip().partition("\n")[0]
