"""The pane of options: those that one changes while typing, each with its help, as their traits have it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from prompt_toolkit.data_structures import Point
from prompt_toolkit.filters import Condition
from prompt_toolkit.layout.containers import ConditionalContainer, Window
from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.utils import get_cwidth
from traitlets import Bool, Enum, Integer, TraitError

from .completing import completing_of
from .documentation import wrapped
from .parameters import cut

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from ipcore.component import Component

    from .editor import Editor

#: The options, by subject. What they may be, and what they do, is said by their traits.
SUBJECTS: Final = {
    "Input": (
        "editing_mode",
        "emacs_bindings_in_vi_insert_mode",
        "autoindent",
        "auto_match",
        "validate",
        "autoformatter",
        "run_after_edit",
        "mouse_support",
    ),
    "Completion and earlier cells": (
        "complete_while_typing",
        "display_completions",
        "space_for_menu",
        "show_documentation",
        "signature_bar",
        "autosuggestions_provider",
        "enable_history_search",
        "history_search",
    ),
    "Display": (
        "colors",
        "highlight_matching_brackets",
        "prompt_line_number_format",
        "prompt_includes_vi_mode",
        "modal_cursor",
        "page_long_values",
        "term_title",
    ),
}
#: What options may be whose traits do not say it.
_FORMATS: Final = {"prompt_line_number_format": ("", "{line} ", "{line:>3d} ", "{rel_line:+d} ")}
#: Numbers go up to this one.
_LARGEST: Final = 30
#: Columns and rows from which on there is room for values in a column of their own, and for the keys.
_ROOMY: Final = 60
_HIGH: Final = 6
_KEYS: Final = "Right changes it; s shows what to write into your configuration (*); Esc closes"


class Option(NamedTuple):
    """One option."""

    owner: Component
    name: str
    choices: tuple[Any, ...]

    @property
    def value(self) -> Any:
        """What it is now."""
        return getattr(self.owner, self.name)

    @property
    def help(self) -> str:
        """What its trait says, and which values there are, if they are words."""
        said = str(self.owner.traits()[self.name].help)
        words = [for_people(choice) for choice in self.choices if not isinstance(choice, int)]
        return f"{said} One of {', '.join(words)}." if len(words) > 2 else said

    def change(self, by: int) -> None:
        """Give it a value further on, from the last to the first too.

        :raises TraitError: if it may not be that.
        """
        value = self.value
        choices = self.choices if value in self.choices else (value, *self.choices)
        setattr(self.owner, self.name, choices[(choices.index(value) + by) % len(choices)])


def options_of(editor: Editor) -> dict[str, list[Option]]:
    """Give the options, by subject."""
    terminal, shell = editor.terminal, editor.shell
    found: dict[str, list[Option]] = {}
    for subject, names in SUBJECTS.items():
        for name in names:
            owner: Component = terminal if terminal.has_trait(name) else shell
            themes = ("auto", *shell.registry.keys("themes")) if name == "colors" else ()
            found.setdefault(subject, []).append(Option(owner, name, themes or choices_of(owner, name)))
    return found


def choices_of(owner: Component, name: str) -> tuple[Any, ...]:
    """Give what an option may be."""
    trait = owner.traits()[name]
    if isinstance(trait, Bool):
        return (False, True)
    if isinstance(trait, Enum):
        return tuple(trait.values or ())
    if isinstance(trait, Integer):
        return tuple(range(trait.min or 0, _LARGEST + 1))
    return _FORMATS[name]


def for_people(value: Any) -> str:
    """Give a value as the pane shows it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value).strip() if value not in (None, "") else "none"


def configured(option: Option, *others: Component) -> Any:
    """Give what an option is at the start, by the configuration.

    :param others: components in whose sections it may stand, too.
    """
    trait = option.owner.traits()[option.name]
    for component in (option.owner, *others):
        section = component._find_my_config(component.config)
        if option.name in section:
            value = section[option.name]
            given = getattr(value, "get_value", None)  # of the command line it is text
            return given(trait) if given is not None else value
    return option.owner.trait_defaults(option.name)


class OptionsPane(UIControl):
    """The pane of one editor. On the editor's thread."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._subjects = options_of(editor)
        self._options = [option for options in self._subjects.values() for option in options]
        self.current = 0
        self._top = 0
        self._height = 1
        self._lines: dict[int, int] = {}
        window = Window(self, dont_extend_height=True)
        shown = Condition(lambda: self.is_open and not editor.app.is_done)
        self.container = ConditionalContainer(window, shown)

    @property
    def is_open(self) -> bool:
        """Whether it is shown: the keys go to it then."""
        return self._editor.app.layout.has_focus(self)

    def open(self) -> None:
        """Show it. An open menu of completions goes."""
        completing = completing_of(self._editor)
        if completing is not None:
            completing.close()
        self._editor.app.layout.focus(self)

    def close(self) -> None:
        """Give the keys back to the cell."""
        self._editor.app.layout.focus(self._editor.buffer)

    def move(self, by: int) -> None:
        """Choose another option."""
        self.current = (self.current + by) % len(self._options)

    def page(self, by: int) -> None:
        """Choose another option, a page away."""
        self.current = min(max(self.current + by * self._height, 0), len(self._options) - 1)

    def change(self, by: int) -> None:
        """Change the chosen option, at once."""
        option = self._options[self.current]
        try:
            option.change(by)
        except TraitError as error:
            self._editor.tell(error, option.name)
        self._editor.app.invalidate()

    def keep(self) -> None:
        """Print what to write into the configuration file for the options to stay as they are."""
        lines = [
            f"c.{type(option.owner).__name__}.{option.name} = {option.value!r}"
            for option in self._options
            if self._differs(option)
        ]
        if not lines:
            self._editor.message("No option differs from your configuration.")
            return
        folder = self._editor.shell.extensions_folder  # of the profile
        file = str(Path(folder).parent / "ipshell_config.py") if folder else "your configuration file"
        text = "\n".join((f"# To keep these options, write into {file}:", *lines))
        self._editor.run_in_terminal(lambda: print(f"{text}\n"))

    def _differs(self, option: Option) -> bool:
        return bool(option.value != configured(option, self._editor.terminal))

    # -- painting --------------------------------------------------------------

    def is_focusable(self) -> bool:
        """Take the keys."""
        return True

    def preferred_height(
        self, width: int, max_available_height: int, wrap_lines: bool, get_line_prefix: Any
    ) -> int | None:
        """Take half of the screen at most, but enough on a low one."""
        rows = self._editor.output.get_size().rows
        needed = len(self._options) + len(self._subjects) + self._rows_of_help(width) + 1
        return min(needed, max(rows // 2, min(rows - 1, _HIGH)))

    def create_content(self, width: int, height: int) -> UIContent:
        """Paint as many options as there is room for, and below them the help of the chosen one."""
        keys = height > _HIGH
        help_rows = min(self._rows_of_help(width), height // 2)
        self._height = max(height - help_rows - keys, 1)
        rows: list[StyleAndTextTuples] = []
        at = 0
        for subject, options in self._subjects.items():
            rows.append([("class:signature", cut(subject, width))])
            for option in options:
                chosen = option is self._options[self.current]
                at = len(rows) if chosen else at
                rows.append(self._row(option, width, chosen))
        # The subject above the first option is to be seen again, too.
        self._top = min(max(self._top, at - self._height + 1), at - (at == 1 and self._height > 1))
        shown = rows[self._top : self._top + self._height]
        said = self._help(self._options[self.current], width)
        if len(said) > help_rows > 0:
            said[help_rows - 1] = cut(said[help_rows - 1], width - 1).rstrip("…") + "…"
        said = [*said, *[""] * help_rows][:help_rows]
        shown += [[("class:documentation", line)] for line in said]
        if keys:
            shown.append([("class:message", cut(_KEYS, width))])
        return UIContent(
            lambda number: shown[number],
            line_count=len(shown),
            cursor_position=Point(0, at - self._top),
            show_cursor=False,
        )

    def _row(self, option: Option, width: int, chosen: bool) -> StyleAndTextTuples:
        value = for_people(option.value) + (" *" if self._differs(option) else "")
        room = max(width - 2, 1)
        value = cut(value, room if width >= _ROOMY else room // 2)
        longest = max(len(each.name) for each in self._options) if width >= _ROOMY else 0
        name = cut(option.name, room - get_cwidth(value) - 1).ljust(longest)
        text = cut(f"{'>' if chosen else ' '} {name} {value}", width)
        style = "class:menu.current" if chosen else "class:menu"
        return [(style, text + " " * (width - get_cwidth(text)))]

    def _help(self, option: Option, width: int) -> list[str]:
        named = "" if width >= _ROOMY else f"{option.name}: {for_people(option.value)}. "
        return wrapped(named + option.help, width)

    def _rows_of_help(self, width: int) -> int:
        """Tell how many rows every help has room in: the pane does not grow and shrink."""
        if width not in self._lines:
            self._lines = {width: max(len(self._help(option, width)) for option in self._options)}
        return self._lines[width]
