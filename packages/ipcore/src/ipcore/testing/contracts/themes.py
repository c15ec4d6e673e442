"""What a theme has to keep to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, get_args

import pytest

from ...colors import READABLE, Depth, contrast, reduced, rgb_of
from ...styles import STYLES, line_of_names
from ...types.themes import Background, Style, Theme
from .effects import Effects
from .plugin import PluginContract

if TYPE_CHECKING:
    from ..shells import TestedShell

#: What code may stand on beside the terminal's own background.
_SURFACES: Final = ("documentation", "signature")

#: Pairs that look otherwise than each other, or nobody could tell what is meant.
_APART: Final = (("menu.current", "menu"), ("selected", ""), ("match", ""), ("search.match", ""))


class ThemeContract(PluginContract):
    """A theme that a key of the family ``themes`` gives.

    Beside what every plugin keeps to: it gives a theme for each background, at once; every text can be read
    on it, on terminals of any number of colours; and what has to stand out does.
    """

    family = "themes"
    listings: ClassVar[Mapping[str, str]] = {"the themes": "key in registry.keys('themes')"}
    first_use = "registry.call_named('themes', key, 'ipshell_theme', shell=shell, background='')"

    contrast: ClassVar[float] = READABLE
    """How much a text stands out from its background at least, as WCAG 2 measures it; 7 is its level AAA.
    With sixteen colours 4.5 is enough."""
    light: ClassVar[Sequence[str]] = ("#ffffff",)
    """The backgrounds on which a theme for light ones, or for any, can be read."""
    dark: ClassVar[Sequence[str]] = ("#000000",)
    """The backgrounds on which a theme for dark ones, or for any, can be read."""

    @pytest.fixture(params=["", "light", "dark"], ids=["unknown", "light", "dark"])
    def theme(self, request: pytest.FixtureRequest, shell: TestedShell) -> Theme:
        """What the hook gives for a background."""
        return self.given(shell, request.param)

    def given(self, shell: TestedShell, background: Background) -> Theme:
        """Have the hook give the theme."""
        from ...theme import check_theme

        given = shell.registry.call_named(
            self.family, self.key, "ipshell_theme", check_theme, shell=shell, background=background
        )
        if given is None:
            self.check_no_failures(shell.registry)
            self.fail(
                f"ipshell_theme gives nothing for the background {background!r}.",
                "Give a Theme for each; one that is made for one background gives that whatever it is told.",
            )
        theme: Theme = given.value
        return theme

    def use(self, shell: TestedShell) -> None:
        """Choose it, and ask for looks."""
        shell.colors = self.key
        for name in STYLES:
            shell.theme.sequence(name)

    def test_it_is_for_a_background_that_there_is(self, theme: Theme) -> None:
        """``light``, ``dark``, or empty for both."""
        self.check(
            theme.background in get_args(Background),
            f"the theme is for the background {theme.background!r}.",
            'Say "light", "dark", or "" if it can be read on both.',
        )

    def test_it_speaks_of_style_names_that_there_are(self, theme: Theme) -> None:
        """A name that nobody uses is misspelt, most of the time."""
        for name in theme.styles:
            near = _nearest(name)
            self.check(
                any(each in STYLES for each in line_of_names(name)),
                f"the theme has a style called {name!r}, and nothing is shown in it."
                + (f" Did you mean {near!r}?" if near else ""),
                "ipcore.styles.STYLES has all names; further ones stand below them.",
            )

    @pytest.mark.parametrize("depth", [24, 8, 4])
    def test_every_text_can_be_read(self, theme: Theme, depth: Depth) -> None:
        """On its background, or on the terminal's, with 16 million colours, 256 and 16."""
        wanted = self.contrast if depth > 4 else min(self.contrast, READABLE)
        for name, style, ground in self._texts(theme, depth):
            before = rgb_of(style.foreground)
            if before is None:
                # The terminal's own colour: on a ground of ours it may be anything.
                self.check(
                    style.reverse or not style.background,
                    f"{name} has the background {style.background} and no foreground: on a terminal whose "
                    "own is near that, it cannot be read.",
                    "Give both.",
                )
                continue
            behind = rgb_of(ground)
            assert behind is not None
            found = contrast(before, behind)
            self.check(
                found >= wanted,
                f"{name} is {style.foreground} on {ground} with {2**depth} colours, a contrast of "
                f"{found:.2f}; {wanted:g} can be read.",
                "Take a colour that is further from the background. If it is meant for another background, "
                "set the class attributes light and dark.",
            )

    def test_what_has_to_stand_out_does(self, theme: Theme) -> None:
        """The chosen line of a menu, selected text, brackets that belong together, what was found."""
        for name, other in _APART:
            look, beside = (_look(theme, each) if each else Style() for each in (name, other))
            self.check(
                look != beside,
                f"{name} looks as {other or 'any other text'} does.",
                "Give it another colour, or make it bold, underlined or reversed.",
            )

    def test_giving_it_does_nothing_else(self, shell: TestedShell) -> None:
        """The first prompt waits for it."""
        self.given(shell, "dark")  # what is needed once may be fetched once
        with Effects() as effects:
            self.given(shell, "light")
        self.check(
            not effects.found,
            f"ipshell_theme {effects}, while the user waits for the prompt.",
            "A theme is data: have it stand in the module.",
        )

    def test_it_can_be_given_in_any_thread(self, shell: TestedShell) -> None:
        """The thread of the front end asks as well."""
        self.in_another_thread("ipshell_theme", lambda: self.given(shell, "dark"))

    def test_the_shell_shows_it(self, shell: TestedShell) -> None:
        """Chosen by ``InteractiveShell.colors``, it is the theme of the shell."""
        self.use(shell)
        self.check_no_failures(shell.registry)

    def _texts(self, theme: Theme, depth: Depth) -> Iterator[tuple[str, Style, str]]:
        """Give what is shown: its name, its look, and the background it has then."""
        outer = {"light": self.light, "dark": self.dark}.get(theme.background, (*self.light, *self.dark))
        looks = {
            name: reduced(_look(theme, name), depth, theme.background) for name in (*STYLES, *theme.styles)
        }
        for name, style in looks.items():
            if style.background:
                yield name, style, style.background
                continue
            surfaces = [looks[each].background for each in _SURFACES] if name.startswith("code") else []
            for ground in (*outer, *filter(None, surfaces)):
                # With the sixteen colours the user's own background is not among those that are promised.
                if depth != 4 or ground in ("#ffffff", "#000000", *surfaces):
                    yield name, style, ground


def _look(theme: Theme, name: str) -> Style:
    look = Style()
    for each in line_of_names(name):
        look = theme.styles.get(each, Style()).over(look)
    return look


def _nearest(name: Any) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(str(name), STYLES, 1)), "")
