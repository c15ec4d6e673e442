"""Processes that a cell forks, in real shells that warn of everything: the prompt appears once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if not hasattr(os, "fork"):
    pytest.skip("this system does not fork", allow_module_level=True)

from test_interrupts import Session

Run = Callable[..., subprocess.CompletedProcess[str]]

#: Waits for one child and prints how it ended.
SETUP = """\
import os, sys
def ended(pid): print("ended", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def talk(ipcore: Run, *cells: str) -> subprocess.CompletedProcess[str]:
    """Type cells into a piped shell, where a process that reads what is not its own would be seen.

    Output is buffered, as pipes are: what is printed twice shows.
    """
    # Not as errors: Python drops the error that its warning of a fork with threads would be.
    done = ipcore(
        "--nosep", typed=SETUP + "\n".join(cells) + "\n", PYTHONWARNINGS="always", PYTHONUNBUFFERED=""
    )
    assert "multi-threaded" not in done.stderr, done.stderr
    return done


def after(done: subprocess.CompletedProcess[str], number: int) -> str:
    """Give what was printed between a prompt and the one after it, each of which was shown once."""
    assert done.stdout.count(f"In [{number}]: ") == 1, done.stdout
    assert done.stdout.count(f"In [{number + 1}]: ") == 1, done.stdout
    return done.stdout.partition(f"In [{number}]: ")[2].partition(f"In [{number + 1}]: ")[0]


@pytest.mark.parametrize(
    ("ending", "status", "error"),
    [
        ("pass", 0, ""),
        ("1/0", 1, "ZeroDivisionError: division by zero"),
        ("sys.exit(7)", 7, ""),
        ("exit(5)", 5, ""),
        ("raise KeyboardInterrupt", -2, "KeyboardInterrupt"),
    ],
)
def test_a_child_leaves_at_the_end_of_its_cell_with_the_cells_outcome(
    ipcore: Run, ending: str, status: int, error: str
) -> None:
    lines = ["if True:", "print('once', end=' ')", "pid = os.fork()", "if pid: ended(pid)", f"else: {ending}"]
    cell = "\n    ".join(lines) + "\n"
    done = talk(ipcore, cell, "'after'")
    assert done.stdout.count("once") == 1
    assert after(done, 3) == f"{' ' * 3}...: " * 5 + f"once ended {status}\n"
    assert done.stderr.count(error) >= 1
    assert done.stderr.count("Traceback") == bool(error)
    assert after(done, 4) == "Out[4]: 'after'\n"
    assert done.returncode == 0


def test_a_childs_output_is_shown_once_and_its_value_too(ipcore: Run) -> None:
    done = talk(ipcore, "pid = os.fork(); _ = pid and ended(pid); 'child' if pid == 0 else 'parent'")
    assert after(done, 3) == "Out[3]: 'child'\nended 0\nOut[3]: 'parent'\n"


def test_a_child_runs_no_exit_functions_closes_no_part_and_tells_no_callback(ipcore: Run) -> None:
    done = talk(
        ipcore,
        "import atexit; _ = atexit.register(print, 'at exit', flush=True)",
        "get_ipython().events.register('post_run_cell', lambda result: print('told'))",
        "pid = os.fork(); pid and ended(pid)",
    )
    assert done.stdout.count("at exit") == 1
    assert after(done, 5) == "Out[5]: 0\nended 0\ntold\n"


@pytest.mark.parametrize("pause", ["", "await asyncio.sleep(0.01); "])
def test_a_child_of_an_awaited_cell_leaves_too(ipcore: Run, pause: str) -> None:
    done = talk(
        ipcore,
        "import asyncio",
        f"{pause}pid = os.fork(); await asyncio.sleep(0); print('' if pid else 'child'); pid and ended(pid);",
        "await asyncio.to_thread(lambda: 'usable')",  # needs what wakes the loop, which a child could take
    )
    assert after(done, 4) == "child\n\nended 0\n"
    assert after(done, 5) == "Out[5]: 'usable'\n"
    assert not done.stderr


def test_a_child_that_would_wait_in_the_loop_of_its_parent_ends_and_says_why(ipcore: Run) -> None:
    done = talk(
        ipcore,
        "import asyncio",
        "f = asyncio.get_event_loop().create_future()",
        "pid = os.fork(); pid and asyncio.get_event_loop().call_later(0.1, f.set_result, 1); await f",
        "ended(pid); await asyncio.sleep(0, 'usable')",
    )
    assert after(done, 6) == "ended 1\nOut[6]: 'usable'\n"
    assert done.stderr.count("would wait in its parent's event loop") == 1


def test_a_child_may_run_a_loop_of_its_own_and_leaves_the_parents_alone(ipcore: Run) -> None:
    done = talk(
        ipcore,
        "import asyncio; ticks = []",
        "async def tick():\n    while True: ticks.append(os.getpid()); await asyncio.sleep(0.01)\n",
        "t = asyncio.create_task(tick()); await asyncio.sleep(0)",
        "pid = os.fork(); pid or asyncio.run(asyncio.sleep(0.05)); print(len({*ticks})); pid and ended(pid);",
        "n = len(ticks); await asyncio.sleep(0.1); len(ticks) > n, set(ticks) == {os.getpid()}",
        "if True:\n    pid = os.fork()\n    if pid: ended(pid)\n"
        "    else: r = get_ipython().run_cell('await asyncio.sleep(0.01, 8)')\n",
    )
    assert sorted(after(done, 6).split("\n")) == ["", "1", "1", "ended 0"]
    assert after(done, 7) == "Out[7]: (True, True)\n"
    assert "Out[8]: 8\nended 0\n" in after(done, 8)


def test_the_parents_loop_is_still_woken_by_threads_after_a_fork(ipcore: Run) -> None:
    done = talk(
        ipcore,
        "import asyncio, time",
        "await asyncio.sleep(0)",
        "pid = os.fork(); pid and ended(pid);",
        "start = time.monotonic(); await asyncio.wait_for(asyncio.to_thread(time.sleep, 0.1), 30)",
        "time.monotonic() - start < 25",
    )
    assert after(done, 7) == "Out[7]: True\n"


def test_no_task_of_the_parent_runs_in_the_child_of_an_awaited_cell(ipcore: Run) -> None:
    done = talk(
        ipcore,
        "import asyncio; ran_in = set()",
        "async def busy():\n    while True: ran_in.add(os.getpid()); await asyncio.sleep(0)\n",
        "t = asyncio.create_task(busy()); await asyncio.sleep(0); mine = os.getpid()",
        "pid = os.fork(); await asyncio.sleep(0); print(ran_in == {mine}); pid and ended(pid);",
    )
    assert sorted(after(done, 6).split()) == ["0", "True", "True", "ended"]


def test_a_childs_copy_of_the_shell_closes_no_part(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "program.py").write_text(
        "import os\nfrom ipcore.component import Component\n"
        "class Part(Component):\n    def on_close(self): print('closed')\n"
        "Part(parent=get_ipython())\n"
        "print('parent' if os.fork() and os.wait() else 'child', flush=True)\n"
    )
    assert ipcore("program.py").stdout == "child\nparent\nclosed\n"


@pytest.mark.parametrize(
    ("ending", "status", "error"),
    [("pass", 0, ""), ("1/0", 1, "ZeroDivisionError: division by zero"), ("sys.exit(5)", 5, "")],
)
@pytest.mark.parametrize("as_task", [True, False])
def test_a_child_of_a_task_or_callback_leaves_when_that_ends(
    ipcore: Run, as_task: bool, ending: str, status: int, error: str
) -> None:
    start = "asyncio.create_task(task())" if as_task else "asyncio.get_running_loop().call_soon(callback)"
    done = talk(
        ipcore,
        "import asyncio; pids = []",
        f"def callback():\n    pids.append(os.fork())\n    if not pids[0]: print('child'); {ending}\n",
        "async def task(): callback()",
        f"t = {start}; await asyncio.sleep(0.05)",
        "ended(pids[0])",
        "await asyncio.sleep(0, 'usable')",
    )
    assert done.stdout.count("child") == 1
    assert f"ended {status}\n" in after(done, 7)
    assert error in done.stderr
    assert done.stderr.count("Traceback") == bool(error)
    assert after(done, 8) == "Out[8]: 'usable'\n"


@pytest.fixture
def session(home: Path, tmp_path: Path) -> Iterator[Session]:
    made = Session(tmp_path)
    made.cell("import asyncio, os, sys, warnings; warnings.simplefilter('always')")
    yield made
    made.terminal.close()


def test_at_a_terminal_the_prompt_appears_once(session: Session) -> None:
    session.cell("for _ in range(3): pid = os.fork(); print('child' if pid == 0 else os.waitpid(pid, 0)[1])")
    session.cell("await asyncio.sleep(0); pid = os.fork(); left = pid and os.waitpid(pid, 0)")
    assert "Out[4]: 42" in session.cell("6 * 7")
    lines = session.terminal.screen
    assert lines.count("child") == 3 + 2 + 1 + 1
    assert "Warning" not in "".join(lines)
    assert [line[:7] for line in lines if line.startswith("In [")] == [f"In [{n}]:" for n in range(1, 6)]


def test_a_child_of_a_callback_at_the_idle_prompt_leaves_and_takes_no_key(session: Session) -> None:
    session.cell("pids = []; f = lambda: pids.append(os.fork()) or pids[-1] or print('child', flush=True)")
    session.cell("await asyncio.sleep(0); timer = asyncio.get_running_loop().call_later(0.2, f)")
    session.terminal.wait_for(lambda lines: "child" in lines[-1], "the child")
    assert "[0]" in session.cell("[os.waitpid(pid, 0)[1] for pid in pids]")
    assert "Out[5]: 42" in session.cell("6 * 7")


def test_a_child_of_a_thread_leaves_with_its_thread(ipcore: Run) -> None:
    done = ipcore(
        "--nosep",
        typed=SETUP + "import threading; pids = []\n"  # Python itself warns of this one
        "t = threading.Thread(target=lambda: pids.append(os.fork())); t.start(); t.join(); ended(pids[0])\n",
    )
    assert after(done, 4) == "ended 0\n"


COMPLETING_IN_HOOKS = """\
import os, sys, threading, time, warnings
from ipcore.types.completion import CompletionRequest
made = []
def ask():  # called behind the hook that ends the threads: a hook registered first is called last
    for worker in (made and [made[0], Worker(Provider(), "completion new")] or ()):
        jobs.append(Job(CompletionRequest("a", 1), lambda: None))
        worker.put(jobs[-1])
    seen.append([each.name for each in threading.enumerate()])
jobs, seen = [], []
os.register_at_fork(before=ask)
from ipcore.completion.workers import Job, Worker
class Provider:
    def complete(self, request): return []
made.append(Worker(Provider(), "completion"))
def answered():
    job = Job(CompletionRequest("a", 1), done.set)
    done.clear()
    made[0].put(job)
    return done.wait(30) and not job.error and bool(job.started)
done = threading.Event()
print(answered())
child = os.fork()
if not child:
    print("child", answered(), flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(*seen, [job.done for job in jobs], answered())
"""


def test_completions_asked_for_in_the_middle_of_a_fork_begin_no_thread(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(COMPLETING_IN_HOOKS)
    done = subprocess.run(
        [sys.executable, "-W", "always", str(program)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert not done.stderr
    assert done.stdout.split("\n") == ["True", "child True", "['MainThread'] [True, True] True", ""]


def test_multiprocessing_works_with_functions_of_a_cell_where_it_forks(ipcore: Run) -> None:
    done = talk(
        ipcore,
        "import multiprocessing; from concurrent.futures import ProcessPoolExecutor",
        "def double(x): return 2 * x",
        "fork = multiprocessing.get_context('fork')",
        "with fork.Pool(2) as pool: print(sum(pool.imap_unordered(double, range(100), 7)))",
        "with ProcessPoolExecutor(2, mp_context=fork) as pool: print(*pool.map(double, range(3)))",
        "p = fork.Process(target=print, args=('child',)); p.start(); p.join(); p.exitcode",
    )
    assert after(done, 6) == "9900\n"
    assert after(done, 7) == "0 2 4\n"
    assert after(done, 8) == "child\nOut[8]: 0\n"
    assert not done.stderr


@pytest.mark.parametrize("kind", ["spawn", "forkserver"])
def test_a_process_started_anew_opens_no_shell_and_finds_what_can_be_imported(ipcore: Run, kind: str) -> None:
    done = talk(
        ipcore,
        f"import multiprocessing, math; c = multiprocessing.get_context('{kind}')",
        "from concurrent.futures import ProcessPoolExecutor",
        "with ProcessPoolExecutor(1, mp_context=c) as pool: print(*pool.map(math.factorial, range(4)))",
        "def mine(): pass",
        "p = c.Process(target=mine); p.start(); p.join(); p.exitcode",
    )
    assert after(done, 5) == "1 1 2 6\n"
    assert after(done, 7) == "Out[7]: 1\n"
    assert "Can't get attribute 'mine' on <module '__main__'" in done.stderr


PROGRAM = """\
import atexit, multiprocessing, os, sys
def double(x):
    return 2 * x
class Kept:
    pass
if __name__ == "__main__":
    atexit.register(print, "at exit")
    for kind in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(kind)
        with context.Pool(1) as pool:
            print(kind, pool.map(double, [1, 2]), pool.map(type, [Kept()]), flush=True)
    sys.stdout.write("buffered ")
    if os.fork() == 0:
        print("child")
        sys.exit(3)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.mark.parametrize("way", ["file", "module", "code"])
def test_a_programs_children_behave_as_under_python(
    ipcore: Run, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "")
    text = PROGRAM.replace('("fork", "spawn", "forkserver")', '("fork",)') if way == "code" else PROGRAM
    (tmp_path / "work" / "program.py").write_text(text)
    arguments = {"file": ["program.py"], "module": ["-m", "program"], "code": ["-c", text]}[way]
    ours = ipcore(*arguments)
    python = subprocess.run(
        [sys.executable, *arguments],
        cwd=tmp_path / "work",
        env={**os.environ, "PYTHONSAFEPATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ours.stdout, ours.returncode) == (python.stdout, python.returncode)
    assert ours.stdout.count("at exit") == 2
    assert ours.stdout.count("buffered") == 2


def test_a_child_of_a_file_run_before_the_first_prompt_does_not_prompt(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "before.py").write_text(
        "import os\npid = os.fork()\n_ = pid and os.waitpid(pid, 0)\n"
    )
    done = ipcore("-i", "before.py", typed="'after'\n")
    assert done.stdout.count("In [1]: ") == 1
    assert done.stdout.count("'after'") == 1


def test_a_child_of_an_embedded_shells_cell_leaves_there(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "program.py").write_text(
        "from ipcore.embedding import embed\nembed()\nprint('after')\n"
    )
    done = ipcore("program.py", typed="import os; pid = os.fork(); _ = pid and os.waitpid(pid, 0)\n")
    assert done.stdout.count("after") == 1
    assert done.stdout.count("In [2]: ") == 1


ENDINGS = {
    "os._exit": ("import os; print('out', flush=True); os._exit(4)", 4),
    "a thread that exits": (
        "import sys, threading; t = threading.Thread(target=sys.exit, args=(3,)); t.start(); t.join()",
        0,
    ),
    "a daemon thread": (
        "import threading; t = threading.Thread(target=threading.Event().wait, daemon=True); t.start()",
        0,
    ),
    "exit functions": ("import atexit; f = [atexit.register(print, 'at exit', n) for n in (2, 1)]", 0),
}


@pytest.mark.parametrize("what", ENDINGS)
def test_a_session_ends_cleanly_after(ipcore: Run, what: str) -> None:
    cell, status = ENDINGS[what]
    done = ipcore("--nosep", typed=f"{cell}\n", PYTHONWARNINGS="error")
    assert done.returncode == status
    assert not done.stderr
    assert "at exit" not in done.stdout or done.stdout.endswith("at exit 1\nat exit 2\n")


def test_subinterpreters_run_in_a_cell_and_one_left_behind_keeps_nobody(ipcore: Run) -> None:
    module = "_xxsubinterpreters" if sys.version_info < (3, 13) else "_interpreters"
    run = "run_string" if sys.version_info < (3, 13) else "exec"
    done = ipcore(
        "--nosep",
        typed=f"import {module} as i; one, other = i.create(), i.create()\n"
        f"r = i.{run}(one, 'import sys; print(6 * 7, flush=True)'); i.destroy(one)\n"
        f"r = i.{run}(other, 'import time; print(8, flush=True)')\n'after'\n",
        PYTHONWARNINGS="error",
    )
    assert done.returncode == 0
    assert "42\n" in done.stdout
    assert "8\n" in done.stdout
    assert "Out[4]: 'after'" in done.stdout
    assert not done.stderr
