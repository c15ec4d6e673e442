"""The contract of callbacks of ``shell.events``, registered by a plugin of the family ``lifecycle``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from .lifecycle import CELLS, LifecycleContract
from .plugin import required

if TYPE_CHECKING:
    from ipcore.plugins.declared import Declared
    from ipcore.testing.shells import TestedShell


class EventListenerContract(LifecycleContract):
    """What a plugin keeps to that registers callbacks when a shell is created; what
    :class:`LifecycleContract` asks for too.
    """

    events: ClassVar[Sequence[str]] = required(
        "the events that it registers callbacks for, each once per callback", '["post_run_cell"]'
    )

    def callbacks(self, shell: TestedShell) -> dict[str, list[Callable[..., Any]]]:
        """The callbacks of a shell by event, those left out that there are none of."""
        return {event: list(found) for event, found in shell.events.callbacks.items() if found}

    # -- what is tested --------------------------------------------------------

    def test_it_registers_for_its_events(self, shell: TestedShell) -> None:
        """When the shell is there, its callbacks are registered, each once, and no others."""
        self.check_no_failures(shell.registry)
        found = sorted(event for event, each in self.callbacks(shell).items() for _ in each)
        self.check(
            found == sorted(self.events),
            f"its callbacks are registered for {', '.join(found) or 'no event'}, and not for "
            f"{', '.join(sorted(self.events)) or 'none'}.",
            "Register them in ipshell_shell_created(shell): shell.events.register('post_run_cell', f).",
        )

    def test_its_callbacks_take_what_they_are_given(self, shell: TestedShell) -> None:
        """Each can be called with the arguments of its event."""
        from ipcore.events import EVENTS

        for event, found in self.callbacks(shell).items():
            given = [name for name in EVENTS[event].strip("()").split(", ") if name]
            for callback in found:
                try:
                    inspect.signature(callback).bind(*given)
                except TypeError as error:
                    self.fail(
                        f"its callback of {event}, {_told(callback)}, cannot be called: {error}.",
                        f"Callbacks of {event} are called with {EVENTS[event]}.",
                    )
                except ValueError:  # of a builtin function: it has no signature to look at
                    pass

    def test_its_callbacks_survive_every_cell(self, shell: TestedShell) -> None:
        """Whatever kind of cell runs, none of them raises."""
        for kind, source in CELLS.items():
            said = self.run(shell, source).stderr
            self.check(
                "error in callback" not in said,
                f"at a cell {kind}, {source!r}, a callback fails:\n{said}",
                "It stays registered, and the user is told so at every cell. Take cells as they come: some "
                "fail before they run, and values and errors may have methods that raise.",
            )

    def test_each_shell_has_its_own(self, declared: Declared, make_shell: Callable[..., TestedShell]) -> None:
        """A second shell, as by embed(), gets its callbacks, and the first keeps what it had."""
        first = self.new_shell(make_shell)
        before = self.callbacks(first)
        second = self.new_shell(make_shell)
        todo = "Register on the shell that ipshell_shell_created(shell) is given, not on get_ipython()'s."
        there = sorted(event for event, each in self.callbacks(second).items() for _ in each)
        self.check(
            there == sorted(self.events),
            f"in a second shell its callbacks are registered for {', '.join(there) or 'no event'}.",
            todo,
        )
        self.check(
            self.callbacks(first) == before,
            "a second shell changes which callbacks the first one has.",
            todo,
        )
        second.close()
        self.check(
            self.callbacks(first) == before,
            "when a second shell is closed, the first one loses or gains callbacks.",
            "In ipshell_shell_closing(shell) unregister from the shell that is closing, and no other.",
        )
        self.check_no_failures(first.registry)


def _told(callback: Callable[..., Any]) -> str:
    return f"{getattr(callback, '__qualname__', type(callback).__name__)}{inspect.signature(callback)}"
