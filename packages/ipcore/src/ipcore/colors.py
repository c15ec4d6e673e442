"""Colours: how far apart two of them are, and how a terminal is told of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

from .styles import ANSI

if TYPE_CHECKING:
    from .types.themes import Background, Style

Rgb = tuple[int, int, int]
#: Bits of a colour: 24 is any, 8 a table of 256, 4 the user's own sixteen, 0 none at all.
Depth = Literal[0, 4, 8, 24]

#: How much a text has to stand out from its background to be read by everybody (WCAG 2, level AA).
READABLE: Final = 4.5

#: What xterm shows for the sixteen colours, where the user has not chosen others.
_SIXTEEN: Final[tuple[Rgb, ...]] = (
    *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205)),
    *((229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255)),
    *((255, 0, 255), (0, 255, 255), (255, 255, 255)),
)
#: Degrees by which hues may differ and still be taken for each other.
_NEAR: Final = 50.0
_STEPS: Final = (0, 95, 135, 175, 215, 255)
_NUMBERS: Final = {"bold": 1, "dim": 2, "italic": 3, "underline": 4, "reverse": 7, "strike": 9}


def rgb_of(color: str) -> Rgb | None:
    """Give red, green and blue, 0 to 255, of ``#rrggbb`` or an ANSI name; ``None`` for ``default``."""
    if color.startswith("#"):
        return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
    return _SIXTEEN[ANSI.index(color)] if color in ANSI else None


def luminance(color: Rgb) -> float:
    """Give how bright a colour is, from 0 for black to 1 for white (WCAG 2, relative luminance)."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Give how much two colours stand out from each other, from 1 to 21 (WCAG 2, contrast ratio)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def background_of(color: Rgb) -> Background:
    """Tell whether a background of that colour is light or dark: what can be read on it is the other."""
    return "light" if contrast(color, (0, 0, 0)) > contrast(color, (255, 255, 255)) else "dark"


def in_256(color: Rgb) -> int:
    """Give the nearest number of the table of 256 colours, without the sixteen that are the user's own."""
    cube = [min(range(6), key=lambda step: abs(_STEPS[step] - part)) for part in color]
    gray = min(23, max(0, round((sum(color) / 3 - 8) / 10)))
    level = 8 + 10 * gray
    in_cube: Rgb = (_STEPS[cube[0]], _STEPS[cube[1]], _STEPS[cube[2]])
    if _distance(color, (level, level, level)) < _distance(color, in_cube):
        return 232 + gray
    return 16 + 36 * cube[0] + 6 * cube[1] + cube[2]


def in_16(color: Rgb, against: Rgb | None) -> int | None:
    """Give the nearest of the sixteen colours; of a strong colour, the nearest hue, if any is near.

    :param against: the background, on which it has to be readable; ``None`` does not ask for that.
    :returns: ``None`` if none is readable.
    """
    fit = [
        number
        for number, each in enumerate(_SIXTEEN)
        if against is None or contrast(each, against) >= READABLE
    ]
    if _is_strong(color):
        hue = _hue(color)
        apart = {number: abs((_hue(_SIXTEEN[number]) - hue + 180) % 360 - 180) for number in fit}
        same = [number for number in fit if _is_strong(_SIXTEEN[number]) and apart[number] <= _NEAR]
        nearest = min((apart[number] for number in same), default=0)
        fit = [number for number in same if apart[number] <= nearest + 1] or fit
    return min(fit, key=lambda number: _distance(color, _SIXTEEN[number]), default=None)


def _is_strong(color: Rgb) -> bool:
    return max(color) - min(color) > 24


def _hue(color: Rgb) -> float:
    """Give the hue in degrees; 0 for a gray."""
    from colorsys import rgb_to_hsv

    return rgb_to_hsv(*color)[0] * 360


def _distance(one: Rgb, other: Rgb) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def reduced(style: Style, depth: Depth, background: Background) -> Style:
    """Give a style in the colours that a terminal of a certain depth has.

    Of the sixteen colours only such are taken as can be read on the background that the theme is for,
    where that has been left to the terminal; else the terminal's own colour is.

    :param background: of the theme.
    """
    from dataclasses import replace

    if depth == 24 or not (style.foreground or style.background):
        return style
    if depth == 0:
        return replace(style, foreground="", background="")
    if depth == 8:
        return replace(style, foreground=_of_table(style.foreground), background=_of_table(style.background))
    behind, before = rgb_of(style.background), rgb_of(style.foreground)
    under = style.background
    if style.background.startswith("#") and behind is not None:
        # A gray that is only a little off the terminal's own would become a strong one.
        own = {"light": _SIXTEEN[15], "dark": _SIXTEEN[0]}.get(background)
        faint = own is not None and max(behind) - min(behind) < 24 and contrast(behind, own) < 2
        under = "" if faint else ANSI[in_16(behind, None) or 0]
    # A background that is unknown: no colour of the sixteen can be read on both.
    grounds = {"light": [_SIXTEEN[15]], "dark": [_SIXTEEN[0]]}.get(background, [_SIXTEEN[0], _SIXTEEN[15]])
    if (shown := rgb_of(under)) is not None:
        grounds = [shown]
    over = style.foreground
    if style.foreground.startswith("#") and before is not None:
        numbers = [in_16(before, each) for each in grounds]
        number = numbers[0] if len(set(numbers)) == 1 else None
        over = ANSI[number] if number is not None else ""
    return replace(style, foreground=over, background=under)


def _of_table(color: str) -> str:
    """Give the colour of the table of 256 that a terminal shows for one."""
    rgb = rgb_of(color) if color.startswith("#") else None
    if rgb is None:
        return color
    number = in_256(rgb)
    if number >= 232:
        level = 8 + 10 * (number - 232)
        return f"#{level:02x}{level:02x}{level:02x}"
    red, green, blue = (number - 16) // 36, (number - 16) // 6 % 6, (number - 16) % 6
    return f"#{_STEPS[red]:02x}{_STEPS[green]:02x}{_STEPS[blue]:02x}"


def escape_sequence(style: Style, depth: Depth) -> str:
    """Give what switches a terminal to a style; empty for plain text.

    :param style: as :func:`reduced` gives it for that depth.
    """
    numbers = [str(number) for name, number in _NUMBERS.items() if getattr(style, name)]
    if depth:
        numbers += _color_numbers(style.foreground, depth, 30) + _color_numbers(style.background, depth, 40)
    return f"\x1b[{';'.join(numbers)}m" if numbers else ""


def _color_numbers(color: str, depth: Depth, base: int) -> list[str]:
    if color in ANSI:
        number = ANSI.index(color)
        return [str(base + number if number < 8 else base + 52 + number)]
    rgb = rgb_of(color) if color else None
    if rgb is None:
        return [str(base + 9)] if color == "default" else []
    if depth == 8:
        return [str(base + 8), "5", str(in_256(rgb))]
    return [str(base + 8), "2", *map(str, rgb)]


def color_depth(environ: Mapping[str, str], platform: str = sys.platform) -> Depth:
    """Tell how many colours the terminal has that the environment tells of. Asks nobody."""
    kind = environ.get("TERM", "").lower()
    forced: Depth = {"2": 8, "3": 24}.get(environ.get("FORCE_COLOR", ""), 0)  # type: ignore[assignment]
    if forced:
        return forced
    if kind == "dumb":
        wanted = environ.get("FORCE_COLOR") or environ.get("PYTHON_COLORS") == "1"
        return 4 if wanted else 0
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or "direct" in kind:
        return 24
    if environ.get("WT_SESSION") or kind in ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm"):
        return 24
    if kind in ("linux", "eterm-color", "ansi", "cygwin") or (platform == "win32" and not kind):
        return 4
    return 8
