"""How things look: styles and themes, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

#: What a terminal's background is; empty where that is not known.
Background = Literal["light", "dark", ""]


@dataclass(frozen=True, slots=True)
class Style:
    """How a piece of text looks. What is left empty is as in the style it inherits from."""

    foreground: str = ""
    """``#rrggbb``, the name of one of the terminal's sixteen colours (``red``, ``brightred``), ``default``
    for the terminal's own."""
    background: str = ""
    """The same."""
    bold: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    reverse: bool | None = None
    """With foreground and background exchanged."""
    strike: bool | None = None
    dim: bool | None = None

    def over(self, below: Style) -> Style:
        """Give this style, with what it leaves empty taken from another one."""
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        return Style(
            **{name: getattr(below, name) if value in ("", None) else value for name, value in mine.items()}
        )


@dataclass(frozen=True, slots=True, eq=False)
class Theme:
    """Looks for style names."""

    name: str
    """The name of the theme."""
    background: Background
    """The background that it is for; empty for one that can be read on both."""
    styles: Mapping[str, Style]
    """Style name (see ``ipcore.styles``) → look. A name that is missing looks as the one before its
    last dot."""
