"""The one input hook: which event loop the thread of the cells sits in while nothing runs."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from ..component import Component
from ..errors import UserError
from ..notices import notice
from .wakeup import wait_readable

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ..plugins.declared import Declared
    from ..shell import InteractiveShell
    from ..types.inputhooks import InputContext, InputHook
    from .stepping import Stepper

#: The key of the core's own hook.
DEFAULT: Final = "asyncio"
#: How often in a row a hook may have to be stopped by Ctrl-C, because it does not return.
MOST_STOPS: Final = 2
#: How often a hook may return within a second although nothing is ready.
MOST_RETURNS: Final = 50

_LOOPS: Final = "asyncio.events"


class Watched:
    """An :class:`~ipcore.types.inputhooks.InputContext` for one descriptor."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def input_is_ready(self) -> bool:
        """Tell whether the descriptor can be read."""
        return wait_readable(self._descriptor, 0)

    def fileno(self) -> int:
        """Give the descriptor."""
        return self._descriptor


class InputHooks(Component):
    """Runs the event loop that was chosen, until a descriptor can be read.

    To be used on the thread that runs cells. Without a choice that is a plain wait, and, as
    soon as there is an asyncio loop of the user's, that loop. Nothing is polled.
    """

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._hook: InputHook | None = None
        self._plugin: Declared | None = None
        self._name = DEFAULT
        self._stepper: Stepper | None = None
        self._stops = 0

    # -- the choice ------------------------------------------------------------

    @property
    def current(self) -> str:
        """The name of the hook in use."""
        return self._name

    @property
    def foreign(self) -> bool:
        """Whether a plugin's hook is in use, not the core's own."""
        return self._hook is not None

    @property
    def needed(self) -> bool:
        """Whether anything but plain waiting is to be done while the prompt waits."""
        return self._hook is not None or self._loop_made

    @property
    def _loop_made(self) -> bool:
        return _LOOPS in sys.modules and self._shell.user_loop.made

    def use(self, name: str | None = None) -> None:
        """Choose the event loop that runs while the prompt waits.

        Does nothing if it is that one already. A loop is not changed for another one, as few toolkits
        bear a second one beside them: that is told, and the first one stays.

        :param name: a key of the family ``inputhooks``; ``None`` ends the use of a plugin's.
        :raises UserError: if nobody gives a hook of that name, or its plugin failed.
        """
        name = name or DEFAULT
        if name == self._name:
            return
        if self._hook is not None and name != DEFAULT:
            notice(
                f"the event loop {self._name} is in use and stays; "
                f"get_ipython().enable_gui() ends its use, then enable_gui({name!r}) works."
            )
            return
        given = self._shell.registry.call_named(
            "inputhooks", name, "ipshell_inputhook", _check_hook, shell=self._shell
        )
        if name == DEFAULT and (given is None or given.plugin.core):
            self._hook, self._plugin, self._name = None, None, DEFAULT
            return
        if given is None:
            raise UserError(self._why_not(name))
        self._hook, self._plugin, self._name, self._stops = given.value, given.plugin, name, 0

    def _why_not(self, name: str) -> str:
        known = self._shell.registry.keys("inputhooks")
        if name in known:
            return f"the event loop {name!r} cannot be used; see above, or: ipshell plugins info {name}."
        from ..known_parts import distribution_of_inputhook

        brings = distribution_of_inputhook(name)
        if brings:
            return f"the event loop {name!r} comes with {brings}, which is not installed."
        return f"there is no event loop {name!r}; there are: {', '.join(known) or 'none'}."

    # -- waiting ---------------------------------------------------------------

    def wait(self, context: InputContext) -> None:
        """Run the chosen event loop until the context is ready.

        Blocks. A plugin's hook that raises, that returns again and again although nothing
        is ready, or that has to be stopped by Ctrl-C at one prompt after the other because it does
        not return, is told and given up for the core's own.

        :raises KeyboardInterrupt: where a handler of signals raises it.
        """
        returns, since = 0, time.monotonic()
        while self._hook is not None:
            self._run(self._hook, context)
            if context.input_is_ready():
                return
            returns += 1
            if time.monotonic() - since > 1:
                returns, since = 0, time.monotonic()
            elif returns > MOST_RETURNS:
                self._give_up("returns again and again although nothing is ready")
        self.wait_plainly(context)

    def _run(self, hook: InputHook, context: InputContext) -> None:
        try:
            hook(context)
        except KeyboardInterrupt:
            # Once it may have been a callback that did not end. At the next prompt it is the loop itself,
            # and with it there would be no line any more that one could type.
            self._stops += context.input_is_ready()
            if self._stops >= MOST_STOPS:
                self._give_up("it does not return although there is input")
            raise
        except BaseException as error:  # SystemExit too: a callback's, and no reason to leave the shell
            self._give_up(error)
        else:
            self._stops = 0

    def _give_up(self, wrong: str | BaseException) -> None:
        """Tell what a hook did, switch its plugin off, and go on with the core's own."""
        plugin, name = self._plugin, self._name
        self._hook, self._plugin, self._name = None, None, DEFAULT
        if plugin is not None:
            self._shell.registry.disable(plugin, f"event loop {name}", wrong)

    def wait_plainly(self, context: InputContext) -> None:
        """Wait as the core's own hook does: in the user's asyncio loop, if there is one."""
        descriptor = context.fileno()
        while not context.input_is_ready():
            if self._loop_made and not self._shell.user_loop.loop.is_running():
                self._shell.user_loop.turn_until_readable(descriptor)
            else:
                wait_readable(descriptor, None)

    def stepping(self) -> AbstractContextManager[Stepper | None]:
        """Let a hook that runs a loop of its own keep the user's asyncio tasks going.

        :returns: a context manager around the hook's wait; it gives a
            :class:`~ipcore.hosts.stepping.Stepper`, or ``None`` where there is no asyncio loop to step.
        """
        if not self._loop_made or self._shell.user_loop.loop.is_running():
            return nullcontext()
        from .stepping import Stepper

        if self._stepper is None or not self._stepper.active:  # else a loop within a loop: they share it
            self._stepper = Stepper(self._shell.user_loop)
        return self._stepper

    def on_close(self) -> None:
        """Let go of the plugin's hook."""
        self._hook = self._plugin = self._stepper = None


def _check_hook(value: object) -> str:
    return "" if callable(value) else f"its input hook is {type(value).__name__}, which cannot be called"
