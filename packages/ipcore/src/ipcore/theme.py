"""The theme of a shell: how each style name looks on its terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from .colors import Depth, color_depth, escape_sequence, reduced
from .component import Component
from .notices import notice
from .styles import line_of_names, read_style
from .types.themes import Background, Style, Theme

if TYPE_CHECKING:
    from .shell import InteractiveShell

#: Names that IPython's users have in their configuration → the theme here.
_FORMER: Final = {"linux": "dark", "lightbg": "light", "": "nocolor"}
#: Style names whose look is remembered; more than there are, as plugins may add some.
_KEPT: Final = 1000
_RESET: Final = "\x1b[0m"


class ShellTheme(Component):
    """The current theme. Looks may be asked for, and the background be told, from any thread.

    Which theme it is follows from the option ``InteractiveShell.colors`` and, for ``auto``, from the
    terminal's background as far as that is known.
    """

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._background: Background = ""
        self._depth: Depth | None = None
        self._theme: Theme | None = None
        self._overrides: dict[str, Style] = {}
        self._looks: dict[str, Style] = {}
        self._sequences: dict[str, str] = {}
        self._watchers: tuple[Callable[[], object], ...] = ()
        parent.observe(self._changed, names="colors")

    def on_close(self) -> None:
        """Let go of the shell's option."""
        self._shell.unobserve(self._changed, names="colors")
        self._watchers = ()

    # -- which one -------------------------------------------------------------

    @property
    def current(self) -> Theme:
        """The theme in use. The first time its plugin may be imported."""
        theme = self._theme
        if theme is None:
            theme = self._theme = self._find()
        return theme

    @property
    def name(self) -> str:
        """The name of the theme in use."""
        return self.current.name

    @property
    def background(self) -> Background:
        """What is known of the terminal's background."""
        return self._background

    @background.setter
    def background(self, value: Background) -> None:
        if value != self._background:
            self._background = value
            self._changed()

    @property
    def depth(self) -> Depth:
        """How many colours the terminal has; by the environment, where a front end does not know better."""
        if self._depth is None:
            self._depth = color_depth(os.environ) if _understands_sequences() else 0
        return self._depth

    @depth.setter
    def depth(self, value: Depth) -> None:
        if value != self._depth:
            self._depth = value
            self._changed()

    def override(self, styles: dict[str, str]) -> None:
        """Have some style names look otherwise than the theme says.

        :param styles: style name → look, as ``ipcore.styles.read_style`` reads it.
        :raises ValueError: if one cannot be read.
        """
        self._overrides = {name: read_style(text) for name, text in styles.items()}
        self._changed()

    def watch(self, callback: Callable[[], object]) -> None:
        """Have a function called whenever looks have changed, on the thread that changed them."""
        self._watchers = (*self._watchers, callback)

    def unwatch(self, callback: Callable[[], object]) -> None:
        """Do not call it any more; one that is not watching is no mistake."""
        self._watchers = tuple(each for each in self._watchers if each != callback)

    def _changed(self, change: object = None) -> None:
        self._theme = None
        self._looks, self._sequences = {}, {}
        for callback in self._watchers:
            callback()

    def _find(self) -> Theme:
        wanted = self._shell.colors.strip().lower()
        known = self._shell.registry.keys("themes")
        key: str
        if wanted == "auto":
            # Somebody who names a theme has decided, as the convention of NO_COLOR has it.
            key = "nocolor" if _not_wanted() else self._background or "neutral"
            if key not in known:
                key = "nocolor"  # no part with colours is installed
        else:
            key = wanted if wanted in known else _FORMER.get(wanted, wanted)
            if key not in known and key in ("light", "dark", "neutral", "high-contrast"):
                notice(
                    f"colors: ipterminal, which is not installed, brings the theme {key!r}.", once="colors"
                )
                key = "nocolor"
        given = self._shell.registry.call_named(
            "themes", key, "ipshell_theme", check_theme, shell=self._shell, background=self._background
        )
        if given is not None:
            theme: Theme = given.value
            return theme
        if key not in known:
            notice(
                f"InteractiveShell.colors: there is no theme called {self._shell.colors!r}; there are "
                f"auto, {', '.join(known)}. Colours are off.",
                once=f"colors {key}",
            )
        return Theme("nocolor", "", {})

    # -- how something looks ------------------------------------------------------

    def style(self, name: str) -> Style:
        """Give the look of a style name, all that it inherits included, in colours that the terminal has."""
        look = self._looks.get(name)
        if look is None:
            theme = self.current
            look = Style()
            for each in line_of_names(name):
                for layer in (theme.styles.get(each), self._overrides.get(each)):
                    look = layer.over(look) if layer is not None else look
            look = reduced(look, self.depth, theme.background)
            if len(self._looks) < _KEPT:
                self._looks[name] = look
        return look

    def sequence(self, name: str) -> str:
        """Give the escape sequence that switches a terminal to a style; empty for plain text."""
        found = self._sequences.get(name)
        if found is None:
            found = escape_sequence(self.style(name), self.depth)
            if len(self._sequences) < _KEPT:
                self._sequences[name] = found
        return found

    def paint(self, text: str, name: str) -> str:
        """Give a text with the escape sequences that show it in a style, each line by itself."""
        start = self.sequence(name)
        if not start or not text:
            return text
        return "\n".join(f"{start}{line}{_RESET}" if line else "" for line in text.split("\n"))

    def styles(self) -> dict[str, Style]:
        """Give the looks of all names that the theme or an override speaks of, without what they inherit."""
        theme = self.current
        found = {name: reduced(style, self.depth, theme.background) for name, style in theme.styles.items()}
        for name, style in self._overrides.items():
            found[name] = reduced(style, self.depth, theme.background).over(found.get(name, Style()))
        return found

    def colors_on(self, stream: Any) -> bool:
        """Tell whether what is written to a stream may have colours.

        It may on a terminal that has some, elsewhere only with ``FORCE_COLOR``; not with ``NO_COLOR``,
        unless the user has named a theme. ``PYTHON_COLORS``, 0 or 1, goes before both.
        """
        if self.name == "nocolor":
            return False
        if os.environ.get("FORCE_COLOR") or os.environ.get("PYTHON_COLORS") == "1":
            return True
        try:
            return self.depth > 0 and bool(stream.isatty())
        except (AttributeError, ValueError):  # nothing that is a file, or closed
            return False


def _not_wanted() -> bool:
    """Tell whether the environment asks for no colours; the variable of Python's own REPL goes first."""
    said = os.environ.get("PYTHON_COLORS", "")
    return said == "0" or (said != "1" and bool(os.environ.get("NO_COLOR")))


def _understands_sequences() -> bool:
    """Tell whether standard output takes escape sequences; a console of Windows is told to."""
    if sys.platform != "win32":
        return True
    import ctypes
    from ctypes import wintypes

    standard_output, processing = -11, 0x0004
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetStdHandle.restype = wintypes.HANDLE
    kernel.GetConsoleMode.argtypes = [wintypes.HANDLE, ctypes.POINTER(wintypes.DWORD)]
    kernel.SetConsoleMode.argtypes = [wintypes.HANDLE, wintypes.DWORD]
    handle, mode = kernel.GetStdHandle(standard_output), wintypes.DWORD()
    if not kernel.GetConsoleMode(handle, ctypes.byref(mode)):
        return True  # a pipe, or a terminal of another kind
    return bool(kernel.SetConsoleMode(handle, mode.value | processing))


def check_theme(value: object) -> str:
    """Say what is wrong with what a plugin gave as theme; empty if nothing is."""
    from .colors import rgb_of
    from .styles import ANSI

    if not isinstance(value, Theme):
        return f"it gave {type(value).__name__}, not an ipcore.types.themes.Theme"
    for name, style in value.styles.items():
        if not isinstance(style, Style):
            return f"its style of {name} is {type(style).__name__}, not an ipcore.types.themes.Style"
        for color in (style.foreground, style.background):
            try:
                good = color in ("", "default", *ANSI) or (len(color) == 7 and rgb_of(color) is not None)
            except (TypeError, ValueError):
                good = False
            if not good:
                return f"its style of {name} has the colour {color!r}; give #rrggbb or an ANSI name"
    return ""
