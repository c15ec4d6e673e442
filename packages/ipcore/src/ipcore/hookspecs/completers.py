"""Hooks of the family ``completers``: propose completions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.completion import CompletionProvider


class CompleterSpecs:
    """Hooks of the ``ipshell.completers`` group."""

    @hookspec
    def ipshell_completion_providers(self, shell: InteractiveShell) -> Iterable[CompletionProvider]:
        """Contribute what proposes completions.

        :param shell: the shell whose input is completed. On the provider's own thread only
            ``request.objects`` may be used of it.
        :returns: objects as described by :class:`ipcore.types.completion.CompletionProvider`.

        :When: at the first completion.
        :How often: once per shell; the providers are then asked at each completion.
        :Thread: the hook on the one that completes first; ``complete`` on a thread of the provider's own,
            which ends when there is nothing to do, and before a fork.
        :May it block: the hook no; a provider imports what it needs when it is first asked. ``complete``
            until the request's deadline: what comes later is not waited for.
        :Order: core first, then by distribution and key, unless configured. Of two equal completions the
            first counts. What is shown is sorted by the shell: by rank, then names ending in ``=``, public
            names, ``_private`` and ``__dunder__`` ones.
        :On failure: reported once, the plugin is off for the session: where the hook or ``complete`` raises,
            or gives something else than completions. A provider that is late three times in a row
            is not asked any more until the user brings it back.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl
            from ipcore.types.completion import Completion

            class Colours:
                name = "colours"

                def complete(self, request):
                    for colour in ("red", "green", "blue"):
                        if request.word and colour.startswith(request.word):
                            yield Completion(request.word_start, request.cursor, colour, "colour")

            @hookimpl
            def ipshell_completion_providers(shell):
                return [Colours()]
        """

    @hookspec
    def ipshell_safe_types(self) -> Iterable[str]:
        """Contribute types whose objects may be asked when Tab is pressed.

        Completion runs no code of the user's objects, but for types that are known to be harmless: under
        the policy ``safe`` an object of exactly such a type is asked by ``__dir__`` for its attributes, its
        properties are computed, and ``value[...]`` is evaluated for keys of builtin types. So only types
        belong here for which all that is quick, changes nothing, and calls nothing of their users'.

        :returns: full names of types, such as ``"package.module.Type"``: those under which the type can be
            found in its module. That module is not imported for it. Types derived from one are not meant.

        :When: at the first completion.
        :How often: once per shell.
        :Thread: the one that completes first.
        :May it block: no.
        :Order: of no importance.
        :On failure: reported once, the plugin is off for the session, and its types are not asked.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            @hookimpl
            def ipshell_safe_types():
                return ["astropy.table.Table", "astropy.units.Quantity"]
        """
