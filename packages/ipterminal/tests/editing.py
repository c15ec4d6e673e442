"""The bindings of subjects without a terminal, for tables of what keys do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.application.current import set_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import emacs_insert_mode, has_focus, vi_insert_mode
from prompt_toolkit.input import DummyInput
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import ALL_KEYS
from prompt_toolkit.keys import Keys as Pressed
from prompt_toolkit.layout import BufferControl, Layout, Window
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.selection import SelectionState

from ipterminal.keys import Keys

SUBJECTS = ("entering", "indentation", "pairs", "pasting", "formatting_keys")

#: What is the cell before and after the one that is typed.
EARLIER, LATER = "earlier", "later"


class KeyBoard:
    """Buffer, bindings and options of a cell, and keys to press.

    :param options: of the terminal.
    """

    def __init__(self, *, subjects: tuple[str, ...] = SUBJECTS, **options: Any) -> None:
        defaults = {
            "autoindent": True,
            "validate": True,
            "auto_match": False,
            "autoformatter": None,
            "format_on_enter": True,
            "handle_return": None,
        }
        self.handed_over: list[str] = []
        self.messages: list[str] = []
        self.told: list[str] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.buffer = Buffer(name=DEFAULT_BUFFER, multiline=True)
        self.terminal = SimpleNamespace(**(defaults | options))
        keys = self.keys = Keys()
        keys.condition("in_cell", has_focus(self.buffer), "")
        keys.condition("insert_mode", emacs_insert_mode | vi_insert_mode, "")
        self.before_prompt: list[Callable[[], object]] = []
        self.after_change: list[Callable[[], object]] = []
        self.at_end: list[Callable[[], object]] = []
        self.formatted_run: Callable[[], object] | None = None
        self.input = DummyInput()
        self.paste_mode = False
        self.shell = SimpleNamespace(
            transform=self._transform, transformers=SimpleNamespace(own_alone=True), user_ns={}
        )
        self.main = SimpleNamespace(call=self._call)
        self.commands_of_the_shell: set[str] = set()
        for name in subjects:
            import_module(f"ipterminal.{name}").install(self)
        self.app: Application[None] = Application(
            Layout(Window(BufferControl(self.buffer))),
            key_bindings=keys.bindings,
            input=self.input,
            output=DummyOutput(),
        )
        self.app.resting = False  # type: ignore[attr-defined]

    # what subjects ask an editor for

    def submit(self, text: str) -> None:
        self.handed_over.append(text)

    def message(self, text: str, style: str = "") -> None:
        self.messages.append(text)

    def tell(self, error: BaseException, what: str) -> None:
        self.told.append(f"{what}: {error}")

    def follow(self, options: Sequence[str], function: Callable[[], object]) -> None:
        """Call nothing: options are set when this is made."""

    def set_text(self, text: str, cursor: int | None = None) -> None:
        self.buffer.set_document(Document(text, len(text) if cursor is None else cursor))

    def start_task(self, coroutine: Any, name: str) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.append(task)
        return task

    def _call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        from concurrent.futures import Future

        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **named))
        except Exception as error:
            future.set_exception(error)
        return future

    def _transform(self, text: str, *, side_effects: bool) -> str:
        from ipcore.cells.transform import transform

        assert not side_effects
        if text.split()[0] in self.commands_of_the_shell:
            text = "%" + text
        return transform(text)

    # for tests

    @contextmanager
    def at(self, cell: str, selected_from: int | None = None) -> Iterator[KeyBoard]:
        """Put in a cell; the bar is the cursor."""
        cursor = cell.index("|")
        self.buffer._working_lines.clear()
        self.buffer._working_lines.extend([EARLIER, cell[:cursor] + cell[cursor + 1 :], LATER])
        self.buffer._Buffer__working_index = 1  # type: ignore[attr-defined]
        self.buffer.cursor_position = cursor
        self.buffer.preferred_column = None
        if selected_from is not None:
            self.buffer.selection_state = SelectionState(selected_from)
        with set_app(self.app):
            yield self

    def press(self, *names: str) -> None:
        """Press keys, by their names."""
        for name in names:
            key: Any = Pressed(ALIASES.get(name, name)) if ALIASES.get(name, name) in ALL_KEYS else name
            self.app.key_processor.feed(KeyPress(key, DATA.get(name)))
        self.app.key_processor.process_keys()

    @property
    def cell(self) -> str:
        """The cell; the bar is the cursor."""
        text, cursor = self.buffer.text, self.buffer.cursor_position
        return text[:cursor] + "|" + text[cursor:]

    @property
    def outcome(self) -> str:
        """What has become of the cell, as the table says it."""
        if self.handed_over:
            return "run"
        if self.messages:
            return f"problem {self.cell}"
        if self.buffer.text in (EARLIER, LATER):
            return "history"
        return self.cell


ALIASES = {"enter": "c-m", "backspace": "c-h", "tab": "c-i"}
DATA = {"enter": "\r", "tab": "\t", "backspace": "\x7f"}
