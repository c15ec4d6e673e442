"""``input()`` and ``getpass.getpass()`` for the time that a front end runs."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .keyboard import Keyboard

#: Those that serve, the innermost last.
_serving: list[Keyboard] = []
_former_input: Callable[..., str] = builtins.input
#: The function of the module getpass, what it did before, and what it does now.
_former_getpass: tuple[FunctionType, Any, Any] | None = None


def serving() -> Keyboard | None:
    """Give the keyboard that questions come to."""
    return _serving[-1] if _serving else None


def plain_input(prompt: object = "") -> str:
    """Read a line as Python does."""
    return _former_input(prompt)


def plain_getpass(prompt: str = "Password: ", stream: Any = None, **more: Any) -> str:
    """Read a password as Python does."""
    import getpass

    if _former_getpass is None:
        return getpass.getpass(prompt, stream, **more)
    function, code, _ = _former_getpass
    made = FunctionType(code, function.__globals__, "getpass", function.__defaults__, function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    return str(made(prompt, stream, **more))


def take_over(keyboard: Keyboard) -> None:
    """Have the questions of the process come to a keyboard; nests."""
    global _former_input, _former_getpass
    import getpass

    _serving.append(keyboard)
    if len(_serving) > 1:
        return
    _input.__name__ = _input.__qualname__ = "input"
    _former_input = builtins.input
    builtins.input = _input
    function = getpass.getpass
    if isinstance(function, FunctionType) and function.__code__.co_freevars == ():
        # Its code, not its name in the module: whoever imported it by name has the same function.
        _former_getpass = (function, function.__code__, _getpass.__code__)
        function.__code__ = _getpass.__code__


def give_back(keyboard: Keyboard) -> None:
    """Undo what :func:`take_over` did, but nothing that somebody else has put in place since."""
    global _former_getpass
    _serving.remove(keyboard)
    if _serving:
        return
    if builtins.input is _input:
        builtins.input = _former_input
    if _former_getpass is not None:
        function, code, ours = _former_getpass
        if function.__code__ is ours:
            function.__code__ = code
        _former_getpass = None


def _input(prompt: object = "", /) -> str:
    """Read a line from the keyboard; the trailing newline is stripped.

    The prompt, if given, is shown first. Ctrl-D raises EOFError.
    """
    keyboard = serving()
    return plain_input(prompt) if keyboard is None else keyboard.ask(str(prompt))


def ask_password(prompt: str, stream: Any, more: dict[str, Any]) -> str:
    """Do what ``getpass.getpass()`` does."""
    keyboard = serving()
    if keyboard is None or keyboard.reads_plainly:
        return plain_getpass(prompt, stream, **more)
    return keyboard.ask(str(prompt), password=True)


def _getpass(prompt: Any, stream: Any, **more: Any) -> Any:
    # Only its code is used, in a function of the module getpass: nothing global of ours is there.
    from ipcore.hosts.input_functions import ask_password

    return ask_password(prompt, stream, more)
