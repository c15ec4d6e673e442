"""The user's names in the hands of extensions: push, del_var, reset, ex, ev, user_expressions."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import textwrap
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipcore.errors import PolicyError
from ipcore.macros import Macro
from ipcore.namespaces import Namespace, frame_namespace, module_namespace
from ipcore.shell import InteractiveShell
from ipcore.types.policies import Decision, Request, refuse


class Thing:
    """Can be referred to weakly."""


@pytest.fixture
def framed() -> Iterator[InteractiveShell]:
    """Give a shell in a function's frame."""

    def function(argument: int) -> Iterator[Namespace]:
        local = "of the function"
        yield frame_namespace(sys._getframe())
        assert [argument, local]  # else the function would not have them

    running = function(1)
    made = InteractiveShell(namespace=next(running))
    made.start()
    yield made
    list(running)
    made.close()


# -- push and its opposites ------------------------------------------------------


def test_a_dictionary_is_pushed(shell: InteractiveShell) -> None:
    shell.push({"a": 1, "b": 2})
    assert shell.run_cell("a + b").result == 3
    assert shell.user_names() == ["a", "b"]


@pytest.mark.parametrize("names", ["first second", ["first", "second"], ("first", "second")])
def test_names_are_those_of_the_caller(shell: InteractiveShell, names: str | list[str]) -> None:
    first, second = 1, 2
    shell.push(names)
    assert shell.run_cell("first, second").result == (first, second)


def test_a_global_of_the_caller_can_be_pushed_and_a_missing_name_is_told(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.push("Thing nowhere")
    assert shell.user_ns["Thing"] is Thing
    assert "nowhere" not in shell.user_ns
    told = capsys.readouterr().err
    assert "'nowhere'" in told
    assert told.count("\n") == 1


def test_what_is_no_variables_is_refused(shell: InteractiveShell) -> None:
    with pytest.raises(ValueError, match="not int"):
        shell.push(3)  # type: ignore[arg-type]


def test_pushed_names_can_be_hidden_and_shown_again(shell: InteractiveShell) -> None:
    shell.push({"a": 1}, interactive=False)
    assert shell.user_names() == []
    assert "a" in shell.user_ns_hidden
    shell.push({"a": 2})
    assert shell.user_names() == ["a"]


def test_what_was_pushed_is_dropped_unless_the_user_has_changed_it(shell: InteractiveShell) -> None:
    given = {"mine": Thing(), "changed": Thing(), "deleted": Thing()}
    shell.push(given, interactive=False)
    shell.run_cell("changed = 5\ndel deleted")
    shell.drop_by_id(given)
    assert "mine" not in shell.user_ns
    assert "mine" not in shell.user_ns_hidden
    assert shell.user_ns["changed"] == 5


def test_in_a_frame_push_changes_the_functions_variables(framed: InteractiveShell) -> None:
    shell = framed
    shell.push({"local": "pushed", "new": 3})
    assert shell.run_cell("local, new").result == ("pushed", 3)
    shell.drop_by_id({"new": 3})
    assert "new" not in shell.user_ns


def test_the_function_sees_what_was_pushed_into_its_frame() -> None:
    program = """
        from ipcore import embed
        def function(n):
            embed(confirm_exit=False)
            return n
        print("function:", function(1))
    """
    typed = (
        "ip = get_ipython()\nip.push({'n': 5})\nip.ex('n += 1')\nip.ev('n * 10')\n"
        "ip.ex('made = n'); made\nip.reset()\n'made' in dir(), n, Out\nexit\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert "60\n" in done.stdout
    assert "(False, 6, {})" in done.stdout
    assert "function: 6" in done.stdout


# -- deleting ----------------------------------------------------------------------


def test_a_deleted_variable_leaves_nothing_of_its_value(shell: InteractiveShell) -> None:
    shell.push({"Thing": Thing})
    shell.run_cell("x = y = Thing()\nx", store_history=True)
    gone = weakref.ref(shell.user_ns["x"])
    shell.del_var("x")
    gc.collect()
    assert gone() is None
    assert "x" not in shell.user_ns
    assert "y" not in shell.user_ns
    assert shell.user_ns["Out"] == {}
    assert "_1" not in shell.user_ns


def test_deleting_by_name_leaves_other_names_of_the_value(shell: InteractiveShell) -> None:
    shell.push(dict.fromkeys("xy", Thing()))
    module = shell.new_main_mod("a file.py", "__main__")
    vars(module)["x"] = 3
    shell.del_var("x", by_name=True)
    assert "x" not in shell.user_ns
    assert not hasattr(module, "x")
    assert "y" in shell.user_ns
    shell.del_var("x", by_name=True)


def test_what_cannot_be_deleted_is_told(shell: InteractiveShell) -> None:
    with pytest.raises(NameError, match="nowhere"):
        shell.del_var("nowhere")
    for by_name in (False, True):
        with pytest.raises(ValueError, match="__builtins__"):
            shell.del_var("__builtins__", by_name=by_name)


# -- reset -------------------------------------------------------------------------


def test_reset_begins_anew(shell: InteractiveShell) -> None:
    shell.run_cell("x = 1\nx", store_history=True)
    shell.run_cell("exit = get_ipython = In = 3", store_history=True)
    shell.reset()
    assert shell.user_names() == []
    assert shell.execution_count == 1
    assert shell.user_ns["__name__"] == "__main__"
    result = shell.run_cell(
        "get_ipython() is not None, In, Out, len(_dh), callable(exit)", store_history=True
    )
    assert result.result == (True, ["", result.transformed.strip()], {1: result.result}, 1, True)
    assert shell.user_ns["_i1"].startswith("get_ipython")


@pytest.mark.parametrize("cells_before", [0, 3])
def test_a_cell_that_resets_is_followed_by_number_one(shell: InteractiveShell, cells_before: int) -> None:
    for _ in range(cells_before):
        shell.run_cell("5", store_history=True)
    shell.run_cell("get_ipython().reset()", store_history=True)
    shell.run_cell("6", store_history=True)
    assert (shell.user_ns["In"], shell.user_ns["Out"]) == (["", "6"], {1: 6})


def test_a_cell_that_runs_another_has_a_number_of_its_own(shell: InteractiveShell) -> None:
    shell.run_cell("get_ipython().run_cell('6', store_history=True); 5", store_history=True)
    assert shell.user_ns["Out"] == {1: 5, 2: 6}
    assert shell.user_ns["In"][2] == "6"


def test_reset_within_a_session_keeps_the_numbers(shell: InteractiveShell) -> None:
    shell.run_cell("x = 1\nx", store_history=True)
    shell.reset(new_session=False)
    assert "x" not in shell.user_ns
    assert shell.execution_count == 2
    shell.run_cell("5", store_history=True)
    assert shell.user_ns["Out"] == {2: 5}
    assert shell.user_ns["In"][1:] == ["", "5"]
    assert "_1" not in shell.user_ns


def test_reset_lets_go_of_everything(shell: InteractiveShell) -> None:
    shell.push({"x": Thing()})
    gone = weakref.ref(shell.user_ns["x"])
    shell.run_cell("x", store_history=True)
    shell.reset()
    gc.collect()
    assert gone() is None


def test_after_reset_classes_of_cells_can_be_pickled(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "__main__", shell.user_module)
    shell.reset()
    shell.run_cell("class Mine: pass\nm = Mine()")
    assert type(pickle.loads(pickle.dumps(shell.user_ns["m"]))) is shell.user_ns["Mine"]


def test_an_aggressive_reset_unloads_the_users_modules_and_no_others(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "users_module.py").write_text("value = 1\n")
    (tmp_path / "users_extension.py").write_text("def load_ipython_extension(ip): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    shell.run_cell("import users_module")
    shell.extension_manager.load_extension("users_extension")
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    shell.run_cell("import colorsys")
    shell.reset(aggressive=True)
    assert "users_module" not in sys.modules
    assert "users_extension" in sys.modules
    assert "colorsys" in sys.modules
    assert before <= set(sys.modules)


def test_in_a_frame_reset_leaves_the_functions_own_variables(framed: InteractiveShell) -> None:
    shell = framed
    shell.run_cell("added = local", store_history=True)
    shell.reset()
    assert "added" not in shell.user_ns
    assert shell.run_cell("argument, local", store_history=True).result == (1, "of the function")
    assert list(shell.ev("Out")) == [1]


def test_in_a_module_reset_leaves_the_modules_names_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    import types

    module = types.ModuleType("somebodys")
    vars(module)["theirs"] = 1
    shell = InteractiveShell(namespace=module_namespace(module))
    try:
        shell.reset()
    finally:
        shell.close()
    assert vars(module)["theirs"] == 1
    assert "somebodys" in capsys.readouterr().err


def test_matching_names_are_removed_and_the_shells_own_stay(shell: InteractiveShell) -> None:
    shell.push({"data_1": 1, "data_2": 2, "other": 3})
    shell.run_cell("1")
    shell.reset_selective("^data")
    assert shell.user_names() == ["other"]
    shell.reset_selective()
    assert shell.user_names() == ["other"]
    shell.reset_selective(".")
    assert shell.user_names() == []
    assert {"In", "Out", "get_ipython", "__builtins__", "__name__"} <= set(shell.user_ns)
    with pytest.raises(TypeError):
        shell.reset_selective(3)  # type: ignore[arg-type]


# -- evaluating --------------------------------------------------------------------


def test_ex_and_ev_work_among_the_users_names(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.ex("a = 3\ndef double(): return a * 2\n7")
    assert shell.ev(" double() + 1 ") == 7
    assert shell.ev("get_ipython()") is shell
    assert capsys.readouterr().out == ""
    with pytest.raises(ZeroDivisionError):
        shell.ev("1/0")
    with pytest.raises(SyntaxError):
        shell.ex("!ls")


def test_in_a_frame_ex_and_ev_see_and_change_its_variables(framed: InteractiveShell) -> None:
    shell = framed
    shell.ex("local = local.upper()\nclass Made:\n    attribute = argument")
    assert shell.ev("[local for _ in range(argument)]") == ["OF THE FUNCTION"]
    assert shell.ev("Made.attribute") == 1


def test_expressions_are_answered_each_for_itself(shell: InteractiveShell) -> None:
    shell.run_cell("class Bad:\n    def __repr__(self): raise SystemExit(3)")
    shell.run_cell(
        "import threading\n"
        "class Worse(Exception):\n    def __str__(self): raise ValueError\ndef fail(): raise Worse\n"
        "class Slow(Exception):\n    def __str__(self): threading.Event().wait(60)\ndef wait(): raise Slow"
    )
    asked = {"sum": "1 + 1", "error": "1/0", "bad": "Bad()", "worse": "fail()", "slow": "wait()", "not": "!"}
    answers = shell.user_expressions(asked)
    assert answers["sum"] == {"status": "ok", "data": {"text/plain": "2"}, "metadata": {}}
    assert answers["error"]["status"] == "error"
    assert answers["error"]["ename"] == "ZeroDivisionError"
    assert answers["error"]["evalue"] == "division by zero"
    assert answers["error"]["traceback"] == ["ZeroDivisionError: division by zero\n"]
    assert "SystemExit" in str(answers["bad"]), "a value that cannot be shown says why"
    assert [answers[key]["ename"] for key in ("worse", "slow")] == ["Worse", "Slow"]
    assert "no message" in answers["slow"]["evalue"]
    assert answers["not"]["ename"] == "SyntaxError"


def test_a_policy_is_not_evaded_through_expressions(shell: InteractiveShell) -> None:
    class Refuses:
        name = "no cells"

        def decide(self, request: Request) -> Decision:
            return refuse("never")

    ran: list[int] = []
    shell.push({"ran": ran})
    shell.policies.add(Refuses())
    answer = shell.user_expressions({"it": "ran.append(1)"})["it"]
    assert answer["ename"] == "PolicyError"
    for call in (shell.ex, shell.ev):
        with pytest.raises(PolicyError):
            call("ran.append(1)")
    assert ran == []


# -- modules and macros ------------------------------------------------------------


def test_a_module_for_a_file_is_kept_and_emptied_for_its_next_run(shell: InteractiveShell) -> None:
    module = shell.new_main_mod("/some/file.py", "__main__")
    exec("def function(): return value\nvalue = 3", vars(module))
    assert (module.__name__, module.__file__) == ("__main__", "/some/file.py")
    assert vars(module) in shell.all_ns_refs
    again = shell.new_main_mod("/some/file.py", "other")
    assert again is module
    assert not hasattr(again, "value")
    assert again.__name__ == "other"
    shell.clear_main_mod_cache()
    assert shell.new_main_mod("/some/file.py", "__main__") is not module


def test_the_modules_of_files_are_bounded(shell: InteractiveShell) -> None:
    from ipcore.variables import MOST_MODULES

    first = shell.new_main_mod("0", "__main__")
    for number in range(MOST_MODULES + 5):
        shell.new_main_mod(str(number + 1), "__main__")
    assert len(shell.all_ns_refs) <= MOST_MODULES + 1
    assert vars(first) not in shell.all_ns_refs


def test_a_macro_is_defined_by_its_code_or_as_it_is(shell: InteractiveShell) -> None:
    shell.define_macro("first", "a = 1")
    shell.define_macro("second", Macro("b = 2\n"))
    assert shell.user_ns["first"].value == "a = 1\n"
    assert (shell.user_ns["first"] + shell.user_ns["second"]).value == "a = 1\nb = 2\n"
    with pytest.raises(ValueError, match="int"):
        shell.define_macro("third", 3)  # type: ignore[arg-type]


def test_the_start_folder_is_the_first_of_the_visited(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shell.run_cell("_dh").result == [str(tmp_path)]
    assert shell.user_names() == []
