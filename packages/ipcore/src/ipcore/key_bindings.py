"""What plugins give for the keys of an editor, looked at before it is used."""

from __future__ import annotations

import re
from typing import Any, Final

from .types.key_bindings import KeyBinding

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")


def check_key_bindings(value: object) -> str:
    """Say what is wrong with the bindings that a plugin gives; empty if nothing is.

    Whether there are such keys and conditions, the editor knows.
    """
    from .plugins.registry import check_each

    wrong = check_each(value, "key binding", ())
    return wrong or next((text for each in value if (text := _wrong(each))), "")  # type: ignore[attr-defined]


def _wrong(binding: Any) -> str:
    if not isinstance(binding, KeyBinding):
        return f"it gave {type(binding).__name__}, not an ipcore.types.key_bindings.KeyBinding"
    texts = {"name": binding.name, "help": binding.help, "keys": binding.keys, "when": binding.when}
    for field, text in texts.items():
        if not isinstance(text, str):
            return f"the {field} of its key binding {binding.name!r} is {type(text).__name__}, not a text"
    if not _NAME.fullmatch(binding.name):
        return f'the name of its key binding, {binding.name!r}, is not of the form "subject.verb"'
    if not callable(binding.function):
        return f"the function of its key binding {binding.name} cannot be called"
    if not binding.help.strip() or "\n" in binding.help:
        return f"the help of its key binding {binding.name} is not one line"
    return ""
