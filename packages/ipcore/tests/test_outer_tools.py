"""Editors, pagers, clipboards and highlighters that plugins bring, and what is done without them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ipcore.errors import TryNext
from ipcore.highlighting import fragments, highlighted
from ipcore.system.clipboard import write_clipboard
from ipcore.system.editors import command_for
from ipcore.testing import ShellMaker, Terminals, TestedShell, TmpPlugins

posix = pytest.mark.skipif(sys.platform == "win32", reason="programs are scripts here")


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(0o755)
    return path


# -- editors -----------------------------------------------------------------------

EDITOR = """
    from ipcore.hookspecs import hookimpl

    class Quill:
        def arguments(self, filename, line, wait):
            return (["--stay"] if wait else []) + [f"{filename}#{line}"]

    @hookimpl
    def ipshell_editor(name):
        return Quill()
"""


@pytest.mark.parametrize(
    ("editor", "wait", "command"),
    [
        ("quill", True, "quill --stay 'a b.py#3'"),
        ("/opt/Quill.exe --dark", False, "/opt/Quill.exe --dark 'a b.py#3'"),
        ("quill {filename} at {line}", True, "quill 'a b.py' at 3"),
        ("nano", True, "nano +3 'a b.py'"),
    ],
)
@posix
def test_an_editor_is_called_as_its_plugin_tells(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker, editor: str, wait: bool, command: str
) -> None:
    tmp_plugin("editors", "quill", EDITOR)
    assert command_for(make_shell(editor=editor), "a b.py", 3, wait=wait) == command


def test_a_broken_plugin_of_an_editor_costs_its_way_alone(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker
) -> None:
    tmp_plugin("editors", "quill", EDITOR.replace("#{line}", "#{lien}"))
    shell = make_shell(editor="quill")
    assert command_for(shell, "a.py", 3, wait=True) == "quill +3 a.py"
    assert "NameError" in shell.registry.failures[0].reason
    shell.expect_failures()


# -- pagers ------------------------------------------------------------------------

PAGER = """
    from ipcore.errors import TryNext
    from ipcore.hookspecs import hookimpl

    class Pager:
        def show(self, text, start):
            if "leave it" in text:
                raise TryNext("no")
            if "break" in text:
                1 / 0
            print("OWN", len(text.split()), start)

    @hookimpl
    def ipshell_pager(name):
        return Pager()
"""


@posix
@pytest.mark.parametrize(
    ("word", "option", "shown"),
    [
        ("word", "own", "OWN 200 5"),
        ("word", "", "PAGED 195"),
        ("leave it", "own", "PAGED 390"),
        ("break", "own", "PAGED 195"),
        ("word", "other", "there is no pager called 'other'; there is own"),
    ],
)
def test_the_pager_that_is_named_shows_long_texts(
    terminal: Terminals, tmp_path: Path, fake_dist: object, word: str, option: str, shown: str
) -> None:
    import textwrap

    (tmp_path / "own_pager.py").write_text(textwrap.dedent(PAGER))
    command = program(tmp_path, "my-pager", "import sys; print('PAGED', len(sys.stdin.read().split()))")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from ipcore.plugins.builtin import BUILTIN\nfrom ipcore.plugins.declared import Declared\n"
        "from ipcore.plugins.registry import Registry\nfrom ipcore.shell import InteractiveShell\n"
        "own = Declared('pagers', 'own', 'own_pager', 'own-pager', '1.0')\n"
        f"shell = InteractiveShell(registry=Registry(builtin=(*BUILTIN, own)), pager={option!r})\n"
        f"shell.hooks.page('\\n'.join([{word!r}] * 200), start=5)\n"
    )
    screen = terminal(command=[sys.executable, "-c", code], PAGER=str(command), columns=200)
    assert screen.exit_status() == 0
    assert shown in screen.text


# -- clipboards --------------------------------------------------------------------

CLIPBOARD = """
    from ipcore.errors import TryNext
    from ipcore.hookspecs import hookimpl

    class Pocket:
        text = ""

        def read(self):
            if not self.text:
                raise TryNext("nothing was put in")
            return self.text

        def write(self, text):
            if text == "break":
                1 / 0
            self.text = text

    @hookimpl
    def ipshell_clipboard(name):
        return Pocket()
"""


@pytest.fixture
def no_desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@posix
@pytest.mark.usefixtures("no_desktop")
def test_what_the_desktop_does_not_take_the_next_clipboard_does(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker
) -> None:
    tmp_plugin("clipboards", "pocket", CLIPBOARD)
    shell = make_shell()
    with pytest.raises(
        TryNext, match="wl-paste, xclip, xsel or tkinter is needed for it; nothing was put in"
    ):
        shell.hooks.clipboard_get()
    shell.hooks.clipboard_set("a\nb")
    assert shell.hooks.clipboard_get() == "a\nb"
    shell.clipboard = "system"
    with pytest.raises(TryNext, match="wl-copy, xclip or xsel is needed"):
        shell.hooks.clipboard_set("x")
    shell.clipboard = "pockte"
    with pytest.raises(TryNext, match="no clipboard called 'pockte'; there are auto, pocket, system"):
        shell.hooks.clipboard_set("x")


@posix
@pytest.mark.usefixtures("no_desktop")
def test_a_clipboard_that_breaks_is_told_and_switched_off(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker
) -> None:
    tmp_plugin("clipboards", "pocket", CLIPBOARD)
    shell = make_shell()
    with pytest.raises(TryNext, match="the clipboard pocket failed: ZeroDivisionError"):
        shell.hooks.clipboard_set("break")
    assert len(shell.registry.failures) == 1
    shell.expect_failures()


@posix
@pytest.mark.usefixtures("no_desktop")
def test_the_clipboard_is_written_by_the_program_that_is_there(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    write = f"import sys; open({str(kept)!r}, 'wb').write(b'%s ' + sys.stdin.buffer.read())"
    program(tmp_path / "bin", "xclip", write % "xclip")
    write_clipboard("Grüße\n", "linux", {"DISPLAY": ":7"})
    assert kept.read_bytes() == b"xclip " + "Grüße\n".encode()
    program(tmp_path / "bin", "wl-copy", "raise SystemExit(1)")
    write_clipboard("b", "linux", {"DISPLAY": ":7", "WAYLAND_DISPLAY": "w"})
    assert kept.read_bytes() == b"xclip b"
    program(tmp_path / "bin", "pbcopy", write % "mac")
    write_clipboard("c", "darwin", {})
    assert kept.read_bytes() == b"mac c"


# -- highlighters ------------------------------------------------------------------

HIGHLIGHTER = """
    from ipcore.hookspecs import hookimpl

    class Words:
        def __init__(self, name):
            self.name = name

        def fragments(self, text, language):
            if language == "none":
                return None
            if "break" in text:
                return [("code", text.upper())]
            return [("code.keyword", text[:1]), (f"code.{self.name}", text[1:])]

    @hookimpl
    def ipshell_highlighter(name):
        return Words(name)
"""


def test_a_language_is_asked_of_its_own_highlighter_and_then_of_the_one_for_all(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker
) -> None:
    assert fragments(make_shell(), "x = 1", "python") == [("code", "x = 1")]
    tmp_plugin("highlighters", "any", HIGHLIGHTER)
    tmp_plugin("highlighters", "sql", HIGHLIGHTER)
    shell = make_shell()
    assert fragments(shell, "ab", "SQL") == [("code.keyword", "a"), ("code.sql", "b")]
    assert fragments(shell, "ab", "python") == [("code.keyword", "a"), ("code.any", "b")]
    assert fragments(shell, "ab", "none") == [("code", "ab")]


def test_a_highlighter_that_changes_the_text_is_switched_off(
    tmp_plugin: TmpPlugins, make_shell: ShellMaker
) -> None:
    tmp_plugin("highlighters", "any", HIGHLIGHTER)
    shell = make_shell()
    assert fragments(shell, "break", "python") == [("code", "break")]
    assert "its pieces are not the text together" in shell.registry.failures[0].reason
    shell.expect_failures()


def test_source_is_shown_in_the_colours_of_the_theme(tmp_plugin: TmpPlugins, shell: TestedShell) -> None:
    tmp_plugin("highlighters", "any", HIGHLIGHTER)
    shell.theme.override({"code.keyword": "bold"})
    assert highlighted(shell, "ab\n", "python") == "\x1b[1ma\x1b[0mb\n"


def test_none_of_this_is_imported_before_it_is_used() -> None:
    import subprocess

    code = (
        "import sys\nfrom ipcore.shell import InteractiveShell\nInteractiveShell().run_cell('6*7')\n"
        "print([name for name in sys.modules if name.startswith('ipcore.') and name.rpartition('.')[2] in "
        "('highlighting', 'clipboard', 'paging', 'editors', 'theme', 'colors', 'styles', 'themes')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env={**os.environ}
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
