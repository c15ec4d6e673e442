"""Where outputs go: to whoever can show them, else to the terminal as plain text."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..cells.displayhook import write_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..plugins.declared import Declared
    from ..shell import InteractiveShell
    from ..types.display import Output, Publisher


class DisplayPublisher:
    """Hands outputs to publishers: the one added last first, then those of plugins, then the terminal.

    Can be used from any thread.

    :param shell: whose outputs these are.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._added: tuple[Publisher, ...] = ()
        self._lock = threading.RLock()
        self._contributed: tuple[tuple[Declared, Publisher], ...] | None = None

    def publish(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        source: str = "",
        *,
        transient: Mapping[str, Any] | None = None,
        update: bool = False,
    ) -> None:
        """Show one value that there are several representations of.

        :param data: the representations by MIME type.
        :param metadata: more about them, by MIME type.
        :param source: not used; there for callers that give it.
        :param transient: what is not to be stored with the output: ``display_id``.
        :param update: whether it takes the place of earlier outputs with that ``display_id``.
        :raises TypeError: if data or metadata is no mapping.
        """
        from ..types.display import Output

        for name, given in (("data", data), ("metadata", metadata)):
            if not isinstance(given, Mapping) and (given is not None or name == "data"):
                raise TypeError(f"{name} maps MIME types to values; it is not {type(given).__name__}")
        self.send(Output(data, metadata or {}, transient or {}, update))

    def send(self, output: Output) -> None:
        """Show an output: the first publisher that takes it is the only one."""
        if self._first("publishing", lambda publisher: publisher.publish(output)):
            return
        text = output.data.get("text/plain")
        if not isinstance(text, str):
            return
        if output.number is None:
            write_out(text + "\n")
        else:
            write_out(self._shell.displayhook.layout(output.number, text))

    def clear_output(self, wait: bool = False) -> None:
        """Clear what the running cell has shown; on a terminal, the line that the cursor is in.

        :param wait: clear only when there is something new to show; a terminal does not wait.
        """
        if not self._first("clearing", lambda publisher: publisher.clear(wait)):
            clear_line()

    def add(self, publisher: Publisher) -> None:
        """Have a publisher asked before all others. What it raises is raised where something is shown."""
        self._added = (publisher, *self._added)

    def remove(self, publisher: Publisher) -> None:
        """Take out a publisher that was added; one that is not there is no mistake."""
        self._added = tuple(each for each in self._added if each is not publisher)

    @property
    def plain(self) -> bool:
        """Whether there is only the terminal."""
        return not (self._added or (self._plugins() if self._contributed is None else self._contributed))

    @property
    def types(self) -> set[str] | None:
        """The MIME types that can be shown; ``None`` for all."""
        types = {"text/plain"}
        for publisher in (*self._added, *(each for _, each in self._plugins())):
            if publisher.types is None:
                return None
            types.update(publisher.types)
        return types

    def _first(self, doing: str, ask: Callable[[Publisher], bool]) -> bool:
        """Ask one publisher after the other until one says yes; a plugin's that fails is switched off."""
        if any(ask(publisher) for publisher in self._added):
            return True
        return any(self._guarded(plugin, publisher, doing, ask) for plugin, publisher in self._plugins())

    def _guarded(
        self, plugin: Declared, publisher: Publisher, doing: str, ask: Callable[[Publisher], bool]
    ) -> bool:
        from ..errors import OutputGone
        from ..plugins.failures import reason_of
        from ..plugins.watch import watching

        watch = None
        try:
            with watching(f"plugin {plugin}, {doing}") as watch:
                return ask(publisher)
        except KeyboardInterrupt as error:
            if watch is None or not watch.named:
                raise  # the user stops the cell, not the publisher
            wrong = reason_of(error)
        except OutputGone:  # nothing is wrong with the plugin
            raise
        except Exception as error:  # a plugin's: the output must be shown all the same
            wrong = reason_of(error)
        self._contributed = tuple(pair for pair in self._plugins() if pair[0] != plugin)
        self._shell.registry.disable(plugin, doing, wrong)
        return False

    def _plugins(self) -> tuple[tuple[Declared, Publisher], ...]:
        if self._contributed is None:
            with self._lock:
                if self._contributed is None:
                    given = self._shell.registry.call_each(
                        "display", "ipshell_publishers", check_publishers, shell=self._shell
                    )
                    self._contributed = tuple((item.plugin, each) for item in given for each in item.value)
        return self._contributed


def clear_line() -> None:
    """Empty the line of the terminal that standard output is at; does nothing to a file or pipe."""
    stream = sys.stdout
    if stream is None or getattr(stream, "closed", False) or not stream.isatty():
        return
    from shutil import get_terminal_size

    # Blanks instead of an escape sequence: every terminal knows them. The last column would begin a new line.
    write_out("\r" + " " * (get_terminal_size().columns - 1) + "\r", flush=True)


def check_publishers(value: object) -> str:
    """Say what is wrong with what a plugin gave as publishers."""
    from ..plugins.registry import check_each

    return check_each(value, "publisher", ["publish", "clear"], _wrong_types)


def _wrong_types(publisher: Any) -> str:
    types = getattr(publisher, "types", "")
    if types is None or (not isinstance(types, str) and hasattr(types, "__contains__")):
        return ""
    return "does not say which types it shows"
