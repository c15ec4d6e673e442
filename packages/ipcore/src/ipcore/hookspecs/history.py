"""Hooks of the family ``history``: keep inputs and outputs between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.history import History


class HistorySpecs:
    """Hooks of the ``ipshell.history`` group."""

    @hookspec
    def ipshell_history(self, shell: InteractiveShell) -> History:
        """Give the component that keeps this shell's cells between runs.

        :param shell: the shell, to be handed on as the component's parent.
        :returns: a :class:`ipcore.component.Component` with the methods described by
            :class:`ipcore.types.history.History`.

        :When: when the first cell with a number runs, or somebody asks for earlier ones.
        :How often: once per shell.
        :Thread: the thread that runs cells.
        :May it block: no; files are opened when there is something to write, and on another thread.
        :Order: the plugin named by ``Plugins.choose``, else the first by distribution and key. Without
            any, cells are forgotten when the shell ends.
        :On failure: reported once; cells run as before and are kept no longer.
        :Since: 0.1

        Example::

            from ipcore.component import Component
            from ipcore.hookspecs import hookimpl
            from ipcore.ranges import ranges

            class Remembered(Component):
                def on_start(self):
                    self.cells = []

                def store_inputs(self, line_num, source, source_raw=None):
                    self.cells.append((0, line_num, source_raw or source))

                def store_result(self, result):
                    pass

                def get_tail(self, n=10, raw=True, output=False, include_latest=False):
                    cells = self.cells if include_latest else self.cells[:-1]
                    return cells[-n:] if n else []

                def get_range_by_str(self, rangestr, raw=True, output=False):
                    found = []
                    for session, start, stop in ranges(rangestr):
                        found += [cell for cell in self.cells[start - 1 :] if not stop or cell[1] < stop]
                    return found

                def search(self, pattern="*", raw=True, search_raw=True, output=False, n=None, unique=False):
                    from fnmatch import fnmatchcase

                    return [cell for cell in self.cells if fnmatchcase(cell[2], pattern)]

            @hookimpl
            def ipshell_history(shell):
                return Remembered(parent=shell)
        """
