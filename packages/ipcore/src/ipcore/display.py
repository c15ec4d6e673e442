"""Formatting values: the formatters of all plugins, by MIME type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .component import Component

if TYPE_CHECKING:
    from .plugins.declared import Declared
    from .shell import InteractiveShell
    from .types.display import Formatter


class Display(Component):
    """Turns values into text and other representations. Used on the thread that runs cells."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._formatters: list[tuple[Declared, Formatter]] | None = None

    def format(self, value: object, mime: str) -> str | bytes | None:
        """Give one representation of a value, from the first formatter that has one.

        A formatter that raises is switched off and the next one asked; what the
        value's own ``__repr__`` raises under the plain formatter is the user's.

        :returns: ``None`` if no formatter has that representation.
        """
        for plugin, formatter in self._all():
            if formatter.mime != mime:
                continue
            text = formatter.format(value) if plugin.core else self._guarded(plugin, formatter, value)
            if text is not None:
                return text
        return None

    def text(self, value: object) -> str:
        """Give a value as plain text, by ``repr`` where nothing better is installed."""
        text = self.format(value, "text/plain")
        if isinstance(text, str):
            return text
        return repr(value)

    def _all(self) -> list[tuple[Declared, Formatter]]:
        if self._formatters is None:
            given = self._shell.registry.call_each(
                "display", "ipshell_formatters", _check_formatters, shell=self._shell
            )
            self._formatters = [(item.plugin, formatter) for item in given for formatter in item.value]
        return self._formatters

    def _guarded(self, plugin: Declared, formatter: Formatter, value: object) -> str | bytes | None:
        from .plugins.failures import reason_of
        from .plugins.watch import watching

        watch = None
        try:
            with watching(f"plugin {plugin}, formatting {formatter.mime}") as watch:
                text = formatter.format(value)
        except KeyboardInterrupt as error:
            if watch is None or not watch.named:
                raise  # the user stops the cell, not the formatter
            wrong = reason_of(error)
        except Exception as error:  # a plugin's: the value must be shown all the same
            wrong = reason_of(error)
        else:
            if text is None or isinstance(text, (str, bytes)):
                return text
            wrong = f"it gave {type(text).__name__}, not text"
        self._formatters = [pair for pair in self._all() if pair[0] != plugin]
        self._shell.registry.disable(plugin, f"formatting {formatter.mime}", wrong)
        return None


def _check_formatters(value: object) -> str:
    try:
        formatters = list(value)  # type: ignore[call-overload]
    except TypeError:
        return f"it gave {type(value).__name__}, not formatters"
    for formatter in formatters:
        if not isinstance(getattr(formatter, "mime", None), str) or not callable(
            getattr(formatter, "format", None)
        ):
            return f"it gave {type(formatter).__name__}, which has no mime and format()"
    return ""
