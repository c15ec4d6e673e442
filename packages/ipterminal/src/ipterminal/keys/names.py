"""Names of keys: as they are written in options, as prompt_toolkit has them, as people read them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from ipcore.errors import UserError

#: Words that people write → what prompt_toolkit says.
_WORDS: Final = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "page-up": "pageup",
    "page-down": "pagedown",
    "paste": "<bracketed-paste>",
    "any": "<any>",
}
_MODIFIERS: Final = {"ctrl": "c", "control": "c", "c": "c", "shift": "s", "s": "s"}
_META: Final = ("alt", "meta", "m", "a")
#: Two names of the same key: terminals send the same.
_SAME: Final = {"tab": "c-i", "enter": "c-m", "backspace": "c-h", "c-space": "c-@", "space": " "}
_SHOWN: Final = {
    " ": "Space",
    "c-@": "Ctrl-Space",
    "c-h": "Backspace",
    "c-i": "Tab",
    "c-m": "Enter",
    "escape": "Esc",
    "pagedown": "PageDown",
    "pageup": "PageUp",
    "<any>": "any key",
    "<bracketed-paste>": "pasted text",
}


class KeyNameError(UserError, ValueError):
    """There is no key of this name."""


def spelled(keys: str | Sequence[str]) -> tuple[str, ...]:
    """Give keys as prompt_toolkit spells them, one after the other.

    :param keys: separated by blanks, or a sequence: ``c-x c-e``, ``Ctrl-X Ctrl-E``, ``alt-f``, ``escape f``.
    """
    words = keys.split() if isinstance(keys, str) else [str(each) for each in keys]
    if isinstance(keys, str) and keys and not words:
        words = [keys[0]]
    return tuple(part for word in words for part in _spelled(word))


def _spelled(word: str) -> tuple[str, ...]:
    if len(word) == 1:
        return ("space",) if word == " " else (word,)
    low = word.lower()
    if low in _WORDS:
        return (_WORDS[low],)
    *before, last = re.split(r"-(?=.)", word)
    low_before = [each.lower() for each in before]
    if before and all(each in _MODIFIERS or each in _META for each in low_before):
        meta = any(each in _META for each in low_before)
        held = sorted({_MODIFIERS[each] for each in low_before if each in _MODIFIERS})  # c before s
        if len(last) == 1:
            last = last.lower() if "c" in held else last.upper() if "s" in held else last
            held = [each for each in held if each == "c" or not last.isalpha()]
        else:
            last = _WORDS.get(last.lower(), last.lower())
        key = "-".join([*held, last])
        return ("escape", key) if meta else (key,)
    return (low,)


def identity(keys: Sequence[str]) -> tuple[str, ...]:
    """Give the same for two names of the same keys: ``tab`` and ``c-i``."""
    return tuple(_SAME.get(key, key) for key in keys)


def checked(keys: str | Sequence[str]) -> tuple[str, ...]:
    """Give keys as prompt_toolkit spells them.

    :raises KeyNameError: if there is no such key; says which is meant, perhaps.
    """
    found = spelled(keys)
    if not found:
        raise KeyNameError("no key is named")
    known = _known()
    for key in found:
        if len(key) != 1 and key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, sorted(known), 3)
            hint = (
                f"; did you mean {' or '.join(near)}?"
                if near
                else "; keys are named as in c-x, escape f, s-tab, f5"
            )
            raise KeyNameError(f"there is no key {key!r}{hint}")
    return found


@cache
def _known() -> frozenset[str]:
    """Give the names that prompt_toolkit knows."""
    from prompt_toolkit.keys import KEY_ALIASES, Keys

    return frozenset((*KEY_ALIASES, "space", *(key.value for key in Keys)))


def for_people(keys: Sequence[str]) -> str:
    """Give keys as people read them: ``Ctrl-X Ctrl-E``, ``Alt-F``."""
    words: list[str] = []
    meta = False
    left = list(identity(keys))
    while left:
        key = left.pop(0)
        if key == "escape" and left and not meta:
            meta = True
            continue
        words.append(("Alt-" if meta else "") + _for_people(key))
        meta = False
    return " ".join(words)


def _for_people(key: str) -> str:
    if key in _SHOWN:
        return _SHOWN[key]
    if len(key) == 1:
        return key.upper() if key.isascii() and key.islower() else key
    *before, last = re.split(r"-(?=.)", key)
    held = [{"c": "Ctrl", "s": "Shift"}.get(each, each) for each in before]
    return "-".join([*held, _SHOWN.get(last, last.capitalize())])
