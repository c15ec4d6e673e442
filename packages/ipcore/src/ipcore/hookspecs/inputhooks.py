"""Hooks of the family ``inputhooks``: event loops that run while the prompt waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.inputhooks import InputHook


class InputHookSpecs:
    """Hooks of the ``ipshell.inputhooks`` group; the entry's name is what ``enable_gui`` is called with."""

    @hookspec
    def ipshell_inputhook(self, name: str, shell: InteractiveShell) -> InputHook:
        """Give what runs the event loop known under one name.

        :param name: the entry's name, for example ``tk``.
        :param shell: the shell that will sit in the loop.
        :returns: a callable that takes an :class:`ipcore.types.inputhooks.InputContext` and returns once
            that is ready.

        :When: when the user chooses the loop, by ``get_ipython().enable_gui(name)`` or what calls it.
        :How often: once per choice; the callable then runs each time the shell begins to wait.
        :Thread: the thread that runs cells.
        :May it block: the hook no; the callable until its context is ready, and no longer: the user's next
            cell waits for it.
        :Order: one entry owns a name; with two owners neither is used until configuration picks one.
        :On failure: reported once, the core's own loop is used.
        :Since: 0.1

        Example::

            import select

            from ipcore.hookspecs import hookimpl

            @hookimpl
            def ipshell_inputhook(name, shell):
                def run(context):
                    with shell.inputhooks.stepping() as tasks:
                        while not context.input_is_ready():
                            watched = [context.fileno()]
                            timeout = None
                            if tasks is not None:
                                timeout = tasks.step()
                                if tasks.fileno() >= 0:  # on Windows there is none
                                    watched.append(tasks.fileno())
                            select.select(watched, [], [], timeout)
                return run
        """
