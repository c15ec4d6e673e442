"""The session as a text: what is copied can be run, and the last value is whole."""

from __future__ import annotations

from typing import Any

from ipterminal.transcript import MOST, cells_of, last_output, with_outputs


class Lines:
    """Shows itself in odd lines."""

    def __repr__(self) -> str:
        return "one\n\n  two\x0cthree\u2028four"


def test_copied_cells_can_be_run_whatever_their_values_look_like(shell: Any) -> None:
    shell.user_ns["lines"] = Lines()
    for cell in ("a = 1", "def f():\n    return 2", "f()", "lines", "b = a + f()"):
        shell.run_cell(cell, store_history=True).assert_ok()
    text = with_outputs(shell)
    assert text.startswith(
        "a = 1\n\ndef f():\n    return 2\n\nf()\n# Out[3]: 2\n\nlines\n# Out[4]:\n# one\n#\n#   two"
    )
    names: dict[str, Any] = {"lines": None}
    exec(text, names)
    assert names["b"] == 3


def test_cells_that_were_let_go_of_are_left_out(shell: Any) -> None:
    shell.run_cell("1", store_history=True).assert_ok()
    shell.outputs.reset()
    shell.run_cell("2", store_history=True).assert_ok()
    assert cells_of(shell) == {2: "2"}
    assert with_outputs(shell) == "2\n# Out[2]: 2"


def test_the_last_value_is_whole_if_it_was_shortened_and_is_kept(shell: Any) -> None:
    assert last_output(shell) is None
    shell.display.max_chars = 60
    shell.run_cell("[*range(100)]", store_history=True).assert_ok()
    assert last_output(shell) == str([*range(100)])
    assert shell.display.max_chars == 60
    del shell.outputs.values[1]
    assert len(last_output(shell) or "") <= 60


def test_even_whole_it_has_a_bound(shell: Any) -> None:
    shell.run_cell(f"'x' * {2 * MOST}", store_history=True).assert_ok()
    assert 50_000 < len(last_output(shell) or "") <= MOST


def test_a_value_that_was_shown_whole_is_not_asked_again(shell: Any) -> None:
    shell.run_cell("values = [1]; values", store_history=True).assert_ok()
    shell.run_cell("values.append(2)", store_history=True).assert_ok()
    assert last_output(shell) == "[1]"
