"""The pane of options: it lists what there is, and whatever it changes acts at once."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from resting_editor import resting_editor
from scenarios import press
from traitlets import Bool, Enum

from ipcore.testing import ShellMaker, Terminal
from ipcore.testing.screen import Style
from ipterminal.frontend import Terminal as FrontEnd
from ipterminal.options_pane import SUBJECTS, configured, for_people, options_of

if TYPE_CHECKING:
    from editor_terminals import StartEditor

#: Options that are on or off, or of a few values, and that are not listed.
ELSEWHERE = {
    "simple_prompt",  # there would be no pane
    "ask_background",  # that is over
    "images",  # looked at when the shell starts
    "true_color",
    "llm_prefix_from_history",  # for a class that is named beside it
    "extra_open_editor_shortcuts",
    "format_on_enter",  # for whom a formatter is chosen
}


def test_all_options_of_a_few_values_are_listed_or_have_a_reason() -> None:
    listed = {name for names in SUBJECTS.values() for name in names}
    traits = FrontEnd.class_traits(config=True)
    few = {name for name, trait in traits.items() if isinstance(trait, (Bool, Enum))}
    assert few - listed == ELSEWHERE
    assert listed <= {*traits, "colors"}


def test_every_option_says_what_it_does_and_comes_round_to_what_it_was(make_shell: ShellMaker) -> None:
    with resting_editor(make_shell()) as editor:
        for options in options_of(editor).values():
            for option in options:
                assert option.help
                assert len(option.choices) > 1, option.name
                assert for_people(option.value)
                before = option.value
                option.change(1)
                assert option.value != before
                option.change(-1)
                assert option.value == before == configured(option)
                for _ in option.choices:
                    option.change(1)
                assert option.value == before


def test_a_value_of_the_users_own_is_one_of_them(make_shell: ShellMaker) -> None:
    with resting_editor(make_shell(), prompt_line_number_format="{line}|") as editor:
        form = next(
            each for each in options_of(editor)["Display"] if each.name == "prompt_line_number_format"
        )
        form.change(1)
        assert form.value == form.choices[0]


# -- each acts ---------------------------------------------------------------------

Seen = Callable[[Terminal], bool]


def cell(pattern: str) -> Seen:
    """Whether the cell and what is below it look like that."""

    def seen(terminal: Terminal) -> bool:
        rows = [line.rstrip() for line in terminal.lines]
        first = max((at for at, row in enumerate(rows) if re.match(r"(\[\w+\] )?In \[", row)), default=0)
        return re.search(pattern, "\n".join(rows[first:])) is not None

    return seen


def screen(pattern: str) -> Seen:
    return lambda terminal: re.search(pattern, terminal.text) is not None


def inner_bracket_marked(terminal: Terminal) -> bool:
    row = next((at for at, line in enumerate(terminal.lines) if ": (())" in line), 0)
    return terminal.style_at(row, 8) != terminal.style_at(row, 9)


def coloured(terminal: Terminal) -> bool:
    return "def" in terminal.text and terminal.style_of("def") != Style()


def plain(terminal: Terminal) -> bool:
    return "def" in terminal.text and not coloured(terminal)


def own_cursor(terminal: Terminal) -> bool:
    return re.findall(rb"\x1b\[(\d) q", terminal.raw)[-1:] == [b"0"]


def titled(terminal: Terminal) -> bool:
    return terminal.title.startswith("ipshell")


def names_in_menu(count: int) -> Seen:
    return lambda terminal: sum(line.startswith("        name") for line in terminal.lines) == count


class Acts(NamedTuple):
    """What one sees of an option."""

    name: str
    keys: str
    """Typed at a prompt before and after, or before alone."""
    usual: Seen
    changed: Seen
    times: int = 1
    """How often it is changed."""
    again: bool = True
    """Whether the keys are typed again, in a new cell; else what is seen is another at once."""
    words: tuple[str, ...] = ()
    earlier: str = ""
    """Cells before."""
    environment: tuple[tuple[str, str], ...] = ()


def not_(seen: Seen) -> Seen:
    return lambda terminal: not seen(terminal)


def now(name: str, keys: str, usual: Seen, changed: Seen | None = None, **more: object) -> Acts:
    return Acts(name, keys, usual, changed or not_(usual), again=False, **more)  # type: ignore[arg-type]


COLUMN = ("--Terminal.display_completions=column",)
#: Makes many names with documentation.
NAMES = "for i in range(30): exec(f\"def name{i:02}(): 'A number.'\")<enter><enter>"
PAGER = (("PAGER", "cat"),)
VI = ("--Terminal.editing_mode=vi",)
ACTS = [
    now("editing_mode", "x", cell(r"^In \[1\]: x"), cell(r"^\[ins\] In \[1\]: x")),
    Acts("emacs_bindings_in_vi_insert_mode", "ab<ctrl-a>c", cell("cab"), cell("abc"), words=VI),
    Acts("autoindent", "if 1:<enter>x", cell(r"\.\.\.:     x"), cell(r"\.\.\.: x")),
    Acts("auto_match", "(2", cell(r"\(2$"), cell(r"\(2\)")),
    Acts("validate", "1 = = 2<enter>", cell(r"In \[1\]: 1 = = 2\nSyntaxError"), screen(r"Cell In\[1\]")),
    Acts(
        "autoformatter",
        "1+2<ctrl-x>f",
        cell("no formatter is chosen"),
        cell(r"1 \+ 2|black formats|not formatted: black"),
    ),
    Acts(
        "run_after_edit",
        "6*7<f2>",
        cell(r"In \[1\]: 6\*7"),
        screen(r"Out\[1\]: 42"),
        environment=(("EDITOR", "true"), ("VISUAL", "true")),
    ),
    now("mouse_support", "x", lambda terminal: not terminal.modes.mouse),
    Acts("complete_while_typing", "nam", cell("nam$"), cell("nam\n +name00"), earlier=NAMES),
    Acts(
        "display_completions",
        "nam<tab>",
        cell(r"name00(\(\))? +name0"),
        cell(r"name00(\(\) function| names).*\n +name01"),
        earlier=NAMES,
    ),
    Acts("space_for_menu", "nam<tab>", names_in_menu(6), names_in_menu(7), words=COLUMN, earlier=NAMES),
    Acts("show_documentation", "nam<tab><tab>", cell("name00"), cell("A number"), earlier=NAMES),
    now("signature_bar", "print(", cell(r"print\(.*sep")),
    now("autosuggestions_provider", "pri", cell(r'\]: print\("a"\)'), times=2, earlier='print("a")<enter>'),
    Acts("enable_history_search", "a<up>", cell("a1=1"), cell("b=2"), earlier="a1=1<enter>b=2<enter>"),
    Acts("history_search", "<ctrl-r>", cell("in all sessions"), cell("search back:")),
    now("colors", "def", plain, coloured, words=("--colors=nocolor",)),
    now("highlight_matching_brackets", "(())<left><left>", inner_bracket_marked, words=("--colors=dark",)),
    now("prompt_line_number_format", "if 1:<enter>x", cell(r"\n   \.\.\.:"), cell(r"\n2  \.\.\.:")),
    now("prompt_includes_vi_mode", "x", cell(r"^\[ins\] In"), cell(r"^In \[1\]: x"), words=VI),
    now("modal_cursor", "x", not_(own_cursor), words=VI),
    Acts(
        "page_long_values",
        "'x' * 3000<enter>",
        screen(r"xx'\n"),
        screen("… 3002 characters"),
        environment=PAGER,
    ),
    now("term_title", "x", titled),
]


def test_every_option_is_tried() -> None:
    assert [each.name for each in ACTS] == [name for names in SUBJECTS.values() for name in names]


def change(terminal: Terminal, name: str, times: int) -> None:
    """Open the pane, choose an option, change it."""
    terminal.press("f5")
    terminal.wait_for("> editing_mode")
    while not chosen(terminal).startswith(f"> {name} "):
        press_and_see(terminal, "down")
    for _ in range(times):
        press_and_see(terminal, "right")


def type_lines(terminal: Terminal, keys: str) -> None:
    """Type as a person does, who sees what Enter does: lines that come at once are taken for pasted."""
    lines = [line for line in re.split("(?<=<enter>)", keys) if line]
    for line in lines:
        row = terminal.cursor.row
        press(terminal, line)
        if line is not lines[-1]:
            terminal.wait_for(lambda lines, row=row: terminal.cursor.row != row, "the next line")  # type: ignore[misc]


def press_and_see(terminal: Terminal, key: str) -> None:
    old = chosen(terminal)
    terminal.press(key)
    terminal.wait_for(lambda lines: chosen(terminal) != old, "another option or value")


def chosen(terminal: Terminal) -> str:
    """Give the row of the chosen option."""
    rows: list[str] = []

    def there(lines: list[str]) -> bool:
        rows[:] = [line for line in lines if line.startswith("> ")]
        return bool(rows)

    terminal.wait_for(there, "a chosen option")
    return rows[0]


@pytest.mark.parametrize("acts", ACTS, ids=lambda each: each.name)
def test_an_option_that_is_changed_acts_at_once(acts: Acts, start_editor: StartEditor) -> None:
    terminal = start_editor(*acts.words, env=dict(acts.environment))
    terminal.wait_for(lambda lines: not terminal.tty_mode().echo, "the editor")
    if acts.earlier:
        type_lines(terminal, acts.earlier)
        terminal.wait_for(lambda lines: cell(r"In \[[23]\]:$")(terminal), "a prompt")
    type_lines(terminal, acts.keys)
    terminal.wait_for(lambda lines: acts.usual(terminal), "what is usual")
    if acts.again:
        press(terminal, "<ctrl-c><ctrl-c>")  # the menu, and the cell
        terminal.wait_for(lambda lines: cell(r"In \[\d\]:$")(terminal), "an empty cell")
    change(terminal, acts.name, acts.times)
    if not acts.again:
        terminal.wait_for(lambda lines: acts.changed(terminal), "what is changed, with the pane open")
        return
    terminal.press("escape")
    terminal.wait_for(lambda lines: acts.name not in terminal.text, "the pane closed")
    type_lines(terminal, acts.keys)
    terminal.wait_for(lambda lines: acts.changed(terminal), "what is changed")


def test_the_pane_is_imported_when_it_is_first_opened(start_editor: StartEditor) -> None:
    terminal = start_editor()
    ask = "import sys; 'ipterminal.options_pane' in sys.modules"
    press(terminal, f"{ask}<enter>")
    assert "Out[1]: False" in terminal.wait_for_prompt(2)
    terminal.press("f5")
    terminal.wait_for("> editing_mode")
    terminal.press("escape")
    terminal.wait_for(lambda lines: "> editing_mode" not in terminal.text, "the pane closed")
    press(terminal, f"{ask}<enter>")
    assert "Out[2]: True" in terminal.wait_for_prompt(3)
