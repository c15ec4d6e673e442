"""``%rewind``: the last cells taken back, the earlier ones run again."""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ipcore.errors import UserError
from ipcore.namespaces import module_namespace
from ipcore.rewinding import run_edited, session_text, split, take_back
from ipcore.shell import InteractiveShell

#: Cells that do the same each time, some of which fail.
CELLS = (
    "x = 1",
    "x = x + 1",
    "items = [x]",
    "items.append(len(items)); items",
    "x * 2",
    "y: int = 3",
    "del x",
    "def f(n): return n + x",
    "f(1)",
    "1/0",
    "not python",
    "_ + 1",
    "first, In[-2]",
    "Out.get(2), _i",
    "from __future__ import annotations",
    "print('said')",
    "#  a comment\n",
)


def run(shell: InteractiveShell, *cells: str) -> None:
    for cell in cells:
        shell.run_cell(cell, store_history=True)


def state(shell: InteractiveShell) -> dict[str, Any]:
    """Give what a user can see of a session."""
    names = {
        name: repr(value)
        for name, value in shell.user_ns.items()
        if name not in ("__builtins__", "f", "get_ipython", "exit", "quit", "open")
        and not (name in ("_i", "_ii", "_iii") and not value)
    }
    names["f"] = str("f" in shell.user_ns)
    return {
        "names": names,
        "shown": shell.user_names(),
        "number": shell.execution_count,
        "raw": shell.outputs.raw_inputs[:],
        "texts": dict(shell.outputs.texts),
        "flags": shell.runner.compiler.flags,
    }


@contextmanager
def made() -> Iterator[InteractiveShell]:
    shell = InteractiveShell()
    shell.start()
    shell.seed()
    shell.rewind_asks_after = 60.0
    shell.user_ns.update(first="from a start-up file", hidden="so is this")
    shell.user_ns_hidden.add("hidden")
    try:
        yield shell
    finally:
        shell.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(CELLS), min_size=1, max_size=9), st.integers(1, 9))
@example(["x = 1", "from __future__ import annotations"], 1)
def test_rewinding_cells_equals_never_having_run_them(cells: list[str], count: int) -> None:
    count = min(count, len(cells))
    with made() as shell:
        run(shell, *cells[:-count])
        wanted = state(shell)
    with made() as shell:
        run(shell, *cells, f"%rewind {count}")
        found = state(shell)
        assert found == wanted
        assert shell.prompting.take_next_input() == "\n".join(cell.rstrip("\n") for cell in cells[-count:])


@pytest.fixture(autouse=True)
def _slow_machines_are_not_asked(shell: InteractiveShell) -> None:
    shell.rewind_asks_after = 60.0


def timeless(text: str) -> str:
    """Give a text as if nothing had taken any time."""
    return re.sub(r"\d+\.\d s\b", "0.0 s", text)


@pytest.fixture
def told(shell: InteractiveShell, capfd: pytest.CaptureFixture[str]) -> Any:
    """Give a function that runs cells and gives what is printed."""

    def do(*cells: str) -> str:
        capfd.readouterr()
        run(shell, *cells)
        both = capfd.readouterr()
        return timeless(both.err + both.out)

    return do


def test_one_line_says_what_was_done(shell: InteractiveShell, told: Any) -> None:
    run(shell, "a = 1", "a + 1", "a = 3\na = 4")
    assert told("%rewind") == "Rewound 1 cell: a = 3 …; 2 cells ran again in 0.0 s.\n"
    assert shell.prompting.next_input == "a = 3\na = 4"
    assert (shell.user_ns["a"], shell.execution_count) == (1, 3)
    assert told("_") == "Out[3]: 2\n"


def test_what_was_taken_back_can_be_run_and_taken_back_again(shell: InteractiveShell) -> None:
    run(shell, "a = [1]", "a.append(2)")
    for _ in range(3):
        run(shell, "%rewind")
        assert shell.user_ns["a"] == [1]
        run(shell, shell.prompting.take_next_input())
        assert shell.user_ns["a"] == [1, 2]


@pytest.mark.parametrize(
    ("cells", "line", "said"),
    [
        ([], "", "there is no cell in this session before this one."),
        (["a = 1"], "2", "only 1 cell can be taken back."),
        (["a = 1"], "0", "the number of cells to take back, 1 or more."),
        (["a = 1"], "all", "the number of cells to take back, 1 or more."),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    shell: InteractiveShell, told: Any, cells: list[str], line: str, said: str
) -> None:
    run(shell, *cells)
    assert said in told(f"%rewind {line}")
    assert shell.user_ns.get("a") == (1 if cells else None)
    # A call that has done nothing is no cell to take back.
    if cells:
        assert "Rewound 1 cell: a = 1; 0 cells ran again" in told("%rewind")


def test_nothing_is_seen_of_cells_that_run_again(shell: InteractiveShell, told: Any) -> None:
    run(
        shell,
        "print('by Python')",
        "import os; n = os.system('echo by a program')",
        "import sys; n = os.write(2, b'below Python')",
        "1/0",
        "'a value'",
        "pass",
    )
    assert told("%rewind") == "Rewound 1 cell: pass; 5 cells ran again in 0.0 s.\n"


def test_what_is_written_later_by_a_logger_that_ran_again_is_seen(shell: InteractiveShell, told: Any) -> None:
    made_now = (
        "import logging; handler = logging.StreamHandler()\n(log := logging.Logger('l')).addHandler(handler)"
    )
    told(made_now, "pass", "%rewind")
    assert told("log.error('later')") == "later\n"
    assert isinstance(shell.user_ns["handler"], logging.StreamHandler)


def test_the_working_folder_is_that_of_the_start(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "below").mkdir()
    run(shell, "import os; os.chdir('below')", "os.mkdir('lower')", "here = os.getcwd()")
    (tmp_path / "below" / "lower").rmdir()
    run(shell, "%rewind")
    assert (tmp_path / "below" / "lower").is_dir()
    assert Path(os.getcwd()) == tmp_path / "below"
    assert "here" not in shell.user_ns
    assert "os" in shell.user_ns


def test_a_cell_that_fails_now_ends_it(shell: InteractiveShell, told: Any, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("1")
    shell.user_ns["file"] = file
    run(shell, "a = 1", "b = file.read_text()", "c = 3", "d = 4")
    file.unlink()
    said = told("%rewind")
    assert "FileNotFoundError" in said
    assert said.endswith("Cell In[2] fails, as it did not before; 1 cell after it did not run.\n")
    assert shell.user_ns["a"] == 1
    assert "c" not in shell.user_ns
    assert (shell.execution_count, shell.prompting.next_input) == (3, "")
    assert session_text(shell).count("# %%") == 3  # it has them all


def test_another_error_than_before_ends_it_too(shell: InteractiveShell, told: Any) -> None:
    shell.user_ns["errors"] = iter([ValueError("one"), KeyError("two")])
    said = told("raise next(errors)", "a = 1", "%rewind")
    assert "KeyError: 'two'" in said
    assert "Cell In[1] fails, as it did not before.\n" in said


def test_an_error_that_names_an_address_is_the_same(shell: InteractiveShell, told: Any) -> None:
    run(shell, "object().a", "raise ValueError(repr(object()))", "a = 1")
    assert told("%rewind") == "Rewound 1 cell: a = 1; 2 cells ran again in 0.0 s.\n"


def test_a_cell_that_ctrl_c_had_stopped_does_not_run(shell: InteractiveShell, told: Any) -> None:
    run(shell, "n = []", "n.append(1); raise KeyboardInterrupt", "n.append(2)", "pass")
    assert "2 cells ran again in 0.0 s, without 1 cell that Ctrl-C had stopped." in told("%rewind")
    assert shell.user_ns["n"] == [2]
    assert shell.user_ns["In"][2].startswith("n.append(1)")


def test_ctrl_c_ends_it_and_tells_where(shell: InteractiveShell, told: Any) -> None:
    shell.user_ns["calls"] = []
    run(shell, "a = 1", "calls.append(1)\nif len(calls) > 1: raise KeyboardInterrupt", "b = 2", "c = 3")
    said = told("%rewind")
    assert "KeyboardInterrupt" in said
    assert said.endswith("Cell In[2] was stopped; 1 cell after it did not run.\n")
    assert "b" not in shell.user_ns


@pytest.mark.parametrize(("answer", "done"), [("n", False), ("y", True)])
def test_it_asks_before_it_repeats_what_took_long(
    shell: InteractiveShell, told: Any, monkeypatch: pytest.MonkeyPatch, answer: str, done: bool
) -> None:
    shell.rewind_asks_after = 0.0
    run(shell, "a = 1", "a = 2")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{answer}\n"))
    said = told("%rewind")
    assert "1 cell that took 0.0 s will run again. Go on ([y]/n)?" in said
    assert ("Rewound 1 cell" in said) is done
    assert ("Nothing was taken back." in said) is not done
    assert shell.user_ns["a"] == (1 if done else 2)
    assert told("%rewind 1") if not done else True  # the call before is none of the cells
    assert shell.user_ns["a"] == 1


def test_cells_that_ask_are_heard(
    shell: InteractiveShell, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Ada\nEve\n"))
    said = told("print('not again'); name = input('Who? ')", "pass", "%rewind")
    assert said.count("Who? ") == 2
    assert said.count("not again") == 1
    assert shell.user_ns["name"] == "Eve"


def test_cells_that_run_others_run_them_again(shell: InteractiveShell) -> None:
    run(shell, "a = 0", "get_ipython().run_cell('a += 1', store_history=True)", "pass", "%rewind")
    assert shell.user_ns["a"] == 1
    assert shell.user_ns["In"][2:] == ["get_ipython().run_cell('a += 1', store_history=True)", "a += 1"]


def test_after_a_reset_the_cells_behind_it_count(shell: InteractiveShell, told: Any) -> None:
    run(shell, "a = 1", "get_ipython().reset(new_session=False)", "b = 2", "c = 3")
    told("%rewind")
    assert shell.user_names() == ["b"]
    assert shell.user_ns["In"][3:] == ["b = 2"]
    assert shell.execution_count == 4
    assert "only 1 cell" in told("%rewind 2")


def test_a_program_s_names_are_left_alone(told: Any) -> None:
    inner = InteractiveShell(namespace=module_namespace(logging))
    inner.start()
    try:
        run(inner, "a_new_name = 1")
        with pytest.raises(UserError, match="those of a program"):
            take_back(inner)
        assert inner.user_ns["a_new_name"] == 1
    finally:
        inner.close()
        del logging.__dict__["a_new_name"]


def test_plugins_are_told_that_a_cell_runs_again_and_no_history_keeps_it(shell: InteractiveShell) -> None:
    seen: list[tuple[str, bool]] = []
    shell.events.register("pre_run_cell", lambda info: seen.append((info.raw_cell, info.again)))

    class Kept:
        given_by = None
        stored: list[str] = []

        def store_inputs(self, number: int, source: str, raw: str) -> None:
            self.stored.append(raw)

        def store_result(self, result: object) -> None:
            pass

        def close(self) -> None:
            pass

    shell._parts["history"] = Kept()
    run(shell, "a = 1", "b = 2", "%rewind")
    assert seen == [("a = 1", False), ("b = 2", False), ("%rewind", False), ("a = 1", True)]
    assert Kept.stored == ["a = 1", "b = 2", "%rewind"]
    del shell._parts["history"]


def test_what_is_kept_of_the_start_is_told(shell: InteractiveShell) -> None:
    shell.user_ns["big"] = b"." * 10_000
    run(shell, "pass", "big = None")
    assert [each.why for each in shell.outputs.held() if each.name == "big"] == [
        "what the session began with, for %rewind"
    ]


def test_a_session_too_long_to_be_kept_is_not_rewound(
    shell: InteractiveShell, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ipcore.cells.outputs.MOST_INPUTS", 3)
    run(shell, *(f"a = {n}" for n in range(6)))
    assert "the first of its cells are not kept any more" in told("%rewind")
    assert shell.user_ns["a"] == 5


# -- the session as a text that is edited ---------------------------------------------


def test_an_edited_session_shows_what_comes_behind_the_first_change(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, "a = 1", "print('seen once')", "a + 1", "%rewind 99", "a + 2\n")
    text = session_text(shell)
    assert text == "a = 1\n\n# %%\nprint('seen once')\n\n# %%\na + 1\n\n# %%\na + 2\n"
    capsys.readouterr()
    run_edited(shell, text, text.replace("a + 1", "a + 10"))
    assert timeless(capsys.readouterr().out) == (
        "2 cells ran again in 0.0 s.\n\nIn [3]: a + 10\nOut[3]: 11\n\nIn [4]: a + 2\nOut[4]: 3\n"
    )
    assert shell.user_ns["In"] == ["", "a = 1", "print('seen once')", "a + 10", "a + 2"]


@pytest.mark.parametrize("after", ["", "\n# %%\n\n", "a = 1\n\n# %%\na\n", "a = 1\n# %%\n# %%\n\na\n\n"])
def test_an_unchanged_or_empty_session_changes_nothing(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], after: str
) -> None:
    run(shell, "a = 1", "a")
    shell.user_ns["a"] = 2
    capsys.readouterr()
    run_edited(shell, session_text(shell), after)
    assert "othing was changed." in capsys.readouterr().out
    assert (shell.user_ns["a"], shell.execution_count) == (2, 3)


def test_cells_behind_one_that_fails_are_there_when_the_session_is_edited_again(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, "a = 1", "1/0", "b = 2")
    text = session_text(shell)
    run_edited(shell, text, text.replace("a = 1", "a = 5").replace("b = 2", "b = c\n# %%\nd = 4"))
    assert capsys.readouterr().out.endswith("Cell In[3] failed; 1 cell after it did not run.\n")
    run(shell, "e = 6")
    assert split(session_text(shell)) == ["a = 5", "1/0", "b = c", "e = 6", "d = 4"]
    text = session_text(shell)
    run_edited(shell, text, text.replace("b = c", "b = 3"))
    assert [shell.user_ns[name] for name in "abde"] == [5, 3, 4, 6]
    assert split(session_text(shell)) == ["a = 5", "1/0", "b = 3", "e = 6", "d = 4"]


def test_the_cell_that_failed_can_be_taken_back_and_those_behind_it_are_still_there(
    shell: InteractiveShell,
) -> None:
    run(shell, "a = 1", "b = 2", "c = 3")
    text = session_text(shell)
    run_edited(shell, text, text.replace("b = 2", "b = d").replace("c = 3", "c = 4"))
    run(shell, "%rewind", "b = 5")
    assert split(session_text(shell)) == ["a = 1", "b = 5", "c = 4"]


def test_a_change_that_was_not_to_run_is_there_when_the_session_is_edited_again(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.rewind_asks_after = 0.0
    run(shell, "a = 1", "a = 2")
    text = session_text(shell)
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    run_edited(shell, text, text.replace("2", "3"))
    assert shell.user_ns["a"] == 2
    assert split(session_text(shell)) == ["a = 1", "a = 3"]


def test_a_separator_within_a_cell_does_not_make_it_another_one(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = "a = '''\n# %% not the end\n'''"
    run(shell, cell, "b = 2")
    text = session_text(shell)
    run_edited(shell, text, text.replace("b = 2", "b = 3"))
    assert shell.user_ns["In"][1:] == [cell, "b = 3"]


#: Cells that never fail.
GOOD = ("a = 1", "b = [In[-1]]", "'a value'", "print('said')", "c: int = 3", "def f():\n\n    return '\\f\f'")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(GOOD), min_size=1, max_size=6), st.lists(st.sampled_from(GOOD), min_size=1))
def test_an_edited_session_is_as_if_it_had_been_typed_so(cells: list[str], edited: list[str]) -> None:
    with made() as shell:
        run(shell, *edited)
        wanted = state(shell)
    with made() as shell:
        run(shell, *cells)
        run_edited(shell, session_text(shell), "\n# %%\n".join(edited))
        assert state(shell) == wanted


@given(st.lists(st.text("ab \n#%\f"), max_size=4))
def test_cells_survive_being_put_into_a_text(cells: list[str]) -> None:
    wanted = [part for cell in cells for part in split(cell)]
    assert split("\n# %%\n".join(cells)) == wanted
