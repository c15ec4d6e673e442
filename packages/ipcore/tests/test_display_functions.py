"""``display()`` and its like: in a plain terminal, for another front end, and outside of a shell."""

from __future__ import annotations

import builtins
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ipcore.display import (
    DisplayHandle,
    clear_output,
    display,
    publish_display_data,
    update_display,
)
from ipcore.shell import InteractiveShell
from ipcore.testing import FakeSite, Terminals

Run = Callable[..., subprocess.CompletedProcess[str]]


class Screen:
    """A front end that shows everything, and keeps it."""

    types = None

    def __init__(self) -> None:
        self.outputs: list[Any] = []

    def publish(self, output: Any) -> bool:
        self.outputs.append(output)
        return True

    def clear(self, wait: bool) -> bool:
        self.outputs.append(("clear", wait))
        return True


@pytest.fixture
def screen(shell: InteractiveShell) -> Screen:
    """Give a front end that shows everything."""
    made = Screen()
    shell.display_pub.add(made)
    return made


class Page:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Page({self.text!r})"

    def _repr_html_(self) -> str:
        return f"<p>{self.text}</p>"


# -- in a plain terminal -----------------------------------------------------------


def test_display_prints_one_line_per_object(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert display("a", Page("b"), 3) is None
    assert capsys.readouterr().out == "'a'\nPage('b')\n3\n"


def test_an_update_is_shown_anew(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("h = display('before', display_id='it')\nh.update('after')\nh.display('twice')")
    assert capsys.readouterr().out == "'before'\n'after'\n'twice'\n"


def test_an_empty_place_prints_nothing(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    handle = display(display_id=True)
    assert handle is not None
    assert capsys.readouterr().out == ""
    handle.update(5)
    assert capsys.readouterr().out == "5\n"


def test_what_has_no_text_is_not_shown_in_a_terminal(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    display({"text/html": "<p>"}, raw=True)
    display(3, include=["text/html"])
    display({"text/plain": "raw", "text/html": "<p>"}, raw=True)
    publish_display_data({"text/plain": "published"})
    assert capsys.readouterr().out == "raw\npublished\n"


def test_clearing_a_file_or_pipe_writes_nothing(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    clear_output()
    display(1, clear=True)
    assert capsys.readouterr().out == "1\n"


def test_clearing_a_terminal_empties_the_line_and_goes_back_to_its_beginning(terminal: Terminals) -> None:
    code = (
        "from ipcore.display import clear_output, display\n"
        "print('x' * 79, end='', flush=True); clear_output()\n"
        "print('done', end='', flush=True); display(5, clear=True); print('end')"
    )
    shown = terminal("-c", code)
    assert shown.exit_status() == 0
    assert shown.lines == ["5", "end"]


def test_an_update_without_an_id_is_refused(shell: InteractiveShell) -> None:
    with pytest.raises(TypeError, match="display_id"):
        update_display(3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="display_id"):
        display(3, update=True)


def test_what_is_no_bundle_is_refused(shell: InteractiveShell) -> None:
    with pytest.raises(TypeError, match="data maps MIME types to values; it is not str"):
        display("text", raw=True)
    with pytest.raises(TypeError, match="metadata"):
        publish_display_data({}, 3)  # type: ignore[arg-type]


def test_characters_that_the_terminal_lacks_are_escaped_by_display_too(ipcore: Run) -> None:
    done = ipcore(
        "-c", "class A:\n  def __repr__(s): return '\\u2192'\ndisplay(A()); A()", PYTHONIOENCODING="ascii"
    )
    assert done.stdout == "\\u2192\n\\u2192\n"


# -- for another front end ----------------------------------------------------------


def test_a_front_end_gets_bundles_instead_of_text(
    shell: InteractiveShell, screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["page"] = Page("a")
    shell.run_cell(
        "display(page, metadata={'text/html': {'isolated': True}}, transient={'t': 1}); page", True
    )
    assert capsys.readouterr().out == ""
    shown, value = screen.outputs
    assert shown.data == value.data == {"text/plain": "Page('a')", "text/html": "<p>a</p>"}
    assert (shown.metadata, shown.transient) == ({"text/html": {"isolated": True}}, {"t": 1})
    assert (shown.number, shown.update) == (None, False)
    assert (value.number, value.metadata) == (1, {})


def test_a_front_end_is_told_ids_and_updates(shell: InteractiveShell, screen: Screen) -> None:
    handle = display(display_id=True)
    assert handle is not None
    assert len(handle.display_id) == 32
    handle.update(Page("b"))
    update_display(1, display_id="x")
    assert display(2, 3, display_id="x").display_id == "x"  # type: ignore[union-attr]
    ids = [output.transient["display_id"] for output in screen.outputs]
    assert ids == [handle.display_id, handle.display_id, "x", "x", "x"]
    assert [output.update for output in screen.outputs] == [False, True, True, False, False]
    assert screen.outputs[0].data == {}
    assert screen.outputs[1].data["text/html"] == "<p>b</p>"


def test_each_handle_has_a_name_of_its_own() -> None:
    assert DisplayHandle().display_id != DisplayHandle().display_id
    assert repr(DisplayHandle("x")) == "<DisplayHandle display_id=x>"


def test_a_front_end_is_told_to_clear(shell: InteractiveShell, screen: Screen) -> None:
    shell.run_cell("from ipcore.display import clear_output; clear_output(); display(1, clear=True)")
    assert screen.outputs[:2] == [("clear", False), ("clear", True)]
    shell.display_pub.clear_output(wait=True)
    assert screen.outputs[-1] == ("clear", True)


def test_a_front_end_that_leaves_gives_the_terminal_back(
    shell: InteractiveShell, screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.display_pub.remove(screen)
    shell.display_pub.remove(screen)
    shell.run_cell("display(1); 2", store_history=True)
    assert capsys.readouterr().out == "1\nOut[1]: 2\n"
    assert shell.display.active_types == ["text/plain"]


def test_whoever_was_added_last_is_asked_first_and_may_pass_on(
    shell: InteractiveShell, screen: Screen
) -> None:
    class Images(Screen):
        types = ("image/png",)  # type: ignore[assignment]

        def publish(self, output: Any) -> bool:
            return "image/png" in output.data and super().publish(output)

    images = Images()
    shell.display_pub.add(images)
    display({"image/png": b""}, raw=True)
    display({"text/plain": ""}, raw=True)
    assert (len(images.outputs), len(screen.outputs)) == (1, 1)


def test_display_from_a_thread_arrives(shell: InteractiveShell, screen: Screen) -> None:
    shell.run_cell("import threading\nt = threading.Thread(target=lambda: display(7))\nt.start()\nt.join(30)")
    assert [output.data for output in screen.outputs] == [{"text/plain": "7"}]


def test_what_shows_itself_is_not_published(
    shell: InteractiveShell, screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("class A:\n    def _ipython_display_(self): print('me')\ndisplay(A()); A()")
    assert screen.outputs == []
    assert capsys.readouterr().out == "me\nme\n"


# -- the builtin -------------------------------------------------------------------


def test_display_is_there_in_cells_and_programs_without_import(ipcore: Run, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text("display(5)\n")
    assert ipcore("-c", "display(4)").stdout == "4\n"
    assert ipcore(str(file)).stdout == "5\n"


def test_display_is_there_between_cells(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("import threading\ngo = threading.Event()")
    shell.run_cell("t = threading.Thread(target=lambda: (go.wait(30), display(8)))\nt.start()")
    shell.user_ns["go"].set()
    shell.user_ns["t"].join(30)
    assert capsys.readouterr().out == "8\n"


def test_builtins_are_left_as_they_were() -> None:
    before = dict(vars(builtins))
    shell = InteractiveShell()
    shell.start()
    inner = InteractiveShell()
    inner.start()
    inner.close()
    shell.run_cell("display")
    shell.close()
    assert not hasattr(builtins, "display")
    assert set(vars(builtins)) == set(before)


def test_a_builtin_of_somebody_else_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "display", len, raising=False)
    shell = InteractiveShell()
    shell.start()
    assert shell.run_cell("display").result is not len
    assert vars(builtins)["display"] is len
    shell.close()
    assert vars(builtins)["display"] is len


# -- outside of a shell ------------------------------------------------------------


def test_outside_of_a_shell_objects_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    display("a", 1)
    handle = display(2, display_id=True)
    assert handle is not None
    handle.update(3)
    publish_display_data({"text/plain": "b", "text/html": "<b>"})
    display(display_id="nothing yet")
    clear_output()
    assert capsys.readouterr().out == "a 1\n2\n3\nb\n"


def test_importing_the_functions_brings_nothing_heavy() -> None:
    code = (
        "import sys; from ipcore.display import display; display(1)\n"
        "assert not {'asyncio', 'uuid', 'tempfile', 'ipcore.display.capture'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("1\n", "")


# -- publishers of plugins ---------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """Give a folder for distributions."""
    return FakeSite(tmp_path / "site")


PUBLISHER = """
class Loud:
    types = ("text/html",)
    def publish(self, output):
        if "text/html" not in output.data:
            return False
        {body}
        print("LOUD", output.data["text/html"], output.number)
        return True
    def clear(self, wait):
        print("CLEAR")
        return True

@hookimpl
def ipshell_publishers(shell):
    return {gives}
"""

CODE = (
    "class P:\n  def _repr_html_(self): return '<p>'\n  def __repr__(self): return 'P'\ndisplay(P(), 1); P()"
)


def publisher(site: FakeSite, body: str = "", gives: str = "[Loud()]") -> None:
    site.plugin("yak", "display", "grunt", PUBLISHER.format(body=body or "pass", gives=gives))


def test_a_plugin_can_show_outputs(ipcore: Run, site: FakeSite) -> None:
    publisher(site)
    done = ipcore("-c", f"{CODE}\nget_ipython().display_pub.clear_output()", PYTHONPATH=str(site))
    assert (done.stdout, done.stderr) == ("LOUD <p> None\n1\nCLEAR\n", "")
    done = ipcore("-c", CODE, PYTHONPATH=str(site))
    assert done.stdout == "LOUD <p> None\n1\nLOUD <p> 0\n"


@pytest.mark.parametrize("body", ["1/0", "raise RuntimeError('division by zero')"])
def test_a_publisher_that_fails_is_off_and_the_output_is_shown(
    ipcore: Run, site: FakeSite, body: str
) -> None:
    publisher(site, body)
    done = ipcore("-c", CODE, PYTHONPATH=str(site))
    assert done.stdout == "P\n1\nP\n"
    assert re.fullmatch(
        r"ipshell: plugin yak\[grunt\] 1\.0 \(display\), publishing: \w+Error: division by zero\. "
        r"It is off for this session\. .*\n",
        done.stderr,
    )


@pytest.mark.parametrize(
    ("gives", "reason"),
    [
        ("7", "it gave int, not publishers."),
        ("[7]", "its publisher int has no publish()."),
        (
            "[type('P', (), {'publish': len, 'clear': len})()]",
            "its publisher P does not say which types it shows.",
        ),
    ],
)
def test_what_cannot_be_a_publisher_is_refused(ipcore: Run, site: FakeSite, gives: str, reason: str) -> None:
    publisher(site, gives=gives)
    done = ipcore("-c", CODE, PYTHONPATH=str(site))
    assert done.stdout == "P\n1\nP\n"
    assert f"ipshell_publishers: {reason}" in done.stderr


def test_a_slow_front_end_may_be_used_by_two_threads_at_once(shell: InteractiveShell, screen: Screen) -> None:
    ready = threading.Barrier(4, timeout=30)

    def show() -> None:
        ready.wait()
        for n in range(50):
            display(n)

    threads = [threading.Thread(target=show) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(screen.outputs) == 200
