"""The names of get_ipython() that extensions use: three of them, written as users write them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipcore.shell import InteractiveShell

Run = Callable[..., subprocess.CompletedProcess[str]]

#: Times cells, keeps a log of errors, changes how they are shown, and undoes all of it.
WATCHER = '''
"""Watches a session: counts cells, notes errors, colours tracebacks."""

class Watcher:
    def __init__(self, ip):
        self.shell = ip
        self.cells = []
        self.errors = []
        self.former = ip._showtraceback

    def before(self, info):
        self.cells.append(info.raw_cell)

    def after(self, result):
        if not result.success:
            self.shell.user_ns["last_failure"] = type(result.error_in_exec or result.error_before_exec)

    def note(self, shell, etype, value, tb, tb_offset=None):
        self.errors.append(etype.__name__)
        shell.showtraceback((etype, value, tb), tb_offset=tb_offset)
        return shell.InteractiveTB.structured_traceback(etype, value, tb, tb_offset=tb_offset)

    def show(self, etype, evalue, stb):
        self.former(etype, evalue, [f"| {line}" for line in stb])

_watcher = None

def load_ipython_extension(ip):
    global _watcher
    _watcher = Watcher(ip)
    ip.events.register("pre_run_cell", _watcher.before)
    ip.events.register("post_run_cell", _watcher.after)
    ip.set_custom_exc((ArithmeticError,), lambda shell, *a, **k: _watcher.note(shell, *a, **k))
    ip._showtraceback = _watcher.show
    ip.push({"watcher": _watcher}, interactive=False)

def unload_ipython_extension(ip):
    ip.events.unregister("pre_run_cell", _watcher.before)
    ip.events.unregister("post_run_cell", _watcher.after)
    ip.set_custom_exc((), None)
    ip._showtraceback = _watcher.former
    ip.drop_by_id({"watcher": _watcher})
'''

#: Bookmarks for code: keeps cells in db, brings them back to the prompt, completes their names.
SNIPPETS = '''
"""%snip NAME RANGE keeps cells, %snip NAME brings them back, %%snip NAME keeps a body."""

from traitlets import Int

from ipcore.magics import Magics, line_cell_magic, magics_class

@magics_class
class Snippets(Magics):
    most = Int(10, help="How many snippets are kept.").tag(config=True)

    @line_cell_magic
    def snip(self, line, cell=None):
        ip = self.shell
        name, _, target = line.partition(" ")
        key = f"snippets/{name}"
        if cell is None and not target:
            if key not in ip.db:
                if not ip.ask_yes_no(f"No snippet {name}. Make one of the last cell?", default="n"):
                    return None
                ip.db[key] = ip.user_ns["In"][-2]
            ip.set_next_input(ip.db[key])
            return None
        if len([each for each in ip.db.keys() if each.startswith("snippets/")]) >= self.most:
            raise ip.ev("ValueError")("too many snippets")
        ip.db[key] = ip.find_user_code(target) if cell is None else cell
        ip.define_macro(name, ip.db[key])
        return ip.mktempfile(ip.db[key])

def completions(self, event):
    return [key.removeprefix("snippets/") for key in self.db if key.startswith("snippets/")]

def load_ipython_extension(ip):
    ip.register_magics(Snippets)
    ip.set_hook("complete_command", completions, str_key="%snip")
    assert ip.has_trait("autoawait") and not ip.has_trait("nonsense")
    assert any(isinstance(each, Snippets) for each in ip.configurables)
'''

#: A workbench: a namespace of its own, values for a status line, the editor and the pager replaced.
WORKBENCH = '''
"""Puts tools into the namespace, answers a status line, edits and pages its own way."""

import sys

state = {}

def editor(self, filename, linenum=None, wait=True):
    from ipcore.errors import TryNext
    if not filename.endswith(".bench"):
        raise TryNext
    state["edited"] = (filename, linenum)

def status(ip):
    asked = ip.user_expressions({"cwd": "_dh[0]", "size": "len(data)", "broken": "data[99]"})
    return {key: (value["data"]["text/plain"] if value["status"] == "ok" else value["ename"])
            for key, value in asked.items()}

def bench_command(line):
    """%bench [reset]"""
    ip = state["ip"]
    if line == "reset":
        ip.reset_selective("^data")
    else:
        ip.ex("data = [n ** 2 for n in range(5)]")
        ip.system(ip.var_expand("echo $data"))
        return ip.getoutput("echo out")[0]

class Bench:
    pass

def load_ipython_extension(ip):
    ip.display_formatter.formatters["text/plain"].for_type(Bench, lambda bench, p, cycle: p.text("a bench"))
    ip.push({"bench_now": Bench()}, interactive=False)
    state.update(ip=ip, hidden=set(ip.user_ns_hidden), kernel=getattr(ip, "kernel", None))
    def tool(): return "tool"
    ip.push("tool")
    ip.register_magic_function(bench_command, "line", "bench")
    ip.magics_manager.register_alias("b", "bench")
    ip.set_hook("editor", editor)
    ip.set_hook("show_in_pager", lambda self, data, start, screen_lines: state.__setitem__("paged", data))
    ip.user_ns["status"] = lambda: status(ip)

def unload_ipython_extension(ip):
    ip.del_var("tool")
    ip.del_var("status", by_name=True)
'''


@pytest.fixture
def extend(shell: InteractiveShell, tmp_path: Path) -> Iterator[Callable[[str, str], None]]:
    """Give a function that writes an extension and loads it."""
    folder = tmp_path / "extensions"
    folder.mkdir()
    shell.extensions_folder = str(folder)
    names: list[str] = []

    def load(name: str, text: str) -> None:
        names.append(name)
        (folder / f"{name}.py").write_text(text)
        assert shell.extension_manager.load_extension(name) is None

    yield load
    for name in names:
        sys.modules.pop(name, None)


def test_an_extension_that_watches_the_session(
    shell: InteractiveShell, extend: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    extend("watcher_extension", WATCHER)
    shell.run_cell("1/0", store_history=True)
    shell.run_cell("int('x')", store_history=True)
    shell.run_cell("1 +", store_history=True)
    watcher = shell.user_ns["watcher"]
    assert watcher.cells == ["1/0", "int('x')", "1 +"]
    assert watcher.errors == ["ZeroDivisionError"]
    assert shell.user_ns["last_failure"] is SyntaxError
    shown = capsys.readouterr().err.splitlines()
    assert all(line.startswith("| ") for line in shown)
    assert [line[2:] for line in shown if "Error: " in line] == [
        "ZeroDivisionError: division by zero",
        "ValueError: invalid literal for int() with base 10: 'x'",
        "SyntaxError: invalid syntax",
    ]
    assert shell.user_names() == ["last_failure"]
    assert shell.extension_manager.unload_extension("watcher_extension") is None
    shell.run_cell("1/0")
    assert capsys.readouterr().err.startswith("Traceback")
    assert "watcher" not in shell.user_ns


def test_an_extension_that_keeps_code(
    shell: InteractiveShell, extend: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    extend("snippets_extension", SNIPPETS)
    shell.run_cell("x = 1\ny = 2", store_history=True)
    file = shell.run_cell("%snip pair 1", store_history=True).result
    assert isinstance(file, str)
    assert Path(file).read_text() == "x = 1\ny = 2"
    assert shell.db["snippets/pair"] == "x = 1\ny = 2"
    assert shell.user_ns["pair"].value == "x = 1\ny = 2\n"
    shell.run_cell("%snip pair")
    assert shell.prompting.take_next_input() == "x = 1\ny = 2"
    assert shell.complete("pa", "snip pa") == ("pa", ["pair"])
    monkeypatch.setattr(sys, "stdin", io.StringIO("no\n"))
    assert shell.run_cell("%snip other").success
    assert "snippets/other" not in shell.db
    shell.run_cell("%%snip body\nz = 3\n")
    assert shell.db["snippets/body"] == "z = 3\n"


def test_an_extension_that_brings_tools(
    shell: InteractiveShell,
    extend: Callable[[str, str], None],
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    extend("workbench_extension", WORKBENCH)
    state = sys.modules["workbench_extension"].state
    assert state["kernel"] is None
    assert shell.run_cell("tool()").result == "tool"
    assert shell.run_cell("%b").result == "out"
    assert "0" in capfd.readouterr().out
    assert shell.run_cell("status()").result == {
        "cwd": repr(str(tmp_path)),
        "size": "5",
        "broken": "IndexError",
    }
    assert shell.user_expressions({"it": "bench_now"})["it"]["data"]["text/plain"] == "a bench"
    shell.run_line_magic("bench", "reset")
    assert "data" not in shell.user_ns
    shell.hooks.editor("notes.bench", 3)
    shell.hooks.page("a text")
    assert state["edited"] == ("notes.bench", 3)
    assert state["paged"] == "a text"
    shell.extension_manager.unload_extension("workbench_extension")
    assert not {"tool", "status"} & set(shell.user_ns)


def test_the_names_of_parts_lead_to_the_parts(shell: InteractiveShell) -> None:
    assert shell.alias_manager is shell.aliases
    assert shell.builtin_trap is shell.display_trap is shell.traps
    assert shell.history_manager is shell.history
    assert shell.Completer is shell.completer
    assert shell.parent is None
    for name in ("push", "db", "set_hook", "hooks", "variables"):
        with pytest.raises(AttributeError):
            setattr(shell, name, None)
    for name in ("kernel", "pt_app"):
        assert not hasattr(shell, name), f"extensions look for {name} to tell which host they are in"


def test_nothing_of_this_is_loaded_at_the_start(ipcore: Run) -> None:
    done = ipcore("-c", "import sys; print(*sorted(n for n in sys.modules if n.startswith('ipcore.')))")
    loaded = set(re.findall(r"ipcore\.\w+", done.stdout))
    new = {
        "error_display",
        "hooks",
        "stored_values",
        "user_code",
        "prompting",
        "object_information",
        "macros",
    }
    assert loaded
    assert not {f"ipcore.{name}" for name in (*new, "variables")} & loaded
