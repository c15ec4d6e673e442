"""set_hook and what stands behind the hooks: editor, pager, clipboard, completion of commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ipcore.errors import PolicyError, TryNext
from ipcore.hooks import HOOKS
from ipcore.shell import InteractiveShell
from ipcore.system.clipboard import ClipboardEmpty, read_clipboard
from ipcore.system.editors import command_line
from ipcore.testing import Terminals
from ipcore.types.policies import Decision, Request, refuse

posix = pytest.mark.skipif(
    sys.platform == "win32", reason="the programs in here are scripts of a POSIX shell"
)


@pytest.fixture(autouse=True)
def _no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test that goes wrong wait for an editor that nobody leaves."""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "no-such-editor-here")


def program(folder: Path, name: str, text: str) -> Path:
    """Make a script that can be run by its name."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!{sys.executable}\n{text}\n")
    file.chmod(0o755)
    return file


# -- the chain -----------------------------------------------------------------


def test_functions_are_called_by_priority_until_one_does_the_work(shell: InteractiveShell) -> None:
    called: list[Any] = []

    def passing(name: str) -> Any:
        def hook(self: Any, *arguments: Any) -> None:
            called.append((name, self, arguments))
            raise TryNext

        return hook

    def working(self: Any, *arguments: Any) -> str:
        called.append(("working", self, arguments))
        return "done"

    shell.set_hook("editor", passing("late"), 60)
    shell.set_hook("editor", working, 70)
    shell.set_hook("editor", passing("default"))
    shell.set_hook("editor", passing("early"), priority=10)
    assert shell.hooks.editor("file", 3) == "done"
    assert [each[0] for each in called] == ["early", "default", "late", "working"]
    assert all(each[1:] == (shell, ("file", 3)) for each in called)


def test_when_all_pass_the_last_one_says_why(shell: InteractiveShell) -> None:
    def passing(self: Any) -> None:
        raise TryNext("nothing here")

    shell.set_hook("clipboard_get", passing, 200)
    shell.hooks.clipboard_get.remove(shell.hooks.clipboard_get.chain[0][1])
    with pytest.raises(TryNext, match="nothing here"):
        shell.hooks.clipboard_get()
    shell.hooks.clipboard_get.remove(passing)
    with pytest.raises(TryNext):
        shell.hooks.clipboard_get()
    with pytest.raises(ValueError, match="not set"):
        shell.hooks.clipboard_get.remove(passing)


def test_an_unknown_hook_is_told_and_set(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.set_hook("nonsense", lambda self: 5)
    told = capsys.readouterr().err
    assert "'nonsense'" in told
    assert all(name in told for name in HOOKS)
    assert vars(shell.hooks)["nonsense"]() == 5
    with pytest.raises(TypeError, match="int"):
        shell.set_hook("editor", 3)  # type: ignore[arg-type]


# -- complete_command ------------------------------------------------------------


def test_commands_are_completed_by_their_first_word(shell: InteractiveShell) -> None:
    events: list[Any] = []

    def branches(self: Any, event: Any) -> list[str]:
        assert self is shell
        events.append(event)
        return ["main", "maintenance", "other"]

    shell.set_hook("complete_command", branches, str_key="%git")
    assert shell.complete("mai", "git checkout mai", 16) == ("mai", ["main", "maintenance"])
    assert shell.complete("mai", "%git checkout mai") == ("mai", ["main", "maintenance"])
    event = events[0]
    assert (event.line, event.symbol, event.command) == ("git checkout mai", "mai", "git")
    assert event.text_until_cursor == "git checkout mai"
    assert "main" not in shell.complete("mai", "hg checkout mai")[1]


def test_commands_are_completed_by_an_expression(shell: InteractiveShell) -> None:
    shell.set_hook("complete_command", lambda self, event: ["Numpy", "nose"], re_key=r"from\s|import ")
    assert shell.complete("n", "from n")[1] == ["nose"]
    assert shell.complete("num", "import num")[1] == ["Numpy"]
    with pytest.raises(ValueError, match="str_key"):
        shell.set_hook("complete_command", lambda self, event: [])


def test_a_completion_that_fails_or_passes_leaves_the_others(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(self: Any, event: Any) -> list[str]:
        raise RuntimeError("broken")

    def passes(self: Any, event: Any) -> list[str]:
        raise TryNext

    shell.set_hook("complete_command", fails, 10, str_key="run")
    shell.set_hook("complete_command", passes, 20, str_key="run")
    shell.set_hook("complete_command", lambda self, event: ["script.py"], 30, str_key="run")
    for _ in range(2):
        assert shell.complete("s", "run s")[1] == ["script.py"]
    told = capsys.readouterr().err
    assert "broken" in told
    assert told.count("\n") == 1


# -- the editor ------------------------------------------------------------------


@posix
def test_the_editor_opens_a_file_at_a_line(shell: InteractiveShell, tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = program(
        tmp_path / "my editors", "ed", f"import json, sys; json.dump(sys.argv[1:], open({str(log)!r}, 'w'))"
    )
    file = tmp_path / "a file's name.py"
    shell.editor = str(script)
    shell.hooks.editor(str(file), 12)
    assert json.loads(log.read_text()) == ["+12", str(file)]
    shell.editor = f"'{script}' --wait"
    shell.hooks.editor(file)
    assert json.loads(log.read_text()) == ["--wait", str(file)]


@posix
@pytest.mark.parametrize("text", ["raise SystemExit(3)", None])
def test_an_editor_that_fails_leaves_the_file_to_the_next(
    shell: InteractiveShell, tmp_path: Path, text: str | None
) -> None:
    if text:
        shell.editor = str(program(tmp_path, "ed", text))
    with pytest.raises(TryNext, match="status"):
        shell.hooks.editor("file")
    shell.set_hook("editor", lambda self, *arguments: "the next", 200)
    assert shell.hooks.editor("file") == "the next"


def test_a_policy_may_refuse_the_editor(shell: InteractiveShell) -> None:
    class Refuses:
        name = "no commands"

        def decide(self, request: Request) -> Decision:
            assert request.kind == "system"
            return refuse("never")

    shell.policies.add(Refuses())
    with pytest.raises(PolicyError):
        shell.hooks.editor("file")


def test_the_editor_is_that_of_the_environment(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "nano")
    monkeypatch.setenv("VISUAL", "emacs -nw")
    assert shell.editor == "emacs -nw"
    monkeypatch.delenv("VISUAL")
    other = InteractiveShell()
    try:
        assert other.editor == "nano"
    finally:
        other.close()


@pytest.mark.parametrize(
    ("editor", "line", "wanted"),
    [
        ("vi", 3, "vi +3 f.py"),
        ("vi", None, "vi f.py"),
        ("emacs -nw", 3, "emacs -nw +3 f.py"),
        ("code --wait", 3, "code --wait --goto f.py:3"),
        ("/usr/bin/code -w", None, "/usr/bin/code -w f.py"),
        ("subl", 7, "subl f.py:7"),
        ("pycharm", 7, "pycharm --line 7 f.py"),
        ("notepad", 7, "notepad f.py"),
        ("mine -l {line} {filename} -x", 7, "mine -l 7 f.py -x"),
        ("mine {filename}", 7, "mine f.py"),
    ],
)
def test_editors_are_told_the_line_their_way(editor: str, line: int | None, wanted: str) -> None:
    assert command_line(editor, "f.py", line, "linux") == wanted


def test_names_are_quoted_for_the_system_shell() -> None:
    assert command_line("vi", "a b'c.py", 1, "linux") == """vi +1 'a b'"'"'c.py'"""
    assert command_line("code", "a b.py", 1, "linux") == "code --goto 'a b.py:1'"
    assert command_line("notepad", r"C:\a b\c.py", 1, "win32") == r'notepad "C:\a b\c.py"'


# -- the pager -------------------------------------------------------------------


def test_without_a_terminal_a_long_text_is_printed(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n".join(map(str, range(500)))
    shell.hooks.page(text)
    assert capsys.readouterr().out == text + "\n"
    shell.hooks.show_in_pager({"text/plain": "a\nb\nc", "text/html": "<b>"}, start=1)
    assert capsys.readouterr().out == "b\nc\n"


def test_a_pager_of_an_extension_gets_the_text(shell: InteractiveShell) -> None:
    shown: list[Any] = []

    def pager(self: Any, data: Any, start: int, screen_lines: int) -> None:
        shown.append((data, start, screen_lines))

    shell.set_hook("show_in_pager", pager)
    shell.hooks.page("text", start=2)
    assert shown == [("text", 2, 0)]


@posix
@pytest.mark.parametrize("case", ["short", "long", "none", "missing", "dumb"])
def test_on_a_terminal_only_a_long_text_goes_to_the_pager(
    terminal: Terminals, tmp_path: Path, case: str
) -> None:
    pager = program(tmp_path, "my-pager", "import sys; print('PAGED', len(sys.stdin.read().split()))")
    count = 3 if case == "short" else 100
    code = (
        "from ipcore.shell import InteractiveShell\nshell = InteractiveShell()\n"
        f"shell.hooks.page('\\n'.join(f'line{{n}}' for n in range({count})))\nprint('END')"
    )
    path = os.environ["PATH"]
    if case == "none":
        program(
            tmp_path / "bin", "less", "import sys; print('LESS', sys.argv[1:], len(sys.stdin.read().split()))"
        )
        path = f"{tmp_path / 'bin'}{os.pathsep}{path}"
    shown = terminal(
        command=[sys.executable, "-c", code],
        TERM="dumb" if case == "dumb" else "xterm",
        PAGER={"missing": "no-such-pager-here", "none": ""}.get(case, str(pager)),
        PATH=path,
    )
    if case == "dumb":
        shown.wait_for(lambda lines: lines[-2:-1] == ["line21"] and "-- more" in lines[-1], "the first page")
        shown.type("\r")
        shown.wait_for(lambda lines: lines[-2:-1] == ["line43"] and "-- more" in lines[-1], "the second page")
        shown.type("q\r")
    assert shown.exit_status() == 0
    assert shown.lines[-1] == "END"
    text = "\n".join([*shown.history, *shown.lines])
    if case == "long":
        assert "PAGED 100" in text
    elif case == "none":
        assert "LESS ['-R'] 100" in text
    elif case == "dumb":
        assert "line44" not in text
    else:
        assert f"line{count - 1}\n" in text
        assert "PAGED" not in text


@posix
def test_what_a_question_mark_tells_goes_to_the_pager_if_it_is_long(
    terminal: Terminals, tmp_path: Path
) -> None:
    pager = program(tmp_path, "my-pager", "import sys; print('PAGED', 'class Fraction(' in sys.stdin.read())")
    shown = terminal(
        command=[sys.executable, "-m", "ipcore", "--no-banner", "--simple-prompt"], PAGER=str(pager)
    )
    shown.wait_for_prompt(1)
    for number, text in enumerate(("import fractions", "fractions.Fraction??", "len?", "*Error?"), 2):
        shown.type(f"{text}\r")
        shown.wait_for_prompt(number)
    assert "PAGED True" in shown.lines
    assert "Signature: len(obj, /)" in shown.lines
    assert "PAGED False" in shown.lines


@posix
def test_ctrl_c_in_the_pager_is_the_pagers(terminal: Terminals, tmp_path: Path) -> None:
    pager = program(
        tmp_path,
        "my-pager",
        "import signal, sys\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})\n"
        "print('READY', flush=True)\n"
        "signal.sigwait({signal.SIGINT})\n"
        "print('PAGER INTERRUPTED', flush=True)\n"
        "print('PAGED', len(sys.stdin.read()))",
    )
    # More than a pipe holds: the shell waits for the pager while it writes.
    code = (
        "from ipcore.shell import InteractiveShell\nshell = InteractiveShell()\n"
        "shell.hooks.page('x\\n' * 500_000)\nprint('END')"
    )
    shown = terminal(command=[sys.executable, "-c", code], PAGER=str(pager))
    shown.wait_for("READY")
    shown.press("ctrl-c")
    shown.wait_for("PAGER INTERRUPTED")
    assert shown.exit_status() == 0
    assert shown.lines[-2:] == ["PAGED 1000001", "END"]
    assert "Traceback" not in shown.text


# -- the clipboard ---------------------------------------------------------------


@posix
def test_the_clipboard_is_read_by_the_program_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: InteractiveShell
) -> None:
    program(tmp_path / "bin", "xsel", "print('from xsel', end='')")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert shell.hooks.clipboard_get() == "from xsel"
    program(tmp_path / "bin", "wl-paste", "print('from wayland', end='')")
    assert shell.hooks.clipboard_get() == "from xsel"
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert shell.hooks.clipboard_get() == "from wayland"
    program(tmp_path / "bin", "pbpaste", "print('from the mac', end='')")
    assert read_clipboard("darwin") == "from the mac"


@posix
def test_an_empty_clipboard_and_none_at_all_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(TryNext, match="xclip"):
        read_clipboard("linux", {})
    program(tmp_path / "bin", "wl-paste", "raise SystemExit(1)")
    with pytest.raises(ClipboardEmpty):
        read_clipboard("linux", {"WAYLAND_DISPLAY": "wayland-0"})


def test_setting_hooks_loads_none_of_what_stands_behind_them() -> None:
    code = (
        "import sys\nfrom ipcore.shell import InteractiveShell\nshell = InteractiveShell()\nshell.hooks\n"
        "print([n for n in sys.modules if n.startswith('ipcore.system.') and n.split('.')[-1] in "
        "('editors', 'paging', 'clipboard', 'shell_commands')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
