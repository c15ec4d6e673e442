"""Static analysis: what jedi adds, and that its process never gets in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ipcompleters import analysis_process, jedi_program
from ipcompleters.analysis_process import AnalysisError, AnalysisProcess
from ipcompleters.static_analysis import JediProvider, earlier_cells, without_escapes
from ipcore.shell import InteractiveShell
from ipcore.testing.contracts import CompletionProviderContract
from ipcore.types.completion import Completion, CompletionRequest

Run = Callable[..., subprocess.CompletedProcess[str]]

#: Seconds that anything may take here.
LONG = 60.0

QUESTION = {"text": "import os\nos.getc", "line": 2, "column": 7, "fuzzy": False, "folder": "/"}

READY = "import json, os, sys, time\nsys.stdin.readline()\nprint('\"ready\"', flush=True)\n"


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, f"not so after {LONG:.0f} s: {what}"
        time.sleep(0.005)


def is_there(pid: int) -> bool:
    """Tell whether there is a process of this number; one that nobody has waited for counts too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


posix = pytest.mark.skipif(os.name != "posix", reason="looks for a process as POSIX systems have them")


# -- what it proposes ----------------------------------------------------------------


@pytest.fixture
def shell(make_completing: Callable[..., Any]) -> Any:
    """Give a shell in whose session a function was defined that fails when it is called."""
    shell = make_completing()
    shell.run_cell("def make() -> str:\n    raise SystemError('called')").assert_ok()
    return shell


def found(shell: Any, text: str) -> list[Completion]:
    """Give what jedi proposes, as a front end that shows late ones sees it."""
    shell.completer.off = [name for name in shell.completer.sources if name != "jedi"]
    round = shell.completer.begin(text, trigger="tab", patience=LONG)
    try:
        round.wait()
        assert not shell.registry.failures
        return [each for each in round.completions() if each.source == "jedi"]
    finally:
        round.cancel()


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        ("def g(a):\n    return a\ng({}).pop", "popitem"),
        ("def f(some_name):\n    return some_na", "some_name"),
        ("%pwd\n!ls\ndef g(a):\n    return a\ng({}).pop", "popitem"),
        ("class C:\n    def __init__(self, argument): ...\nC(argu", "argument="),
    ],
)
def test_it_proposes_what_the_text_tells(shell: Any, text: str, proposed: str) -> None:
    assert proposed in [each.text for each in found(shell, text)]


def test_it_tells_types_and_signatures_and_stands_behind_the_others(shell: Any) -> None:
    (each,) = found(shell, "def g(a):\n    return a\ng({}).popi")
    assert (each.start, each.end, each.text, each.type) == (29, 33, "popitem", "function")
    assert each.signature.startswith("() -> ")
    assert each.rank < 0


@pytest.mark.parametrize(
    "text",
    ["", "number.", "os.pat", "print(numb", "x = '''\nstr.upp", "# str.upp", "!ls str.upp", "import o"],
)
def test_it_is_not_asked_where_the_objects_tell(shell: Any, text: str) -> None:
    shell.run_cell("import os; number = 1").assert_ok()
    assert found(shell, text) == []
    provider = _provider(shell)
    assert provider is None or provider._process.pid is None, "there is a process"


def test_names_with_underscores_wait_for_one_to_be_typed(shell: Any) -> None:
    given = [each.text for each in found(shell, "def g(a):\n    return a\ng(str()).")]
    assert "upper" in given
    assert not [name for name in given if name.startswith("_")]
    assert "__len__" in [each.text for each in found(shell, "def g(a):\n    return a\ng(str()).__le")]


def test_an_answer_that_comes_late_is_there_at_the_next_tab(shell: Any) -> None:
    shell.completer.off = [name for name in shell.completer.sources if name != "jedi"]
    text = "def g(a):\n    return a\ng({}).popi"
    shell.completer.completions(text, timeout=0.01)
    until(lambda: shell.completer.completions(text), "the answer is there")
    assert [each.text for each in shell.completer.completions(text)] == ["popitem"]


def _provider(shell: Any) -> Any:
    """Give the provider itself; ``None`` if it has not been needed yet."""
    (source,) = [each for each in shell.completer._providers() if each.label == "jedi"]
    return source.provider._made


@posix
def test_the_process_ends_with_the_shell(shell: Any) -> None:
    assert found(shell, "def g(a):\n    return a\ng({}).popi")
    pid = _provider(shell)._process.pid
    assert is_there(pid)
    shell.close()
    assert not is_there(pid)


def test_without_jedi_there_is_no_such_provider(
    make_completing: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jedi", None)
    shell = make_completing()
    assert "names" in shell.completer.sources
    assert "jedi" not in shell.completer.sources


def test_nothing_of_jedi_is_imported_in_the_shells_process(run_ipshell: Run) -> None:
    code = (
        "import sys\n"
        "text = 'def g(a):\\n    return a\\ng({}).popi'\n"
        "r = get_ipython().completer.begin(text, trigger='tab', patience=60)\n"
        "r.wait(); print([each.text for each in r.completions() if each.source == 'jedi'])\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('jedi', 'parso')])\n"
        "get_ipython().completer.off = ['jedi']\n"
        "print([e.text for e in get_ipython().completer.completions(text)])\n"
    )
    done = run_ipshell("-c", code)
    first, imported, off = done.stdout.splitlines()
    assert first == "['popitem']"
    assert imported == "[]"
    assert "popitem" not in off or "popi" in off
    assert done.stderr == ""


# -- when it misbehaves --------------------------------------------------------------


@pytest.fixture
def process_of(tmp_path: Path) -> Iterator[Callable[[str], AnalysisProcess]]:
    """Give what makes a process that runs the given program."""
    made = []

    def make(program: str) -> AnalysisProcess:
        path = tmp_path / "program.py"
        path.write_text(program, encoding="utf-8")
        made.append(AnalysisProcess(path))
        return made[-1]

    yield make
    for each in made:
        each.close()


def ask(process: AnalysisProcess, seconds: float = LONG, **more: object) -> list[tuple[str, str, str]]:
    question = {**QUESTION, "path": analysis_process.import_path(), **more}
    return process.ask(question, time.monotonic() + seconds, lambda: False)


@posix
def test_one_that_hangs_is_given_up_at_the_deadline_and_killed(
    process_of: Callable[[str], AnalysisProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = process_of(READY + "time.sleep(1000)\n")
    pids: set[int] = set()
    assert ask(process, 0.5) == []
    monkeypatch.setattr(analysis_process, "_HANGS", 0.2)
    deadline = time.monotonic() + LONG

    def ask_again() -> None:
        for number in range(10_000):
            pids.update([process.pid] if process.pid is not None else [])
            assert ask(process, 0.1, line=number) == []
            assert time.monotonic() < deadline

    with pytest.raises(AnalysisError, match="ended 3 times in a row without an answer"):
        ask_again()
    assert len(pids) == 3
    assert not [pid for pid in pids if is_there(pid)]


@pytest.mark.parametrize(
    "program",
    [
        "raise SystemExit(3)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
        READY + "sys.stdin.readline(); print('x'); os._exit(1)",
        READY + "os.close(1); time.sleep(1000)",
    ],
)
def test_one_that_crashes_is_started_again_and_given_up_the_third_time(
    process_of: Callable[[str], AnalysisProcess], program: str, capfd: pytest.CaptureFixture[str]
) -> None:
    process = process_of(program)

    def ask_again() -> None:
        for number in range(analysis_process.MOST_FAILURES + 1):
            assert ask(process, line=number) == []

    with pytest.raises(AnalysisError):
        ask_again()
    assert process.pid is None
    assert capfd.readouterr() == ("", "")


def test_the_third_time_is_told_in_one_line_and_the_others_go_on(
    shell: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text("raise SystemExit(3)")
    shell.completer.completions("x", timeout=LONG)  # makes it, and asks it nothing
    provider = _provider(shell)
    monkeypatch.setattr(provider._process, "_program", program)
    text = "def g(a):\n    return a\ng({}).popi"
    shell.completer.begin(text, trigger="tab", patience=LONG).wait()
    until(lambda: shell.completer.completions(text) is None or shell.registry.failures, "it has failed")
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "jedi" in err
    assert "its process ended 3 times in a row without an answer" in err
    shell.completer.off = ["names"]
    assert "make" in [each.text for each in shell.completer.completions("mak")]


def test_what_is_printed_by_it_is_no_answer(process_of: Callable[[str], AnalysisProcess]) -> None:
    program = READY.replace("print(", "print('Hello'); print(") + (
        "sys.stdin.readline(); print('[1'); print('{}'); print('\"ready\"')\n"
        "print(json.dumps([['name', 'function', '()']]), flush=True)\nsys.stdin.readline()\n"
    )
    assert ask(process_of(program)) == [("name", "function", "()")]


def test_it_ends_by_itself_when_nothing_is_asked(process_of: Callable[[str], AnalysisProcess]) -> None:
    program = Path(jedi_program.__file__).read_text(encoding="utf-8")
    process = process_of(program.replace(f"IDLE: Final = {jedi_program.IDLE}", "IDLE: Final = 1"))
    assert [name for name, *_ in ask(process)] == ["getcwd", "getcwdb"]
    until(lambda: process.pid is None, "the process has ended")
    assert [name for name, *_ in ask(process, text="import os\nos.getp")][:1] == ["getpgid"]


@posix
def test_it_ends_when_an_answer_takes_too_long_whatever_it_does(
    process_of: Callable[[str], AnalysisProcess],
) -> None:
    program = (
        Path(jedi_program.__file__)
        .read_text(encoding="utf-8")
        .replace(f"ANSWERING: Final = {jedi_program.ANSWERING}", "ANSWERING: Final = 1")
    )
    stuck = "def names(question):\n    'x'.join(map(str, iter(int, 1)))\n\n\nif __name__"
    process = process_of(program.replace("if __name__", stuck))
    assert ask(process) == []
    until(lambda: process.pid is None, "the process has ended")


@posix
def test_a_fork_finds_no_process_and_both_complete_on(run_ipshell: Run, tmp_path: Path) -> None:
    program = tmp_path / "forks.py"
    program.write_text("""
import os, sys, warnings
warnings.simplefilter("error")
completer = get_ipython().completer
def find(text):
    r = completer.begin(text, trigger='tab', patience=60)
    r.wait()
    return [each.text for each in r.completions() if each.source == 'jedi']
assert find('def g(a):\\n    return a\\ng({}).popi') == ['popitem']
pid = os.fork()
if pid == 0:
    ok = find('def g(a):\\n    return a\\ng({}).updat') == ['update']
    get_ipython().close()
    os._exit(0 if ok else 1)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), find('def g(a):\\n    return a\\ng({}).valu'))
""")
    done = run_ipshell(str(program))
    assert (done.stdout, done.stderr) == ("0 ['values']\n", "")


# -- what it reads -------------------------------------------------------------------


def test_the_last_cells_are_read_and_no_more_than_so_much() -> None:
    inputs: Any = ["", "first = 1", 3, "second = 2", None, "third = 3"]
    assert earlier_cells(inputs, 1000) == "first = 1\nsecond = 2\nthird = 3\n"
    assert earlier_cells(inputs, 25) == "second = 2\nthird = 3\n"
    assert earlier_cells(inputs, 5) == ""


def test_lines_that_are_no_python_keep_their_places() -> None:
    assert without_escapes("%time x\nif a:\n    !ls\nx = %pwd\n%x") == "pass\nif a:\n    pass\nx = %pwd\n%x"


def test_a_long_cell_is_read_from_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def ask(question: Any, *more: object) -> list[Any]:
        asked.append(question)
        return []

    provider = JediProvider(InteractiveShell())
    monkeypatch.setattr(provider._process, "ask", ask)
    text = "name = 1\n" * 10_000 + "def g(a):\n    return a\ng(str()).up"
    assert list(provider.complete(CompletionRequest(text, len(text)))) == []
    (question,) = asked
    assert len(question["text"]) <= 20_000
    lines = question["text"].split("\n")
    assert (question["line"], question["column"]) == (len(lines), 11)
    assert lines[0] == "name = 1"


class TestContract(CompletionProviderContract):
    plugin = "ipcompleters.plugin:jedi"
    key = "jedi"
    distribution = "ipcompleters"
    examples = {"def g(a):\n    return a\ng({}).popi": "popitem"}
    silent = ("", "os.", "'a", "# x", "import o")
