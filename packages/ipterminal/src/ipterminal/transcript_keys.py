"""F8, F9, F10: the cells of the session, the last output, the session for the clipboard."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPressEvent

    from .editor import Editor


def install(editor: Editor) -> None:
    """Add the commands. What they need is imported when one is first called."""
    shell, keys = editor.shell, editor.keys

    def page_output(event: KeyPressEvent) -> None:
        if not shell.outputs.texts:
            editor.message("No value has been shown in this session.")
            return

        def page() -> None:
            from .transcript import last_output

            shell.hooks.page(f"{last_output(shell) or ''}\n")

        editor.run_in_terminal(page)

    def page_cells(event: KeyPressEvent) -> None:
        from .transcript import cells_of, joined

        text = joined([*cells_of(shell).values()])
        if not text:
            editor.message("No cell has run in this session.")
            return

        def page() -> None:
            from ipcore.highlighting import highlighted

            shell.hooks.page(highlighted(shell, f"{text}\n", "python"))

        editor.run_in_terminal(page)

    def copy_cells(event: KeyPressEvent) -> None:
        from .transcript import cells_of, with_outputs

        count = len(cells_of(shell))
        if not count:
            editor.message("No cell has run in this session.")
            return

        def copy() -> None:
            from ipcore.system.clipboard import copy

            copy(shell, with_outputs(shell))

        def done(future: Future[None]) -> None:
            error = None if future.cancelled() else future.exception()
            editor.call_soon(lambda: copied(error))

        def copied(error: BaseException | None) -> None:
            if error is None:
                cells = "1 cell is" if count == 1 else f"{count} cells are"
                editor.message(f"{cells} in the clipboard, with the values as comments.")
            else:
                editor.message(f"not copied: {error}", "class:message.error")

        editor.main.call(copy).add_done_callback(done)

    keys.command(
        "output.page", page_output, "Show the value that was shown last, whole, in the pager.", saves=False
    )
    keys.command(
        "history.page",
        page_cells,
        "Show the cells of this session in the pager, without outputs.",
        saves=False,
    )
    keys.command(
        "cells.copy", copy_cells, "Copy the session: cells as code, values as comments.", saves=False
    )
