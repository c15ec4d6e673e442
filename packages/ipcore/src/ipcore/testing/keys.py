"""The keys of a keyboard, by name, and what a terminal sends for them."""

from __future__ import annotations

from typing import Final

_FINAL: Final = {"up": "A", "down": "B", "right": "C", "left": "D", "end": "F", "home": "H"}
_NUMBERED: Final = {"insert": 2, "delete": 3, "page-up": 5, "page-down": 6}
_FUNCTION: Final = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_HIGHER: Final = {
    f"f{n}": code for n, code in zip(range(5, 13), (15, 17, 18, 19, 20, 21, 23, 24), strict=True)
}
#: Keys that stand for one character each.
_SINGLE: Final = {"enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f", "space": " "}
_CONTROL: Final = {
    "space": "\x00",
    "@": "\x00",
    "[": "\x1b",
    "\\": "\x1c",
    "]": "\x1d",
    "^": "\x1e",
    "_": "\x1f",
}
_MODIFIERS: Final = {"shift": 1, "alt": 2, "ctrl": 4}

#: Keys that have a name; any of them, or one character, may stand behind ``ctrl-``, ``alt-`` and ``shift-``.
NAMES: Final = (*_SINGLE, *_FINAL, *_NUMBERED, *_FUNCTION, *_HIGHER)


def sent_for(key: str, *, application: bool = False, kitty: bool = False) -> str:
    """Give what an xterm sends for a key.

    :param key: a name out of :data:`NAMES` or one character, with ``ctrl-``, ``alt-``, ``shift-`` before it.
    :param application: the program has asked for cursor keys of their own (mode 1).
    :param kitty: it has asked for keys that can be told apart (the kitty protocol's first flag).
    :raises ValueError: for an unknown name.
    """
    pressed, held = key, 0
    while len(pressed) > 1 and "-" in pressed[:-1] and pressed.partition("-")[0] in _MODIFIERS:
        modifier, _, pressed = pressed.partition("-")
        held |= _MODIFIERS[modifier]
    text = _special(pressed, held, application)
    if text is None:
        text = _character(pressed, held, kitty)
    if text is None:
        raise ValueError(
            f"there is no key {key!r}: one character, or one of {', '.join(NAMES)}; "
            "before it ctrl-, alt- or shift-"
        )
    return text


def _special(pressed: str, held: int, application: bool) -> str | None:
    if pressed == "tab" and held == 1:
        return "\x1b[Z"
    if pressed in _FINAL or pressed in _FUNCTION:
        final = _FINAL.get(pressed) or _FUNCTION[pressed]
        if held:
            return f"\x1b[1;{held + 1}{final}"
        return f"\x1bO{final}" if application or pressed in _FUNCTION else f"\x1b[{final}"
    number = _NUMBERED.get(pressed) or _HIGHER.get(pressed)
    if number:
        return f"\x1b[{number};{held + 1}~" if held else f"\x1b[{number}~"
    return None


def _character(pressed: str, held: int, kitty: bool) -> str | None:
    text = _SINGLE.get(pressed, pressed)
    if len(text) != 1:
        return None
    if kitty and (pressed == "escape" or held & ~1):
        code = ord(text.lower())
        return f"\x1b[{code};{held + 1}u" if held else f"\x1b[{code}u"
    if held & 4:
        found = _CONTROL.get(pressed)
        if found is None and "a" <= text.lower() <= "z":
            found = chr(ord(text.lower()) & 0x1F)
        if found is None and pressed not in _SINGLE:
            return None
        text = found or {"backspace": "\b"}.get(pressed, text)
    elif held & 1:
        text = text.upper()
    return "\x1b" + text if held & 2 else text
