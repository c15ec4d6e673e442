"""Running code, modules and files: what comes out and how it ends, beside CPython."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ipcore.errors import OutputGone
from ipcore.shell import InteractiveShell

Run = Callable[..., subprocess.CompletedProcess[str]]

PROGRAMS = {
    "nothing": "pass",
    "arguments": "import sys; print(sys.argv)",
    "exit-3": "import sys; sys.exit(3)",
    "exit-0": "import sys; sys.exit(0)",
    "exit-none": "import sys; sys.exit()",
    "exit-text": "import sys; sys.exit('bad luck')",
    "exit-true": "import sys; sys.exit(True)",
    "exit-negative": "import sys; sys.exit(-1)",
    "exit-257": "import sys; sys.exit(257)",
    "exit-builtin": "exit(4)",
    "error": "print('before'); 1/0",
    "interrupt": "raise KeyboardInterrupt",
    "os-exit": "import os; os._exit(5)",
    "atexit": "import atexit; atexit.register(print, 'bye'); print('hello')",
    "main": "print(__name__); import __main__; print(__main__.__dict__ is globals())",
    "stderr": "import sys; print('e', file=sys.stderr); print('o')",
    "generator-exit": "raise GeneratorExit",
    "gettext": "import gettext; gettext.install('x'); print(_('hi'))",
    "builtins": "print(__builtins__.len('abc'), __annotations__)",
    "excepthook": "import sys; sys.excepthook = lambda *a: print('mine', a[0].__name__); 1/0",
    "late": (
        "import threading, time, pickle\nclass A: pass\n"
        "def work():\n    time.sleep(0.3)\n    print(pickle.loads(pickle.dumps(A())).__class__)\n"
        "threading.Thread(target=work).start()"
    ),
    "atexit-class": (
        "import atexit, sys\nclass A: pass\natexit.register(lambda: print(sys.modules['__main__'].A))"
    ),
}


def cpython(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, input="", capture_output=True, text=True, timeout=60
    )


def assert_same(ours: subprocess.CompletedProcess[str], theirs: subprocess.CompletedProcess[str]) -> None:
    """Compare two runs; of a traceback only its last line, as files are named otherwise."""
    assert (ours.returncode, ours.stdout) == (theirs.returncode, theirs.stdout)
    assert ours.stderr.splitlines()[-1:] == theirs.stderr.splitlines()[-1:]


@pytest.mark.parametrize("name", sorted({*PROGRAMS} - {"excepthook", "atexit-class"}))
def test_code_ends_as_under_cpython(ipcore: Run, tmp_path: Path, name: str) -> None:
    words = ("-c", PROGRAMS[name], "-x", "--", "y")
    assert_same(ipcore(*words), cpython(*words, cwd=tmp_path))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_file_ends_as_under_cpython(ipcore: Run, tmp_path: Path, name: str) -> None:
    file = tmp_path / "work" / "program.py"
    file.write_text(PROGRAMS[name], encoding="utf-8")
    words = ("program.py", "-i", "--foo", "-c")
    assert_same(ipcore(*words), cpython(*words, cwd=file.parent))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_module_ends_as_under_cpython(ipcore: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "work" / "module_to_run.py").write_text(PROGRAMS[name], encoding="utf-8")
    words = ("-m", "module_to_run", "-x", "y")
    assert_same(ipcore(*words), cpython(*words, cwd=tmp_path / "work"))


def test_the_value_of_the_code_is_shown_without_a_prompt(ipcore: Run) -> None:
    done = ipcore("-c", "x = 6\nx*7")
    assert (done.stdout, done.stderr, done.returncode) == ("42\n", "", 0)


def test_a_file_shows_no_values(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "a.py").write_text("5\nprint(6)\n", encoding="utf-8")
    assert ipcore("a.py").stdout == "6\n"


def test_a_traceback_of_a_file_starts_at_the_file(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "a.py").write_text("def f():\n    1/0\nf()\n", encoding="utf-8")
    done = ipcore("a.py")
    lines = [line for line in done.stderr.splitlines() if not set(line) <= set(" ~^")]
    assert lines == [
        "Traceback (most recent call last):",
        '  File "a.py", line 3, in <module>',
        "    f()",
        '  File "a.py", line 2, in f',
        "    1/0",
        "ZeroDivisionError: division by zero",
    ]


def test_a_missing_module_is_one_line(ipcore: Run, tmp_path: Path) -> None:
    done = ipcore("-m", "no_such_module_here")
    assert (done.returncode, done.stderr) == (1, "ipshell: No module named no_such_module_here.\n")
    (tmp_path / "work" / "package").mkdir()
    (tmp_path / "work" / "package" / "__init__.py").write_text("")
    assert "package.__main__; package is a package" in ipcore("-m", "package").stderr


def test_a_module_that_is_wrong_shows_its_own_lines_alone(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "wrong.py").write_text("x = = 1\n")
    done = ipcore("-m", "wrong")
    assert done.returncode == 1
    assert "wrong.py" in done.stderr
    assert "frozen" not in done.stderr


def test_the_folder_of_a_script_comes_first_on_the_path(ipcore: Run, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "neighbour.py").write_text("name = 'n'", encoding="utf-8")
    (folder / "a.py").write_text("import neighbour, sys; print(neighbour.name, sys.path[0], __file__)")
    assert ipcore(str(folder / "a.py")).stdout.split() == ["n", str(folder), str(folder / "a.py")]


def test_a_package_runs_its_main(ipcore: Run, tmp_path: Path) -> None:
    package = tmp_path / "work" / "package"
    package.mkdir()
    (package / "__init__.py").write_text("print('init')", encoding="utf-8")
    (package / "__main__.py").write_text(
        "from . import x; print(__name__, __package__, x.y)", encoding="utf-8"
    )
    (package / "x.py").write_text("y = 5", encoding="utf-8")
    assert_same(ipcore("-m", "package"), cpython("-m", "package", cwd=package.parent))


@pytest.mark.parametrize("archive", [True, False])
def test_a_folder_or_an_archive_runs_its_main(ipcore: Run, tmp_path: Path, archive: bool) -> None:
    folder = tmp_path / "work" / "app"
    folder.mkdir()
    (folder / "other.py").write_text("name = 'other'", encoding="utf-8")
    (folder / "__main__.py").write_text(
        "import other, sys; print(other.name, __name__, sys.argv)", encoding="utf-8"
    )
    name = "app"
    if archive:
        name = "app.zip"
        with zipfile.ZipFile(folder.parent / name, "w") as stream:
            for file in folder.iterdir():
                stream.write(file, file.name)
    assert_same(ipcore(name, "a"), cpython(name, "a", cwd=folder.parent))


@pytest.mark.parametrize("name", ["nosuch.py", "nosuch", "nosuch.ipynb", "nosuch.ipy"])
def test_a_missing_file_is_one_line_and_status_2(ipcore: Run, name: str) -> None:
    done = ipcore(name)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert name in done.stderr


def test_a_mistyped_command_is_answered_with_the_right_one(ipcore: Run) -> None:
    done = ipcore("plugin", "list")
    assert done.returncode == 2
    assert 'Did you mean the command "plugins"?' in done.stderr


def test_a_command_of_a_missing_part_names_its_distribution(ipcore: Run) -> None:
    done = ipcore("kernel")
    assert done.returncode == 2
    assert "comes with ipkernel-jupyter, which is not installed" in done.stderr


def notebook(*cells: tuple[str, Any], **metadata: Any) -> str:
    return json.dumps(
        {
            "cells": [{"cell_type": kind, "source": source} for kind, source in cells],
            "metadata": metadata,
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def test_a_notebook_runs_its_code_cells_in_order_up_to_the_first_failure(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "n.ipynb").write_text(
        notebook(
            ("markdown", "# no"),
            ("code", ["x = 20\n", "x + 1"]),
            ("code", "!echo hi"),
            ("code", "1/0"),
            ("code", "print('never')"),
        ),
        encoding="utf-8",
    )
    done = ipcore("n.ipynb", "arg")
    assert done.returncode == 1
    assert done.stdout == "Out[1]: 21\nhi\n"
    assert "  n.ipynb cell 4, line 1\n" in done.stderr
    assert "ZeroDivisionError" in done.stderr


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not a notebook"),
        ("[]", "it has no cells"),
        ('{"cells": 5}', "its cells are not a list"),
        ('{"cells": [5]}', "cell 1 is not an object"),
        ('{"cells": [{"cell_type": "code", "source": 5}]}', "cell 1 has no text"),
        (notebook(kernelspec={"language": "julia"}), "its language is julia"),
        ("\x00\udcff", "is not a notebook"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused_in_one_line(
    ipcore: Run, tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "work" / "n.ipynb").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = ipcore("n.ipynb")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert reason in done.stderr


def test_an_old_notebook_runs_too(ipcore: Run, tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "input": ["print('three')"]}]
    document = {"worksheets": [{"cells": cells}], "nbformat": 3}
    (tmp_path / "work" / "n.ipynb").write_text(json.dumps(document), encoding="utf-8")
    assert ipcore("n.ipynb").stdout == "three\n"


def test_a_file_of_cells_may_hold_escapes(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "a.ipy").write_text("x = !echo one\nprint(x[0])\n5\n%nosuch\n", encoding="utf-8")
    done = ipcore("a.ipy")
    assert (done.returncode, done.stdout) == (1, "one\n")
    assert done.stderr == "UsageError: Line magic function `%nosuch` not found.\n"


def test_piped_cells_are_numbered_and_run_to_the_end(ipcore: Run) -> None:
    typed = "".join(f"x{n} = {n}\nx{n} * 2\n" for n in range(15))
    done = ipcore(typed=typed)
    assert (done.returncode, done.stderr) == (0, "")
    for n in range(15):
        assert f"In [{2 * n + 2}]: Out[{2 * n + 2}]: {2 * n}\n" in done.stdout


def test_a_piped_block_ends_where_the_next_statement_begins(ipcore: Run) -> None:
    done = ipcore("--nosep", typed="for i in range(2):\n    print('i', i)\n\nif True:\n    y = 5\n\ny\n")
    assert done.stdout.startswith("In [1]:    ...:    ...: i 0\ni 1\nIn [2]: ")
    assert "Out[3]: 5" in done.stdout


def test_a_failed_piped_cell_shows_in_the_status_and_the_rest_runs(ipcore: Run) -> None:
    done = ipcore(typed="1/0\nprint('on')\n")
    assert done.returncode == 1
    assert "on\n" in done.stdout
    assert "Cell In[1], line 1" in done.stderr


@pytest.mark.parametrize(
    ("cell", "status"), [("exit(3)", 3), ("import sys; sys.exit(4)", 4), ("quit", 0), ("exit", 0)]
)
def test_piped_cells_can_choose_the_status(ipcore: Run, cell: str, status: int) -> None:
    done = ipcore(typed=f"{cell}\nprint('never')\n")
    assert done.returncode == status
    assert "never" not in done.stdout


def test_an_unfinished_piped_cell_is_told(ipcore: Run) -> None:
    done = ipcore(typed="x = (1,\n")
    assert done.returncode == 1
    assert "was never closed" in done.stderr


def test_piped_bytes_that_are_no_text_end_with_one_line(home: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ipcore"],
        input=b"x = 1\n\xff\xfe\n",
        capture_output=True,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8:strict"},
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 1
    assert b"standard input is not utf-8" in done.stderr
    assert b"Traceback" not in done.stderr


def test_interactive_goes_on_with_the_names_of_the_program(ipcore: Run, tmp_path: Path) -> None:
    (tmp_path / "work" / "mod.py").write_text("count = 1\ndef bump():\n    global count\n    count += 1\n")
    for words in (("-i", "mod.py"), ("-i", "-m", "mod"), ("-im", "mod")):
        done = ipcore(*words, typed="bump()\ncount\n")
        assert "Out[2]: 2" in done.stdout, words
        assert done.returncode == 0


def test_interactive_goes_on_after_a_failure(ipcore: Run) -> None:
    done = ipcore("-i", "-c", "x = 5; 1/0", typed="x\n")
    assert "Out[1]: 5" in done.stdout
    assert "ZeroDivisionError" in done.stderr


def test_version_and_help(ipcore: Run) -> None:
    from ipcore import __version__

    assert ipcore("--version").stdout == f"{__version__}\n"
    text = ipcore("--help").stdout
    assert "--no-plugins" in text
    assert "plugins" in text
    assert "--pprint" not in text  # belongs to a part that is not installed
    assert "usage: ipshell plugins" in ipcore("help", "plugins").stdout


def test_a_wrong_option_is_one_line_and_status_2(ipcore: Run) -> None:
    done = ipcore("--hlep")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows keeps a directory that is somebody's working directory"
)
def test_a_deleted_working_directory_is_one_line(home: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = [sys.executable, "-m", "ipcore", "-c", "1"]
    code = f"import os; os.rmdir({str(gone)!r}); os.execv({sys.executable!r}, {command!r})"
    done = subprocess.run([sys.executable, "-c", code], cwd=gone, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == (
        "ipshell: the working directory does not exist any more; change to another one and start again.\n"
    )


def test_a_closed_pipe_does_no_harm(home: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ipcore", "-c", "import time\nfor i in range(10**6): print(i)"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) != 0
    assert b"BrokenPipeError" in error
    assert b"fault of ipshell" not in error


@pytest.mark.parametrize("words", [("-c", "import asks"), ("a.py",)])
def test_get_ipython_is_there_for_what_a_program_imports(
    ipcore: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "work" / "asks.py").write_text("print(get_ipython() is not None, __IPYTHON__)")
    (tmp_path / "work" / "a.py").write_text("import asks")
    assert ipcore(*words).stdout == "True True\n"


@pytest.mark.parametrize("module", ["ipcore", "ipshell"])
def test_no_file_of_the_working_directory_runs_in_the_shells_place(
    home: Path, tmp_path: Path, module: str
) -> None:
    if module == "ipshell":
        pytest.importorskip("ipshell", reason="the assembled shell is not installed beside the core")
    for name in ("traitlets", "json", "pluggy"):
        (tmp_path / f"{name}.py").write_text("print('hijacked')")
    done = subprocess.run(
        [sys.executable, "-m", module, "-c", "6*7"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("42\n", "")


def test_no_file_beside_a_script_runs_in_the_shells_place(ipcore: Run, tmp_path: Path) -> None:
    for name in ("traitlets", "pluggy"):
        (tmp_path / f"{name}.py").write_text("print('hijacked')")
    (tmp_path / "script.py").write_text("get_ipython().run_cell('6*7')\nget_ipython().run_cell('1/0')")
    done = ipcore(str(tmp_path / "script.py"))
    assert done.stdout.endswith("42\n")
    assert "ZeroDivisionError" in done.stderr
    assert "hijacked" not in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("redirection", "status", "told"),
    [
        ("2>&-", 0, ""),
        (">&-", 0, ""),
        ("<&-", 1, "standard input"),
        (">/dev/full", 1, "standard output cannot be written"),
    ],
)
def test_a_missing_stream_is_no_fault_of_the_shell(
    home: Path, tmp_path: Path, redirection: str, status: int, told: str
) -> None:
    if redirection == ">/dev/full" and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    mark = tmp_path / "mark"
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m ipcore {redirection}"],
        input=f"open({str(mark)!r}, 'w').close()\n",
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode == status
    assert "fault of ipshell" not in done.stderr
    assert told in done.stderr
    assert mark.exists() is (status == 0)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_reader_that_has_seen_enough_ends_the_shell_quietly(home: Path, tmp_path: Path) -> None:
    command = f"seq 100000 | {sys.executable} -m ipcore | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert "fault of ipshell" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_went_away_is_no_error_of_the_cell(
    shell: InteractiveShell, capfd: pytest.CaptureFixture[str]
) -> None:
    shell.show_error(OutputGone(BrokenPipeError(32, "Broken pipe")))
    assert capfd.readouterr() == ("", "")


def test_a_long_piped_cell_is_read_whole(ipcore: Run) -> None:
    block = "def f():\n" + "    x = 1\n" * 3000 + "    return 5\n\n"
    table = "t = (\n" + "1,\n" * 3000 + ")\n"
    text = 's = """\n' + "more\n" * 3000 + '"""\n'
    done = ipcore(typed=f"{block}{table}{text}f(), len(t), len(s)\n")
    assert "Out[4]: (5, 3000, 15001)" in done.stdout


@pytest.mark.parametrize(
    "cell",
    [
        "x = {\n  'a': [1,\n 2],\n  'b': 3}",
        "x = (1 +\n   2)",
        "x = 'a' \\\n  'b'",
        "def f(a,\n      b=')'):\n    return a",
        'if True:\n    x = """\n  in\n"""\n    y = 2',
        "class A:\n\n    x = 1",
        "try:\n    x = 1\nfinally:\n    y = 2",
        "@staticmethod\ndef f():\n    pass",
        "x = [  # a comment (\n  1\n]",
        'f"""{\n1}"""',
    ],
)
def test_cells_of_many_shapes_are_read_whole(ipcore: Run, cell: str) -> None:
    done = ipcore(typed=f"{cell}\n\nprint('next')\n")
    assert done.stderr == ""
    assert "next" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no signal reaches one process alone")
def test_ctrl_c_in_a_command_ends_the_whole_file(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.ipy"
    file.write_text("!echo started; sleep 60\nprint('AFTER')\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "ipcore", str(file)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        start_new_session=True,
        # A test run in the background has it ignored, and its children with it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    os.killpg(process.pid, signal.SIGINT)
    rest = process.stdout.read()
    process.stdout.close()
    assert "AFTER" not in rest
    assert process.wait(60) == -signal.SIGINT
