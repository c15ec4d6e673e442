"""Hooks of the family ``display``: show values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from . import hookspec

if TYPE_CHECKING:
    from ..display import MimeFormatter
    from ..shell import InteractiveShell
    from ..types.display import Formatter, Publisher


class DisplaySpecs:
    """Hooks of the ``ipshell.display`` group."""

    @hookspec
    def ipshell_formatters(self, shell: InteractiveShell) -> Iterable[Formatter | MimeFormatter]:
        """Contribute formatters, each of one MIME type.

        :param shell: the shell whose values will be shown.
        :returns: objects as described by :class:`ipcore.types.display.Formatter`; or instances of
            :class:`ipcore.display.MimeFormatter`, which take the place of the core's for their MIME type.

        :When: before the first value is shown.
        :How often: once per shell; a formatter then runs once per value shown and
            MIME type that the front end asks for.
        :Thread: the thread that runs cells.
        :May it block: no; it stands between the result and the screen.
        :Order: by distribution and key; for each MIME type the first formatter that does not return
            ``None`` counts. They come after a printer that the user registered for the value's type, and
            before what the value says of itself; the core's ``repr`` is the last resort.
        :On failure: reported once, the formatter is off for the session, the next one is asked.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            class Polite:
                mime = "text/plain"

                def format(self, value):
                    return f"{value}, please" if isinstance(value, str) else None

            @hookimpl
            def ipshell_formatters(shell):
                return [Polite()]
        """

    @hookspec
    def ipshell_publishers(self, shell: InteractiveShell) -> Iterable[Publisher]:
        """Contribute what shows outputs, in place of the plain text that a terminal gets.

        :param shell: the shell whose outputs will be shown.
        :returns: objects as described by :class:`ipcore.types.display.Publisher`.

        :When: before the first value is shown.
        :How often: once per shell; a publisher is then asked once per output, displayed or a cell's value.
        :Thread: the thread that runs cells; a publisher may be asked from any thread that displays.
        :May it block: no; it stands between the result and the screen.
        :Order: by distribution and key, after those that a front end has added; the first that takes
            an output is the only one. A terminal's plain text is the last resort.
        :On failure: reported once, the publisher is off for the session, the next one is asked.
        :Since: 0.1

        Example::

            from ipcore.hookspecs import hookimpl

            class Framed:
                types = ()

                def publish(self, output):
                    text = output.data.get("text/plain", "")
                    if output.number is not None or not text:
                        return False
                    print(f"[{text}]")
                    return True

                def clear(self, wait):
                    return False

            @hookimpl
            def ipshell_publishers(shell):
                return [Framed()]
        """
