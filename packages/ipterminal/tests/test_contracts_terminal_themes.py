"""The themes keep to the contract, on more backgrounds than it asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ipcore.colors import contrast, reduced, rgb_of
from ipcore.styles import STYLES, line_of_names
from ipcore.testing.contracts import ThemeContract
from ipcore.testing.fixtures import *  # noqa: F403
from ipcore.types.themes import Background, Style, Theme
from ipterminal.palettes import DARKEST, LIGHTEST, theme


class OurTheme(ThemeContract):
    plugin = "ipterminal.plugin"
    distribution = "ipterminal"


class TestDark(OurTheme):
    key = "dark"
    dark = DARKEST


class TestLight(OurTheme):
    key = "light"
    light = LIGHTEST


class TestNeutral(OurTheme):
    key = "neutral"


class TestHighContrast(OurTheme):
    key = "high-contrast"
    contrast = 7
    dark = DARKEST
    light = LIGHTEST[:3]


THEMES: list[tuple[str, Background]] = [
    ("dark", "dark"),
    ("light", "light"),
    ("neutral", ""),
    ("high-contrast", "dark"),
    ("high-contrast", "light"),
    ("high-contrast", ""),
]


def looks(theme: Theme, depth: object) -> Iterator[tuple[str, Style]]:
    for name in STYLES:
        look = Style()
        for each in line_of_names(name):
            look = theme.styles.get(each, Style()).over(look)
        yield name, reduced(look, depth, theme.background)  # type: ignore[arg-type]


@pytest.mark.parametrize("depth", [24, 8, 4])
@pytest.mark.parametrize(("name", "background"), THEMES)
def test_what_stands_in_a_line_of_the_menu_can_be_read_in_the_chosen_line_too(
    name: str, background: Background, depth: int
) -> None:
    found = dict(looks(theme(name, background), depth))
    line, chosen = found["menu"], found["menu.current"]
    for part in ("menu.type", "menu.match"):
        own = reduced(theme(name, background).styles.get(part, Style()), depth, background)  # type: ignore[arg-type]
        for below in (line, chosen):
            both = own.over(below)
            before = rgb_of(both.foreground)
            behind = rgb_of(both.background or {"light": "white", "dark": "black"}[background])
            assert before is not None
            assert behind is not None
            assert contrast(before, behind) >= 4.5, f"{part} on {below}"


@pytest.mark.parametrize(("name", "background"), THEMES)
def test_the_chosen_line_is_seen_with_sixteen_colours(name: str, background: Background) -> None:
    found = dict(looks(theme(name, background), 4))
    for one, other in (("menu.current", "menu"), ("search.match", "code"), ("match", "code")):
        assert found[one] != found[other]


@pytest.mark.parametrize(("name", "background"), THEMES)
def test_colours_are_the_same_with_256_as_with_millions(name: str, background: Background) -> None:
    given = theme(name, background)
    assert dict(looks(given, 8)) == dict(looks(given, 24))


def test_themes_for_one_background_speak_of_the_same_names() -> None:
    assert theme("dark", "dark").styles.keys() == theme("light", "light").styles.keys()
    assert theme("neutral", "").styles.keys() <= theme("dark", "dark").styles.keys()
