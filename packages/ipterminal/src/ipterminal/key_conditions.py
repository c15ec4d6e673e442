"""Conditions of keys that belong to no subject, and prompt_toolkit's own commands under their names."""

from __future__ import annotations

import re
import signal
import sys
from typing import TYPE_CHECKING, Final

from prompt_toolkit.filters import app as states
from prompt_toolkit.key_binding.bindings import named_commands

from .keys.bindings import Command
from .keys.table import REPLACED

if TYPE_CHECKING:
    from collections.abc import Callable

    from .editor import Editor
    from .frontend import Terminal

#: What stands before the cursor on its line, whole or in part.
_BEFORE: Final = {
    "preceded_by_paired_double_quotes": (r'[^"]*(?:"[^"]*"[^"]*)*\Z', "an even number of double quotes"),
    "preceded_by_paired_single_quotes": (r"[^']*(?:'[^']*'[^']*)*\Z", "an even number of single quotes"),
    "preceded_by_raw_str_prefix": (r""".*[rR]["'](-*)\Z""", "the beginning of a raw string"),
    "preceded_by_two_double_quotes": (r'.*""\Z', "two double quotes"),
    "preceded_by_two_single_quotes": (r".*''\Z", "two single quotes"),
    "preceded_by_opening_round_paren": (r".*\(\Z", "an opening parenthesis"),
    "preceded_by_opening_bracket": (r".*\[\Z", "an opening bracket"),
    "preceded_by_opening_brace": (r".*\{\Z", "an opening brace"),
    "preceded_by_double_quote": (r'.*"\Z', "a double quote"),
    "preceded_by_single_quote": (r".*'\Z", "a single quote"),
}
_BEHIND: Final = {
    "followed_by_closing_paren_or_end": (r"[,)}\]]|\Z", "a comma, a closing bracket or nothing"),
    "followed_by_closing_round_paren": (r"\)", "a closing parenthesis"),
    "followed_by_closing_bracket": (r"\]", "a closing bracket"),
    "followed_by_closing_brace": (r"\}", "a closing brace"),
    "followed_by_double_quote": (r'"', "a double quote"),
    "followed_by_single_quote": (r"'", "a single quote"),
}
_NAME_ENDS: Final = re.compile(r"(?<!\w)[^\W\d]\w*\.?\Z")
_NAME_BEGINS: Final = re.compile(r"[^\W\d]")
_MODES: Final = {
    "has_selection": (states.has_selection, "Something is selected."),
    "has_suggestion": (states.has_suggestion, "A suggestion is shown."),
    "completing": (states.has_completions, "A menu of completions is open."),
    "searching": (states.is_searching, "The history is being searched."),
    "emacs_mode": (states.emacs_mode, "The keys are Emacs'."),
    "emacs_insert_mode": (states.emacs_insert_mode, "The keys are Emacs', and nothing is selected."),
    "vi_mode": (states.vi_mode, "The keys are vi's."),
    "vi_insert_mode": (states.vi_insert_mode, "The keys are vi's, and insert text."),
    "vi_navigation_mode": (states.vi_navigation_mode, "The keys are vi's, and do not insert text."),
}


def install(editor: Editor) -> None:
    """Make them known. Subjects that know better replace some of them later."""
    _modes(editor)
    _places(editor)
    _named_commands(editor)


def _modes(editor: Editor) -> None:
    condition, terminal = editor.keys.condition, editor.terminal
    for name, (state, help) in _MODES.items():
        condition(name, state, help)
    for option, name, help in (
        (
            "emacs_bindings_in_vi_insert_mode",
            "emacs_in_vi",
            "Emacs' keys work in vi's insert mode, by option.",
        ),
        ("extra_open_editor_shortcuts", "", "That option is on."),
        ("auto_match", "", "That option is on."),
    ):
        condition(name or option, _option(terminal, option), help)
    condition(
        "list_completions",
        lambda: getattr(terminal, "display_completions", "") == "readlinelike",
        "Completions are listed as readline does, by the option display_completions.",
    )
    condition(
        "navigable_suggestions",
        lambda: "Navigable" in str(getattr(terminal, "autosuggestions_provider", "") or ""),
        "One can go from one suggestion to another.",
    )
    suspends, windows = hasattr(signal, "SIGTSTP"), sys.platform == "win32"
    condition("can_suspend", lambda: suspends, "The system can put programs into the background.")
    condition("on_windows", lambda: windows, "The system is Windows.")


def _places(editor: Editor) -> None:
    condition, buffer = editor.keys.condition, editor.buffer

    # Compiled when they are first asked: hardly any of them ever is.
    def before(pattern: str) -> Callable[[], bool]:
        return lambda: re.match(pattern, buffer.document.current_line_before_cursor) is not None

    def behind(pattern: str) -> Callable[[], bool]:
        return lambda: re.match(pattern, buffer.document.current_line_after_cursor) is not None

    for name, (pattern, what) in _BEFORE.items():
        condition(name, before(pattern), f"Before the cursor stands {what}.")
    for name, (pattern, what) in _BEHIND.items():
        condition(name, behind(pattern), f"Behind the cursor stands {what}.")

    def in_blanks() -> bool:
        return not buffer.document.current_line_before_cursor.strip()

    def in_string() -> bool:
        from .pairs import surroundings

        return surroundings(buffer.text, buffer.cursor_position) == "string"

    condition("cursor_in_leading_blanks", in_blanks, "Only blanks stand before the cursor on its line.")
    condition("cursor_in_string", in_string, "The cursor is in a string that is not closed before it.")
    condition("cursor_at_line_end", lambda: _line_ends(editor), "The cursor is at the end of its line.")
    condition("cursor_at_name", lambda: _at_name(buffer.text, buffer.cursor_position), "It is at a name.")
    condition("has_line_above", lambda: buffer.document.cursor_position_row > 0, "There is a line above.")
    condition(
        "has_line_below",
        lambda: "\n" in buffer.document.text_after_cursor,
        "There is a line below.",
    )


def _option(terminal: Terminal, name: str) -> Callable[[], bool]:
    return lambda: bool(getattr(terminal, name, False))


def _line_ends(editor: Editor) -> bool:
    return editor.buffer.document.is_cursor_at_the_end_of_line


def _at_name(text: str, cursor: int) -> bool:
    """Tell whether documentation could be asked for: a name at the cursor, or a call that it is in."""
    before = text[:cursor].rpartition("\n")[2]
    return "(" in before or bool(_NAME_ENDS.search(before) or _NAME_BEGINS.match(text, cursor))


def _named_commands(editor: Editor) -> None:
    """List what prompt_toolkit has by readline's names; the names are part of its documentation."""
    known: dict[str, object] = getattr(named_commands, "_readline_commands", {})
    commands = editor.keys.commands
    for name in known:
        if name not in REPLACED:
            binding = named_commands.get_by_name(name)
            commands[name] = Command(name, binding.call, _first_line(binding.handler.__doc__), binding)


def _first_line(text: str | None) -> str:
    lines = [line.strip() for line in (text or "").strip().split("\n\n")[0].splitlines()]
    return " ".join(lines).replace("`", "")
