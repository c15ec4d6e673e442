"""Tab as a person sees it, in a real pseudo-terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from ipcore.testing import FakeSite, Terminal, Terminals

PLUGIN = '''
import itertools, os, threading, time
from ipcore.types.completion import Completion

class Mine:
    name = "mine"

    def __init__(self, *texts, trigger=None, type="", signature="", start=None):
        self.texts, self.trigger, self.kind = texts, trigger, (type, signature)
        self.start = start

    def complete(self, request):
        if self.trigger and request.trigger != self.trigger:
            return
        start = request.word_start if self.start is None else self.start(request)
        if start < 0:
            return
        for text in self.texts:
            if request.matches(text, request.text[start:request.cursor]):
                yield Completion(start, request.cursor, text, *self.kind)

class Sleeps(Mine):
    name = "sleeps"
    def complete(self, request):
        threading.Event().wait()

class Raises(Mine):
    name = "raises"
    def complete(self, request):
        raise LookupError("no dictionary")

class Floods(Mine):
    name = "floods"
    def complete(self, request):
        for number in itertools.count():
            if request.cancelled():
                return
            yield Completion(request.word_start, request.cursor, f"zz_flood_{number}")

class Late(Mine):
    """Answers as soon as there is a file."""
    name = "late"
    def complete(self, request):
        while not os.path.exists(os.environ["LATE"]):
            if request.cancelled():
                return
            time.sleep(0.01)
        yield from super().complete(request)

class Slow(Mine):
    """Answers later than is waited for before a menu is shown."""
    name = "slow"
    def complete(self, request):
        time.sleep(0.1)
        yield from super().complete(request)

def quoted(request):
    at = request.text.rfind("['", 0, request.cursor)
    return -1 if at < 0 else at + 2

def by_letters(request):
    """Complete three letters of which a long name consists."""
    at = request.text.rfind("zz_", 0, request.cursor)
    return at
'''

Start = Callable[..., Terminal]
Lines = list[str]


@pytest.fixture
def start(tmp_path: Path, terminal: Terminals, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Give what starts a shell in a terminal, with a plugin that has the given providers."""
    site = FakeSite(tmp_path / "site")
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("LATE", str(tmp_path / "late"))

    def begin(providers: str = "", *arguments: str, rows: int = 24, columns: int = 80) -> Terminal:
        if providers:
            hook = f"def ipshell_completion_providers():\n    return [{providers}]\n"
            source = f"from ipcore.hookspecs import hookimpl\n{PLUGIN}\n@hookimpl\n{hook}"
            site.plugin("terminal-plugin", "completers", "mine", source)
        opened = terminal("--no-banner", "--nosep", *arguments, rows=rows, columns=columns)
        opened.wait_for("In [1]:")
        opened.deadline = 15.0
        return opened

    return begin


def has(*texts: str, without: tuple[str, ...] = ()) -> Callable[[Lines], bool]:
    """Tell whether rows begin with or hold texts, in this order, and hold none of others."""

    def holds(lines: Lines) -> bool:
        rest = "\n".join(lines)
        if any(each in rest for each in without):
            return False
        for text in texts:
            _, found, rest = rest.partition(text)
            if not found:
                return False
        return True

    return holds


def words(row: str) -> list[str]:
    return row.split()


def menu(*names: str) -> Callable[[Lines], bool]:
    """Tell whether some rows below each other hold just these names."""

    def holds(lines: Lines) -> bool:
        below = [word for line in lines for word in line.split()]
        return all(name in below for name in names)

    return holds


# -- Tab -----------------------------------------------------------------------------------


def test_tab_opens_a_menu_below_the_name_and_the_keys_move_in_it(start: Start) -> None:
    terminal = start()
    terminal.type("import os\r")
    terminal.wait_for("In [2]:")
    terminal.type("os.pa\t")
    terminal.wait_for(has("In [2]: os.pa\n           pardir", "pathsep", "\n           5 completions"))
    terminal.press("tab")
    terminal.wait_for(has("In [2]: os.pardir\n", "1/5"))
    terminal.press("tab", "down", "shift-tab")
    terminal.wait_for(has("In [2]: os.path\n", "2/5"))
    terminal.press("up", "up")
    terminal.wait_for(has("In [2]: os.pathsep\n", "5/5"))
    terminal.press("escape")
    terminal.wait_for(lambda lines: lines == ["In [1]: import os", "In [2]: os.pa"])
    terminal.type("\t\t\t\r")
    terminal.wait_for(lambda lines: lines[-1] == "In [2]: os.path")
    terminal.type(".__name__\r")
    terminal.wait_for("Out[2]: 'posixpath'")


def test_one_completion_is_put_in_at_once(start: Start) -> None:
    terminal = start()
    terminal.type("number_of_cats = 3\r")
    terminal.wait_for("In [2]:")
    terminal.type("number_of_c\t")
    terminal.wait_for("In [2]: number_of_cats")
    terminal.type(" + 1\r")
    terminal.wait_for("Out[2]: 4")


def test_what_all_have_in_common_is_completed_first(start: Start) -> None:
    terminal = start()
    terminal.type("zz_cats_1 = zz_cats_2 = 1\r")
    terminal.wait_for("In [2]:")
    terminal.type("zz\t")
    terminal.wait_for(has("In [2]: zz_cats_\n", "zz_cats_1  zz_cats_2"))
    terminal.type("2\r")
    terminal.wait_for("Out[2]: 1")


def test_control_g_gives_the_text_back(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta')")
    terminal.type("1 + zz_\t")
    terminal.wait_for(has("zz_alpha  zz_beta"))
    terminal.press("tab", "tab")
    terminal.wait_for("In [1]: 1 + zz_beta")
    terminal.press("ctrl-g")
    terminal.wait_for(lambda lines: lines == ["In [1]: 1 + zz_"])


def test_control_c_closes_the_menu_before_it_drops_the_line(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta')")
    terminal.type("zz_\t\t")
    terminal.wait_for("In [1]: zz_alpha")
    terminal.press("ctrl-c")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_"])
    terminal.press("ctrl-c")
    terminal.wait_for(lambda lines: lines[-1].strip() == "In [1]:")


def test_typing_on_narrows_the_menu_and_a_point_closes_it(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_all', 'zz_beta')")
    terminal.type("zz_\t")
    terminal.wait_for(menu("zz_alpha", "zz_all", "zz_beta", "3"))
    terminal.type("al")
    terminal.wait_for(lambda lines: menu("zz_alpha", "zz_all", "2")(lines) and "zz_beta" not in lines[1])
    terminal.press("backspace", "backspace")
    terminal.wait_for(menu("zz_alpha", "zz_all", "zz_beta", "3"))
    terminal.type("alpha.")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_alpha."])


def test_typing_behind_a_choice_keeps_it(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta')")
    terminal.type("zz_\t\t")
    terminal.wait_for("In [1]: zz_alpha")
    terminal.type(" + 1")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_alpha + 1"])


def test_enter_takes_the_choice_and_runs_nothing(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta')")
    terminal.type("zz_\t\t")
    terminal.wait_for("In [1]: zz_alpha")
    terminal.press("enter")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_alpha"])
    terminal.press("end")  # else what follows Enter faster than anybody types is pasted text
    terminal.type("= 5\r")
    terminal.wait_for("In [2]:")
    terminal.type("print(zz_alpha * 2)\r")
    terminal.wait_for(lambda lines: "10" in lines)


def test_tab_in_the_middle_of_a_word_writes_no_part_twice(start: Start) -> None:
    terminal = start("Mine('zz_alphabet')")
    terminal.type("zz_alphabet + 1")
    terminal.press("home", *["right"] * 5, "tab")
    terminal.wait_for(lambda lines: terminal.cursor.column == len("In [1]: zz_alphabet"))
    terminal.type("_X")
    terminal.wait_for(lambda lines: lines[-1] == "In [1]: zz_alphabet_X + 1")


def test_keys_in_quotes(start: Start) -> None:
    terminal = start("Mine('zz key', 'zz name', start=quoted)")
    terminal.type("d['zz']")
    terminal.press("left", "left")
    terminal.type("\t")
    terminal.wait_for(has("zz key  zz name"))
    terminal.press("tab", "tab", "enter")
    terminal.wait_for(lambda lines: lines == ["In [1]: d['zz name']"])


def test_in_a_cell_of_several_lines_the_menu_stands_below_it(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta')")
    terminal.type("1\r")
    terminal.wait_for("In [2]:")
    terminal.type("if True:")
    terminal.wait_for("In [2]: if True:")
    terminal.press("enter")
    terminal.wait_for(lambda lines: lines[-1].strip() == "...:")
    terminal.type("x = zz_\t")
    terminal.wait_for(has("if True:", "x = zz_\n", "zz_alpha  zz_beta"))
    terminal.press("tab", "enter")
    terminal.wait_for(lambda lines: lines[-1].endswith("x = zz_alpha"))


def test_keys_behind_tab_count_as_if_it_had_answered_at_once(start: Start) -> None:
    terminal = start()
    terminal.type("import os\r")
    terminal.wait_for("In [2]:")
    terminal.type("os.linese\t.upper()\r")
    terminal.wait_for("In [3]:")
    assert "In [2]: os.linesep.upper()" in terminal.lines
    terminal.type("os.pardi\t\r")
    terminal.wait_for("Out[3]: '..'")


def test_enter_behind_tab_waits_for_one_that_was_slow_before(start: Start) -> None:
    terminal = start("Slow('zz_one')")
    terminal.type("zz_o\t")
    terminal.wait_for("In [1]: zz_one")
    terminal.press("ctrl-c")
    terminal.wait_for(lambda lines: lines[-1].strip() == "In [1]:")
    terminal.type("zz_o\t\r")
    terminal.wait_for("name 'zz_one' is not defined")


def test_enter_behind_tab_waits_for_nobody_who_sleeps_for_ever(start: Start) -> None:
    terminal = start("Sleeps(), Mine('zz_one')")
    for number in range(1, 4):
        terminal.type("zz_o\t\r")
        terminal.wait_for(f"In [{number + 1}]:")
    assert terminal.text.count("name 'zz_one' is not defined") == 3


@pytest.mark.parametrize("magic", ["%time ", "%timeit ", "%timeit -n 3 "])
def test_behind_a_magic_that_takes_python_names_are_completed(start: Start, magic: str) -> None:
    terminal = start()
    terminal.type(magic)
    terminal.wait_for(lambda lines: terminal.cursor.column == len("In [1]: " + magic))
    terminal.press("tab")
    terminal.wait_for(has("ArithmeticError", "completions"))
    terminal.press("ctrl-g")
    terminal.type("prin\t")
    terminal.wait_for(lambda lines: lines == [f"In [1]: {magic}print"])


# -- providers that are no good ------------------------------------------------------------


def test_one_that_sleeps_for_ever_holds_up_neither_the_others_nor_typing_nor_the_end(start: Start) -> None:
    terminal = start("Sleeps(), Mine('zz_alpha', 'zz_beta')")
    for _ in range(3):
        terminal.type("zz_\t")
        terminal.wait_for(has("zz_alpha  zz_beta"))
        terminal.type("\t\t")
        terminal.wait_for("In [1]: zz_beta")
        terminal.press("ctrl-g")
        terminal.press("ctrl-c")
        terminal.wait_for(lambda lines: lines[-1].strip() == "In [1]:")
    terminal.type("exit\r")
    assert terminal.exit_status() == 0


def test_leaving_takes_no_longer_for_one_that_sleeps_for_ever(start: Start) -> None:
    def leaving(providers: str) -> float:
        terminal = start(providers, "--no-confirm-exit")
        terminal.type("zz_\t")
        terminal.wait_for(has("zz_alpha  zz_beta"))
        terminal.press("ctrl-g", "ctrl-c")
        terminal.wait_for(lambda lines: lines[-1].strip() == "In [1]:")
        begun = time.perf_counter()
        terminal.press("ctrl-d")
        assert terminal.exit_status() == 0
        return time.perf_counter() - begun

    ratios: list[float] = []
    while len(ratios) < 4:  # something else may hold up one or the other
        without = leaving("Mine('zz_alpha', 'zz_beta')")
        ratios.append(leaving("Sleeps(), Mine('zz_alpha', 'zz_beta')") / without)
        if ratios[-1] < 3:
            return
    pytest.fail(f"it takes {ratios} times as long")


def test_one_that_raises_is_told_and_the_line_stands(start: Start) -> None:
    terminal = start("Raises()")
    terminal.type("import os\r")
    terminal.wait_for("In [2]:")
    terminal.type("os.pa\t")
    terminal.wait_for(has("no dictionary", "os.pa", "pardir"))
    terminal.press("tab")
    terminal.wait_for(lambda lines: "In [2]: os.pardir" in lines)


def test_one_that_floods_is_cut_off(start: Start) -> None:
    terminal = start("Floods(), Mine('zz_alpha')")
    terminal.type("zz_\t")
    terminal.wait_for(has("zz_flood_0", "10001 completions"))
    terminal.press("tab", "tab")
    terminal.wait_for(has("In [1]: zz_flood_"))
    terminal.press("ctrl-g", "ctrl-c")
    terminal.type("1 + 1\r")
    terminal.wait_for("Out[1]: 2")


def test_late_answers_come_behind_and_move_nothing(start: Start, tmp_path: Path) -> None:
    terminal = start("Mine('zz_m', 'zz_z'), Late('zz_a', 'zz_m', 'zz_q')")
    terminal.type("zz_\t")
    terminal.wait_for(has("zz_m  zz_z", "2 completions…"))
    terminal.press("tab", "tab")
    terminal.wait_for(has("In [1]: zz_z\n", "2/2…"))
    (tmp_path / "late").touch()
    terminal.wait_for(has("In [1]: zz_z\n", "zz_m  zz_z  zz_a  zz_q", "2/4"))
    terminal.press("tab")
    terminal.wait_for(has("In [1]: zz_a\n", "3/4"))


def test_late_answers_open_the_menu_if_nothing_else_was_there(start: Start, tmp_path: Path) -> None:
    terminal = start("Late('zz_a', 'zz_m', 'zz_q')")
    terminal.type("zz_\t")
    terminal.type("")
    (tmp_path / "late").touch()
    terminal.wait_for(has("zz_a  zz_m  zz_q"))


def test_late_answers_are_of_no_use_once_something_else_is_typed(start: Start, tmp_path: Path) -> None:
    terminal = start("Mine('zz_m', 'zz_z'), Late('zz_a', 'zz_q')")
    terminal.type("zz_\t")
    terminal.wait_for(has("zz_m  zz_z", "2 completions…"))
    terminal.type(" + 1")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_ + 1"])
    (tmp_path / "late").touch()
    terminal.press("backspace")
    terminal.type("2")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_ + 2"])


# -- looks ---------------------------------------------------------------------------------


def test_ten_thousand_names_are_walked_through(start: Start) -> None:
    terminal = start("Mine(*(f'zz_{number:04}' for number in range(10_000)))")
    terminal.type("zz_\t")
    terminal.wait_for(has("In [1]: zz_\n", "zz_0000", "10000 completions"))
    terminal.press("tab", "page-down")
    terminal.wait_for(has("/10000"))
    terminal.press(*["page-up"] * 3, "shift-tab")
    terminal.wait_for(has("In [1]: zz_9999\n", "10000/10000"))
    terminal.press("tab", "tab")
    terminal.wait_for(has("In [1]: zz_0001\n", "2/10000"))
    terminal.press("ctrl-g")
    terminal.type("4711")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_4711"])


def test_wide_names_stand_in_line(start: Start) -> None:
    terminal = start("Mine('zz_名前', 'zz_a', 'zz_値', 'zz_bcd')", columns=30)
    terminal.type("zz_\t")
    wanted = ["zz_a", "zz_bcd", "zz_値", "zz_名前"]
    terminal.wait_for(lambda lines: sorted(word for row in lines[1:-1] for word in words(row)) == wanted)
    terminal.press("tab", "tab", "tab")
    terminal.wait_for(has("In [1]: zz_値", "3/4"))


def test_twenty_columns_are_enough(start: Start) -> None:
    terminal = start("Mine('zz_alpha_beta_gamma_delta', 'zz_b', 'zz_c')", columns=20, rows=10)
    terminal.type("zz_\t")
    terminal.wait_for(has("zz_alpha", "…", "zz_b", "zz_c"))
    terminal.press("tab", "tab")
    terminal.wait_for(has("In [1]: zz_b\n", "2/3"))
    terminal.press("enter")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_b"])


def test_a_column_tells_types_signatures_and_sources(start: Start) -> None:
    terminal = start(
        "Mine('zz_alpha', 'zz_beta', type='function', signature='(a, b=1)')",
        "--Terminal.display_completions=column",
    )
    terminal.type("zz_\t")
    terminal.wait_for(
        lambda lines: (
            len(lines) == 3
            and words(lines[1]) == ["zz_alpha()", "function", "(a,", "b=1)", "mine"]
            and words(lines[2])[0] == "zz_beta()"
        )
    )
    terminal.press("down", "down", "enter")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_beta"])


def test_a_list_as_readline_shows_it_takes_no_keys(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta')", "--Terminal.display_completions=readlinelike")
    terminal.type("zz\t")
    terminal.wait_for(has("In [1]: zz_\n", "zz_alpha  zz_beta"))
    terminal.type("alpha = 7\r")
    terminal.wait_for("In [2]:")
    assert terminal.lines[:2] == ["In [1]: zz_alpha = 7", "In [2]:"]


def test_completions_come_while_one_types_if_that_is_wanted(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta', trigger='typing')", "--Terminal.complete_while_typing=True")
    terminal.type("zz_")
    terminal.wait_for(has("zz_alpha  zz_beta"))
    terminal.type("b")
    terminal.wait_for(lambda lines: has("zz_beta")(lines) and "zz_alpha" not in "".join(lines))
    terminal.press("tab", "enter")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_beta"])
    terminal.press("end")  # else what follows Enter faster than anybody types is pasted text
    terminal.type("= 3\r")
    terminal.wait_for("In [2]:")
    assert terminal.lines[0] == "In [1]: zz_beta= 3"


def test_the_menu_leaves_nothing_behind(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta')", rows=6)
    for number in (1, 2, 3):
        terminal.type(f"{number}\r")
        terminal.wait_for(f"In [{number + 1}]:")
    terminal.type("zz_\t")
    terminal.wait_for(has("zz_alpha  zz_beta"))
    terminal.press("escape")
    terminal.wait_for(lambda lines: lines[-1].endswith("zz_"))
    terminal.type(" = 8; zz_\t")
    terminal.wait_for(has("zz_alpha  zz_beta"))
    terminal.press("enter")
    terminal.wait_for("Out[4]: 8")
    assert "zz_alpha  zz_beta" not in "\n".join([*terminal.history, *terminal.lines])


def test_the_mouse_chooses_if_it_may(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta')", "--Terminal.mouse_support=True")
    terminal.type("zz_\t")
    terminal.wait_for(has("zz_alpha  zz_beta"))
    row = next(number for number, line in enumerate(terminal.lines) if "zz_beta" in line)
    column = terminal.lines[row].index("zz_beta")
    for kind in "Mm":
        terminal.type(f"\x1b[<0;{column + 2};{row + 1}{kind}")
    terminal.wait_for("In [1]: zz_beta")
    terminal.type(f"\x1b[<64;{column + 2};{row + 1}M")  # the wheel
    terminal.wait_for("In [1]: zz_alpha")
    terminal.type(f"\x1b[<0;10;{row}M\x1b[<0;10;{row}m")
    terminal.wait_for(lambda lines: terminal.cursor.column == 9)
    terminal.type("x")
    terminal.wait_for("In [1]: zxz_alpha")


def test_a_mouse_of_which_the_terminal_does_not_tell_enough_holds_up_nothing(start: Start) -> None:
    terminal = start("Mine('zz_alpha')", "--Terminal.mouse_support=True")
    terminal.answers = "never"
    terminal.type("\x1b[<0;3;3M\x1b[<0;3;3m\x1b[<0;5;3M1 + 1\r")
    terminal.wait_for("Out[1]: 2")


def test_the_menu_follows_the_size_of_the_window(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta', 'zz_gamma', 'zz_delta')")
    terminal.type("zz_\t")
    terminal.wait_for(has("zz_alpha  zz_beta  zz_delta  zz_gamma"))
    terminal.resize(24, 24)
    terminal.wait_for(has("zz_alpha  zz_delta", "zz_beta   zz_gamma"))
    terminal.press("tab", "tab", "enter")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_beta"])


def test_what_is_printed_meanwhile_stands_above_and_the_menu_stays(start: Start, tmp_path: Path) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta')")
    go = tmp_path / "go"
    wait = f"[time.sleep(0.01) for _ in iter(lambda: os.path.exists({str(go)!r}), True)]"
    tell = f"threading.Thread(target=lambda: {wait} and print('prin' + 'ted')).start()"
    terminal.type(f"import os, threading, time; {tell}\r")
    terminal.wait_for("In [2]:")
    terminal.type("zz_\t\t")
    terminal.wait_for(has("In [2]: zz_alpha", "zz_alpha  zz_beta"))
    go.touch()
    terminal.wait_for(has("printed\n", "In [2]: zz_alpha\n", "zz_alpha  zz_beta"))
    terminal.press("tab", "enter")
    terminal.wait_for(lambda lines: lines[-1] == "In [2]: zz_beta")


def test_a_choice_right_behind_a_letter_counts_the_letter(start: Start) -> None:
    terminal = start("Mine('zz_alpha', 'zz_beta', 'zz_bird')")
    terminal.type("zz_\t")
    terminal.wait_for(has("zz_alpha  zz_beta  zz_bird"))
    terminal.type("b\t\t")
    terminal.wait_for("In [1]: zz_bird")
    terminal.press("ctrl-g")
    terminal.wait_for(lambda lines: lines == ["In [1]: zz_b"])
