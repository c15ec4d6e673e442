"""The option ``prompts_class``: prompts of a class, as configurations written for IPython have them."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ipcore.notices import notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipcore import InteractiveShell

    from .frontend import Terminal

#: IPython's own classes are not needed: name → ``InteractiveShell.prompts_name``.
_THEIRS: Final = {
    "IPython.terminal.prompts.Prompts": "plain",
    "IPython.terminal.prompts.ClassicPrompts": "classic",
}


def lend(terminal: Terminal) -> None:
    """Give the user's prompts what IPython's base class has: ``vi_mode()`` and ``current_line()``.

    One that the class has itself stays; that of IPython's, which looks into IPython's terminal, does not.
    """
    given = getattr(terminal.shell.prompts, "given", None)
    if terminal.lent_to is given:
        return
    terminal.lent_to, terminal.followed = given, frozenset()
    if given is None:
        return
    lent: dict[str, Callable[[], object]] = {
        "vi_mode": lambda: vi_mode(terminal),
        "current_line": lambda: current_line(terminal),
    }
    for name, function in lent.items():
        own = getattr(type(given), name, None)
        if own is None or getattr(own, "__module__", "") == "IPython.terminal.prompts":
            with suppress(AttributeError, TypeError):  # it has no room for attributes
                setattr(given, name, function)


def vi_mode(terminal: Terminal) -> str:
    """Give what stands for vi's mode: ``[ins]`` and a blank, or nothing. For any thread."""
    terminal.followed |= {"mode"}
    if terminal.editing_mode != "vi" or not terminal.prompt_includes_vi_mode:
        return ""
    editor = terminal.editor
    return f"[{'ins' if editor is None else editor.app.vi_state.input_mode.name[:3].lower()}] "


def current_line(terminal: Terminal) -> int:
    """Give the line of the cell that the cursor is in, from 0. For any thread."""
    terminal.followed |= {"line"}
    return 0 if terminal.editor is None else terminal.editor.buffer.document.cursor_position_row


def show_prompts_of(given: Any, shell: InteractiveShell) -> None:
    """Have the shell show the prompts of a class; what is wrong with it is told in one line.

    :param given: the class, or its name with its module.
    """
    name = given if isinstance(given, str) else _name(given)
    if name in _THEIRS:
        shell.prompts_name = _THEIRS[name]
        shell.prompts = None  # those of another class may stand in front of it
        return
    try:
        shell.prompts = (_found(given) if isinstance(given, str) else given)(shell)
    except Exception as error:  # the user's code
        notice(f"Terminal.prompts_class, {name}: {type(error).__name__}: {error}; other prompts are used")


def _name(given: Any) -> str:
    return f"{getattr(given, '__module__', '')}.{getattr(given, '__qualname__', given)}"


def _found(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    if not module:
        raise ValueError("the name of its module stands before it: my_prompts.MyPrompts")
    return getattr(import_module(module), attribute)
