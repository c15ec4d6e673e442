"""The one input hook: the choice, the contract with foreign loops, and what happens to bad ones."""

from __future__ import annotations

import _thread
import importlib.util
import selectors
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from ipcore.errors import UserError
from ipcore.hookspecs import hookimpl
from ipcore.hosts.inputhooks import Watched
from ipcore.hosts.main_thread import MainThread
from ipcore.hosts.wakeup import WakeUp
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell

LONG = 30.0

Hook = Callable[[Any], object]
Make = Callable[..., InteractiveShell]


@pytest.fixture
def shell_with() -> Iterator[Make]:
    """Give what makes a shell with input hooks of plugins, by name: functions of context and shell."""
    made: list[InteractiveShell] = []

    def make(**hooks: Callable[..., object]) -> InteractiveShell:
        module = types.ModuleType("toolkits_example")

        @hookimpl
        def ipshell_inputhook(name: str, shell: InteractiveShell) -> Hook:
            return lambda context: hooks[name](context, shell)

        module.ipshell_inputhook = ipshell_inputhook  # type: ignore[attr-defined]
        sys.modules["toolkits_example"] = module
        plugins = [Declared("inputhooks", name, "toolkits_example", "toolkits", "1.0") for name in hooks]
        shell = InteractiveShell(registry=Registry(builtin=(*BUILTIN, *plugins)))
        shell.start()
        made.append(shell)
        return shell

    yield make
    for shell in made:
        shell.close()
    sys.modules.pop("toolkits_example", None)


@pytest.fixture
def woken() -> Iterator[WakeUp]:
    with WakeUp() as made:
        yield made


def wait(shell: InteractiveShell, woken: WakeUp) -> None:
    """Wait in the shell's input hook; it is broken off where it would not end."""
    stop = threading.Timer(LONG, _thread.interrupt_main)
    stop.start()
    try:
        shell.inputhooks.wait(Watched(woken.fileno()))
    finally:
        stop.cancel()


def at_once(context: Any, shell: InteractiveShell) -> None:
    """A hook that does not wait."""


def plainly(context: Any, shell: InteractiveShell) -> None:
    """A hook that waits for nothing but its context."""
    with selectors.DefaultSelector() as selector:
        selector.register(context, selectors.EVENT_READ)
        selector.select()


def bare_loop(context: Any, shell: InteractiveShell) -> None:
    """A foreign event loop by the contract: it watches both descriptors and keeps to the time-out."""
    with selectors.DefaultSelector() as selector, shell.inputhooks.stepping() as tasks:
        selector.register(context, selectors.EVENT_READ)
        if tasks is not None:
            selector.register(tasks, selectors.EVENT_READ)
        while not context.input_is_ready():
            shell.user_ns["turns"] = shell.user_ns.get("turns", 0) + 1
            timeout = tasks.step() if tasks is not None else None
            selector.select(timeout)


_interpreters: list[Any] = []


def tcl_loop(context: Any, shell: InteractiveShell) -> None:
    """The same on Tcl's event loop, which Tk's is; needs no display."""
    import tkinter

    # One for all, as it may be thrown away in its own thread alone, and garbage is collected in any.
    tcl = _interpreters[0] if _interpreters else tkinter.Tcl()
    _interpreters[:] = [tcl]
    ready: list[bool] = []
    timers: list[str] = []
    with shell.inputhooks.stepping() as tasks:

        def step(*_: object) -> None:
            for timer in timers:
                tcl.after_cancel(timer)
            timers.clear()
            timeout = tasks.step() if tasks is not None else None
            if timeout is not None:
                timers.append(tcl.after(max(1, int(timeout * 1000 + 0.999)), step))

        interp: Any = tcl.tk
        interp.createfilehandler(context.fileno(), tkinter.READABLE, lambda *_: ready.append(True))
        if tasks is not None:
            interp.createfilehandler(tasks.fileno(), tkinter.READABLE, step)
        step()
        try:
            while not ready:
                interp.dooneevent(0)
        finally:
            for timer in timers:
                tcl.after_cancel(timer)
            interp.deletefilehandler(context.fileno())
            if tasks is not None:
                interp.deletefilehandler(tasks.fileno())


#: Foreign loops that keep to the contract.
FOREIGN = [
    pytest.param(bare_loop, id="selectors"),
    pytest.param(
        tcl_loop,
        id="tcl",
        marks=pytest.mark.skipif(
            sys.platform == "win32" or importlib.util.find_spec("_tkinter") is None,
            reason="this Python has no Tcl, or a Tcl that watches no descriptors",
        ),
    ),
]


# -- the choice --------------------------------------------------------------------


def test_the_default_is_asyncio_and_choosing_it_is_no_change(shell_with: Make) -> None:
    shell = shell_with(toy=plainly)
    assert shell.inputhooks.current == "asyncio"
    shell.enable_gui()
    shell.enable_gui("asyncio")
    assert not shell.inputhooks.foreign


def test_a_loop_is_used_until_it_is_let_go(shell_with: Make, woken: WakeUp) -> None:
    used: list[int] = []

    def toy(context: Any, shell: InteractiveShell) -> None:
        used.append(1)
        plainly(context, shell)

    shell = shell_with(toy=toy)
    shell.enable_gui("toy")
    assert shell.inputhooks.current == "toy"
    woken.wake()
    wait(shell, woken)
    assert used
    used.clear()
    shell.enable_gui()
    assert shell.inputhooks.current == "asyncio"
    wait(shell, woken)
    assert not used


def test_a_second_loop_is_refused_and_the_same_again_is_silent(
    shell_with: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_with(one=plainly, two=plainly)
    shell.enable_gui("one")
    shell.enable_gui("one")
    assert capsys.readouterr().err == ""
    shell.enable_gui("two")
    assert "the event loop one is in use and stays" in capsys.readouterr().err
    assert shell.inputhooks.current == "one"
    shell.enable_gui(None)
    shell.enable_gui("two")
    assert shell.inputhooks.current == "two"


@pytest.mark.parametrize("name", ["qt", "tk", "gtk4", "wx", "osx", "trio"])
def test_a_toolkit_without_its_plugin_names_the_distribution(shell: InteractiveShell, name: str) -> None:
    with pytest.raises(UserError, match=f"'{name}' comes with ipgui, which is not installed"):
        shell.enable_gui(name)


def test_an_unknown_loop_is_refused_with_those_there_are(shell_with: Make) -> None:
    with pytest.raises(UserError, match="there is no event loop 'nosuch'; there are: asyncio, toy"):
        shell_with(toy=plainly).enable_gui("nosuch")


def test_a_plugin_that_gives_no_callable_is_named(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    module = types.ModuleType("toolkits_wrong")
    module.ipshell_inputhook = hookimpl(lambda name: 3)  # type: ignore[attr-defined]
    sys.modules["toolkits_wrong"] = module
    plugin = Declared("inputhooks", "toy", "toolkits_wrong", "toolkits", "1.0")
    made = InteractiveShell(registry=Registry(builtin=(*BUILTIN, plugin)))
    try:
        with pytest.raises(UserError, match="cannot be used"):
            made.enable_gui("toy")
    finally:
        made.close()
        del sys.modules["toolkits_wrong"]
    assert "its input hook is int, which cannot be called" in capsys.readouterr().err


# -- waiting -----------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["1", "import asyncio; await asyncio.sleep(0)"])
def test_waiting_ends_as_soon_as_another_thread_wakes(
    shell: InteractiveShell, woken: WakeUp, cell: str
) -> None:
    shell.run_cell(cell)
    thread = threading.Thread(target=woken.wake)
    thread.start()
    wait(shell, woken)
    thread.join(LONG)


def test_waiting_works_with_a_loop_that_cannot_watch_descriptors(
    shell: InteractiveShell, woken: WakeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise NotImplementedError  # as the loop of Windows does

    shell.run_cell("import asyncio; await asyncio.sleep(0)")
    monkeypatch.setattr(shell.user_loop.loop, "add_reader", refuse, raising=False)
    seen: list[int] = []
    shell.user_loop.loop.call_later(0.01, seen.append, 1)
    shell.user_loop.loop.call_later(0.02, woken.wake)
    wait(shell, woken)
    assert seen == [1]


def test_a_hook_that_raises_is_named_and_given_up_for_the_default(
    shell_with: Make, woken: WakeUp, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(context: Any, shell: InteractiveShell) -> None:
        shell.user_loop.loop.call_later(0.01, woken.wake)
        raise LookupError("no display")

    shell = shell_with(broken=broken)
    shell.run_cell("import asyncio; await asyncio.sleep(0)")
    shell.enable_gui("broken")
    wait(shell, woken)
    assert shell.inputhooks.current == "asyncio"
    said = capsys.readouterr().err
    assert "plugin toolkits[broken] 1.0 (inputhooks), event loop broken" in said
    assert "LookupError: no display" in said
    with pytest.raises(UserError, match="cannot be used"):
        shell.enable_gui("broken")


def test_a_hook_that_leaves_by_system_exit_does_not_leave_the_shell(
    shell_with: Make, woken: WakeUp, capsys: pytest.CaptureFixture[str]
) -> None:
    def leaving(context: Any, shell: InteractiveShell) -> None:
        woken.wake()
        sys.exit(3)

    shell = shell_with(leaving=leaving)
    shell.enable_gui("leaving")
    wait(shell, woken)
    assert "SystemExit" in capsys.readouterr().err


def test_a_hook_that_does_not_wait_is_called_a_bounded_number_of_times_and_named(
    shell_with: Make, woken: WakeUp, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[int] = []

    def hasty(context: Any, shell: InteractiveShell) -> None:
        calls.append(1)

    shell = shell_with(hasty=hasty)
    shell.run_cell("import asyncio; await asyncio.sleep(0)")
    shell.user_loop.loop.call_later(0.01, woken.wake)  # comes only if the default has taken over
    shell.enable_gui("hasty")
    wait(shell, woken)
    assert 2 < len(calls) < 200
    assert "returns again and again although nothing is ready" in capsys.readouterr().err


def test_a_hook_that_returns_now_and_then_is_called_again(shell_with: Make, woken: WakeUp) -> None:
    calls: list[int] = []

    def short(context: Any, shell: InteractiveShell) -> None:
        calls.append(1)
        if len(calls) == 5:
            woken.wake()

    shell = shell_with(short=short)
    shell.enable_gui("short")
    wait(shell, woken)
    assert len(calls) == 5
    assert shell.inputhooks.current == "short"


def test_ctrl_c_in_a_hook_is_not_the_hooks_failure(shell_with: Make, woken: WakeUp) -> None:
    def stopped(context: Any, shell: InteractiveShell) -> None:
        raise KeyboardInterrupt

    shell = shell_with(stopped=stopped)
    shell.enable_gui("stopped")
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            wait(shell, woken)
        assert shell.inputhooks.current == "stopped"


def test_a_hook_that_does_not_return_is_given_up_when_it_was_stopped_at_two_prompts(
    shell_with: Make, woken: WakeUp, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = True

    def stuck(context: Any, shell: InteractiveShell) -> None:
        if not ends:
            raise KeyboardInterrupt  # by the second Ctrl-C

    shell = shell_with(stuck=stuck)
    shell.enable_gui("stuck")
    woken.wake()
    for ends in (False, True, False):  # a callback was stuck, twice
        with nullcontext() if ends else pytest.raises(KeyboardInterrupt):
            wait(shell, woken)
    assert (shell.inputhooks.current, capsys.readouterr().err) == ("stuck", "")
    with pytest.raises(KeyboardInterrupt):
        wait(shell, woken)
    assert shell.inputhooks.current == "asyncio"
    said = capsys.readouterr().err
    assert "plugin toolkits[stuck] 1.0 (inputhooks), event loop stuck: it does not return" in said
    wait(shell, woken)


# -- foreign loops and asyncio's -----------------------------------------------------

TICKER = """
import asyncio
async def tick():
    while True:
        ticked()
        await asyncio.sleep(0.001)
ticker = asyncio.create_task(tick())
await asyncio.sleep(0)
"""


@pytest.mark.parametrize("foreign", FOREIGN)
def test_tasks_go_on_under_a_foreign_loop_and_cells_still_work(shell_with: Make, foreign: Hook) -> None:
    shell = shell_with(foreign=foreign)
    shell.enable_gui("foreign")
    ticks = threading.Semaphore(0)
    shell.user_ns["ticked"] = ticks.release

    def front_end(main: MainThread) -> list[Any]:
        values = []
        assert main.run_cell(TICKER).result(LONG).success
        for cell in ("6 * 7", "await asyncio.sleep(0.01, 7)", "asyncio.run(asyncio.sleep(0, 8))"):
            for _ in range(30):
                assert ticks.acquire(timeout=LONG)
            values.append(main.run_cell(cell).result(LONG).result)
            while ticks.acquire(blocking=False):
                pass
        return values

    assert MainThread(shell).run(front_end) == [42, 7, 8]
    assert shell.inputhooks.current == "foreign"


@pytest.mark.parametrize("foreign", FOREIGN)
def test_what_other_threads_and_descriptors_bring_is_noticed_under_a_foreign_loop(
    shell_with: Make, foreign: Hook
) -> None:
    shell = shell_with(foreign=foreign)
    shell.enable_gui("foreign")
    seen = threading.Event()

    def front_end(main: MainThread) -> None:
        assert main.run_cell("import asyncio; await asyncio.sleep(0)").result(LONG).success
        loop = shell.user_loop.loop
        for _ in range(3):
            assert main.answers(LONG)
            loop.call_soon_threadsafe(seen.set)
            assert seen.wait(LONG)
            seen.clear()
        with WakeUp() as other:

            def bring() -> None:
                other.drain()
                seen.set()

            main.call(loop.add_reader, other.fileno(), bring).result(LONG)
            assert main.answers(LONG)
            other.wake()
            assert seen.wait(LONG)
            main.call(loop.remove_reader, other.fileno()).result(LONG)

    MainThread(shell).run(front_end)


def test_what_a_callback_of_the_foreign_loop_starts_is_noticed(shell_with: Make, woken: WakeUp) -> None:
    seen: list[str] = []

    def foreign(context: Any, shell: InteractiveShell) -> None:
        """Waits as the contract says; its own callback, a button, comes in the third turn."""
        loop = shell.user_loop.loop
        turns = 0
        with selectors.DefaultSelector() as selector, shell.inputhooks.stepping() as tasks:
            assert tasks is not None
            selector.register(context, selectors.EVENT_READ)
            selector.register(tasks, selectors.EVENT_READ)
            while not context.input_is_ready():
                turns += 1
                timeout = tasks.step()
                if turns == 1:
                    assert timeout is None
                    loop.call_soon(seen.append, "soon")
                    loop.call_later(0.01, seen.append, "later")
                    loop.call_later(0.01, woken.wake)
                selector.select(timeout)

    shell = shell_with(foreign=foreign)
    shell.run_cell("import asyncio; await asyncio.sleep(0)")
    shell.enable_gui("foreign")
    wait(shell, woken)
    assert seen == ["soon", "later"]
    assert shell.inputhooks.current == "foreign"


def test_a_foreign_loop_sleeps_while_no_task_is_due(shell_with: Make) -> None:
    shell = shell_with(foreign=bare_loop)
    shell.enable_gui("foreign")

    def front_end(main: MainThread) -> Any:
        source = "import asyncio; t = asyncio.create_task(asyncio.sleep(1000)); await asyncio.sleep(0)"
        assert main.run_cell(source).result(LONG).success
        assert main.answers(LONG)
        before = shell.user_ns.get("turns", 0)
        threading.Event().wait(0.5)
        return shell.user_ns["turns"] - before

    assert MainThread(shell).run(front_end) <= 5


def test_a_busy_task_leaves_the_foreign_loop_its_turn(shell_with: Make) -> None:
    shell = shell_with(foreign=bare_loop)
    shell.enable_gui("foreign")

    turns = threading.Semaphore(0)
    shell.user_ns["turned"] = turns.release
    source = """
import asyncio
async def busy():
    while True:
        turned()
        await asyncio.sleep(0)
t = asyncio.create_task(busy())
await asyncio.sleep(0)
"""

    def front_end(main: MainThread) -> Any:
        assert main.run_cell(source).result(LONG).success
        for _ in range(1000):
            assert turns.acquire(timeout=LONG)
        try:
            return main.run_cell("6 * 7").result(LONG).result
        finally:
            main.interrupt(callbacks=True)  # where it is stuck in the task

    assert MainThread(shell).run(front_end) == 42


def test_a_step_says_when_the_next_one_is_due(shell: InteractiveShell) -> None:
    shell.run_cell("import asyncio; await asyncio.sleep(0)")
    loop = shell.user_loop.loop
    with shell.inputhooks.stepping() as tasks:
        assert tasks is not None
        assert tasks.step() is None
        loop.call_later(1000, print)
        due = tasks.step()
        assert due is not None
        assert 900 < due <= 1000
        with shell.inputhooks.stepping() as inner:  # a loop in a callback of the other one
            assert inner is not None
            assert inner.step() is not None
        assert tasks.step() is not None
    assert "select" not in vars(shell.user_loop.selector)
    assert not {"call_soon", "call_at"} & set(vars(loop))
    assert shell.run_cell("await asyncio.sleep(0.001, 5)").result == 5


def test_without_an_asyncio_loop_there_is_nothing_to_step(shell: InteractiveShell) -> None:
    with shell.inputhooks.stepping() as tasks:
        assert tasks is None
