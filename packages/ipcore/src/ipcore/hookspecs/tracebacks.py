"""Hooks of the family ``tracebacks``: show exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.tracebacks import Tracebacks


class TracebackSpecs:
    """Hooks of the ``ipshell.tracebacks`` group."""

    @hookspec
    def ipshell_tracebacks(self, shell: InteractiveShell) -> Tracebacks:
        """Give the component that formats exceptions for this shell.

        :param shell: the shell, to be handed on as the component's parent.
        :returns: a :class:`ipcore.component.Component` with the method described by
            :class:`ipcore.types.tracebacks.Tracebacks`.

        :When: when the first exception is shown.
        :How often: once per shell.
        :Thread: the thread that runs cells.
        :May it block: no.
        :Order: the plugin named by ``Plugins.choose``, else the first by distribution and key;
            the core's plain one stands under it.
        :On failure: reported once; the plain tracebacks take over, for that exception too.
        :Since: 0.1

        Example::

            from ipcore.component import Component
            from ipcore.hookspecs import hookimpl
            from ipcore.plain.tracebacks import exception_only

            class OneLine(Component):
                def format(self, error):
                    return exception_only(error)  # whatever the error's own __str__ does

            @hookimpl
            def ipshell_tracebacks(shell):
                return OneLine(parent=shell)
        """
