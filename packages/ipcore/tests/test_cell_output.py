"""Output goes to the cell that caused it, whoever writes it and whenever; in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")

#: A host that notes what it gets in a file.
HOST = """\
import atexit, ctypes, json, os, subprocess, sys, threading, time
from dataclasses import asdict
from ipcore.output import CellOutput, follow_current_cell
from ipcore.types.output import StreamText

notes = open(sys.argv[1], "a", buffering=1)

def deliver(output):
    notes.write(json.dumps(asdict(output)) + "\\n")

go = threading.Event()
"""

#: Ways to write: what a cell starts. Each writes now, and later when ``go`` is set.
WRITERS = {
    "thread": "start(lambda: both(print))",
    "pool": "pool.submit(lambda: both(print))",
    "task": "asyncio.run_coroutine_threadsafe(work(), loop)",
    "subprocess": "start_child()",
    "bytes of a thread": "start(lambda: both(lambda text: sys.stdout.buffer.write(text.encode())))",
    "C": "start(lambda: both(lambda text: c.puts(text.encode())))",
    "descriptor": "start(lambda: both(lambda text: os.write(1, text.encode())))",
}


def run(folder: Path, code: str, *, status: int = 0) -> tuple[list[dict[str, Any]], str, str]:
    """Run a host; give what it got, and what came out of its process."""
    notes = folder / "notes"
    done = subprocess.run(
        [sys.executable, "-W", "always::DeprecationWarning", "-c", HOST + textwrap.dedent(code), str(notes)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": ""},  # which would have C hold nothing back either
        timeout=60,
    )
    assert done.returncode == status, done.stderr
    return [json.loads(line) for line in notes.read_text().splitlines()], done.stdout, done.stderr


def texts(records: list[dict[str, Any]], stream: str = "stdout") -> dict[str, str]:
    """Give what each cell wrote."""
    found: dict[str, str] = {}
    for each in records:
        if each["stream"] == stream:
            found[each["cell"]] = found.get(each["cell"], "") + each["text"]
    return found


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("other", ["prompt", "cell"])
def test_who_writes_later_writes_to_its_own_cell(tmp_path: Path, writer: str, other: str) -> None:
    records, out, err = run(
        tmp_path,
        f"""
        import asyncio
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1)
        pool.submit(int).result()  # its thread is there before any cell
        ready, done = threading.Event(), threading.Event()
        c = ctypes.CDLL(None) if sys.platform != "win32" else ctypes.CDLL("ucrtbase")

        def start(function):
            threading.Thread(target=function).start()

        def both(write):
            write("now"); ready.set(); go.wait(10); write("later"); done.set()

        async def work():
            print('now'); ready.set()
            while not go.is_set():
                await asyncio.sleep(0.01)
            print('later'); done.set()

        def start_child():
            code = "import sys; print('now', flush=True); input(); print('later')"
            child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, text=True)
            go.set = lambda: (child.communicate("\\n"), done.set())
            while not any('now' in line for line in open(sys.argv[1])):
                time.sleep(0.01)
            ready.set()

        loop = asyncio.new_event_loop()
        turning = threading.Thread(target=loop.run_forever)
        turning.start()
        with CellOutput(deliver) as output:
            with output.cell("first"):
                print("from the start")
                {WRITERS[writer]}
                assert ready.wait(10)
            if {other!r} == "cell":
                with output.cell("second"):
                    print("in between")
                    go.set(); assert done.wait(10)
            else:
                print("at the prompt", flush=True)
                go.set(); assert done.wait(10)
        loop.call_soon_threadsafe(loop.stop); turning.join(); pool.shutdown()
        """,
    )
    assert (out, err) == ("", "")
    found = texts(records)
    late = [each for each in records if "later" in each["text"]]
    assert found["first"].startswith("from the start\nnow")
    assert [each["at_prompt"] for each in late] == [other == "prompt"]
    # Below Python nobody can tell whose thread it is: the running cell's, or nobody's.
    owner = {"C": "", "descriptor": ""}.get(writer, "first")
    if other == "cell":
        owner = {"": "second"}.get(owner, owner)
        assert found["second"].startswith("in between\n")
    else:
        assert found[""].startswith("at the prompt\n")
    assert [each["cell"] for each in late] == [owner]


def test_all_ways_of_writing_come_in_their_order(tmp_path: Path) -> None:
    records, _, _ = run(
        tmp_path,
        """
        c = ctypes.CDLL(None) if sys.platform != "win32" else ctypes.CDLL("ucrtbase")
        with CellOutput(deliver) as output, output.cell("one"):
            print("a"); os.write(1, b"b\\n"); print("c")
            print("d", file=sys.__stdout__, flush=True); print("e")
            os.system("echo f"); sys.stdout.buffer.write(b"g\\n"); c.puts(b"h")
        """,
    )
    assert texts(records) == {"one": "a\nb\nc\nd\ne\nf\ng\nh\n"}


def test_a_tight_loop_of_prints_comes_in_few_pieces(tmp_path: Path) -> None:
    records, _, _ = run(
        tmp_path,
        """
        with CellOutput(deliver, interval=30) as output, output.cell("one"):
            for n in range(10000): print(n)
        """,
    )
    assert len(records) <= 2
    assert texts(records)["one"].split() == [str(n) for n in range(10000)]


def test_flush_hands_over_at_once_and_without_an_interval_so_does_print(tmp_path: Path) -> None:
    records, _, _ = run(
        tmp_path,
        """
        with CellOutput(deliver, interval=30) as output:
            print("flushed", flush=True)
            assert "flushed" in open(sys.argv[1]).read()
        with CellOutput(deliver, interval=0) as output:
            print("printed")
            assert "printed" in open(sys.argv[1]).read()
        """,
    )
    assert texts(records) == {"": "flushed\nprinted\n"}


def test_a_long_lived_thread_may_choose_to_follow_the_current_cell(tmp_path: Path) -> None:
    records, _, _ = run(
        tmp_path,
        """
        turn, done = threading.Semaphore(0), threading.Semaphore(0)

        def report():
            with follow_current_cell():
                for n in range(3):
                    turn.acquire(); print("report", n); done.release()
            print("own again"); done.release()

        def step():
            turn.release(); assert done.acquire(timeout=10)

        with CellOutput(deliver) as output:
            with output.cell("first"):
                threading.Thread(target=report).start(); step()
            with output.cell("second"):
                step()
            step(); assert done.acquire(timeout=10)
        """,
    )
    assert texts(records) == {"first": "report 0\nown again\n", "second": "report 1\nreport 2\n"}


def test_threads_of_threads_inherit_and_nothing_is_left_replaced(tmp_path: Path) -> None:
    records, out, _ = run(
        tmp_path,
        """
        from concurrent.futures import ThreadPoolExecutor
        before = threading.Thread.start, ThreadPoolExecutor.submit, sys.stdout, sys.stderr
        descriptors = sorted(os.listdir("/proc/self/fd")) if sys.platform == "linux" else []
        with CellOutput(deliver) as output:
            with output.cell("first"):
                def outer():
                    thread = threading.Thread(target=print, args=("inner",)); thread.start(); thread.join()
                thread = threading.Timer(0, outer); thread.start(); thread.join()
        assert before == (threading.Thread.start, ThreadPoolExecutor.submit, sys.stdout, sys.stderr)
        assert threading.active_count() == 1
        assert not descriptors or descriptors == sorted(os.listdir("/proc/self/fd"))
        print("as before"); os.write(1, b"")
        """,
    )
    assert texts(records) == {"first": "inner\n"}
    assert out == "as before\n"


def test_the_streams_are_what_programs_expect(tmp_path: Path) -> None:
    records, _, _ = run(
        tmp_path,
        r"""
        with CellOutput(deliver) as output, output.cell("one"):
            for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
                assert stream.fileno() == number and not stream.isatty() and stream.writable()
                assert (stream.encoding, stream.errors) == ("utf-8", "backslashreplace")
                assert stream.name in ("<stdout>", "<stderr>") and not stream.closed
                assert stream.buffer.fileno() == number
                stream.reconfigure(encoding="latin-1")
            try:
                sys.stdout.write(b"bytes")
            except TypeError as error:
                assert "bytes" in str(error)
            sys.stdout.writelines(["l", "1\n"])
            sys.stdout.buffer.write("ü".encode()[:1]); sys.stdout.buffer.write("ü\n".encode()[1:])
            print("lone \ud800 surrogate", file=sys.stdout)
            sys.stdout.close(); print("still there")
            subprocess.run([sys.executable, "-c", "print('child')"], stdout=sys.stdout, check=True)
        """,
    )
    assert texts(records) == {"one": "l1\nü\nlone \\ud800 surrogate\nstill there\nchild\n"}


@pytest.mark.parametrize(
    ("deliver", "kept"),
    [
        ("def deliver(output): raise OSError('gone')", "a\nb\n"),
        ("def deliver(output): raise SystemExit", "a\nb\n"),
        ("def deliver(output): print('echo', output.text, end='')", "echo a\nb\n"),
        ("never = threading.Event()\ndef deliver(output): never.wait()", ""),
    ],
)
def test_a_hostile_host_never_breaks_print(tmp_path: Path, deliver: str, kept: str) -> None:
    code = (
        f"{deliver}\n"
        "(output := CellOutput(deliver)).open()\n"
        "with output.cell('one'):\n"
        "    print('a'); print('b')\n"
        "print('c' * 9_000_000); sys.stdout.flush()\n"
        "output.close()\n"
        "print('after')\n"
    )
    _, out, _ = run(tmp_path, code)
    assert out.startswith(kept)
    assert out.endswith("after\n")


def test_what_a_host_does_not_take_is_bounded_and_its_loss_is_told(tmp_path: Path) -> None:
    records, _, _ = run(
        tmp_path,
        """
        taken, late = [], threading.Event()
        def slow(output):
            late.wait(20); taken.append(output)
        with CellOutput(slow) as output:
            with output.cell("one"):
                print("first", flush=True)
                for n in range(300): print(f"{n:5}" * 20_000)
                late.set()
        assert sum(len(each.text) for each in taken) < 9_000_000
        assert any("characters of output are lost" in each.text for each in taken)
        assert "299" in taken[-1].text
        """,
    )
    assert records == []


@posix
def test_a_forked_child_writes_to_its_cell_and_prints_nothing_twice(tmp_path: Path) -> None:
    records, out, err = run(
        tmp_path,
        """
        import multiprocessing
        context = multiprocessing.get_context("fork")
        with CellOutput(deliver, interval=30) as output:
            with output.cell("first"):
                print("before ")
                late = context.Process(target=lambda: (time.sleep(0.3), print("late child")))
                late.start()
                child = context.Process(target=print, args=("child",)); child.start(); child.join()
                print("after")
            with output.cell("second"):
                late.join(); print("second")
                child = os.fork()
                if not child:
                    print("raw"); sys.exit(0)
                os.waitpid(child, 0)
        """,
    )
    assert texts(records) == {"first": "before \nchild\nafter\nlate child\n", "second": "second\nraw\n"}
    assert texts(records, "stderr") == {}  # from Python 3.12 on a fork beside a thread brings a warning
    assert (out, err) == ("", "")


def test_what_was_printed_is_kept_when_the_host_fails_or_leaves(tmp_path: Path) -> None:
    for end, status in (("raise RuntimeError('fails')", 1), ("sys.exit(3)", 3)):
        records, _, _ = run(
            tmp_path,
            f"""
            output = CellOutput(deliver, interval=30)
            output.open()
            print("printed"); os.write(1, b"written\\n")
            threading.Thread(target=lambda: (time.sleep(0.1), print("by the last thread"))).start()
            {end}
            """,
            status=status,
        )
        assert "printed\nwritten\n" in texts(records)[""]
        assert "by the last thread" in texts(records)[""]
        (tmp_path / "notes").unlink()


@posix
def test_a_crash_is_told_on_the_former_standard_error(tmp_path: Path) -> None:
    records, _, err = run(
        tmp_path,
        """
        import faulthandler, signal
        faulthandler.enable()
        output = CellOutput(deliver)
        output.open()
        with output.cell("one"):
            print("last words", flush=True)
            os.kill(os.getpid(), signal.SIGSEGV)
        """,
        status=-11,
    )
    assert "Fatal Python error: Segmentation fault" in err
    assert texts(records) == {"one": "last words\n"}


@posix
def test_a_process_without_standard_output_can_be_a_host(tmp_path: Path) -> None:
    records, _, _ = run(
        tmp_path,
        """
        os.close(1)
        with CellOutput(deliver) as output, output.cell("one"):
            print("a"); os.write(1, b"b\\n"); os.system("echo c")
        try:
            os.fstat(1)
        except OSError:
            deliver(StreamText("", "stdout", "closed again", True))
        """,
    )
    assert texts(records) == {"one": "a\nb\nc\n", "": "closed again"}


def test_a_second_host_of_the_same_process_is_refused(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
        with CellOutput(deliver):
            try:
                CellOutput(deliver).open()
            except RuntimeError as error:
                deliver.told = str(error)
        assert "already" in deliver.told
        CellOutput(deliver).close()
        """,
    )


@posix
def test_many_children_that_live_on_take_no_descriptors_without_end(tmp_path: Path) -> None:
    records, _, _ = run(
        tmp_path,
        """
        children = []
        with CellOutput(deliver) as output:
            for n in range(100):
                with output.cell(str(n)):
                    children.append(subprocess.Popen(["cat"], stdin=subprocess.PIPE))
                    os.write(1, b"%d\\n" % n)
            assert len(os.listdir("/dev/fd")) < 100 + 2 * 70
            for child in children: child.communicate(b"end\\n")
        """,
    )
    found = texts(records)
    assert all(found[str(n)].startswith(f"{n}\n") for n in range(100))
    assert found["3"] == "3\nend\n"


def test_the_terminal_pays_nothing(home: Path) -> None:
    code = "import sys; from ipcore.__main__ import main; main(['--no-banner'])\n"
    code += "print(sys.stdout is sys.__stdout__)\n"
    code += "print([name for name in sys.modules if name.startswith('ipcore.output')])"
    typed = "import sys\nassert sys.stdout is sys.__stdout__\n"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=typed,
        capture_output=True,
        text=True,
        env=dict(os.environ),
        timeout=60,
    )
    assert done.stdout.endswith("True\n[]\n")


def test_in_a_terminal_cells_write_themselves_and_the_prompt_gets_the_rest(tmp_path: Path) -> None:
    records, out, _ = run(
        tmp_path,
        """
        go, done = threading.Event(), threading.Event()
        with CellOutput(deliver, terminal=True) as output:
            print("before")
            with output.cell("one"):
                print("cell", flush=True); os.write(1, b"below\\n"); os.system("echo child")
                def late():
                    go.wait(10); print("late"); os.write(1, b"late below\\n"); done.set()
                threading.Thread(target=late).start()
                with output.cell("nested"): print("nested", flush=True); os.write(1, b"nested below\\n")
                print("cell again", flush=True); os.write(1, b"below again\\n")
            os.write(output.descriptor("stdout"), b"the host's own\\n")
            go.set(); assert done.wait(10)
        print("after")
        """,
    )
    own = ["cell", "below", "child", "nested", "nested below", "cell again", "below again"]
    assert out.split("\n") == [*own, "the host's own", "after", ""]
    assert texts(records) == {"": "before\nlate below\n", "one": "late\n"}
    assert all(each["at_prompt"] for each in records)


@posix
def test_in_a_terminal_programs_still_see_one(tmp_path: Path) -> None:
    import pty

    code = "print(sys.stdout.isatty(), os.isatty(1), sys.stdout.encoding)"
    script = HOST + (
        "with CellOutput(deliver, terminal=True) as output:\n"
        f"    with output.cell('one'): {code}\n"
        "    print(sys.stdout.isatty(), os.isatty(1))\n"
    )
    master, slave = pty.openpty()
    try:
        notes = str(tmp_path / "notes")
        subprocess.run(
            [sys.executable, "-c", script, notes], stdout=slave, stderr=slave, timeout=60, check=True
        )
        assert os.read(master, 1000).split() == [b"True", b"True", b"utf-8"]
    finally:
        os.close(master)
        os.close(slave)
    assert texts([json.loads(line) for line in Path(notes).read_text().splitlines()]) == {"": "True False\n"}
