"""Hooks of the family ``lifecycle``: told when shells and cells start and end.

These are notifications: what they return is ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.cells import Cell, CellResult


class LifecycleSpecs:
    """Hooks of the ``ipshell.lifecycle`` group."""

    @hookspec
    def ipshell_shell_created(self, shell: InteractiveShell) -> None:
        """Take note of a shell that is ready to run cells.

        :param shell: the new shell; its components are created when first used.

        :When: after configuration is read, before start-up files run.
        :How often: once per shell.
        :Thread: the thread that made the shell, in practice the main thread.
        :May it block: no; a plugin busy for 2 s is named and can be given up with Ctrl-C.
        :Order: core first, then by distribution and key, unless configured.
        :On failure: reported once, the plugin is off for the session, the others are called.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            @hookimpl
            def ipshell_shell_created(shell):
                shell.user_ns["started_by"] = "my plugin"
        """

    @hookspec
    def ipshell_shell_closing(self, shell: InteractiveShell) -> None:
        """Take note of a shell that is about to close its components.

        :param shell: the shell; it still runs cells while the hook is called.

        :When: at the start of :meth:`InteractiveShell.close`, before any component is closed.
        :How often: once per shell.
        :Thread: the thread that closes the shell.
        :May it block: no; leaving the program waits for it.
        :Order: core first, then by distribution and key, unless configured.
        :On failure: reported once; closing goes on.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            @hookimpl
            def ipshell_shell_closing(shell):
                shell.user_ns.pop("started_by", None)
        """

    @hookspec
    def ipshell_cell_started(self, cell: Cell) -> None:
        """Take note of a cell that is about to run.

        :param cell: the cell as it was typed; frozen.

        :When: before the cell is transformed and parsed; not for silent or blank cells.
        :How often: once per cell.
        :Thread: the thread that runs cells, in practice the main thread.
        :May it block: no; it delays the user's code.
        :Order: core first, then by distribution and key, unless configured.
        :On failure: reported once, the plugin is off for the session, the cell runs.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            seen = []

            @hookimpl
            def ipshell_cell_started(cell):
                seen.append(cell.source)
        """

    @hookspec
    def ipshell_cell_finished(self, result: CellResult) -> None:
        """Take note of a cell that has run, or failed to.

        :param result: the outcome, with the cell it belongs to.

        :When: after the value is shown or the traceback printed; not for silent or blank cells.
        :How often: once per cell.
        :Thread: the thread that runs cells, in practice the main thread.
        :May it block: no; it delays the next prompt.
        :Order: core first, then by distribution and key, unless configured.
        :On failure: reported once, the plugin is off for the session.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            failures = []

            @hookimpl
            def ipshell_cell_finished(result):
                if not result.success:
                    failures.append(result.cell.number)
        """
