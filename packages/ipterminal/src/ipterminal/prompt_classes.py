"""The option ``prompts_class``: prompts of a class, as configurations written for IPython have them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ipcore.notices import notice

if TYPE_CHECKING:
    from ipcore import InteractiveShell

#: IPython's own classes are not needed: name → ``InteractiveShell.prompts_name``.
_THEIRS: Final = {
    "IPython.terminal.prompts.Prompts": "plain",
    "IPython.terminal.prompts.ClassicPrompts": "classic",
}


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
