"""The keys of completion: its commands, and when they are bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prompt_toolkit.filters import Condition

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .completing import Completing
    from .editor import Editor
    from .menus import Direction


def add_keys(editor: Editor, completing: Completing) -> None:
    """Make the commands and conditions of completion known, and bind them."""
    _conditions(editor, completing)
    _bind(editor, completing)


def _conditions(editor: Editor, completing: Completing) -> None:
    buffer = editor.buffer
    condition = editor.keys.condition

    def can_complete() -> bool:
        document = buffer.document
        return buffer.selection_state is None and bool(document.current_line_before_cursor.strip())

    condition("completing", lambda: completing.is_open, "A menu of completions is open.")
    condition("completion_chosen", lambda: completing.has_choice, "An entry of the menu is chosen.")
    condition("completion_arrows", lambda: completing.has_arrows, "The arrows belong to the menu.")
    condition(
        "completions_listed", lambda: completing.menu is not None, "A menu or list of completions is open."
    )
    condition(
        "completion_awaited", lambda: completing.is_awaited, "Tab was pressed and nothing is known yet."
    )
    condition("completion_holding", lambda: completing.is_holding, "Keys wait for what Tab completes.")
    condition("can_complete", can_complete, "Something stands before the cursor that Tab may complete.")


def _bind(editor: Editor, completing: Completing) -> None:
    keys = editor.keys

    def command(name: str, function: Callable[[], object], help: str) -> None:
        def run(event: KeyPressEvent) -> Any:
            return function()

        keys.command(f"completion.{name}", run, help)

    def mover(direction: Direction) -> Callable[[], object]:
        return lambda: completing.move(direction)

    command("complete", completing.complete, "Complete what stands before the cursor.")
    command("next", mover("next"), "Choose the next entry of the menu.")
    command("previous", mover("previous"), "Choose the entry before.")
    command("left", mover("left"), "Choose the entry in the column to the left.")
    command("right", mover("right"), "Choose the entry in the column to the right.")
    command("page_down", mover("page down"), "Go a page further in the menu.")
    command("page_up", mover("page up"), "Go a page back in the menu.")
    command("accept", completing.close, "Take the entry that is chosen, and close the menu.")
    command("cancel", completing.cancel, "Close the menu, with the text as it was.")
    keys.command("completion.hold", completing.hold, "Keep this key until what Tab completes is there.")
    keys.bind("tab", "completion.complete", "in_cell & insert_mode & can_complete & ~completing")
    for key, name, when in (
        ("tab", "next", "completing"),
        ("s-tab", "previous", "completing"),
        ("c-n", "next", "completion_arrows"),
        ("c-p", "previous", "completion_arrows"),
        ("down", "next", "completion_arrows"),
        ("up", "previous", "completion_arrows"),
        ("left", "left", "completion_chosen"),
        ("right", "right", "completion_chosen"),
        ("pagedown", "page_down", "completion_arrows"),
        ("pageup", "page_up", "completion_arrows"),
        ("enter", "accept", "completion_chosen"),
        ("tab", "hold", "completion_awaited & ~completing"),
        ("enter", "hold", "completion_awaited & ~completing"),
        ("<any>", "hold", "completion_holding"),
        ("c-g", "cancel", "completions_listed"),
        ("c-c", "cancel", "completing"),
    ):
        keys.bind(key, f"completion.{name}", f"in_cell & {when}")
    bind_escape(editor, "completion.cancel", "in_cell & completions_listed")


def bind_escape(editor: Editor, command: str, when: str) -> None:
    """Bind Escape so that it acts at once, and not only when no further key has come for half a second.

    Where a key has come together with it, it is the Alt of that key, and means what it else means.
    """
    editor.keys.bind("escape", command, when)
    alone = Condition(lambda: not editor.app.key_processor.input_queue)
    editor.keys.bindings.bindings[-1].eager = alone
