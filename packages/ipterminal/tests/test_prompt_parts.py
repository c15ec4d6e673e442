"""Prompts around the cell and the parts they are made of; the title of the window."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipcore.testing import Terminal, TestedShell
from ipterminal.children import OWN_CHILDREN
from ipterminal.forks import _pause_all
from ipterminal.prompt_parts import Parts, duration, environment_name, shortened
from ipterminal.repository import Repository, State, read_status
from ipterminal.title import printable, title

if TYPE_CHECKING:
    from editor_terminals import StartEditor

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of this kind are POSIX's")
with_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")


def text_of(pieces: list[tuple[str, str]]) -> str:
    return "".join(text for _, text in pieces)


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, timeout=60)


# -- a text with parts -----------------------------------------------------------------


def test_parts_that_have_nothing_to_say_leave_no_gap(shell: TestedShell) -> None:
    parts = Parts(shell)
    assert parts.pieces("{duration} {git}", "x") == []
    assert text_of(parts.pieces("{number} {git}", "x")) == "1"
    assert text_of(parts.pieces("{git} {number} {duration} | {number}", "x")) == "1 | 1"
    assert text_of(parts.pieces("{{{number}}}", "x")) == "{1}"
    assert parts.pieces("{time:then}", "x") == [("prompt.time", "then")]


@given(st.lists(st.sampled_from(["{git}", "{duration}", "{number}", " ", "|", "  "])))
def test_no_text_begins_or_ends_with_a_blank_that_a_part_left(words: list[str]) -> None:
    class Shell:
        execution_count = 7

    form = "".join(words)
    shown = text_of(Parts(Shell()).pieces(form, "x"))  # type: ignore[arg-type]
    assert shown.count("7") == form.count("{number}")
    assert shown.count("|") == form.count("|")
    if "  " not in form and "| |" not in form:
        assert "  " not in shown
    if form.endswith("}"):
        assert shown == shown.rstrip(" ")
    if form.startswith("{"):
        assert shown == shown.lstrip(" ")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("{gti} x", "there is no part called 'gti'; there are time, duration"),
        ("{time", "is no text with parts"),
    ],
)
def test_a_mistake_in_a_text_is_told_and_the_rest_is_shown(
    shell: TestedShell, capsys: pytest.CaptureFixture[str], form: str, said: str
) -> None:
    assert text_of(Parts(shell).pieces(form, "right_prompt")) in ("x", " x", "{time")
    err = capsys.readouterr().err
    assert said in err
    assert "right_prompt" in err


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.1, "100ms"),
        (0.9994, "999ms"),
        (1, "1.0s"),
        (59.9, "59.9s"),
        (60, "1m 0s"),
        (125, "2m 5s"),
        (3780, "1h 3m"),
    ],
)
def test_a_duration_is_told_as_people_say_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_how_long_a_cell_took_is_known_after_it(shell: TestedShell) -> None:
    parts = Parts(shell)
    parts.watch()
    shell.run_cell("1")
    assert parts.pieces("{duration}", "x") == [], "nobody wants to know"
    shell.run_cell("import time; time.sleep(0.15)")
    assert text_of(parts.pieces("{duration}", "x")).endswith("ms")
    parts.unwatch()


@pytest.mark.parametrize(
    ("environ", "prefix", "name"),
    [
        ({"VIRTUAL_ENV": "/home/ada/work/.venv"}, "/home/ada/work/.venv", "work"),
        ({"VIRTUAL_ENV": "/home/ada/envs/lab/"}, "/home/ada/envs/lab", "lab"),
        ({"VIRTUAL_ENV": "/e/x", "VIRTUAL_ENV_PROMPT": "(mine) "}, "/e/x", "mine"),
        ({"VIRTUAL_ENV": "/e/other"}, "/e/x", ""),
        ({"CONDA_PREFIX": "/opt/conda/envs/ml", "CONDA_DEFAULT_ENV": "ml"}, "/opt/conda/envs/ml", "ml"),
        ({}, "/usr", ""),
    ],
)
def test_the_environment_is_told_if_the_shell_runs_in_it(
    environ: dict[str, str], prefix: str, name: str
) -> None:
    assert environment_name(environ, prefix) == name


def test_a_long_folder_keeps_its_end() -> None:
    assert shortened("~/work") == "~/work"
    assert shortened("/very" * 20 + "/end") == "…" + ("/very" * 20 + "/end")[-39:]


# -- the repository ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("# branch.oid 1234567890ab\n# branch.head main\n", State("main", False)),
        ("# branch.oid (initial)\n# branch.head main\n1 .M N... a b c\n", State("main", True)),
        ("# branch.oid 1234567890ab\n# branch.head (detached)\n", State("12345678", False)),
        ("", None),
        ("fatal: not a git repository\n", None),
    ],
)
def test_what_git_says_is_read(text: str, state: State | None) -> None:
    assert read_status(text) == state


@with_git
def test_the_branch_becomes_known_and_whether_it_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-b", "trunk")
    (tmp_path / "file").write_text("1")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-m", "first")
    monkeypatch.chdir(tmp_path)
    changed = threading.Event()
    repository = Repository(changed.set)
    try:
        repository.refresh()
        assert changed.wait(30)
        assert repository.state == State("trunk", False)
        changed.clear()
        (tmp_path / "file").write_text("2")
        repository.refresh()
        assert changed.wait(30)
        assert repository.state == State("trunk", True)
        monkeypatch.chdir("/")
        repository.refresh()
        assert repository.state is None
    finally:
        repository.close()


@posix
def test_a_git_that_hangs_is_given_up_and_asked_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_leaks: object
) -> None:
    from ipterminal import repository as module

    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\necho x >> asked\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "DEADLINE", 0.3)
    repository = Repository(lambda: None, str(slow))
    for _ in range(module._PATIENCE + 2):
        repository.refresh()
        thread = repository._thread
        if thread is not None:
            thread.join(30)
    assert repository.state is None
    assert len((tmp_path / "asked").read_text().split()) == module._PATIENCE
    monkeypatch.setattr(module, "DEADLINE", 60.0)
    repository._slow.clear()
    repository.refresh()
    repository.close()
    assert repository._thread is None or not repository._thread.is_alive()


@posix
def test_a_fork_ends_the_thread_at_once_and_leaves_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_leaks: object
) -> None:
    git = tmp_path / "git"
    git.write_text(
        "#!/bin/sh\n[ -e asked ] && touch again && exec sleep 60\ntouch asked\necho '# branch.head trunk'\n"
    )
    git.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    changed = threading.Event()
    repository = Repository(changed.set, str(git))
    repository.refresh()
    assert changed.wait(30)
    repository.close()
    repository = Repository(lambda: None, str(git))
    repository._states[str(tmp_path)] = State("trunk", False)
    repository.refresh()
    deadline = time.monotonic() + 30
    while not (tmp_path / "again").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    _pause_all()  # as before a fork
    assert [thread.name for thread in threading.enumerate() if thread.name == OWN_CHILDREN] == []
    assert repository.state == State("trunk", False)
    (tmp_path / "asked").unlink()
    (tmp_path / "again").unlink()
    repository.refresh()  # and it goes on behind it
    while not (tmp_path / "asked").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (tmp_path / "asked").exists()
    repository.close()


# -- in the terminal -------------------------------------------------------------------------


@posix
def test_the_prompt_is_coloured_and_its_number_apart(start_editor: StartEditor) -> None:
    shell = start_editor("--colors=dark", env={"TERM": "xterm-256color", "NO_COLOR": ""})
    shell.type("6 * 7\r")
    shell.wait_for_prompt(2)
    row = shell.screen.index("Out[1]: 42")
    looks = {span.text: (span.style.foreground, span.style.bold) for span in shell.spans(row)}
    assert looks["Out["] == ("#ff8787", False)
    assert looks["1"] == ("#ffafaf", True)
    first = shell.spans(shell.screen.index("In [1]: 6 * 7"))
    assert (first[0].text, first[0].style.foreground) == ("In [", "#87d787")
    assert (first[1].text, first[1].style.foreground, first[1].style.bold) == ("1", "#afff87", True)


@posix
def test_what_is_asked_for_stands_at_the_right_and_below(start_editor: StartEditor) -> None:
    shell = start_editor(
        "--Terminal.right_prompt={duration} {time:then}", "--Terminal.toolbar={folder} below", columns=60
    )
    lines = shell.wait_for(lambda lines: lines[-1].endswith("work below"), "the toolbar")
    assert lines[-2].startswith("In [1]:")
    assert lines[-2].endswith("then")
    shell.type("import time; time.sleep(0.2)\r")
    lines = shell.wait_for_prompt(2)
    shell.wait_for(lambda lines: lines[-1].endswith("work below"), "the toolbar")
    assert shell.lines[-2].endswith("ms then")
    assert not [line for line in shell.lines[:-1] if "below" in line], "it does not stay above"
    shell.type("x" * 50)
    shell.wait_for(lambda lines: "then" not in lines[-2], "the right prompt to give way")


@posix
def test_the_mode_of_vi_is_told_as_it_changes(start_editor: StartEditor) -> None:
    shell = start_editor(
        "--Terminal.editing_mode=vi",
        "--Terminal.prompt_includes_vi_mode=False",
        "--Terminal.right_prompt={mode} at the right",
        "--Terminal.toolbar={mode} below",
        columns=60,
    )
    shell.wait_for(lambda lines: lines[-1] == "ins below", "the first mode")
    shell.press("escape")
    lines = shell.wait_for(lambda lines: lines[-1] == "nav below", "the other mode")
    assert lines[-2].endswith("nav at the right")


@posix
@with_git
def test_the_branch_comes_to_the_prompt_that_stands_already(
    start_editor: StartEditor, tmp_path: Path
) -> None:
    shell = start_editor("--Terminal.right_prompt={git}")
    assert not shell.lines[-1].endswith("trunk")
    git(tmp_path / "work", "init", "-b", "trunk")
    shell.type("\r")
    shell.wait_for(lambda lines: lines[-1].endswith("trunk"), "the branch")
    assert shell.lines[-1].startswith("In [1]:")


@posix
def test_prompts_of_a_plugin_say_what_stands_around(start_editor: StartEditor, tmp_path: Path) -> None:
    plugin = tmp_path / "own.py"
    plugin.write_text(
        "class Own:\n"
        "    def input(self, number): return f'{number}> '\n"
        "    def continuation(self, number): return '.. '\n"
        "    def output(self, number): return '= '\n"
        "    def right(self, number): return [('prompt.time', 'RIGHT')]\n"
        "    def toolbar(self): return [('toolbar', 'BELOW')]\n"
    )
    shell = start_editor()
    shell.type(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import own\r")
    shell.wait_for_prompt(2)
    shell.type(
        "from ipcore.plain.prompts import GuardedPrompts; s = get_ipython(); g = type('G', (), {})(); "
        "g.value = own.Own(); g.plugin = own; own.id = 0; s._prompts = GuardedPrompts(s, g, None)\r"
    )
    lines = shell.wait_for(lambda lines: lines[-1] == "BELOW", "the toolbar")
    assert lines[-2].startswith("3>")
    assert lines[-2].endswith("RIGHT")


@posix
def test_the_mode_of_vi_stands_before_the_prompt(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.editing_mode=vi")
    shell.wait_for(lambda lines: lines[-1].startswith("[ins] In [1]:"), "the mode")
    shell.press("escape")
    shell.wait_for(lambda lines: lines[-1].startswith("[nav] In [1]:"), "the other mode")
    shell.type("i6 * 7\r")
    shell.wait_for(lambda lines: "Out[1]: 42" in lines and lines[-1].startswith("[ins] In [2]:"), "the value")


@posix
def test_the_mode_of_vi_stands_there_from_the_first_paint_on(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.editing_mode=vi", "--colors=nocolor")
    first, _, _ = shell.raw.partition(b"In [1]: ")
    assert first.endswith(b"[ins] ")
    shell.type("6\r")
    shell.wait_for_prompt(2)
    assert [line for line in shell.lines if "In [1]" in line] == ["[ins] In [1]: 6"]


@posix
def test_the_mode_of_vi_can_be_left_out(start_editor: StartEditor) -> None:
    shell = start_editor("--Terminal.editing_mode=vi", "--Terminal.prompt_includes_vi_mode=False")
    shell.type("6 * 7\r")
    assert shell.wait_for_prompt(2)[-1] == "In [2]:"
    assert "[ins]" not in shell.text


# -- the title ---------------------------------------------------------------------------------


def wait_for_title(shell: Terminal, wanted: str) -> None:
    shell.wait_for(lambda lines: shell.title == wanted, f"the title {wanted!r}")


@posix
def test_the_title_follows_the_working_directory_and_is_put_back(
    start_editor: StartEditor, tmp_path: Path
) -> None:
    shell = start_editor(env={"HOME": str(tmp_path)})
    wait_for_title(shell, "ipshell: ~/work")
    shell.type("import os; os.chdir('/')\r")
    shell.wait_for_prompt(2)
    wait_for_title(shell, "ipshell: /")
    shell.type("exit\r")
    assert shell.exit_status() == 0
    assert shell.title == ""


@posix
@pytest.mark.parametrize("words", [["--no-term-title"], ["--Terminal.term_title=False"]])
def test_no_title_is_set_where_none_is_wanted(start_editor: StartEditor, words: list[str]) -> None:
    shell = start_editor(*words)
    shell.type("6 * 7\r")
    shell.wait_for_prompt(2)
    assert b"\x1b]2;" not in shell.raw
    assert b"\x1b[22;" not in shell.raw


@posix
def test_the_title_is_put_back_by_a_shell_that_is_ended(start_editor: StartEditor) -> None:
    import signal

    shell = start_editor("--Terminal.term_title_format=mine in {cwd}")
    shell.wait_for(lambda lines: shell.title.startswith("mine in "), "the title")
    shell.send_signal(signal.SIGTERM)
    shell.exit_status()
    assert shell.title == ""


@posix
def test_an_embedded_shell_leaves_the_title_alone(start_editor: StartEditor) -> None:
    shell = start_editor()
    shell.wait_for(lambda lines: shell.title.endswith("work"), "the title")
    shell.type("import os, ipcore; (lambda here=1: ipcore.embed())()\r")
    shell.wait_for(lambda lines: lines[-1] == "In [1]:" and len(lines) > 3, "the inner prompt")
    shell.type("os.chdir('/')\r")
    shell.wait_for(lambda lines: lines[-1] == "In [2]:", "the next one")
    assert shell.title.endswith("work")
    shell.type("exit\r")
    shell.wait_for(lambda lines: shell.title == "ipshell: /", "the outer title again")


def test_a_title_cannot_end_the_sequence_it_stands_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert printable("a\x1b]0;b\x07\nc") == "a]0;bc"
    assert title("{nothing}") == "{nothing}"
    assert "{cwd} is the working directory" in capsys.readouterr().err
    assert os.path.basename(os.getcwd()) in title("in {cwd}")
