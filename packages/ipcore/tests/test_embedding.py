"""embed(): in a function, in a thread, in a coroutine, in a shell's cell."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipcore.testing.terminal import Terminal, environment


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Give a function that runs a program with cells for its shells on standard input."""

    def run(program: str, typed: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "program.py"
        file.write_text(textwrap.dedent(program))
        return subprocess.run(
            [sys.executable, "-W", "error", str(file)],
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_cells_read_and_change_the_callers_variables(run: Run) -> None:
    program = """
        from ipcore import embed
        def function(n, items):
            embed("here we are", exit_msg="and away")
            return n, items
        print(function(1, [1, 2]))
    """
    done = run(program, "[n + x for x in items]\nn = 5\nexit\nnever\n")
    assert done.stderr == ""
    assert done.stdout.startswith("here we are\n")
    assert "Out[1]: [2, 3]" in done.stdout
    assert done.stdout.endswith("and away\n(5, [1, 2])\n")


def test_the_interpreter_is_left_as_it_was(run: Run) -> None:
    program = """
        import builtins, signal, sys, threading
        from ipcore import embed, get_ipython
        def state():
            return (
                sys.modules["__main__"], sys.displayhook, sys.excepthook, sorted(vars(builtins)),
                list(sys.path), list(sys.argv), get_ipython(), threading.active_count(),
                signal.getsignal(signal.SIGINT), sorted(set(globals()) - {"before"}),
            )
        def function():
            x = 1
            embed()
        signal.signal(signal.SIGINT, lambda *_: None)
        before = state()
        embed()
        assert state() == before, (before, state())
        function()
        assert state() == before
        print("same")
    """
    done = run(program, "1\nget_ipython()\n_ + 1\nexit\nget_ipython() and x\n[_ for _ in [_]]\n")
    assert done.stderr.startswith("Traceback")  # _ + 1, where _ is the shell
    assert "Out[2]: <ipcore.shell.InteractiveShell" in done.stdout
    assert done.stdout.endswith("same\n")


def test_at_the_top_of_a_program_cells_make_globals(run: Run) -> None:
    program = """
        from ipcore import embed
        def show(): return x
        x = 1
        embed()
        print(x, y, "Out" in globals())
    """
    done = run(program, "y = x + 1\nx = 3\nshow()\nexit\n")
    assert "Out[3]: 3" in done.stdout
    assert done.stdout.endswith("3 2 False\n")


def test_an_embedded_shell_can_be_opened_in_another(run: Run) -> None:
    program = """
        from ipcore import embed, get_ipython
        def inner(x):
            embed()
            return x
        def outer(x):
            embed()
            return x
        print(outer(1), get_ipython())
    """
    typed = (
        "x\nshell = get_ipython(); inner(x + 10)\nx, shell is get_ipython()\nx = 12\n_\nexit\n"
        "x, shell is get_ipython()\nexit(3)\n"
    )
    done = run(program, typed)
    assert "Out[1]: (11, False)" not in done.stderr
    # The name shell is of the outer cells, and so is the value of _.
    assert done.stderr.count("NameError: name 'shell'") == 1
    assert done.stderr.count("NameError: name '_'") == 1
    assert "Out[2]: 12\n" in done.stdout  # what inner() gave back
    assert "Out[3]: (1, True)" in done.stdout
    assert done.stdout.endswith("1 None\n")


def test_an_embedded_shell_can_be_opened_at_the_prompt_of_another(run: Run) -> None:
    program = """
        from ipcore import embed
        def outer(x):
            embed()
            return x
        print(outer(1))
    """
    typed = "embed()\n5\n_ + 1\nx = [_ for _ in [x]]\nexit\nx, 'still in the outer'\n"
    done = run(program, typed)
    assert done.stderr == ""
    assert "Out[2]: 6" in done.stdout
    assert "Out[2]: ([1], 'still in the outer')" in done.stdout
    assert done.stdout.endswith("[1]\n")


def test_exit_of_a_shell_in_a_cell_leaves_that_shell_alone(ipcore: Run) -> None:
    typed = (
        "6*7\nfrom ipcore import embed\nembed()\n1+1\n_ + 5\nexit\n_i3, _\n"
        "embed(user_ns={})\n2+2\n_ + 5\nexit\n_\n"
        "def f(a):\n    embed()\n    return a\n\nf(3)\na = [_ for _ in [a]]\n_, 'none yet'\nexit\n"
    )
    done = ipcore("--nosep", typed=typed)
    assert done.stderr == ""
    assert "Out[2]: 7" in done.stdout  # the inner shell's _
    assert "Out[4]: ('embed()', 42)" in done.stdout
    assert "Out[2]: 9" in done.stdout
    assert "Out[6]: ('embed()', 42)" in done.stdout
    assert "('', 'none yet')" in done.stdout
    assert "Out[8]: [3]" in done.stdout


def test_exit_leaves_the_innermost_of_several_shells_in_cells(ipcore: Run) -> None:
    typed = (
        "from ipcore import embed\n"
        "def f(depth):\n    embed()\n    return depth\n\n"
        "f(1)\nf(2)\nf(3)\n'innermost'\nexit\n'inner'\nexit\n'outer'\nexit\n'first'\nexit\n'too far'\n"
    )
    done = ipcore("--nosep", typed=typed)
    assert done.stderr == ""
    values = [line.rpartition("]: ")[2] for line in done.stdout.splitlines() if "Out[" in line]
    assert values == ["'innermost'", "3", "'inner'", "2", "'outer'", "1", "'first'"]


def test_names_can_be_given_instead(run: Run) -> None:
    program = """
        import types
        from ipcore import embed
        G = "main"
        module = types.ModuleType("module")
        module.G = "module"
        over, given = {"a": 1}, {"b": 2}
        def function(a, c):
            embed(user_ns=over)
            embed(local_ns=given)
            embed(module=module)
            embed(module=module, local_ns=given)
            return a
        print(function(0, 3), over, given, module.n, "n" in globals())
    """
    done = run(
        program,
        "a, c, G\na = 9\nexit\nb, G, 'a' in dir()\nn = 5\nexit\nn = G\nexit\nb, n, G\nexit\n",
    )
    assert done.stderr == ""
    assert [line.partition("]: ")[2] for line in done.stdout.splitlines() if "Out[" in line] == [
        "Out[1]: (1, 3, 'main')",
        "Out[1]: (2, 'main', False)",
        "Out[1]: (2, 5, 'module')",
    ]
    assert done.stdout.endswith("0 {'a': 9} {'b': 2, 'n': 5} module False\n")


def test_a_wrong_argument_is_refused_and_a_trait_is_taken(run: Run) -> None:
    program = """
        from ipcore import embed, get_ipython
        try:
            embed(colours="no")
        except TypeError as error:
            print(error)
        assert get_ipython() is None
        embed(cache_size=0, ast_node_interactivity="all")
    """
    done = run(program, "1; 2\n")
    assert "no argument 'colours'" in done.stdout
    assert "\n1\n2\n" in done.stdout.replace("In [1]: ", "\n")


def test_ipythons_arguments_are_taken(run: Run) -> None:
    program = """
        import __future__
        from ipcore import embed
        embed(header="the header", banner1="one\\n", banner2="two", using="sync")
        embed(using="asyncio", autoawait=False, compile_flags=__future__.annotations.compiler_flag)
    """
    cells = [
        "import asyncio; await asyncio.sleep(0, 'awaited')",
        "exit",
        "def f(x: nowhere): pass",
        "f.__annotations__",
        "import asyncio; await asyncio.sleep(0, 'awaited')",
        "exit",
    ]
    done = run(program, "\n".join(cells) + "\n")
    assert done.stdout.startswith("one\ntwo\nthe header\n")
    assert done.stderr.count("SyntaxError: 'await' outside function") == 1
    assert "{'x': 'nowhere'}" in done.stdout
    assert done.stdout.count("'awaited'") == 1


def test_one_object_opens_shells_at_several_places(run: Run) -> None:
    program = """
        from ipcore.embedding import InteractiveShellEmbed
        shell = InteractiveShellEmbed(banner1="banner", exit_msg="left")

        def first():
            name = "first"
            shell("one")

        def second():
            name = "second"
            helper()
            shell(dummy=True)
            shell.dummy_mode = True
            shell()
            shell(dummy=False, local_ns={"name": "third"})

        def helper():
            shell(stack_depth=2)

        first()
        second()
    """
    done = run(program, "name\nexit\n" * 3)
    assert done.returncode == 0, done.stderr
    shown = re.sub(r"In \[\d\]: ", "", done.stdout).splitlines()
    assert [line for line in shown if line.strip()] == [
        *("banner", "one", "Out[1]: 'first'", "left"),
        *("banner", "Out[1]: 'second'", "left"),
        *("banner", "Out[1]: 'third'", "left"),
    ]


def test_the_users_configuration_and_future_imports_hold(run: Run, home: Path) -> None:
    folder = home / "profile_default"
    folder.mkdir()
    (folder / "ipshell_config.py").write_text("c.InteractiveShell.ast_node_interactivity = 'all'\n")
    program = """
        from __future__ import annotations
        from ipcore import embed
        def function(a):
            embed()
        function(1)
    """
    done = run(program, "a + 1000; 'two'\ndef f(x: nosuch): pass\n\nf.__annotations__\n")
    assert done.stderr == ""
    assert "1001" in done.stdout
    assert "'two'" in done.stdout
    assert "{'x': 'nosuch'}" in done.stdout


def test_a_coroutines_loop_stands_still_and_goes_on(run: Run) -> None:
    program = """
        import asyncio
        from ipcore import embed
        ticks = 0
        async def tick():
            global ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)
        async def main(n):
            task = asyncio.create_task(tick())
            await asyncio.sleep(0)
            before = ticks
            embed()
            assert ticks == before, "tasks went on"
            assert asyncio.current_task() is me and asyncio.get_running_loop() is asyncio.get_event_loop()
            await asyncio.sleep(0.01)
            assert ticks > before
            task.cancel()
            return n
        async def named():
            global me
            me = asyncio.current_task()
            return await main(1)
        print(asyncio.run(named()))
    """
    typed = (
        "async def f(): return [n + x async for x in g()]\n\nasync def g():\n    yield n\n\n"
        "asyncio.run(f())\nn = 7\n"
    )
    done = run(program, typed)
    assert done.stderr == ""
    assert "Out[3]: [2]" in done.stdout
    assert done.stdout.endswith("7\n")


def test_in_trio_cells_run_loops_of_their_own_but_no_trio(run: Run) -> None:
    program = """
        import trio
        from ipcore import embed
        async def main(n):
            embed()
            await trio.sleep(0)
            import sniffio
            return n, sniffio.current_async_library()
        print(trio.run(main, 1))
    """
    typed = (
        "import anyio; anyio.run(anyio.sleep, 0)\nimport asyncio; asyncio.run(asyncio.sleep(0, n))\n"
        "await anyio.sleep(0); n + 1\nn = 7\nimport trio; trio.run(trio.sleep, 0)\n"
    )
    done = run(program, typed)
    assert "Out[2]: 1" in done.stdout
    assert "Out[3]: 2" in done.stdout
    assert done.stderr.startswith("UserError: trio runs already around this cell")
    assert done.stderr.count("\n") == 1
    assert done.stdout.endswith("(7, 'trio')\n")


def test_a_functions_variables_go_when_it_ends(run: Run) -> None:
    program = """
        import gc, weakref
        from ipcore import embed
        class Thing: pass
        def function():
            global gone
            thing = Thing()
            gone = weakref.ref(thing)
            embed()
        embed()
        gc.collect()
        gc.disable()
        function()
        print("gone" if gone() is None else "still there")
    """
    done = run(
        program, "exit\nname = thing.__class__\nclass A:\n    kind = name\n\n(lambda: thing is thing)()\n"
    )
    assert "Out[3]: True" in done.stdout
    assert done.stdout.endswith("gone\n")


def test_the_names_of_a_failed_function_are_there_afterwards(run: Run) -> None:
    program = """
        import sys
        from ipcore import InteractiveShell
        from ipcore.namespaces import traceback_namespace
        def divide(a, b):
            return a / b
        try:
            divide(1, 0)
        except ZeroDivisionError as error:
            namespace = traceback_namespace(error.__traceback__)
        shell = InteractiveShell(namespace=namespace)
        assert shell.run_cell("[a for _ in range(2)], b").result == ([1, 1], 0)
        shell.close()
    """
    assert run(program, "").returncode == 0


# -- in a terminal ---------------------------------------------------------------

FUNCTION = """
from ipcore import embed
def function(n):
    embed("hello")
    return n
print("given back", function(1))
"""
THREAD = """
import threading
from ipcore import embed
def work(n):
    embed("hello")
    print("given back", n)
thread = threading.Thread(target=work, args=(1,))
thread.start()
thread.join()
"""
COROUTINE = """
import asyncio
from ipcore import embed
async def main(n):
    embed("hello")
    await asyncio.sleep(0)
    print("given back", n)
asyncio.run(main(1))
"""
TRIO = """
import trio
from ipcore import embed
async def main(n):
    embed("hello")
    await trio.sleep(0)
    print("given back", n)
trio.run(main, 1)
"""
ASYNCIO_THREAD = """
import asyncio
from ipcore import embed
def work(n):
    embed("hello")
    print("given back", n)
asyncio.run(asyncio.to_thread(work, 1))
"""
TRIO_THREAD = """
import trio
from ipcore import embed
def work(n):
    embed("hello")
    print("given back", n)
async def main(n):
    await trio.to_thread.run_sync(work, n)
trio.run(main, 1)
"""
PLACES = {
    "function": FUNCTION,
    "coroutine": COROUTINE,
    "thread": THREAD,
    "trio": TRIO,
    "thread of asyncio": ASYNCIO_THREAD,
    "thread of trio": TRIO_THREAD,
}


class Program(Terminal):
    """A program in a terminal, of which it is seen how the screen ends."""

    def __init__(self, file: Path, *arguments: str, cwd: Path | None = None, **variables: str) -> None:
        # The plain front end, whatever is installed beside the core.
        env = {**environment(None), "IPSHELL_PLUGINS": "", **variables}
        super().__init__([sys.executable, str(file), *arguments], cwd=cwd, env=env, rows=40)

    def see(self, *ends: str) -> list[str]:
        """Wait until the screen ends with these lines."""
        return self.wait_for(lambda lines: tuple(lines[-len(ends) :]) == ends, str(ends))


@pytest.fixture
def terminal(home: Path, tmp_path: Path) -> Iterator[Callable[[str], Program]]:
    """Give a function that runs a program in a pseudo-terminal."""
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals of this kind are POSIX's")
    started: list[Program] = []

    def start(program: str) -> Program:
        file = tmp_path / "program.py"
        file.write_text(program)
        started.append(Program(file))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.mark.parametrize("program", PLACES.values(), ids=list(PLACES))
def test_a_person_works_in_an_embedded_shell(terminal: Callable[[str], Program], program: str) -> None:
    shell = terminal(program)
    shell.see("hello", "", "In [1]:")
    shell.type("[n + x for x in range(2)]\r")
    shell.see("Out[1]: [1, 2]", "", "In [2]:")
    shell.type("for i in range(2):\r    n += (lambda: n)()\r\r")
    shell.see("   ...:", "", "In [3]:")
    shell.type("import time; print('go', 1)\r")
    shell.see("go 1", "", "In [4]:")
    # Of an earlier line only what was typed here: the history is this shell's.
    shell.type("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\r")
    shell.see("In [4]: [n + x for x in range(2)]", "Out[4]: [4, 5]", "", "In [5]:")
    shell.type("exit\r")
    shell.see("In [5]: exit", "given back 4")


@pytest.mark.parametrize("program", PLACES.values(), ids=list(PLACES))
def test_ctrl_c_stops_a_cell_of_an_embedded_shell_and_nothing_else(
    terminal: Callable[[str], Program], program: str
) -> None:
    program += "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)\n"
    program += "input('still there? ')\n"
    shell = terminal(program)
    shell.see("hello", "", "In [1]:")
    # Not one long sleep: a signal just before its system call would not end it.
    cell = "import time; print('go', 1); [time.sleep(0.1) for _ in range(600)]"
    shell.type(f"{cell}\r")
    shell.see(f"In [1]: {cell}", "go 1")
    shell.press("ctrl-c")
    lines = shell.see("KeyboardInterrupt", "", "In [2]:")
    assert not any("ipcore" in line for line in lines)
    shell.type("import asyncio; asyncio.run(asyncio.sleep(0, 'usable'))\r")
    shell.see("Out[2]: 'usable'", "", "In [3]:")
    shell.type("exit\r")
    shell.see("In [3]: exit", "given back 1", "True", "still there?")


@pytest.mark.parametrize("kept", ["with tasks", "while the prompt is made ready"])
def test_no_thread_is_left_of_a_ctrl_c_that_came_again(terminal: Callable[[str], Program], kept: str) -> None:
    pytest.importorskip("readline")
    shell = terminal(
        # Such a thread would be there for a second after the Ctrl-C that it has sent.
        "import signal, threading\nfrom ipcore import embed\nfrom ipcore.plain import prefill, resending\n"
        "resending.STEP = 1\ndef strike(): signal.raise_signal(signal.SIGINT)\n"
        + ("" if kept == "with tasks" else "prefill.at_first_prompt(strike)\n")
        + "embed()\nprint(threading.enumerate() == [threading.main_thread()])\n"
    )
    if kept == "with tasks":
        shell.see("In [1]:")
        shell.type("import asyncio; t = asyncio.create_task(asyncio.sleep(1000)); await asyncio.sleep(0)\r")
        shell.see("In [2]:")
        shell.press("ctrl-c")
    shell.wait_for("KeyboardInterrupt")
    shell.type("exit\r")
    shell.wait_for(lambda lines: lines[-1] in ("True", "False"), "the end")
    assert shell.lines[-1] == "True"


@pytest.mark.parametrize("cell", ["await wait()", "asyncio.run(wait())"])
def test_ctrl_c_in_a_thread_stops_a_cell_that_waits_in_an_event_loop(
    terminal: Callable[[str], Program], cell: str
) -> None:
    shell = terminal(THREAD)
    shell.see("hello", "", "In [1]:")
    shell.type("import asyncio; never = asyncio.sleep(1000, 'kept')\r")
    shell.see("In [2]:")
    shell.type("t = asyncio.create_task(never); await asyncio.sleep(0)\r")
    shell.see("In [3]:")
    shell.type("async def wait(): print('go', 1); await asyncio.sleep(1000)\r\r")
    shell.see("In [4]:")
    shell.type(f"{cell}\r")
    shell.see(f"In [4]: {cell}", "go 1")
    shell.press("ctrl-c")
    lines = shell.see("KeyboardInterrupt", "", "In [5]:")
    assert not any("ipcore" in line for line in lines)
    shell.type("t.done()\r")
    shell.see("Out[5]: False", "", "In [6]:")


def test_ctrl_c_at_the_prompt_of_a_thread_drops_the_line_once_it_ends(
    terminal: Callable[[str], Program],
) -> None:
    shell = terminal(THREAD)
    shell.see("hello", "", "In [1]:")
    shell.type("1 +")
    shell.see("In [1]: 1 +")
    shell.press("ctrl-c")
    shell.type("1\r")
    assert not any("Out" in line for line in shell.see("KeyboardInterrupt", "", "In [1]:"))
    shell.type("exit\r")
    shell.see("In [1]: exit", "given back 1")


def test_lines_typed_stay_out_of_the_programs_history(terminal: Callable[[str], Program]) -> None:
    pytest.importorskip("readline")
    shell = terminal(
        "import readline, rlcompleter\nfrom ipcore import embed\nreadline.parse_and_bind('tab: complete')\n"
        "input('first? ')\nembed()\n"
        "print([readline.get_history_item(i + 1) for i in range(readline.get_current_history_length())])\n"
        "alphabet = 1\ninput('last? ')\n"
    )
    shell.see("first?")
    shell.type("one\r")
    shell.see("In [1]:")
    shell.type("two = 2\r")
    shell.see("In [2]:")
    shell.type("exit\r")
    shell.see("['one']", "last?")
    shell.type("alphab\t")
    shell.see("last? alphabet")


def test_a_shell_opened_inside_another_does_not_get_around_its_policies(run: Run) -> None:
    program = """
        from ipcore import embed
        from ipcore.shell import InteractiveShell
        from ipcore.types.policies import ALLOW, refuse
        class Careful:
            name = "careful"
            def decide(self, request):
                return refuse("not here") if request.kind == "system" else ALLOW
        shell = InteractiveShell()
        shell.start()
        shell.policies.add(Careful())
        shell.run_cell("from ipcore import embed; embed()")
        shell.close()
    """
    done = run(program, "!echo ran\nexit\n")
    assert "ran" not in done.stdout
    assert 'is refused by the policy "careful": not here.' in done.stderr


def test_in_a_callback_of_a_running_loop(run: Run) -> None:
    program = """
        import asyncio
        from ipcore import InteractiveShell, embed
        def callback(done):
            x = 42
            embed()
            shell = InteractiveShell()
            shell.run_cell("print('by run_cell')")
            shell.close()
            done.set_result(None)
        async def main():
            done = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(callback, done)
            await done
            await asyncio.sleep(0)
            print("goes on")
        asyncio.run(main())
    """
    done = run(program, "x\nimport asyncio; asyncio.run(asyncio.sleep(0, 'nested'))\nexit\n")
    assert "Out[1]: 42" in done.stdout
    assert "Out[2]: 'nested'" in done.stdout
    assert done.stdout.endswith("by run_cell\ngoes on\n")
    assert done.stderr == ""
