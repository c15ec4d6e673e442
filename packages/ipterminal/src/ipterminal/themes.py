"""The shell's theme, as prompt_toolkit wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from prompt_toolkit.output.color_depth import ColorDepth
from prompt_toolkit.styles import DynamicStyle, Style

if TYPE_CHECKING:
    from ipcore.colors import Depth
    from ipcore.theme import ShellTheme
    from ipcore.types.themes import Style as Look

    from .editor import Editor

_DEPTHS: Final[dict[Depth, ColorDepth]] = {
    0: ColorDepth.DEPTH_1_BIT,
    4: ColorDepth.DEPTH_4_BIT,
    8: ColorDepth.DEPTH_8_BIT,
    24: ColorDepth.DEPTH_24_BIT,
}
#: Attributes that prompt_toolkit knows, of all versions that are allowed.
_ATTRIBUTES: Final = ("bold", "italic", "underline", "reverse", "strike")

#: prompt_toolkit's own classes → style names: what its own parts show looks as ours does.
_ITS_OWN: Final = {
    "completion-menu": "menu",
    "completion-menu.completion": "menu",
    "completion-menu.completion.current": "menu.current",
    "completion-menu.meta.completion": "menu",
    "completion-menu.meta.completion.current": "menu.current",
    "scrollbar.background": "menu",
    "scrollbar.button": "menu.scroll",
    "search": "search.match",
    "search.current": "search.match",
    "incsearch": "search.match",
    "incsearch.current": "search.match",
    "matching-bracket.other": "match",
    "matching-bracket.cursor": "match",
    "auto-suggestion": "suggestion",
    "bottom-toolbar": "toolbar",
    "validation-toolbar": "message.error",
    "multiple-cursors": "selected",
    "selected": "selected",
}


def style_text(look: Look) -> str:
    """Give a look as prompt_toolkit writes it."""
    words = []
    for name in _ATTRIBUTES:
        value = getattr(look, name)
        if value is not None:
            words.append(name if value else f"no{name}")
    if look.foreground:
        words.append(_color(look.foreground))
    if look.background:
        words.append(f"bg:{_color(look.background)}")
    return " ".join(words)


def _color(color: str) -> str:
    return color if color.startswith("#") or color == "default" else f"ansi{color}"


def style_of(theme: ShellTheme) -> Style:
    """Give the style sheet of the theme in use."""
    looks = theme.styles()
    # Without a look of their own they would have that of prompt_toolkit.
    its_own = [
        (name, style_text(theme.style(ours)))
        for name, ours in _ITS_OWN.items()
        if "." in ours or ours in looks
    ]
    # Of two rules that fit, the later one counts: general names come first.
    names = sorted(looks, key=lambda name: (name.count("."), name))
    return Style([*its_own, *((name, style_text(looks[name])) for name in names)])


def depth_of(theme: ShellTheme) -> ColorDepth:
    """Give how many colours are to be used."""
    return ColorDepth.DEPTH_1_BIT if theme.name == "nocolor" else _DEPTHS[theme.depth]


class Looks:
    """Has the editor look as the theme says, and paints it anew when that changes.

    :param editor: the editor.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._theme = editor.shell.theme
        self._style = style_of(self._theme)
        self._begun = False
        editor.before_prompt.append(self.begin)
        editor.at_end.append(self.end)

    def begin(self) -> None:
        """Give the application its style, once it is there."""
        if self._begun:
            return
        self._begun = True
        app: Any = self._editor.app
        app.style = DynamicStyle(lambda: self._style)
        app._color_depth = lambda: depth_of(self._theme)
        self._theme.watch(self._changed)

    def end(self) -> None:
        """Follow the theme no longer."""
        self._theme.unwatch(self._changed)

    def _changed(self) -> None:
        """Paint anew; called on the thread that changed the theme."""
        self._editor.call_soon(self._again)

    def _again(self) -> None:
        self._style = style_of(self._theme)
        self._editor.app.invalidate()


def install(editor: Editor) -> None:
    """Have the editor look as the theme says."""
    Looks(editor)
