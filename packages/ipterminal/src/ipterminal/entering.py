"""Enter, and the keys beside it that run the cell or begin a line.

The one rule: Enter runs the cell if it is complete and the cursor is on its last line that is not blank, or
below. A menu's entry that is chosen is taken instead; a mistake that more lines cannot mend is shown instead,
once. Everywhere else Enter begins a new line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from prompt_toolkit.filters import emacs_mode, has_selection, vi_navigation_mode

from .edits import Edit, apply, blanks_of, line_end
from .indentation import newline, newline_behind
from .judging import Judge, judge_of
from .validation import Problem, problem

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor

#: What terminals with a newer protocol for the keyboard send → the keys that it stands for: Shift-Enter
#: begins a new line, Ctrl-Enter and Alt-Enter run the cell.
NEWER_KEYS: Final = {
    "\x1b[13;2u": ("c-j",),
    "\x1b[27;2;13~": ("c-j",),
    "\x1b[13;3u": ("escape", "c-m"),
    "\x1b[27;3;13~": ("escape", "c-m"),
    "\x1b[13;5u": ("escape", "c-m"),
    "\x1b[27;5;13~": ("escape", "c-m"),
}


_STATES: Final = (
    ("has_selection", has_selection, "Something is selected."),
    ("emacs_mode", emacs_mode, "The keys are those of Emacs."),
    ("vi_navigation_mode", vi_navigation_mode, "The keys are those of vi, and do not insert text."),
)


class Action(NamedTuple):
    """What Enter does."""

    kind: Literal["take entry", "run", "new line", "show problem"]
    edit: Edit | None = None
    """``new line``: the change of the text."""
    problem: Problem | None = None
    """``show problem``: what is wrong, and where."""


def enter(
    text: str,
    cursor: int,
    judge: Judge,
    *,
    entry: bool = False,
    indent: bool = True,
    validate: bool = True,
    shown: tuple[str, int] | None = None,
) -> Action:
    """Tell what Enter does.

    :param entry: whether an entry of the menu is chosen.
    :param indent: the option ``autoindent``.
    :param validate: the option ``validate``.
    :param shown: the text and the cursor when a problem was last shown; if they are as they were, it runs.
    """
    if entry:
        return Action("take entry")
    if shown == (text, cursor):
        return Action("run")
    if "\n" in text and text[line_end(text, cursor) :].strip():
        return Action("new line", newline(text, cursor, indent=indent))
    status = judge.status(text)
    if status == "incomplete":
        return Action("new line", newline(text, cursor, indent=indent))
    if status == "invalid" and validate and (found := judge.error(text)) is not None:
        return Action("show problem", problem=problem(text, *found))
    return Action("run")


def finished(text: str) -> str:
    """Give the cell without the blank lines that ended it."""
    shorter = text.rstrip(" \t\n")
    return text if shorter.endswith("\\") else shorter


class Entering:
    """Enter in one editor."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.judge = judge_of(editor)
        self._shown: tuple[str, int] | None = None
        editor.before_prompt.append(self.forget)

    def forget(self) -> None:
        """Forget which problem was shown."""
        self._shown = None

    def on_enter(self, event: KeyPressEvent) -> None:
        """Do what Enter does, or what the option ``handle_return`` has it do."""
        editor = self.editor
        if editor.paste_mode and vi_navigation_mode():  # behind Escape: together they run the cell
            self.run()
            return
        if editor.paste_mode:
            edit = newline(editor.buffer.text, editor.buffer.cursor_position, indent=False)
            self._do(Action("new line", edit))
            return
        if editor.terminal.handle_return is not None:
            try:
                handler = editor.terminal.handle_return(editor.shell)
                if callable(handler):  # as IPython has it: a function of the shell gives one of the event
                    handler(event)
                return
            except Exception as error:  # or nothing could be run any more
                editor.tell(error, "handle_return, in place of which Enter does what it does")
        options, buffer = editor.terminal, editor.buffer
        state = buffer.complete_state
        self._do(
            enter(
                buffer.text,
                buffer.cursor_position,
                self.judge,
                entry=state is not None and state.current_completion is not None,
                indent=options.autoindent,
                validate=options.validate,
                shown=self._shown,
            )
        )

    def _do(self, action: Action) -> None:
        buffer = self.editor.buffer
        if action.kind == "take entry":
            state = buffer.complete_state
            if state is not None and state.current_completion is not None:
                buffer.apply_completion(state.current_completion)
        elif action.kind == "run":
            self.run()
        elif action.edit is not None and not vi_navigation_mode():
            change(self.editor, action.edit)
        elif action.edit is not None:
            self._next_line()
        elif action.problem is not None:
            if action.problem.cursor is not None:
                buffer.cursor_position = action.problem.cursor
            self._shown = buffer.text, buffer.cursor_position
            self.editor.message(action.problem.message, "class:message.error")

    def _next_line(self) -> None:
        """Go to the next line, as vi's Enter does; open one below the last, to go on writing."""
        from prompt_toolkit.key_binding.vi_state import InputMode

        editor, buffer = self.editor, self.editor.buffer
        end = line_end(buffer.text, buffer.cursor_position)
        if end < len(buffer.text):
            below = buffer.text[end + 1 : line_end(buffer.text, end + 1)]
            buffer.cursor_position = end + 1 + len(blanks_of(below))
            return
        change(editor, newline(buffer.text, end, indent=indents(editor)))
        editor.app.vi_state.input_mode = InputMode.INSERT

    def run(self) -> None:
        """Have the cell run as it stands."""
        self.editor.submit(finished(self.editor.buffer.text))


def indents(editor: Editor) -> bool:
    """Tell whether new lines are indented."""
    return bool(editor.terminal.autoindent) and not editor.paste_mode


def change(editor: Editor, edit: Edit) -> None:
    """Change the cell by a key: the menu, which was for the text before, goes."""
    buffer = editor.buffer
    buffer.complete_state = None
    apply(edit, buffer)


def install(editor: Editor) -> None:
    """Bind Enter, Esc Enter, Ctrl-O, Ctrl-J and what newer protocols of the keyboard add."""
    _learn_newer_keys()
    keys, buffer = editor.keys, editor.buffer
    for name, state, help in _STATES:
        if name not in keys.conditions:
            keys.condition(name, state, help)
    entering = Entering(editor)

    def edit(function: Callable[..., Edit]) -> Callable[[KeyPressEvent], None]:
        def command(event: KeyPressEvent) -> None:
            change(editor, function(buffer.text, buffer.cursor_position, indent=indents(editor)))

        return command

    keys.command("cell.enter", entering.on_enter, "Run the cell if it is complete, else begin a new line.")
    keys.command("cell.run", lambda event: entering.run(), "Run the cell as it stands.")
    keys.command("cell.newline", edit(newline), "Begin a new line.")
    keys.command(
        "cell.newline_behind", edit(newline_behind), "Begin a new line behind the cursor, which stays."
    )
    keys.bind("enter", "cell.enter", "in_cell & (insert_mode | vi_navigation_mode)")
    keys.bind("escape enter", "cell.run", "in_cell & insert_mode")
    keys.bind("c-j", "cell.newline", "in_cell & insert_mode")
    keys.bind("c-o", "cell.newline_behind", "in_cell & insert_mode & emacs_mode")


def _learn_newer_keys() -> None:
    """Have prompt_toolkit's parser know the sequences; what it knows of them already is less."""
    from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
    from prompt_toolkit.keys import Keys

    for sequence, names in NEWER_KEYS.items():
        pressed = tuple(Keys(name) for name in names)
        ANSI_SEQUENCES[sequence] = pressed if len(pressed) > 1 else pressed[0]
