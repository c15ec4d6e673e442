"""``capture_output``: what is taken up, what is not, and that everything is put back."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ipcore.display import CapturedIO, RichOutput, capture_output, display, update_display
from ipcore.shell import InteractiveShell

Run = Callable[..., subprocess.CompletedProcess[str]]


def both() -> None:
    print("out")
    print("err", file=sys.stderr)


class Page:
    def __repr__(self) -> str:
        return "Page"

    def _repr_html_(self) -> str:
        return "<p>"


def test_streams_and_outputs_are_taken_up(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    with capture_output() as captured:
        both()
        display(Page(), display_id="x", metadata={"text/html": {"isolated": True}})
        update_display(1, display_id="x")
        assert captured.stdout == "out\n"
    assert (captured.stdout, captured.stderr, str(captured)) == ("out\n", "err\n", "out\n")
    first, second = captured.outputs
    assert first.data == {"text/plain": "Page", "text/html": "<p>"}
    assert first.metadata == {"text/html": {"isolated": True}}
    assert (first.transient, first.update, second.update) == ({"display_id": "x"}, False, True)
    assert repr(captured) == "<CapturedIO stdout: 4 characters, stderr: 4, outputs: 2>"
    assert capsys.readouterr() == ("", "")


def test_what_was_taken_up_can_be_shown(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    with capture_output() as captured:
        display(Page())
        both()
    captured.show()
    captured()
    assert capsys.readouterr() == ("out\nPage\n" * 2, "err\n" * 2)
    captured.outputs[0].display()
    assert capsys.readouterr().out == "Page\n"
    with capture_output() as again:
        captured.show()
    assert again.outputs[0].data == captured.outputs[0].data


def test_values_of_cells_are_taken_up_and_kept(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["page"] = Page()
    with capture_output() as captured:
        shell.run_cell("print(1); page", store_history=True)
    assert captured.stdout == "1\n"
    assert [output.data["text/html"] for output in captured.outputs] == ["<p>"]
    assert shell.user_ns["_1"] is shell.user_ns["page"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("stdout", "stderr"), [(True, False), (False, True), (False, False)])
def test_each_can_be_left_alone(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], stdout: bool, stderr: bool
) -> None:
    with capture_output(stdout, stderr) as captured:
        both()
        display(1)
    assert (captured.stdout, captured.stderr) == ("out\n" * stdout, "err\n" * stderr)
    assert capsys.readouterr() == ("out\n" * (not stdout), "err\n" * (not stderr))
    assert captured.outputs[0].data == {"text/plain": "1"}


def test_displays_can_be_left_to_the_terminal(shell: InteractiveShell) -> None:
    with capture_output(display=False) as captured:
        shell.run_cell("display(1); 2", store_history=True)
    assert captured.outputs == []
    assert captured.stdout == "1\nOut[1]: 2\n"


def test_captures_nest(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    with capture_output() as outer:
        both()
        with capture_output(stderr=False) as inner:
            both()
            display(1)
        display(2)
    assert (inner.stdout, inner.stderr) == ("out\n", "")
    assert (outer.stdout, outer.stderr) == ("out\n", "err\nerr\n")
    assert [output.data["text/plain"] for output in (*inner.outputs, *outer.outputs)] == ["1", "2"]
    assert capsys.readouterr() == ("", "")


def test_captures_that_overlap_leave_nothing_behind(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sys.stdout
    first, second = capture_output(), capture_output()
    one = first.__enter__()
    two = second.__enter__()
    first.__exit__(None, None, None)
    print("between")
    display(1)
    second.__exit__(None, None, None)
    assert sys.stdout is before
    print("after")
    display(2)
    assert (one.stdout, two.stdout) == ("", "between\n")
    assert (len(one.outputs), len(two.outputs)) == (0, 1)
    assert capsys.readouterr().out == "after\n2\n"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_ends_it_the_streams_are_put_back(
    shell: InteractiveShell, error: type[BaseException]
) -> None:
    before = sys.stdout, sys.stderr
    seen: list[CapturedIO] = []

    def fail() -> None:
        with capture_output() as captured:
            seen.append(captured)
            both()
            raise error

    with pytest.raises(error):
        fail()
    assert (sys.stdout, sys.stderr) == before
    assert shell.display_pub.plain
    assert seen[0].stdout == "out\n"


def test_what_replaces_or_closes_the_streams_meanwhile_does_no_harm(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    before = sys.stdout, sys.stderr
    with capture_output() as captured:
        print("first")
        sys.stdout.close()
        print("second")
        sys.stdout = io.StringIO()
        del sys.stderr
    assert (sys.stdout, sys.stderr) == before
    assert captured.stdout == "first\nsecond\n"


def test_one_object_can_be_used_again_and_within_itself(shell: InteractiveShell) -> None:
    capture = capture_output()
    with capture as first:
        print(1)
        with capture as second:
            print(2)
        print(3)
    with capture as third:
        print(4)
    assert [each.stdout for each in (first, second, third)] == ["1\n3\n", "2\n", "4\n"]


def test_bytes_surrogates_and_what_streams_are_asked_about(shell: InteractiveShell) -> None:
    with capture_output() as captured:
        sys.stdout.buffer.write(b"bytes \xff\n")
        assert (sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.writable()) == ("utf-8", False, True)
        with pytest.raises(OSError, match="fileno"):
            sys.stdout.fileno()
        sys.stdout.writelines(["a\r\n", "b"])
        sys.stderr.write("\udc80→")
    assert captured.stdout == "bytes \\xff\na\r\nb"
    assert captured.stderr == "\udc80→"


def test_threads_of_the_body_are_taken_up_and_loggers_go_on_after_it(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    go, printed = threading.Event(), threading.Event()

    def work() -> None:
        print("in the thread")
        display(1)
        printed.set()
        go.wait(30)
        print("later")

    with capture_output() as captured:
        thread = threading.Thread(target=work)
        thread.start()
        assert printed.wait(30)
        handler = logging.StreamHandler()
        kept = sys.stdout
        handler.emit(logging.makeLogRecord({"msg": "during"}))
    go.set()
    thread.join(30)
    handler.emit(logging.makeLogRecord({"msg": "afterwards"}))
    kept.write("kept\n")
    kept.writelines(["lines\n"])
    kept.flush()
    assert (captured.stdout, captured.stderr, len(captured.outputs)) == ("in the thread\n", "during\n", 1)
    assert capsys.readouterr() == ("later\nkept\nlines\n", "afterwards\n")


def test_clearing_drops_what_was_displayed(shell: InteractiveShell) -> None:
    with capture_output() as captured:
        display(1)
        display(2, clear=True)
    assert [output.data for output in captured.outputs] == [{"text/plain": "2"}]


def test_outside_of_a_shell_streams_are_taken_up(capsys: pytest.CaptureFixture[str]) -> None:
    with capture_output() as captured:
        both()
        display(5)
    assert (captured.stdout, captured.stderr, captured.outputs) == ("out\n5\n", "err\n", [])
    RichOutput({"text/plain": "rich"}).display()
    CapturedIO(lambda: "o", None).show()
    assert capsys.readouterr().out == "rich\no"


def test_a_program_without_streams_can_capture() -> None:
    code = (
        "import sys; from ipcore.display import capture_output\n"
        "real, sys.stdout, sys.stderr = sys.stdout, None, None\n"
        "with capture_output() as c:\n    print('x'); kept = sys.stdout\n"
        "kept.write('late'); kept.flush(); c.show()\n"
        "assert sys.stdout is None\n"
        "real.write(c.stdout)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("x\n", "")


def test_a_rich_output_is_shown_as_what_it_holds(shell: InteractiveShell) -> None:
    output = RichOutput({"text/plain": "p", "text/html": "<p>"}, {"text/html": {"a": 1}})
    assert shell.display.text(output) == "p"
    assert repr(output) == "<RichOutput text/plain, text/html>"
    assert repr(RichOutput()) == "<RichOutput empty>"


# -- below Python ------------------------------------------------------------------

CHILD = "import subprocess, sys, os\nfrom ipcore.display import capture_output\n"
WRITES = (
    "    print('python')\n"
    "    code = \"import sys; print('child'); print('oops', file=sys.stderr)\"\n"
    "    subprocess.run([sys.executable, '-c', code])\n"
    "    os.write(1, b'descriptor\\n')\n"
)


def test_children_are_not_taken_up_unless_it_is_asked_for(ipcore: Run) -> None:
    code = f"{CHILD}with capture_output() as c:\n{WRITES}repr(c.stdout)"
    done = ipcore("-c", code)
    assert done.stdout.splitlines()[:2] == ["child", "descriptor"]
    assert "python" not in done.stdout.splitlines()
    assert done.stderr == "oops\n"


def test_descriptors_take_up_children_in_the_order_of_writing(ipcore: Run) -> None:
    code = (
        f"{CHILD}print('before')\n"
        f"with capture_output(descriptors=True) as c:\n{WRITES}"
        "    sys.__stdout__.flush()\n    so_far = c.stdout\n    !echo command\n    print('end')\n"
        "print('after')\nso_far, c.stdout, c.stderr"
    )
    done = ipcore("-c", code, PYTHONUNBUFFERED="")
    assert done.stderr == ""
    first, second, values = done.stdout.splitlines()
    assert (first, second) == ("before", "after")
    seen = "python\nchild\ndescriptor\n"
    assert eval(values) == (seen, f"{seen}command\nend\n", "oops\n")


@pytest.mark.parametrize("stderr", [True, False])
def test_descriptors_take_up_what_c_code_buffers(ipcore: Run, stderr: bool) -> None:
    pytest.importorskip("ctypes")
    code = (
        "import ctypes, sys\nfrom ipcore.display import capture_output\n"
        "c = ctypes.CDLL('ucrtbase' if sys.platform == 'win32' else None)\nc.puts(b'earlier')\n"
        f"with capture_output(stderr={stderr}, descriptors=True) as captured:\n    c.puts(b'from C')\n"
        "c.puts(b'outside')\ncaptured.stdout"
    )
    # Unbuffered, Python would make C's streams so as well.
    done = ipcore("-c", code, PYTHONUNBUFFERED="")
    assert sorted(done.stdout.splitlines()) == ["'from C\\n'", "earlier", "outside"]


def test_descriptors_are_given_back_and_no_file_stays(tmp_path: Path, ipcore: Run) -> None:
    code = (
        "import os\nfrom ipcore.display import capture_output\n"
        "def opened():\n    n = os.dup(1); os.close(n); return n\n"
        "before = opened()\n"
        "for n in range(3):\n"
        "    try:\n"
        "        with capture_output(descriptors=True):\n"
        "            with capture_output(stdout=False, descriptors=True):\n"
        "                1/0\n"
        "    except ZeroDivisionError:\n        pass\n"
        "opened() - before, os.listdir(os.environ['TMPDIR'])"
    )
    folder = tmp_path / "temporary"
    folder.mkdir()
    done = ipcore("-c", code, TMPDIR=str(folder), TEMP=str(folder))
    assert (done.stdout, done.stderr) == ("(0, [])\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
def test_a_long_write_to_a_descriptor_arrives_whole(ipcore: Run) -> None:
    code = (
        "from ipcore.display import capture_output\n"
        "with capture_output(descriptors=True) as c:\n    print('x' * 5_000_000)\nlen(c.stdout)"
    )
    assert ipcore("-c", code).stdout == "5000001\n"


def test_a_missing_descriptor_is_an_error_and_nothing_is_replaced() -> None:
    code = (
        "import os, sys\nfrom ipcore.display import capture_output\n"
        "before = sys.stdout, sys.stderr\nos.close(2)\n"
        "try:\n    with capture_output(descriptors=True): pass\n"
        "except OSError as e:\n    print(type(e).__name__)\n"
        "print((sys.stdout, sys.stderr) == before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "OSError\nTrue\n"
