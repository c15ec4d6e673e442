"""What policies refuse, and that nothing goes round them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ipcore import policies
from ipcore.application.programs import run_file
from ipcore.errors import PolicyError
from ipcore.plugins.declared import Declared
from ipcore.plugins.discovery import Found
from ipcore.plugins.registry import Registry
from ipcore.plugins.switches import Switches
from ipcore.shell import InteractiveShell
from ipcore.testing.distributions import FakeSite
from ipcore.types.policies import ALLOW, Decision, Request, ask, refuse

Decide = Callable[[Request], Any]


class Rule:
    """A policy by one function; remembers what it was asked."""

    name = "rule"

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self.asked: list[Request] = []

    def decide(self, request: Request) -> Any:
        self.asked.append(request)
        return self._decide(request)


@pytest.fixture(autouse=True)
def _nothing_has_run_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "_least_trusted", "program")


def rule(shell: InteractiveShell, decide: Decide) -> Rule:
    made = Rule(decide)
    shell.policies.add(made)
    return made


def no_remote_commands(request: Request) -> Decision:
    if request.kind == "system" and request.origin == "remote":
        return refuse("commands are typed at the keyboard here")
    return ALLOW


# -- the table: what is refused to remote code, whatever way it takes ------------------

#: Ways to run the command that makes the file ``trace``. COMMAND and FOLDER are filled in.
ATTEMPTS = {
    "escape": "!COMMAND",
    "escape in a block": "if True:\n    !COMMAND",
    "assigned": "x = !COMMAND",
    "double escape": "!!COMMAND",
    "expanded": "c = 'COMMAND'\n!{c}",
    "system": "get_ipython().system('COMMAND')",
    "getoutput": "get_ipython().getoutput('COMMAND')",
    "getoutput as a string": "get_ipython().getoutput('COMMAND', split=False)",
    "builtin namespace": "import builtins\nbuiltins.get_ipython().system('COMMAND')",
    "imported": "from ipcore import get_ipython as g\ng().system('COMMAND')",
    "alias": "%trace",
    "bare alias": "trace",
    "new alias": "get_ipython().aliases.define('t2', 'COMMAND')\nget_ipython().run_line_magic('t2', '')",
    "line magic": "%runs COMMAND",
    "bare line magic": "runs COMMAND",
    "line magic by call": "get_ipython().run_line_magic('runs', 'COMMAND')",
    "line magic by part": "get_ipython().magics.run_line('runs', 'COMMAND')",
    "line magic's function": "get_ipython().magics.look_up('line', 'runs')('COMMAND')",
    "cell magic": "%%runs\nCOMMAND",
    "cell magic by call": "get_ipython().run_cell_magic('runs', '', 'COMMAND')",
    "nested cell": "get_ipython().run_cell('!COMMAND')",
    "nested cell that claims the keyboard": "get_ipython().run_cell('!COMMAND', origin='keyboard')",
    "silent cell": "get_ipython().run_cell('!COMMAND', silent=True, origin='keyboard')",
    "nested code": "get_ipython().run_code('!COMMAND', 'x', origin='keyboard')",
    "twice nested": (
        "inner = \"get_ipython().run_cell('!COMMAND', origin='file')\"\n"
        "get_ipython().run_cell(inner, origin='paste')"
    ),
    "file of cells": "FILE('cells.ipy')",
    "file of Python": "FILE('plain.py')",
    "notebook": "FILE('book.ipynb')",
    "folder": "FILE('package')",
    "thread": (
        "import threading\n"
        "t = threading.Thread(target=lambda: get_ipython().system('COMMAND'))\n"
        "t.start(); t.join()"
    ),
    "thread with a cell": (
        "import threading\n"
        "t = threading.Thread(target=lambda: get_ipython().run_cell('!COMMAND', origin='keyboard'))\n"
        "t.start(); t.join()"
    ),
    "thread of a thread": (
        "import threading\ndef inner(): get_ipython().system('COMMAND')\n"
        "def outer():\n    t = threading.Thread(target=inner); t.start(); t.join()\n"
        "t = threading.Thread(target=outer); t.start(); t.join()"
    ),
    "pool": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(1) as pool: pool.submit(get_ipython().system, 'COMMAND').exception()"
    ),
    "task": (
        "import asyncio\nasync def work(): get_ipython().system('COMMAND')\n"
        "async def main(): await asyncio.gather(asyncio.create_task(work()), return_exceptions=True)\n"
        "asyncio.run(main())"
    ),
    "thread of a loop": (
        "import asyncio\n"
        "async def main(): await asyncio.to_thread(get_ipython().system, 'COMMAND')\nasyncio.run(main())"
    ),
    "empty context": "import contextvars\ncontextvars.Context().run(get_ipython().system, 'COMMAND')",
    "empty context with a cell": (
        "import contextvars\n"
        "contextvars.Context().run(lambda: get_ipython().run_cell('!COMMAND', origin='keyboard'))"
    ),
    "exec": "exec(\"get_ipython().system('COMMAND')\")",
    "generator": "def g(): yield get_ipython().system('COMMAND')\nnext(g())",
    "caught and tried again": "try:\n    !COMMAND\nexcept Exception: pass\n!COMMAND",
    "callback of an event": (
        "get_ipython().events.register('post_execute', lambda: get_ipython().system('COMMAND'))"
    ),
    "finalizer": "class A:\n    def __del__(self): get_ipython().system('COMMAND')\na = A(); del a",
}


@pytest.fixture
def command(shell: InteractiveShell, tmp_path: Path) -> str:
    """Give a command that leaves a file, with an alias, magics and files that run it."""
    place = tmp_path / "work"
    place.mkdir()
    (place / "touch.py").write_text("open('trace', 'w').close()")
    command = f"{sys.executable} touch.py"
    shell.aliases.define("trace", command)
    shell.magics.register("line", "runs", shell.system)
    shell.magics.register("cell", "runs", lambda line, body: shell.system(body.strip()))
    (place / "cells.ipy").write_text(f"!{command}")
    (place / "plain.py").write_text(f"get_ipython().system({command!r})")
    (place / "package").mkdir()
    (place / "package" / "__main__.py").write_text(f"get_ipython().system({command!r})")
    cell = f'{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": "!{command}"}}'
    (place / "book.ipynb").write_text(f'{{"nbformat": 4, "metadata": {{}}, "cells": [{cell}]}}')
    shell.push({"FILE": lambda name: run_file(shell, name, [])})
    return command


@pytest.fixture
def kept_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Have what running a file changes in the interpreter put back."""
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.mark.parametrize("way", ATTEMPTS)
@pytest.mark.usefixtures("kept_interpreter")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_remote_code_gets_round_a_policy_by_no_way(
    shell: InteractiveShell, command: str, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    judge = rule(shell, no_remote_commands)
    source = ATTEMPTS[way].replace("COMMAND", command)
    shell.run_cell(source, origin="remote")
    assert not os.path.exists("trace")
    assert "system" in {request.kind for request in judge.asked}, "it did not get as far as the command"
    assert {request.origin for request in judge.asked} == {"remote"}


@pytest.mark.parametrize("way", ATTEMPTS)
@pytest.mark.usefixtures("kept_interpreter")
def test_each_of_these_ways_runs_the_command_where_no_policy_is(
    shell: InteractiveShell, command: str, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    shell.run_cell(ATTEMPTS[way].replace("COMMAND", command), origin="remote")
    assert os.path.exists("trace")


@pytest.mark.usefixtures("kept_interpreter")
def test_the_keyboard_is_not_held_up_by_what_is_remote(shell: InteractiveShell, command: str) -> None:
    rule(shell, no_remote_commands)
    shell.run_cell(f"!{command}", origin="remote")
    assert not os.path.exists("trace")
    assert shell.run_cell(f"!{command}", origin="keyboard").success
    assert os.path.exists("trace")


@pytest.mark.parametrize(
    ("kind", "cell", "text"),
    [
        ("cell", "a  = 1\n", "a  = 1\n"),
        ("magic", "%runs  x $v", "%runs x 7"),
        ("magic", "%%runs arg\nbody\n", "%%runs arg\nbody\n"),
        ("magic", "len?", "%pinfo len"),
        ("system", "!echo $v", "echo 7"),
        ("system", "x = !echo {v + 1}", "echo 8"),
        ("file", "FILE('plain.py')", "plain.py"),
    ],
)
@pytest.mark.usefixtures("kept_interpreter")
def test_what_a_policy_is_told(
    shell: InteractiveShell, capfd: pytest.CaptureFixture[str], kind: str, cell: str, text: str
) -> None:
    shell.user_ns["v"] = 7
    shell.magics.register("line", "runs", lambda line: pytest.fail("it ran"))
    shell.magics.register("cell", "runs", lambda line, body: pytest.fail("it ran"))
    judge = rule(shell, lambda request: refuse("no") if request.kind == kind else ALLOW)
    result = shell.run_cell(cell, store_history=True, origin="paste")
    assert judge.asked[-1] == Request(kind, text, "paste", 1)  # type: ignore[arg-type]
    error = result.error_before_exec if kind == "cell" else result.error_in_exec
    assert isinstance(error, PolicyError)


def test_a_refused_cell_does_not_start(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[object] = []
    shell.events.register("pre_execute", lambda: seen.append("started"))
    shell.events.register("post_execute", lambda: seen.append("finished"))
    rule(shell, lambda request: refuse("not today."))
    result = shell.run_cell("x = 1", store_history=True, origin="remote")
    assert isinstance(result.error_before_exec, PolicyError)
    assert not result.success
    assert capsys.readouterr() == (
        "",
        "PolicyError: cell 'x = 1' (origin: remote) is refused by the policy \"rule\": not today.\n",
    )
    assert "x" not in shell.user_ns
    assert shell.user_ns["In"] == ["", "x = 1"]
    assert shell.execution_count == 2
    assert seen == []


def test_a_silent_cell_is_judged_too_and_a_blank_one_is_not(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = rule(shell, lambda request: refuse("no"))
    assert isinstance(shell.run_cell("1", silent=True).error_before_exec, PolicyError)
    assert shell.run_cell("  ").success
    assert len(judge.asked) == 1
    assert capsys.readouterr() == ("", "")


def test_a_long_cell_is_named_in_one_line(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    rule(shell, lambda request: refuse("a reason\nin two lines"))
    shell.run_cell("x = 1\n" * 100)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "a reason in two lines" in told
    assert len(told) < 200


# -- several policies, broken policies -------------------------------------------------


@pytest.mark.parametrize(
    ("decisions", "runs"),
    [
        ([ALLOW], True),
        ([ALLOW, ALLOW], True),
        ([ALLOW, refuse("no")], False),
        ([refuse("no"), ALLOW], False),
        ([ask("sure?"), refuse("no")], False),
        ([ask("sure?"), ALLOW], False),  # nobody can be asked here
    ],
)
def test_the_strictest_of_several_policies_counts(
    shell: InteractiveShell, decisions: list[Decision], runs: bool
) -> None:
    for decision in decisions:
        rule(shell, lambda request, decision=decision: decision)  # type: ignore[misc]
    assert shell.run_cell("1").success is runs


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "it gave NoneType, which is no decision"),
        (True, "it gave bool, which is no decision"),
        ("allow", "it gave str, which is no decision"),
        (Decision("perhaps"), "it gave Decision, which is no decision"),  # type: ignore[arg-type]
        (ValueError("broken"), "ValueError: broken"),
        (SystemExit(0), "it tried to end the program"),
        (KeyboardInterrupt(), "it was interrupted"),
    ],
)
def test_a_policy_that_cannot_decide_refuses(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], answer: Any, told: str
) -> None:
    def decide(request: Request) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    rule(shell, decide)
    for _ in range(2):  # it is not switched off: that would let everything pass
        assert isinstance(shell.run_cell("1").error_before_exec, PolicyError)
        assert told in capsys.readouterr().err


def test_a_policy_cannot_run_things_through_the_shell(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def decide(request: Request) -> Decision:
        shell.system("echo hello")
        return ALLOW

    rule(shell, decide)
    assert not shell.run_cell("1").success
    assert "must not run anything through the shell while it decides" in capsys.readouterr().err


def test_what_has_no_decide_is_not_taken(shell: InteractiveShell) -> None:
    with pytest.raises(TypeError, match="has none"):
        shell.policies.add(object())  # type: ignore[arg-type]


def test_an_unknown_origin_is_a_mistake(shell: InteractiveShell) -> None:
    with pytest.raises(ValueError, match="'moon' is no origin of code; there are keyboard, paste"):
        shell.run_cell("1", origin="moon")


# -- where code comes from ---------------------------------------------------------


@pytest.mark.parametrize(
    ("outer", "inner", "wanted"),
    [
        ("keyboard", "keyboard", "keyboard"),
        ("keyboard", "program", "program"),
        ("paste", "keyboard", "paste"),
        ("file", "remote", "remote"),
        ("program", "file", "program"),
        ("remote", "keyboard", "remote"),
    ],
)
def test_an_origin_only_becomes_less_trusted(
    shell: InteractiveShell, outer: str, inner: str, wanted: str
) -> None:
    seen: list[str] = []
    shell.push({"seen": seen})
    shell.run_cell(
        f"get_ipython().run_cell('seen.append(get_ipython().policies.origin)', origin={inner!r})\n"
        "seen.append(get_ipython().policies.origin)",
        origin=outer,
    )
    assert seen == [wanted, outer]


def test_outside_of_cells_the_program_asks_and_after_remote_code_the_remote(shell: InteractiveShell) -> None:
    assert shell.policies.origin == "program"
    shell.run_cell("1", origin="keyboard")
    assert shell.policies.origin == "program"
    shell.run_cell("1", origin="remote")
    assert shell.policies.origin == "remote"


def test_a_cell_in_a_thread_of_a_program_is_at_best_the_programs(shell: InteractiveShell) -> None:
    judge = rule(shell, lambda request: ALLOW)
    thread = threading.Thread(target=shell.run_cell, args=("1",), kwargs={"origin": "keyboard"})
    thread.start()
    thread.join()
    assert [request.origin for request in judge.asked] == ["program"]


# -- asking ------------------------------------------------------------------------


class Keyboard(io.StringIO):
    """Standard input where somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "runs"), [("y\n", True), (" Yes\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_a_person_is_asked_once_for_all_policies(
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    runs: bool,
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(typed))
    rule(shell, lambda request: ask("it deletes"))
    rule(shell, lambda request: ask("it is big"))
    assert shell.run_cell("x = 1", origin="keyboard").success is runs
    shown = capsys.readouterr()
    assert shown.out == "cell 'x = 1' (origin: keyboard) (it deletes; it is big): allow it (y/[n])? "
    assert ("PolicyError" in shown.err) is not runs


def test_ctrl_c_at_the_question_means_no(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Keyboard):
        def readline(self, *args: Any) -> Any:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())
    rule(shell, lambda request: ask("sure?"))
    assert isinstance(shell.run_cell("1").error_before_exec, PolicyError)


def test_where_nobody_can_be_asked_it_is_refused(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(shell, lambda request: ask("sure?") if request.kind == "system" else ALLOW)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert not shell.run_cell("!echo x", origin="keyboard").success
    assert "there is nobody to ask" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", None)
    assert not shell.run_cell("!echo x", origin="keyboard").success
    capsys.readouterr()
    monkeypatch.setattr(sys, "stdin", Keyboard("y\n"))
    thread = threading.Thread(target=shell.run_cell, args=("!echo x",))
    thread.start()
    thread.join()
    assert "a thread cannot ask for it" in capsys.readouterr().err
    assert not shell.run_cell("!echo x", origin="remote").success
    assert "remote code cannot ask for it" in capsys.readouterr().err


# -- plugins -----------------------------------------------------------------------


@pytest.fixture
def shell_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., InteractiveShell]]:
    """Give what makes a shell with the text of a module as its policy plugin."""
    shells: list[InteractiveShell] = []

    def make(code: str, **switches: Any) -> InteractiveShell:
        module = types.ModuleType("gate")
        monkeypatch.setitem(sys.modules, "gate", module)
        exec("from ipcore.hookspecs import hookimpl\n" + code, module.__dict__)
        plugin = Declared("policies", "gate", "gate", "gate", "1.0")
        shell = InteractiveShell(
            registry=Registry(lambda: Found((plugin,), ()), switches=Switches(**switches))
        )
        shells.append(shell)
        shell.start()
        return shell

    yield make
    for shell in shells:
        shell.close()


REFUSING = """
from ipcore.types.policies import refuse
calls = []
class Gate:
    name = "gate"
    def decide(self, request):
        return refuse("closed")
@hookimpl
def ipshell_policies(shell):
    calls.append(1)
    yield Gate()
"""


def test_policies_of_a_plugin_are_loaded_once(shell_with: Callable[..., InteractiveShell]) -> None:
    shell = shell_with(REFUSING)
    assert not shell.run_cell("1").success
    assert not shell.run_cell("1").success
    assert sys.modules["gate"].calls == [1]


def test_an_added_policy_judges_beside_those_of_plugins(shell_with: Callable[..., InteractiveShell]) -> None:
    shell = shell_with(
        REFUSING.replace('refuse("closed")', "__import__('ipcore.types.policies').types.policies.ALLOW")
    )
    before, after = Rule(lambda request: ALLOW), Rule(lambda request: ALLOW)
    shell.policies.add(before)
    assert shell.run_cell("1").success
    shell.policies.add(after)
    assert shell.run_cell("1").success
    assert (len(before.asked), len(after.asked)) == (2, 1)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("@hookimpl\ndef ipshell_policies(shell): raise ValueError('broken')", "ValueError: broken"),
        ("@hookimpl\ndef ipshell_policies(shell): return [3]", "its policy int has no decide()"),
        ("@hookimpl\ndef ipshell_policies(shell): return 3", "it gave int, not policies"),
        ("@hookimpl\ndef ipshell_policies(wrong): return []", "wrong"),
        ("@hookimpl\ndef ipshell_policies(shell): shell.system('echo hello')", "while policies are loaded"),
    ],
)
def test_a_plugin_that_fails_keeps_everything_shut_until_it_is_switched_off(
    shell_with: Callable[..., InteractiveShell], capsys: pytest.CaptureFixture[str], code: str, told: str
) -> None:
    shell = shell_with(code)
    for _ in range(2):
        assert isinstance(shell.run_cell("1").error_before_exec, PolicyError)
        shown = capsys.readouterr().err
        assert "it cannot be used, so everything is refused" in shown
        assert told in shown
        assert '"-p no:gate[gate]"' in shown
    assert shell_with(code, options=("no:gate",)).run_cell("1").success


def test_a_plugin_without_policies_refuses_nothing(shell_with: Callable[..., InteractiveShell]) -> None:
    assert shell_with("@hookimpl\ndef ipshell_policies(shell): return None").run_cell("1").success


FILES_ONLY = """
from ipcore.types.policies import ALLOW, refuse
class NoFiles:
    name = "no files"
    def decide(self, request):
        return refuse(f"{request.text} by {request.origin}") if request.kind == "file" else ALLOW
@hookimpl
def ipshell_policies(shell):
    return [NoFiles()]
"""


def test_files_and_modules_of_the_command_line_and_the_start_are_judged(
    ipcore: Callable[..., subprocess.CompletedProcess[str]], home: Path, tmp_path: Path
) -> None:
    site = FakeSite(tmp_path / "site")
    site.plugin("no-files", "policies", "no-files", FILES_ONLY)
    (tmp_path / "work" / "x.py").write_text("print('ran')")
    startup = home / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "1.py").write_text("print('ran')")
    path = {"PYTHONPATH": str(site)}
    for words in (["x.py"], ["-m", "x"]):
        done = ipcore(*words, **path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            f"ipshell: file '{' '.join(words)}' (origin: program) is refused by the policy "
            f'"no files" of plugin no-files[no-files]: {" ".join(words)} by program.\n'
        )
    done = ipcore(typed="1\n", **path)
    assert "ran" not in done.stdout
    assert "Out[1]: 1" in done.stdout
    assert "1.py by program.\nipshell: the start-up files after it are not run.\n" in done.stderr
    assert ipcore("-p", "no:no-files", "x.py", **path).stdout == "ran\n"


def test_a_file_in_the_working_directory_does_not_take_a_policys_place(
    ipcore: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    site = FakeSite(tmp_path / "site")
    site.plugin("no-files", "policies", "no-files", FILES_ONLY)
    (tmp_path / "work" / "no_files.py").write_text("print('not the policy')")
    done = ipcore("-c", "print('ran')", PYTHONPATH=str(site))
    assert (done.returncode, done.stdout) == (1, "")
    assert "hides its module no_files" in done.stderr
    assert "Everything is refused." in done.stderr
