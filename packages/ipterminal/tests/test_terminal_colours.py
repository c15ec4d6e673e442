"""Which colours the terminal is sent: none, sixteen, 256, millions; those of the theme that holds."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from prompt_toolkit.output.color_depth import ColorDepth

from ipcore.colors import READABLE, contrast, rgb_of
from ipcore.testing import ShellMaker, Terminal
from ipcore.types.themes import Style
from ipterminal.appearance import style_name
from ipterminal.themes import depth_of, style_of, style_text

if TYPE_CHECKING:
    from editor_terminals import StartEditor

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of this kind are POSIX's")

#: An escape sequence that sets a colour.
COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")

PLAIN = {"NO_COLOR": "", "FORCE_COLOR": "", "PYTHON_COLORS": "", "COLORTERM": "", "COLORFGBG": ""}


def typed(shell: Terminal) -> list[str]:
    shell.type("def f(x): return 'a' + str(6)\r")
    shell.wait_for_prompt(2)
    shell.type("f(1); 6 * 7\r")
    return shell.wait_for_prompt(3)


@posix
@pytest.mark.parametrize(
    ("words", "environment"),
    [
        ([], {"NO_COLOR": "1"}),
        ([], {"NO_COLOR": "1", "FORCE_COLOR": "1"}),
        ([], {"PYTHON_COLORS": "0", "FORCE_COLOR": "1"}),
        (["--colors=nocolor"], {}),
        (["--colors=NoColor"], {}),
        ([], {"TERM": "dumb"}),
    ],
)
def test_no_colour_is_sent_where_none_is_wanted(
    start_editor: StartEditor, words: list[str], environment: dict[str, str]
) -> None:
    shell = start_editor(*words, env={**PLAIN, "TERM": "xterm-256color", **environment})
    shell.type("6 * 7\r")
    lines = shell.wait_for_prompt(2)
    assert "Out[1]: 42" in lines
    assert COLOUR.search(shell.raw) is None


@posix
@pytest.mark.parametrize(
    ("words", "environment", "wanted", "unwanted"),
    [
        ([], {}, b"38;5;", b"38;2;"),
        ([], {"COLORTERM": "truecolor"}, b"38;2;", b"38;5;"),
        (["--Terminal.true_color=True"], {}, b"38;2;", b"38;5;"),
        (["--colors=dark"], {"TERM": "linux"}, b"\x1b[32m", b"38;"),
        (["--colors=dark"], {"NO_COLOR": "1"}, b"38;5;", b"38;2;"),
        ([], {"NO_COLOR": "1", "PYTHON_COLORS": "1"}, b"38;5;", b"38;2;"),
    ],
)
def test_as_many_colours_are_sent_as_the_terminal_has(
    start_editor: StartEditor, words: list[str], environment: dict[str, str], wanted: bytes, unwanted: bytes
) -> None:
    shell = start_editor(*words, env={**PLAIN, "TERM": "xterm-256color", **environment})
    typed(shell)
    assert wanted in shell.raw
    assert unwanted not in shell.raw


@posix
@pytest.mark.parametrize("text", ["None == 1\r", "None == 1"])
def test_a_cell_that_is_typed_at_once_has_its_colours(start_editor: StartEditor, text: str) -> None:
    # The lexer is loaded behind the first keys; no further key is needed to see what it has to say.
    patience = "import ipterminal.cell_window as window; window.LOAD_WITHIN = 30"
    shell = start_editor(
        "--colors=Linux", f"--IPShellApp.exec_lines={patience}", env={**PLAIN, "TERM": "xterm-256color"}
    )
    shell.type(text)
    if text.endswith("\r"):
        shell.wait_for_prompt(2)
    else:
        shell.wait_for(lambda _: "None" in shell.text and shell.style_of("None").foreground != "default")
    assert shell.style_of("None").foreground == "#ffaf87"


@posix
def test_another_theme_holds_from_the_next_prompt_on(start_editor: StartEditor) -> None:
    shell = start_editor("--colors=Linux", env={**PLAIN, "TERM": "xterm-256color"})
    assert shell.style_of("In [").foreground == "#87d787"
    shell.type("get_ipython().colors = 'lightbg'\r")
    shell.wait_for_prompt(2)
    shell.wait_for(
        lambda lines: shell.spans(len(lines) - 1)[0].style.foreground == "#005f00", "the other colours"
    )


@posix
def test_a_style_can_be_overridden_by_our_name_and_by_ipythons(start_editor: StartEditor) -> None:
    overrides = {"prompt": "#ff0000", "Token.Number": "bold #00ff00", "x": "y"}
    shell = start_editor(
        "--colors=dark",
        f"--Terminal.highlighting_style_overrides={overrides}",
        env={**PLAIN, "TERM": "xterm-256color"},
    )
    assert [
        line for line in shell.lines if "highlighting_style_overrides, x: 'y' is no part of a style" in line
    ]
    assert shell.style_of("In [").foreground == "#ff0000"
    shell.type("67890")
    shell.wait_for("67890")
    shell.wait_for(lambda lines: shell.style_of("67890").foreground == "#00ff00", "the number's colour")


@posix
def test_options_of_the_shell_are_taken_from_the_section_that_ipython_has_them_in(
    start_editor: StartEditor,
) -> None:
    shell = start_editor(
        "--TerminalInteractiveShell.colors=Linux",
        "--TerminalInteractiveShell.confirm_exit=False",
        "--TerminalInteractiveShell.prompts_class=own.Prompts",
        "--TerminalInteractiveShell.autocall=nothing",
        env={**PLAIN, "TERM": "xterm-256color"},
        columns=200,
    )
    assert shell.style_of("In [").foreground == "#87d787"
    told = [line for line in shell.lines if line.startswith("ipshell: ")]
    assert len(told) == 2
    assert "prompts_class, own.Prompts: ModuleNotFoundError: No module named 'own'" in "".join(told)
    assert "autocall cannot be 'nothing'" in "".join(told)
    shell.press("ctrl-d")
    assert shell.exit_status() == 0


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("code.keyword", "code.keyword"),
        ("toolbar", "toolbar"),
        ("Token.Keyword", "code.keyword"),
        ("Token.Literal.String.Double", "code.string"),
        ("Token.Name.Namespace", "code.name"),
        ("Token.OutPromptNum", "prompt.output.number"),
        ("Token.Prompt", "prompt"),
        ("Comment.Single", "code.comment"),
        ("Token", "code"),
    ],
)
def test_names_of_styles_and_tokens_are_known(name: str, ours: str) -> None:
    assert style_name(name) == ours


def test_a_token_itself_is_a_name() -> None:
    from pygments.token import Token

    assert style_name(Token.Literal.Number.Integer) == "code.number"


# -- for prompt_toolkit --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("look", "text"),
    [
        (Style(), ""),
        (Style("#5fafff", "#303030", bold=True, italic=False), "bold noitalic #5fafff bg:#303030"),
        (Style("red", "default", reverse=True), "reverse ansired bg:default"),
    ],
)
def test_a_look_is_written_as_prompt_toolkit_reads_it(look: Style, text: str) -> None:
    assert style_text(look) == text


def test_the_style_sheet_inherits_as_the_theme_does(
    make_shell: ShellMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    theme = make_shell().theme
    theme.override({"code": "#0000ff", "code.keyword": "bold", "menu": "#5f5f5f", "menu.current": "#878787"})
    sheet = style_of(theme)
    found = sheet.get_attrs_for_style_str("class:code.keyword.soft")
    assert (found.color, found.bold) == ("0000ff", True)
    assert sheet.get_attrs_for_style_str("class:completion-menu.completion.current").color == "878787"
    assert sheet.get_attrs_for_style_str("class:menu class:menu.current").color == "878787"


@pytest.mark.parametrize(
    ("depth", "wanted"),
    [
        (24, ColorDepth.DEPTH_24_BIT),
        (8, ColorDepth.DEPTH_8_BIT),
        (4, ColorDepth.DEPTH_4_BIT),
        (0, ColorDepth.DEPTH_1_BIT),
    ],
)
def test_prompt_toolkit_uses_as_many_colours(make_shell: ShellMaker, depth: int, wanted: ColorDepth) -> None:
    theme = make_shell().theme
    theme.depth = depth  # type: ignore[assignment]
    assert depth_of(theme) == ColorDepth.DEPTH_1_BIT, "there are no colours"
    theme._theme = __import__("ipterminal.palettes").palettes.theme("dark", "dark")
    assert depth_of(theme) == wanted


def faint(shell: Terminal, ground: str) -> list[str]:
    """Give what on the screen has a contrast of less than 4.5; reversed text has the same as it has else."""
    found = []
    for row in range(shell.rows):
        for span in shell.spans(row):
            style = span.style
            fore = "#ffffff" if ground == "#000000" else "#000000"
            before = rgb_of(fore if style.foreground == "default" else style.foreground)
            behind = rgb_of(ground if style.background == "default" else style.background)
            if span.text.strip() and before and behind and contrast(before, behind) < READABLE:
                found.append(f"{span.text!r} {style.foreground} on {style.background}")
    return found


@posix
@pytest.mark.parametrize(
    ("colors", "ground"),
    [
        ("dark", "#000000"),
        ("light", "#ffffff"),
        ("neutral", "#000000"),
        ("neutral", "#ffffff"),
        ("high-contrast", "#000000"),
    ],
)
def test_all_that_is_shown_can_be_read(start_editor: StartEditor, colors: str, ground: str) -> None:
    shell = start_editor(
        f"--colors={colors}",
        "--Terminal.toolbar={folder} {time}",
        "--Terminal.right_prompt={time}",
        env={**PLAIN, "TERM": "xterm-256color"},
        rows=30,
    )
    shell.type("import os  # a comment\r")
    shell.wait_for_prompt(2)
    assert faint(shell, ground) == []
    shell.type("os.path.join(os.pa")
    shell.wait_for("os.path.join(os.pa")
    shell.press("tab", "tab")
    shell.wait_for("pardir")
    assert faint(shell, ground) == []
    styles = {span.style for row in range(shell.rows) for span in shell.spans(row)}
    assert len(styles) > 4, "there are colours"
