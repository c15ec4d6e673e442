"""The prompts around the cell: to the left in colours, to the right, and the line below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.layout.containers import ConditionalContainer, Window
from prompt_toolkit.layout.controls import FormattedTextControl

from .asked_prompts import AskedPrompts
from .left_prompts import before_cell, before_further_lines
from .prompt_parts import Parts, Pieces

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from ipcore.types.prompts import Fragments

    from .editor import Editor
    from .repository import Repository

#: Modes of vi and how IPython's users know them.
_MODES = {
    InputMode.INSERT: "ins",
    InputMode.INSERT_MULTIPLE: "ins",
    InputMode.NAVIGATION: "nav",
    InputMode.REPLACE: "rep",
    InputMode.REPLACE_SINGLE: "rep",
}


class PromptsAround:
    """Asks the shell's prompts, once for each cell, and fills in the parts of the options.

    :param editor: whose cells they stand around.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._input: Pieces = []
        self._further: Pieces = []
        self._right: Pieces = []
        self._toolbar: Pieces = []
        #: The mode of vi that they tell.
        self._told_mode = ""
        self._looked_at = ("", 0)
        self._repository: Repository | None = None
        self._parts = Parts(editor.shell, mode=self._mode)
        self._asked = AskedPrompts(editor, self._again)
        self._watching = False
        cell: Any = editor.cell
        cell.prompts.first = self._first
        cell.prompts.continuation = self._continuation
        cell.right_prompt = self._at_the_right
        editor.at_bottom.append(self._line_below())
        editor.before_prompt.append(self.begin)
        editor.at_end.append(self.end)

    def begin(self) -> None:
        """Make the prompts of the next cell."""
        terminal = self._editor.terminal
        wanted = terminal.prompt + terminal.continuation_prompt + terminal.right_prompt + terminal.toolbar
        if "{git" in wanted or "{branch" in wanted:
            self._ask_git()
        if "{duration" in wanted and not self._watching:
            self._watching = True
            self._parts.watch()
        self._asked.ask()
        self._looked_at = self._seen()
        self._fill_in()

    def end(self) -> None:
        """Ask and measure nothing any more."""
        if self._repository is not None:
            self._repository.close()
        if self._watching:
            self._parts.unwatch()

    def _fill_in(self) -> None:
        terminal, asked = self._editor.terminal, self._asked.now
        self._told_mode = self._mode()
        first = before_cell(terminal, self._parts, asked.first)
        further = before_further_lines(terminal, self._parts, first, asked.further)
        self._input, self._further = classes(first), classes(further)
        right = asked.right
        if terminal.right_prompt:
            right = self._parts.pieces(terminal.right_prompt, "right_prompt")
        below = asked.toolbar
        if terminal.toolbar:
            below = self._parts.pieces(terminal.toolbar, "toolbar")
        self._right = classes(right, under="right-prompt")
        # Its parts stand on its own background, for which their colours are not made.
        self._toolbar = [("class:toolbar", text) for _, text in below]

    def _ask_git(self) -> None:
        if self._repository is None:
            from .repository import Repository

            editor = self._editor
            self._repository = Repository(lambda: editor.call_soon(self._again))
            self._parts.repository = self._repository
        self._repository.refresh()

    def _again(self) -> None:
        """Paint what has become known meanwhile."""
        self._fill_in()
        self._editor.app.invalidate()

    def _first(self) -> Pieces:
        terminal = self._editor.terminal
        self._follow_mode()
        formatted = "{mode" in terminal.prompt
        # Prompts of the user's that tell the mode know vi's alone.
        told = formatted or "mode" in terminal.followed
        wanted = not formatted if self._editor.paste_mode else terminal.prompt_includes_vi_mode and not told
        if wanted and (mode := self._mode()):
            return [("class:prompt.mode", f"[{mode}] "), *self._input]
        return self._input

    def _continuation(self) -> Pieces:
        if any("\n" in text for _, text in self._input):  # the mode stands in another line
            return self._further
        extra = sum(len(text) for _, text in self._first()) - sum(len(text) for _, text in self._input)
        return [("class:prompt.continuation", " " * extra), *self._further] if extra else self._further

    def _mode(self) -> str:
        app = self._editor.app
        if self._editor.paste_mode and not app.is_done:
            return "paste"
        return _MODES.get(app.vi_state.input_mode, "") if app.editing_mode == EditingMode.VI else ""

    def _follow_mode(self) -> None:
        """Fill in again what tells the mode, if that is another by now; ask prompts that look at it."""
        terminal = self._editor.terminal
        seen = self._seen()
        if seen != self._looked_at and not self._editor.app.is_done:
            self._looked_at, before = seen, self._asked.now
            self._asked.ask(0)
            if self._asked.now is not before:
                self._fill_in()
        if (
            "{mode" in terminal.prompt + terminal.right_prompt + terminal.toolbar
            and self._mode() != self._told_mode
        ):
            self._fill_in()

    def _seen(self) -> tuple[str, int]:
        """Give what prompts of the user look at, of mode and line."""
        followed = self._editor.terminal.followed
        row = self._editor.buffer.document.cursor_position_row if "line" in followed else 0
        return self._mode() if "mode" in followed else "", row

    def _at_the_right(self) -> Pieces:
        self._follow_mode()
        return self._right

    def _below(self) -> StyleAndTextTuples:
        self._follow_mode()
        return [*self._toolbar]

    def _line_below(self) -> ConditionalContainer:
        control = FormattedTextControl(self._below)
        window = Window(control, height=1, style="class:toolbar", dont_extend_height=True)
        return ConditionalContainer(
            window, Condition(lambda: bool(self._below()) and not self._editor.app.is_done)
        )


def classes(pieces: Fragments, under: str = "") -> Pieces:
    """Give pieces with prompt_toolkit's classes for style names.

    :param under: a style that all of them stand in.
    """
    base = f"class:{under} " if under else ""
    return [((base + (f"class:{style}" if style else "")).strip(), text) for style, text in pieces]


def install(editor: Editor) -> None:
    """Put the prompts around the cell."""
    PromptsAround(editor)
