"""The default table of keys, and what IPython calls its rows.

Subjects bind the keys of their own commands themselves, with conditions that only they know. What stands here
is bound below those, where a subject has not bound the same keys to the same command; a row whose command is
not there is left out. Everything else that keys do is prompt_toolkit's Emacs or vi.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Row(NamedTuple):
    """One row of the table."""

    keys: str
    command: str
    when: str


#: Rows that are ours alone.
ROWS: Final = (
    # the screen, the shell
    Row("c-l", "screen.clear", "in_cell"),
    Row("c-z", "shell.suspend", "can_suspend"),
    Row("c-\\", "shell.quit", ""),
    # keys
    Row("c-x ?", "keys.help", "in_cell"),
    Row("c-x =", "keys.times", "in_cell"),
    Row("f6", "paste.mode", "in_cell"),
    Row("f3", "paste.mode", "in_cell"),
    Row("f4", "mode.switch", "in_cell"),
    # the cell
    Row("c-_", "cell.undo", "in_cell & emacs_insert_mode"),
    Row("c-x c-u", "cell.undo", "in_cell & insert_mode"),
    Row("escape c-_", "cell.redo", "in_cell & insert_mode"),
    Row("c-x h", "cell.select_all", "in_cell & emacs_mode"),
    Row("c-x c-e", "cell.edit", "in_cell & emacs_mode"),
    Row("v", "cell.edit", "in_cell & vi_navigation_mode & extra_open_editor_shortcuts"),
    # its lines
    Row("escape up", "lines.move_up", "in_cell & insert_mode"),
    Row("escape down", "lines.move_down", "in_cell & insert_mode"),
    Row("escape ;", "lines.comment", "in_cell & (insert_mode | emacs_mode)"),
    # the clipboard of the desktop
    Row("c-x c-c", "clipboard.copy", "in_cell & has_selection"),
    Row("c-x c-k", "clipboard.cut", "in_cell & has_selection"),
    Row("c-x c-v", "clipboard.paste", "in_cell & (insert_mode | emacs_mode)"),
)


#: Rows that go above what subjects have bound to the same keys.
ABOVE: Final = (Row("f1", "keys.help", "in_cell & ~cursor_at_name"),)


class TheirRow(NamedTuple):
    """One row of IPython's table, and ours for it."""

    keys: str
    theirs: str
    """Its command."""
    filter: str
    """Its filter."""
    command: str
    """The command here."""
    when: str = ""
    """The condition here; empty for the same as there."""
    ours: str = ""
    """The keys here, if they are not the same."""


_IN_CELL = "default_buffer_focused"
_PAIR = "focused_insert & auto_match"
_EMACS_IN_VI = "vi_insert_mode & default_buffer_focused & ebivim"
_SUGGESTED = "has_suggestion & default_buffer_focused & emacs_like_insert_mode"
_SUGGESTED_IN_EMACS = "has_suggestion & default_buffer_focused & emacs_insert_mode"
_ENTER = "default_buffer_focused & ~has_selection & insert_mode"

#: Every row of IPython 9's table. Those of suggestions are bound by their subject, and only while suggestions
#: are switched on: without them keys are to do what they do in readline.
THEIR_ROWS: Final = (
    TheirRow("enter", "shortcuts.handle_return_or_newline_or_execute", _ENTER, "cell.enter"),
    TheirRow("escape enter", "shortcuts.reformat_and_execute", f"{_ENTER} & ebivim", "cell.run"),
    TheirRow("escape enter", "shortcuts.reformat_and_execute", f"{_ENTER} & ebivim", "cell.format_and_run"),
    TheirRow("c-\\", "shortcuts.quit", "always", "shell.quit"),
    TheirRow(
        "c-p",
        "shortcuts.previous_history_or_previous_completion",
        f"vi_insert_mode & {_IN_CELL}",
        "history.up",
    ),
    TheirRow(
        "c-n", "shortcuts.next_history_or_next_completion", f"vi_insert_mode & {_IN_CELL}", "history.down"
    ),
    TheirRow("c-g", "shortcuts.dismiss_completion", f"{_IN_CELL} & has_completions", "completion.cancel"),
    TheirRow("c-c", "shortcuts.reset_buffer", _IN_CELL, "cell.drop"),
    TheirRow("c-c", "shortcuts.reset_search_buffer", "search_buffer_focused", "search.cancel"),
    TheirRow("c-z", "shortcuts.suspend_to_bg", "supports_suspend", "shell.suspend"),
    TheirRow("tab", "shortcuts.indent_buffer", f"{_ENTER} & cursor_in_leading_ws", "indent.more"),
    TheirRow("c-o", "shortcuts.newline_autoindent", f"{_IN_CELL} & emacs_insert_mode", "cell.newline_behind"),
    TheirRow("f2", "shortcuts.open_input_in_editor", _IN_CELL, "cell.edit"),
    # pairs
    TheirRow("(", "auto_match.parenthesis", f"{_PAIR} & followed_by_closing_paren_or_end", "brackets.pair"),
    TheirRow("[", "auto_match.brackets", f"{_PAIR} & followed_by_closing_paren_or_end", "brackets.pair"),
    TheirRow("{", "auto_match.braces", f"{_PAIR} & followed_by_closing_paren_or_end", "brackets.pair"),
    TheirRow(
        "(", "auto_match.raw_string_parenthesis", f"{_PAIR} & preceded_by_raw_str_prefix", "brackets.pair"
    ),
    TheirRow("[", "auto_match.raw_string_bracket", f"{_PAIR} & preceded_by_raw_str_prefix", "brackets.pair"),
    TheirRow("{", "auto_match.raw_string_braces", f"{_PAIR} & preceded_by_raw_str_prefix", "brackets.pair"),
    TheirRow(
        '"',
        "auto_match.double_quote",
        f"{_PAIR} & not_inside_unclosed_string & preceded_by_paired_double_quotes"
        " & followed_by_closing_paren_or_end",
        "brackets.pair",
    ),
    TheirRow(
        "'",
        "auto_match.single_quote",
        f"{_PAIR} & not_inside_unclosed_string & preceded_by_paired_single_quotes"
        " & followed_by_closing_paren_or_end",
        "brackets.pair",
    ),
    TheirRow(
        '"',
        "auto_match.docstring_double_quotes",
        f"{_PAIR} & not_inside_unclosed_string & preceded_by_two_double_quotes",
        "brackets.pair",
    ),
    TheirRow(
        "'",
        "auto_match.docstring_single_quotes",
        f"{_PAIR} & not_inside_unclosed_string & preceded_by_two_single_quotes",
        "brackets.pair",
    ),
    TheirRow(")", "auto_match.skip_over", f"{_PAIR} & followed_by_closing_round_paren", "brackets.pair"),
    TheirRow("]", "auto_match.skip_over", f"{_PAIR} & followed_by_closing_bracket", "brackets.pair"),
    TheirRow("}", "auto_match.skip_over", f"{_PAIR} & followed_by_closing_brace", "brackets.pair"),
    TheirRow('"', "auto_match.skip_over", f"{_PAIR} & followed_by_double_quote", "brackets.pair"),
    TheirRow("'", "auto_match.skip_over", f"{_PAIR} & followed_by_single_quote", "brackets.pair"),
    *(
        TheirRow(
            "backspace",
            "auto_match.delete_pair",
            f"focused_insert & preceded_by_{opening} & auto_match & followed_by_{closing}",
            "brackets.delete_pair",
        )
        for opening, closing in (
            ("opening_round_paren", "closing_round_paren"),
            ("opening_bracket", "closing_bracket"),
            ("opening_brace", "closing_brace"),
            ("double_quote", "double_quote"),
            ("single_quote", "single_quote"),
        )
    ),
    # suggestions
    TheirRow("end", "auto_suggest.accept_or_jump_to_end", _SUGGESTED, "suggestion.accept_or_line_end"),
    TheirRow("c-e", "auto_suggest.accept_or_jump_to_end", _SUGGESTED, "suggestion.accept_or_line_end"),
    TheirRow("c-f", "auto_suggest.accept", _SUGGESTED, "suggestion.accept"),
    TheirRow(
        "right", "auto_suggest.accept", f"{_SUGGESTED} & is_cursor_at_the_end_of_line", "suggestion.accept"
    ),
    TheirRow("escape f", "auto_suggest.accept_word", _SUGGESTED, "suggestion.accept_word"),
    TheirRow("c-right", "auto_suggest.accept_token", _SUGGESTED, "suggestion.accept_token"),
    TheirRow("escape", "auto_suggest.discard", _SUGGESTED_IN_EMACS, "suggestion.discard"),
    TheirRow("delete", "auto_suggest.discard", _SUGGESTED_IN_EMACS, "suggestion.discard"),
    TheirRow(
        "c-up",
        "auto_suggest.swap_autosuggestion_up",
        f"navigable_suggestions & ~has_line_above & has_suggestion & {_IN_CELL}",
        "suggestion.previous",
    ),
    TheirRow(
        "c-down",
        "auto_suggest.swap_autosuggestion_down",
        f"navigable_suggestions & ~has_line_below & has_suggestion & {_IN_CELL}",
        "suggestion.next",
    ),
    TheirRow(
        "c-up",
        "auto_suggest.up_and_update_hint",
        f"has_line_above & navigable_suggestions & {_IN_CELL}",
        "suggestion.line_up",
    ),
    TheirRow(
        "c-down",
        "auto_suggest.down_and_update_hint",
        f"has_line_below & navigable_suggestions & {_IN_CELL}",
        "suggestion.line_down",
    ),
    TheirRow("escape right", "auto_suggest.accept_character", _SUGGESTED, "suggestion.accept_character"),
    TheirRow(
        "c-left", "auto_suggest.accept_and_move_cursor_left", _SUGGESTED, "suggestion.accept_and_go_left"
    ),
    TheirRow(
        "escape down",
        "auto_suggest.accept_and_keep_cursor",
        _SUGGESTED_IN_EMACS,
        "suggestion.accept_and_stay",
    ),
    TheirRow(
        "backspace",
        "auto_suggest.backspace_and_resume_hint",
        f"{_IN_CELL} & emacs_like_insert_mode",
        "suggestion.backspace",
    ),
    TheirRow(
        "right",
        "auto_suggest.resume_hinting",
        f"is_cursor_at_the_end_of_line & {_IN_CELL} & emacs_like_insert_mode & pass_through",
        "suggestion.resume",
    ),
    # completion, the clipboard
    TheirRow(
        "c-i",
        "completion.display_completions_like_readline",
        f"readline_like_completions & {_ENTER} & ~cursor_in_leading_ws",
        "completion.complete",
    ),
    TheirRow("c-v", "shortcuts.win_paste", f"{_IN_CELL} & ~vi_mode & is_windows_os", "clipboard.paste"),
    # Emacs' keys in vi's insert mode
    TheirRow("c-a", "named_commands.beginning_of_line", _EMACS_IN_VI, "beginning-of-line"),
    TheirRow("c-b", "named_commands.backward_char", _EMACS_IN_VI, "backward-char"),
    TheirRow("c-k", "named_commands.kill_line", _EMACS_IN_VI, "kill-line"),
    TheirRow("c-w", "named_commands.backward_kill_word", _EMACS_IN_VI, "backward-kill-word"),
    TheirRow("c-y", "named_commands.yank", _EMACS_IN_VI, "yank"),
    TheirRow("c-_", "named_commands.undo", _EMACS_IN_VI, "cell.undo"),
    TheirRow("c-x c-e", "named_commands.edit_and_execute", _EMACS_IN_VI, "cell.edit"),
    TheirRow("c-x e", "named_commands.edit_and_execute", _EMACS_IN_VI, "cell.edit"),
    TheirRow("escape b", "named_commands.backward_word", _EMACS_IN_VI, "backward-word"),
    TheirRow("escape c", "named_commands.capitalize_word", _EMACS_IN_VI, "capitalize-word"),
    TheirRow("escape d", "named_commands.kill_word", _EMACS_IN_VI, "kill-word"),
    TheirRow("escape h", "named_commands.backward_kill_word", _EMACS_IN_VI, "backward-kill-word"),
    TheirRow("escape l", "named_commands.downcase_word", _EMACS_IN_VI, "downcase-word"),
    TheirRow("escape u", "named_commands.uppercase_word", _EMACS_IN_VI, "uppercase-word"),
    TheirRow("escape y", "named_commands.yank_pop", _EMACS_IN_VI, "yank-pop"),
    TheirRow("escape .", "named_commands.yank_last_arg", _EMACS_IN_VI, "history.last_word"),
)

#: What IPython can bind but does not → the command here.
THEIR_OTHER_COMMANDS: Final = {
    "auto_suggest.llm_autosuggestion": "suggestion.ask",
    "named_commands.beginning_of_buffer": "beginning-of-buffer",
    "named_commands.end_of_buffer": "end-of-buffer",
    "named_commands.end_of_line": "end-of-line",
    "named_commands.forward_char": "forward-char",
    "named_commands.forward_word": "forward-word",
    "named_commands.unix_line_discard": "unix-line-discard",
    "named_commands.unix_word_rubout": "unix-word-rubout",
}

#: What IPython calls conditions → what they are here. Names that are the same stand in no table.
CONDITION_NAMES: Final = {
    "cursor_in_leading_ws": "cursor_in_leading_blanks",
    "default_buffer_focused": "in_cell",
    "ebivim": "emacs_in_vi",
    "emacs_like_insert_mode": "emacs_insert_mode | vi_insert_mode & emacs_in_vi",
    "focused_insert": "in_cell & insert_mode",
    "has_completions": "completing",
    "is_cursor_at_the_end_of_line": "cursor_at_line_end",
    "is_windows_os": "on_windows",
    "not_inside_unclosed_string": "~cursor_in_string",
    "readline_like_completions": "list_completions",
    "search_buffer_focused": "searching",
    "supports_suspend": "can_suspend",
}

#: Commands of prompt_toolkit that are not for this editor → what does their work here; empty for nothing.
REPLACED: Final = {
    "accept-line": "cell.run",
    "beginning-of-history": "history.first",
    "clear-screen": "screen.clear",
    "complete": "completion.complete",
    "edit-and-execute-command": "cell.edit",
    "emacs-editing-mode": "mode.emacs",
    "end-of-file": "shell.leave",
    "end-of-history": "history.last",
    "insert-comment": "lines.comment",
    "menu-complete": "completion.next",
    "menu-complete-backward": "completion.previous",
    "next-history": "history.down",
    "operate-and-get-next": "history.run_and_next",
    "previous-history": "history.up",
    "print-last-kbd-macro": "",
    "redraw-current-line": "screen.clear",
    "reverse-search-history": "history.search",
    "undo": "cell.undo",
    "vi-editing-mode": "mode.vi",
}
