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
