"""Code that users name, questions to them, and what is said of objects: the shell's names for it."""

from __future__ import annotations

import http.server
import io
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ipcore.component import Component
from ipcore.errors import PolicyError
from ipcore.macros import Macro
from ipcore.object_information import FIELDS
from ipcore.shell import InteractiveShell
from ipcore.types.policies import ALLOW, Decision, Request, refuse


@pytest.fixture
def session(shell: InteractiveShell) -> InteractiveShell:
    """Give a shell in which four cells have run."""
    shell.magics.register("line", "nothing", lambda line: None)
    for cell in ("a = 1", "%nothing at all", "b = 2\nc = 3", "d = 4"):
        shell.run_cell(cell, store_history=True)
    return shell


class NoFiles:
    """A policy against files and addresses."""

    name = "no files"

    def decide(self, request: Request) -> Decision:
        return refuse("never") if request.kind == "file" else ALLOW


# -- ranges ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1", "a = 1"),
        ("3-4", "b = 2\nc = 3\nd = 4"),
        ("3:4", "b = 2\nc = 3"),
        ("3-", "b = 2\nc = 3\nd = 4"),
        ("4 1", "d = 4\na = 1"),
        ("~0/4", "d = 4"),
        ("7", ""),
        ("2-99", "%nothing at all\nb = 2\nc = 3\nd = 4"),
        ("0", ""),
        ("a", ""),
        ("1-2-3", ""),
        ("~1/2", ""),
        ("", "a = 1\n%nothing at all\nb = 2\nc = 3"),
    ],
)
def test_earlier_cells_are_named_by_their_numbers(session: InteractiveShell, text: str, wanted: str) -> None:
    assert session.extract_input_lines(text, raw=True) == wanted


def test_cells_are_given_as_they_ran_or_as_typed(session: InteractiveShell) -> None:
    assert session.extract_input_lines("2") == "get_ipython().run_line_magic('nothing', 'at all')"
    assert session.find_user_code("2") == "%nothing at all"
    assert session.find_user_code("2", raw=False).startswith("get_ipython()")


def test_a_history_that_knows_more_is_asked(shell: InteractiveShell) -> None:
    class Remembering(Component):
        def get_range_by_str(self, text: str, raw: bool = False) -> Iterator[tuple[int, int, str]]:
            return iter([(1, 7, f"{text} {raw}"), (1, 8, "last")])

    shell.replace_part("history", Remembering(parent=shell))
    assert shell.extract_input_lines("~1/7-8", raw=True) == "~1/7-8 True\nlast"
    assert shell.extract_input_lines("") == " False"
    assert shell.history_manager is shell.history


# -- files, addresses, variables ----------------------------------------------------


def test_a_file_is_found_with_or_without_its_ending(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code.py").write_bytes(b"# -*- coding: latin-1 -*-\r\nx = '\xe4'\r\n")
    assert shell.find_user_code("code") == "x = 'ä'\n"
    assert shell.find_user_code("code.py", skip_encoding_cookie=False).startswith("# -*-")
    (tmp_path / "text").write_bytes(b"\xe4\n")
    assert shell.find_user_code("text") == "ä\n"
    with pytest.raises(ValueError, match="unreadable"):
        shell.find_user_code("text", py_only=True)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match="directory"):
        shell.find_user_code("folder")


def test_a_variable_with_text_or_a_macro_is_code(shell: InteractiveShell) -> None:
    shell.push({"text": "a = 1", "macro": Macro("b = 2"), "number": 5})
    assert shell.find_user_code("text") == "a = 1"
    assert shell.find_user_code("text + macro.value") == "a = 1b = 2\n"
    assert shell.find_user_code("macro") == "b = 2\n"
    with pytest.raises(TypeError, match="neither a string nor a macro") as wrong:
        shell.find_user_code("number")
    assert wrong.value.args[1] == 5
    with pytest.raises(ValueError, match="was not found"):
        shell.find_user_code("nowhere at all")


def test_the_source_of_an_object_is_code_if_that_is_wanted(shell: InteractiveShell) -> None:
    shell.run_cell("def function():\n    return 1")
    assert shell.find_user_code("function", search_ns=True) == "def function():\n    return 1\n"
    with pytest.raises(TypeError):
        shell.find_user_code("function")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give an address on this machine that answers with code, and 404 below ``/missing``."""
    monkeypatch.setenv("no_proxy", "*")

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404 if "missing" in self.path else 200)
            self.end_headers()
            self.wfile.write("x = 'ä'\n".encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(30)
    server.server_close()


def test_an_address_is_read(shell: InteractiveShell, served: str) -> None:
    assert shell.find_user_code(f"{served}/code.py") == "x = 'ä'\n"
    with pytest.raises(ValueError, match=r"missing.* cannot be read: Not Found"):
        shell.find_user_code(f"{served}/missing.py")


def test_policies_are_asked_before_a_file_or_address_is_read(
    shell: InteractiveShell, tmp_path: Path, served: str
) -> None:
    (tmp_path / "code.py").write_text("secret = 1")
    shell.policies.add(NoFiles())
    for target in (str(tmp_path / "code.py"), f"{served}/code.py"):
        with pytest.raises(PolicyError):
            shell.find_user_code(target)


# -- temporary files, expansion, completeness ---------------------------------------


def test_temporary_files_are_there_until_the_shell_ends() -> None:
    shell = InteractiveShell()
    first, second = Path(shell.mktempfile("x = 'ä'\n")), Path(shell.mktempfile(prefix="mine_"))
    assert first.read_text("utf-8") == "x = 'ä'\n"
    assert first.suffix == ".py"
    assert second.read_text() == ""
    assert second.name.startswith("mine_")
    if sys.platform != "win32":
        assert first.stat().st_mode & 0o077 == 0
    second.unlink()
    shell.close()
    assert not first.exists()
    assert not first.parent.exists()
    assert not second.parent.exists()


def test_variables_of_the_caller_are_expanded(shell: InteractiveShell) -> None:
    shell.push({"name": "the user's", "other": "too"})

    def caller(name: str) -> tuple[str, str]:
        return shell.var_expand("$name {other.upper()}"), inner()

    def inner() -> str:
        name = "inner"
        return shell.var_expand(f"{'$name'}", depth=1) + name

    assert caller("the caller's") == ("the caller's TOO", "the caller'sinner")
    assert shell.var_expand("$nowhere $name") == "$nowhere $name"


def test_a_text_is_told_complete_or_not(shell: InteractiveShell) -> None:
    assert shell.check_complete("a = 1") == ("complete", "")
    assert shell.check_complete("for x in y:") == ("incomplete", "    ")
    assert shell.check_complete("a b")[0] == "invalid"
    assert shell.transform_cell("!ls") == "get_ipython().system('ls')\n"


# -- questions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "arguments", "wanted"),
    [
        ("y\n", {}, True),
        ("NO\n", {}, False),
        ("maybe\n\nyes\n", {}, True),
        ("\n", {"default": "n"}, False),
        ("", {"default": "Y"}, True),
    ],
)
def test_a_question_is_asked_until_it_is_answered(
    shell: InteractiveShell,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str,
    arguments: dict[str, str],
    wanted: bool,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert shell.ask_yes_no("Sure?", **arguments) is wanted
    assert capsys.readouterr().out.startswith("Sure? ")


def test_without_an_answer_or_a_default_the_question_fails(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("perhaps\n"))
    with pytest.raises(EOFError, match=r"Sure\?"):
        shell.ask_yes_no("Sure?")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(EOFError):
        shell.ask_yes_no("Sure?")
    with pytest.raises(ValueError, match="perhaps"):
        shell.ask_yes_no("Sure?", default="perhaps")


def test_ctrl_c_at_a_question_is_an_answer_or_ends_the_cell(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(io.StringIO):
        def readline(self, *_: Any) -> Any:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())
    assert shell.ask_yes_no("Sure?", interrupt="n") is False
    with pytest.raises(KeyboardInterrupt):
        shell.ask_yes_no("Sure?")


def test_the_next_input_is_kept_until_a_front_end_takes_it(shell: InteractiveShell) -> None:
    shell.run_cell("get_ipython().set_next_input('x = 1', replace=True)")
    prompting = shell.prompting
    assert (prompting.next_input, prompting.replaces) == ("x = 1", True)
    assert prompting.take_next_input() == "x = 1"
    assert prompting.take_next_input() == ""
    assert not prompting.replaces
    with pytest.raises(TypeError):
        shell.set_next_input(3)


# -- completion ------------------------------------------------------------------------


def test_names_attributes_and_magics_are_completed(shell: InteractiveShell) -> None:
    shell.run_cell("value_one = 1\nvalue_two = 2\nimport os")
    shell.magics.register("cell", "pinboard", lambda line, cell: None)
    assert shell.complete("value_") == ("value_", ["value_one", "value_two"])
    assert shell.complete(None, "print(value_o", 13) == ("value_o", ["value_one"])
    assert shell.complete(None, "value_one + 1", 7) == ("value_o", ["value_one"])
    assert shell.complete("impor")[1] == ["import"]
    assert "os.path.join" in shell.complete("os.path.jo")[1]
    assert shell.complete("value_one.bit_l")[1] == ["value_one.bit_length"]
    assert shell.complete("%pin")[1] == ["%%pinboard", "%pinfo", "%pinfo2"]
    assert shell.complete("%%pin")[1] == ["%%pinboard"]
    assert "%pinfo" in shell.complete("pinf")[1]
    assert shell.complete("pinf", "x = pinf")[1] == []
    assert shell.complete("nowhere.at")[1] == []


def test_completion_runs_none_of_the_users_code(shell: InteractiveShell) -> None:
    shell.run_cell(
        "ran = []\n"
        "class Hostile:\n"
        "    def __init__(self): object.__setattr__(self, 'plain', 1)\n"
        "    def __getattribute__(self, name): ran.append(name); raise RuntimeError\n"
        "    def __dir__(self): ran.append('dir'); return []\n"
        "    @property\n"
        "    def prop(self): ran.append('prop'); return self\n"
        "hostile = Hostile()"
    )
    before = list(shell.user_ns["ran"])
    assert shell.complete("hostile.p")[1] == ["hostile.plain", "hostile.prop"]
    assert shell.complete("hostile.prop.fg")[1] == []
    assert shell.user_ns["ran"] == before


def test_a_matcher_of_an_extension_adds_its_own(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.Completer.custom_matchers.append(lambda text: [f"{text}_more"])
    shell.Completer.custom_matchers.append(lambda text: 1 / 0)
    assert "zz_more" in shell.complete("zz")[1]
    assert "division" in capsys.readouterr().err


# -- objects ------------------------------------------------------------------------------


def test_what_is_known_of_an_object(shell: InteractiveShell) -> None:
    shell.run_cell('def function(a, b=2):\n    """What it does."""\n    return a\nnumbers = [1, 2]')
    known = shell.object_inspect("function", detail_level=1)
    assert {*FIELDS, "found", "name", "ismagic", "isalias", "isclass"} == set(known)
    assert known["found"]
    assert known["definition"] == "function(a, b=2)"
    assert known["docstring"] == "What it does."
    assert known["source"].startswith("def function")
    assert known["type_name"] == "function"
    assert known["namespace"] == "Interactive"
    numbers = shell.object_inspect("numbers")
    assert (numbers["string_form"], numbers["length"], numbers["source"]) == ("[1, 2]", "2", None)
    assert shell.object_inspect("len")["namespace"] == "Builtin"
    assert shell.object_inspect("str")["isclass"]


def test_what_is_known_of_magics_aliases_and_nothing(shell: InteractiveShell) -> None:
    assert shell.object_inspect("%pinfo")["ismagic"]
    assert shell.object_inspect("pinfo")["ismagic"]
    shell.aliases.define("shorthand", "echo long")
    known = shell.object_inspect("shorthand")
    assert (known["isalias"], known["found"], known["string_form"]) == (True, True, "echo long")
    nothing = shell.object_inspect("nowhere")
    assert not nothing["found"]
    assert nothing["name"] == "nowhere"
    for ask in (shell.object_inspect_text, shell.object_inspect_mime):
        with pytest.raises(KeyError, match="nowhere"):
            ask("nowhere")


def test_an_object_is_described_as_text(shell: InteractiveShell) -> None:
    shell.push({"value": 5})
    text = shell.object_inspect_text("value")
    assert "int" in text
    assert shell.object_inspect_mime("value") == {"text/plain": text}


def test_a_hostile_object_has_fewer_facts(shell: InteractiveShell) -> None:
    shell.run_cell(
        "class Hostile:\n"
        "    __doc__ = property(lambda self: 1/0)\n"
        "    def __repr__(self): raise SystemError\n"
        "    def __getattr__(self, name): raise RuntimeError\n"
        "hostile = Hostile()"
    )
    known = shell.object_inspect("hostile", detail_level=1)
    assert known["found"]
    assert known["type_name"] == "Hostile"
    assert "no repr: it raised SystemError" in known["string_form"]
