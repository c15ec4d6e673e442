"""A host driven by messages: what is asked, printed and interrupted arrives where it belongs."""

from __future__ import annotations

import json
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

#: Seconds for any answer.
PATIENCE = 15

Message = dict[str, Any]


class Client:
    """The other end: sends messages, keeps all that comes back."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(PATIENCE)
            host = Path(__file__).with_name("message_host.py")
            self.process = subprocess.Popen(
                [sys.executable, str(host), str(server.getsockname()[1])],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self._socket, _ = server.accept()
        self._arriving: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.messages: list[Message] = []
        self.see("ready")

    def _read(self) -> None:
        with self._socket.makefile("r", encoding="utf-8") as lines:
            for line in lines:
                self._arriving.put(json.loads(line))
        self._arriving.put(None)

    def send(self, kind: str, **content: Any) -> None:
        self._socket.sendall((json.dumps({"kind": kind, **content}) + "\n").encode())

    def execute(self, cell: str, code: str, **options: Any) -> None:
        self.send("execute", id=cell, code=code, **options)

    def see(self, kind: str, cell: str | None = None, **content: Any) -> Message:
        """Wait for a message of a kind, of a cell, with that content."""

        def meant(message: Message) -> bool:
            wanted = {"kind": kind, **content, **({} if cell is None else {"cell": cell})}
            return all(message.get(name) == value for name, value in wanted.items())

        return self.see_such(meant, f"{kind} {cell} {content}")

    def see_such(self, meant: Callable[[Message], bool], what: str) -> Message:
        while True:
            try:
                message = self._arriving.get(timeout=PATIENCE)
            except queue.Empty:
                message = None
            if message is None:
                self.process.kill()
                raise AssertionError(f"not seen: {what}\n{self.messages}\n{self.process.communicate()}")
            self.messages.append(message)
            if meant(message):
                return message

    def interrupt(self, cell: str, end: str, **content: Any) -> Message:
        """Interrupt a running cell; give the message that tells of its end, which may be there first."""
        self.send("interrupt", id="i")
        told: dict[str, Message] = {}
        while len(told) < 2:
            message = self.see_such(
                lambda each: (
                    each["kind"] == "interrupted"
                    or (each["kind"] == end and each["cell"] == cell and content.items() <= each.items())
                ),
                f"interrupted, and {end} of {cell}",
            )
            told[message["kind"]] = message
        assert told["interrupted"]["done"]
        return told[end]

    def printed(self, cell: str, text: str) -> Message:
        """Wait until a text is printed by a cell."""
        return self.see_such(
            lambda message: (
                message["kind"] == "stream" and message["cell"] == cell and text in message["text"]
            ),
            f"{text!r} of {cell}",
        )

    def run(self, cell: str, code: str) -> Message:
        """Run a cell to its end; give its result or error."""
        self.execute(cell, code)
        ended = self.see_such(
            lambda message: message["kind"] in ("result", "error") and message["cell"] == cell,
            f"{cell}'s end",
        )
        self.see("status", cell, state="idle")
        return ended

    def settle(self) -> None:
        """Wait until the main thread is idle, which is after the cell has said so."""
        text = "busy"
        while text == "busy":
            self.send("inspect", id="settled", name="int")
            text = self.see("inspection", "settled")["text"]

    def texts(self, cell: str, name: str = "stdout") -> str:
        return "".join(
            each["text"]
            for each in self.messages
            if each["kind"] == "stream" and each["cell"] == cell and each["name"] == name
        )

    def end(self) -> tuple[int, str]:
        """Wait for the end of the process; give its status and what came out of it."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out + err

    def close(self) -> None:
        self._socket.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def client(home: Path) -> Iterator[Client]:
    made = Client()
    yield made
    made.close()


def test_all_that_comes_of_a_cell_carries_its_identifier(client: Client) -> None:
    client.execute("a", "print('out'); import sys; print('err', file=sys.stderr); 6 * 7")
    client.execute("b", "print('before'); 1 / 0")
    client.execute("c", "nonsense nonsense")
    client.see("status", "c", state="idle")
    rest = [each for each in client.messages if each["kind"] not in ("stream", "ready")]
    assert rest == [
        {"kind": "status", "cell": "a", "state": "busy"},
        {"kind": "result", "cell": "a", "number": 1, "value": "42"},
        {"kind": "status", "cell": "a", "state": "idle"},
        {"kind": "status", "cell": "b", "state": "busy"},
        {"kind": "error", "cell": "b", "name": "ZeroDivisionError", "text": "division by zero"},
        {"kind": "status", "cell": "b", "state": "idle"},
        {"kind": "status", "cell": "c", "state": "busy"},
        {"kind": "error", "cell": "c", "name": "SyntaxError", "text": rest[7]["text"]},
        {"kind": "status", "cell": "c", "state": "idle"},
    ]
    assert client.texts("a") == "out\nOut[1]: 42\n"
    assert client.texts("a", "stderr") == "err\n"
    assert client.texts("b") == "before\n"
    assert client.texts("b", "stderr").endswith("ZeroDivisionError: division by zero\n")
    # What a cell printed has arrived before it is over.
    last = max(
        at for at, each in enumerate(client.messages) if each["kind"] == "stream" and each["cell"] == "a"
    )
    assert last < client.messages.index({"kind": "result", "cell": "a", "number": 1, "value": "42"})


def test_two_cells_that_are_queued_run_in_order(client: Client) -> None:
    client.execute("first", "import time; time.sleep(0.2); order = ['first']")
    client.execute("second", "order.append('second')")
    assert client.run("third", "order")["value"] == "['first', 'second']"


#: Who writes now, and once more when the file ``go`` is there.
WRITERS = {
    "thread": "start(lambda: (print('now'), wait(), print('later')))",
    "task": "t = asyncio.create_task(work()); await asyncio.sleep(0.01)",
    "subprocess": "subprocess.Popen([sys.executable, '-c', CHILD]); wait('started')",
    "C write": "start(lambda: (os.write(1, b'now'), started(), wait(), os.write(1, b'later'))); "
    "wait('started')",
}

PRELUDE = """\
import asyncio, os, subprocess, sys, threading, time
folder = {folder!r}

def wait(name='go'):
    while not os.path.exists(os.path.join(folder, name)):
        time.sleep(0.01)

def started():
    open(os.path.join(folder, "started"), "w").close()

def start(function):
    threading.Thread(target=function).start()

async def work():
    print('now')
    while not os.path.exists(os.path.join(folder, 'go')):
        await asyncio.sleep(0.01)
    print('later')

CHILD = f'''
import os, time
print("now", flush=True)
open(os.path.join({folder!r}, "started"), "w").close()
while not os.path.exists(os.path.join({folder!r}, "go")):
    time.sleep(0.01)
print("later")
'''
"""


@pytest.mark.parametrize("writer", WRITERS)
def test_output_while_the_cell_runs_is_the_cells(client: Client, tmp_path: Path, writer: str) -> None:
    client.run("prelude", PRELUDE.format(folder=str(tmp_path)))
    wait = "while not t.done(): await asyncio.sleep(0.01)" if writer == "task" else "time.sleep(100)"
    client.execute("a", f"{WRITERS[writer]}\n{wait}")
    assert not client.printed("a", "now")["at_prompt"]
    (tmp_path / "go").touch()
    assert not client.printed("a", "later")["at_prompt"]


@pytest.mark.parametrize("then", ["the prompt", "another cell"])
@pytest.mark.parametrize("writer", WRITERS)
def test_output_after_the_cell_has_ended_is_still_its_own(
    client: Client, tmp_path: Path, writer: str, then: str
) -> None:
    client.run("prelude", PRELUDE.format(folder=str(tmp_path)))
    client.run("a", WRITERS[writer])
    if then == "another cell":
        busy = "await asyncio.sleep(100)" if writer == "task" else "time.sleep(100)"
        client.execute("b", f"print('in b'); {busy}")
        client.printed("b", "in b")
    (tmp_path / "go").touch()
    # Below Python it is the running cell's, or nobody's.
    owner = "a" if writer != "C write" else {"the prompt": "", "another cell": "b"}[then]
    assert client.printed(owner, "later")["at_prompt"] == (then == "the prompt")
    assert "now" in client.texts("a")


SLEEPER = "import time; time.sleep(100)"

BUSY = {
    "sleep": "import time; print('go'); time.sleep(100)",
    "loop": "print('go')\nwhile True: pass",
    "await": "import asyncio; print('go'); await asyncio.sleep(100)",
    "child": f"import subprocess, sys; print('go'); subprocess.run([sys.executable, '-c', '{SLEEPER}'])",
    "command": "!echo go; sleep 100",
    "lock": "import threading; print('go'); threading.Lock().acquire() and threading.Event().wait()",
    "input": "print('go'); input()",
}


@pytest.mark.parametrize("what", BUSY)
def test_an_interrupt_stops_the_cell_and_nothing_else(client: Client, what: str) -> None:
    client.run("before", "kept = 42")
    client.execute("a", BUSY[what])
    client.printed("a", "go")
    if what == "input":
        client.see("question", "a")
    ended = client.interrupt("a", "error")
    assert ended["name"] in ("KeyboardInterrupt", "CommandInterrupted")
    assert client.run("b", "kept")["value"] == "42"
    assert client.texts("b") == "Out[3]: 42\n"


def test_an_interrupt_at_the_prompt_does_nothing(client: Client) -> None:
    client.run("a", "1")
    client.settle()
    client.send("interrupt", id="i")
    client.see("interrupted", "i", done=False)
    assert client.run("b", "2")["value"] == "2"


def test_a_busy_host_is_not_deaf(client: Client) -> None:
    client.run("before", "value_of_mine = 42")
    client.execute("a", BUSY["loop"])
    client.printed("a", "go")
    client.send("complete", id="c", text="value_")
    assert client.see("completions", "c")["names"] == ["value_of_mine"]
    client.send("inspect", id="n", name="value_of_mine")
    assert client.see("inspection", "n")["text"] == "busy"
    client.send("interrupt", id="i")
    client.see("error", "a", name="KeyboardInterrupt")
    client.send("inspect", id="n", name="value_of_mine")
    assert "Value:     42" in client.see("inspection", "n")["text"]


ASKING = {
    "input": ("input('name? ')", "name? ", False),
    "getpass": ("__import__('getpass').getpass('secret? ')", "secret? ", True),
    "by name": ("from getpass import getpass as g\ng('secret? ')", "secret? ", True),
    "stdin": ("import sys\nsys.stdin.readline()[:-1]", "", False),
}


@pytest.mark.parametrize("how", ASKING)
def test_input_in_a_cell_asks_by_a_message(client: Client, how: str) -> None:
    code, prompt, hidden = ASKING[how]
    client.execute("a", f"print('before')\n{code}")
    question = client.see("question", "a")
    assert (question["prompt"], question["password"]) == (prompt, hidden)
    assert client.texts("a") == "before\n"  # what was printed before it has arrived before it
    client.send("answer", text="Ann")
    assert client.see("result", "a")["value"] == "'Ann'"


def test_input_is_an_error_where_the_client_answers_no_questions(client: Client) -> None:
    client.execute("a", "input('name? ')", has_input=False)
    error = client.see("error", "a")
    assert (error["name"], error["text"]) == (
        "NobodyToAsk",
        "the client that sent this cell answers no questions",
    )
    client.execute("b", "try: input()\nexcept EOFError: caught = True", has_input=False)
    assert client.run("c", "caught")["value"] == "True"


def test_the_question_of_a_thread_of_an_earlier_cell_is_that_cells(client: Client) -> None:
    client.run("a", "import threading; go = threading.Event(); said = []")
    client.run(
        "b", "threading.Thread(target=lambda: (go.wait(), said.append(input('name? '))), name='w').start()"
    )
    client.execute("c", "go.set()")
    question = client.see("question", "b")
    assert question["prompt"] == "Thread 'w' asks: name? "
    client.send("answer", text="Ann")
    assert client.run("d", "import time\nwhile not said: time.sleep(0.01)\nsaid")["value"] == "['Ann']"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_child_prints_into_its_cell_and_asks_nobody(client: Client) -> None:
    code = "try: input()\n    except EOFError as error: print(type(error).__name__, error)"
    client.run(
        "a", f"import os\nif not (child := os.fork()):\n    {code}\n    os._exit(0)\nos.waitpid(child, 0)"
    )
    assert client.texts("a").startswith("NobodyToAsk a forked process has nobody to ask")
    assert client.run("b", "6 * 7")["value"] == "42"


def test_shutdown_in_the_middle_of_a_cell_ends_cleanly(client: Client) -> None:
    client.execute("a", "import atexit; atexit.register(print, 'at exit')\n" + BUSY["loop"])
    client.printed("a", "go")
    client.send("shutdown")
    client.see("error", "a", name="KeyboardInterrupt")
    client.see("ended")
    assert client.end() == (0, "at exit\n")


def test_shutdown_at_a_question_and_the_end_of_the_client_end_cleanly(client: Client) -> None:
    client.execute("a", "input()")
    client.see("question", "a")
    client.send("shutdown")
    client.see("error", "a", name="EOFError")
    assert client.end() == (0, "")
    other = Client()
    other.execute("a", "print('go'); import time; time.sleep(100)")
    other.printed("a", "go")
    other._socket.shutdown(socket.SHUT_RDWR)
    assert other.end()[0] in (0, 1)
    other.close()


def test_what_is_left_of_a_host_that_dies_is_on_its_own_streams(client: Client) -> None:
    client.execute("a", "import os; print('last words', flush=True); os._exit(3)")
    client.printed("a", "last words")
    assert client.end()[0] == 3
