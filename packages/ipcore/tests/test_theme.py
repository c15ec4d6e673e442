"""Which theme a shell has, and how style names look in it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcore.colors import (
    READABLE,
    background_of,
    color_depth,
    contrast,
    escape_sequence,
    in_16,
    in_256,
    reduced,
    rgb_of,
)
from ipcore.styles import ANSI, STYLES, line_of_names, read_style
from ipcore.testing import ShellMaker, TestedShell, TmpPlugins
from ipcore.types.themes import Style, Theme

PLUGIN = """
    from ipcore.hookspecs import hookimpl
    from ipcore.types.themes import Style, Theme

    @hookimpl
    def ipshell_theme(name, background):
        styles = {"code": Style("#5fafff"), "code.keyword": Style(bold=True)}
        styles["menu"] = Style("#000000", "#dadada")
        return Theme(name, background, styles)
"""


@pytest.fixture(autouse=True)
def _known_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "PYTHON_COLORS", "COLORTERM", "WT_SESSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


# -- which one ---------------------------------------------------------------------


def test_a_core_alone_has_no_colours_and_says_nothing(
    shell: TestedShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.theme.name == "nocolor"
    assert shell.theme.paint("x", "code.keyword") == "x"
    assert shell.theme.sequence("match") == "\x1b[1;4m", "attributes are no colours"
    assert capsys.readouterr().err == ""


def test_auto_follows_the_background(tmp_plugin: TmpPlugins, make_shell: ShellMaker) -> None:
    for key in ("light", "dark", "neutral"):
        tmp_plugin("themes", key, PLUGIN)
    shell = make_shell()
    told: list[str] = []
    shell.theme.watch(lambda: told.append(shell.theme.name))
    assert shell.theme.name == "neutral"
    shell.theme.background = "dark"
    shell.theme.background = "dark"
    shell.theme.background = "light"
    shell.colors = "dark"
    shell.theme.background = ""
    assert told == ["dark", "light", "dark", "dark"]


def test_a_theme_can_be_one_for_each_background(tmp_plugin: TmpPlugins, make_shell: ShellMaker) -> None:
    tmp_plugin("themes", "ink", PLUGIN)
    shell = make_shell(colors="ink")
    found = [shell.theme.current.background]
    shell.theme.background = "light"
    found.append(shell.theme.current.background)
    assert found == ["", "light"]


@pytest.mark.parametrize(
    ("colors", "name"),
    [
        ("Linux", "dark"),
        ("LightBG", "light"),
        ("NoColor", "nocolor"),
        ("neutral", "neutral"),
        ("", "nocolor"),
    ],
)
def test_names_of_ipython_are_taken(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker, colors: str, name: str
) -> None:
    for key in ("light", "dark", "neutral"):
        tmp_plugin("themes", key, PLUGIN)
    assert make_shell(colors=colors).theme.name == name


def test_an_unknown_theme_is_told_with_those_that_there_are(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_plugin("themes", "ink", PLUGIN)
    assert make_shell(colors="inc").theme.name == "nocolor"
    assert "no theme called 'inc'; there are auto, ink, nocolor" in capsys.readouterr().err


def test_a_theme_that_is_not_installed_is_told_with_who_brings_it(
    make_shell: ShellMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make_shell(colors="dark").theme.name == "nocolor"
    assert "ipterminal, which is not installed, brings the theme 'dark'" in capsys.readouterr().err


def test_a_broken_theme_costs_the_colours_alone(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_plugin("themes", "ink", PLUGIN.replace("#5fafff", "blueish"))
    shell = make_shell(colors="ink")
    assert shell.theme.name == "nocolor"
    assert shell.run_cell("6*7").value == 42
    shell.expect_failures()


def test_no_color_switches_colours_off_unless_a_theme_is_named(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("neutral", "dark"):
        tmp_plugin("themes", key, PLUGIN)
    monkeypatch.setenv("NO_COLOR", "")
    assert make_shell().theme.name == "neutral", "only a value counts"
    monkeypatch.setenv("NO_COLOR", "1")
    assert make_shell().theme.name == "nocolor"
    assert make_shell(colors="dark").theme.name == "dark"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "stream", "colours"),
    [
        ({}, Screen(), True),
        ({}, io.StringIO(), False),
        ({}, None, False),
        ({"TERM": "dumb"}, Screen(), False),
        ({"NO_COLOR": "1"}, Screen(), False),
        ({"FORCE_COLOR": "1"}, io.StringIO(), True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, io.StringIO(), False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, Screen(), True),
        ({"PYTHON_COLORS": "0"}, Screen(), False),
        ({"PYTHON_COLORS": "0", "FORCE_COLOR": "1"}, Screen(), False),
        ({"PYTHON_COLORS": "1", "NO_COLOR": "1"}, io.StringIO(), True),
        ({"PYTHON_COLORS": "yes", "NO_COLOR": "1"}, Screen(), False),
    ],
)
def test_colours_are_written_where_they_are_wanted(
    tmp_plugin: TmpPlugins,
    make_shell: ShellMaker,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    stream: Any,
    colours: bool,
) -> None:
    tmp_plugin("themes", "neutral", PLUGIN)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert make_shell().theme.colors_on(stream) is colours


def test_a_closed_theme_watches_the_option_no_more(make_shell: ShellMaker) -> None:
    shell = make_shell()
    theme = shell.theme
    shell.replace_part("theme", None)
    theme.watch(lambda: pytest.fail("it is told of a change after its end"))
    shell.colors = "nocolor"
    assert shell.theme is not theme


# -- how something looks ------------------------------------------------------------


def test_a_look_is_inherited_and_can_be_overridden(tmp_plugin: TmpPlugins, make_shell: ShellMaker) -> None:
    tmp_plugin("themes", "ink", PLUGIN)
    theme = make_shell(colors="ink").theme
    assert theme.style("code.keyword.soft") == Style("#5fafff", bold=True)
    theme.override({"code": "italic", "code.keyword": "nobold #00ff00"})
    assert theme.style("code.keyword") == Style("#00ff00", bold=False, italic=True)
    assert theme.styles()["code"] == Style("#5fafff", italic=True)
    with pytest.raises(ValueError, match="'blueish' is no part of a style"):
        theme.override({"code": "blueish"})


def test_a_text_is_painted_line_by_line(tmp_plugin: TmpPlugins, make_shell: ShellMaker) -> None:
    tmp_plugin("themes", "ink", PLUGIN)
    theme = make_shell(colors="ink").theme
    assert theme.paint("a\n\nb", "code.keyword") == "\x1b[1;38;5;75ma\x1b[0m\n\n\x1b[1;38;5;75mb\x1b[0m"
    theme.depth = 24
    assert theme.sequence("menu") == "\x1b[38;2;0;0;0;48;2;218;218;218m"
    theme.depth = 0
    assert theme.sequence("menu") == ""


def test_every_name_says_what_it_is_for_and_stands_below_another() -> None:
    for name, meaning in STYLES.items():
        assert meaning
        assert not meaning.endswith(".")
        assert line_of_names(name)[-1] == name


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("", Style()),
        ("bold noitalic", Style(bold=True, italic=False)),
        ("#FFF bg:#000", Style("#ffffff", "#000000")),
        ("ansired bg:ansibrightblue underline", Style("red", "brightblue", underline=True)),
        ("default", Style("default")),
    ],
)
def test_a_style_is_read_as_people_write_it(text: str, style: Style) -> None:
    assert read_style(text) == style


# -- colours -------------------------------------------------------------------------


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == 21
    assert round(contrast((0x77, 0x77, 0x77), (255, 255, 255)), 2) == 4.48
    assert round(contrast((255, 0, 0), (255, 255, 255)), 2) == 4.0
    assert background_of((0x1E, 0x1E, 0x1E)) == "dark"
    assert background_of((0xFD, 0xF6, 0xE3)) == "light"


COLORS = st.tuples(*[st.integers(0, 255)] * 3)


@given(COLORS)
def test_the_nearest_colour_of_the_table_is_found_and_stays(color: tuple[int, int, int]) -> None:
    hexadecimal = "#{:02x}{:02x}{:02x}".format(*color)
    once = reduced(Style(hexadecimal), 8, "dark").foreground
    shown = rgb_of(once)
    assert shown is not None
    assert reduced(Style(once), 8, "dark").foreground == once
    assert 16 <= in_256(color) <= 255
    assert max(abs(a - b) for a, b in zip(color, shown, strict=True)) <= 48


@given(COLORS, st.sampled_from(["light", "dark", ""]))
def test_one_of_sixteen_colours_can_be_read(color: tuple[int, int, int], background: Any) -> None:
    style = reduced(Style("#{:02x}{:02x}{:02x}".format(*color)), 4, background)
    grounds = {"light": ["white"], "dark": ["black"], "": ["white", "black"]}[background]
    for ground in grounds:
        one, other = rgb_of(style.foreground), rgb_of(ground)
        if one is None:
            assert not style.foreground
        else:
            assert other is not None
            assert contrast(one, other) >= READABLE


def test_of_sixteen_colours_the_hue_is_kept() -> None:
    found = {
        color: reduced(Style(color), 4, "dark").foreground
        for color in ("#87d787", "#ff8787", "#5fafff", "#ffff87", "#ff87ff")
    }
    names = ["green", "red", "cyan", "yellow", "magenta"]
    assert all(name in shown for name, shown in zip(names, found.values(), strict=True)), found
    assert reduced(Style("#005f00"), 4, "light").foreground == "black", "no green can be read on white"


def test_colours_of_the_user_are_left_alone() -> None:
    style = Style("red", "default")
    assert all(reduced(style, depth, "dark") == style for depth in (4, 8, 24))
    assert reduced(style, 0, "dark") == Style()
    assert in_16((250, 250, 250), None) == ANSI.index("white")


@pytest.mark.parametrize(
    ("style", "depth", "sequence"),
    [
        (Style(), 24, ""),
        (Style("red"), 4, "\x1b[31m"),
        (Style("brightred", "brightblack"), 4, "\x1b[91;100m"),
        (Style("default", "default"), 8, "\x1b[39;49m"),
        (Style("#5fafff", bold=True, italic=False), 8, "\x1b[1;38;5;75m"),
        (Style("#123456"), 24, "\x1b[38;2;18;52;86m"),
        (Style("#123456", reverse=True), 0, "\x1b[7m"),
    ],
)
def test_a_terminal_is_told_of_a_style(style: Style, depth: Any, sequence: str) -> None:
    assert escape_sequence(style, depth) == sequence


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color"}, 8),
        ({"TERM": "xterm"}, 8),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, 24),
        ({"TERM": "xterm-kitty"}, 24),
        ({"TERM": "xterm-direct"}, 24),
        ({"TERM": "linux"}, 4),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, 0),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, 4),
        ({"TERM": "dumb", "PYTHON_COLORS": "1"}, 4),
        ({"TERM": "dumb", "FORCE_COLOR": "3"}, 24),
        ({"WT_SESSION": "1"}, 24),
    ],
)
def test_the_environment_tells_how_many_colours_there_are(environment: dict[str, str], depth: int) -> None:
    assert color_depth(environment, "linux") == depth


def test_a_windows_console_without_a_name_has_sixteen() -> None:
    assert color_depth({}, "win32") == 4


def test_themes_are_data() -> None:
    with pytest.raises(AttributeError):
        Style().bold = True  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Theme("x", "", {}).name = "y"  # type: ignore[misc]
