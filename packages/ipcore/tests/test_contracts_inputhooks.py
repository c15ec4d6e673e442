"""The core's event loop keeps to the contract, and the contract catches those that do not."""

from __future__ import annotations

import textwrap

import pytest
from contract_trials import Plugin, judge

from ipcore.testing.contracts.inputhooks import InputHookContract


class TestAsyncio(InputHookContract):
    plugin = "ipcore.plain.plugin"
    key = "asyncio"
    distribution = "ipshell-core"


# -- others, good and bad -------------------------------------------------------------

FRAME = """
import select
import time

@hookimpl
def ipshell_inputhook(name, shell):
    def run(context):
{body}
    return run
"""


def hook(body: str) -> str:
    """Give a plugin whose input hook has a certain body."""
    return FRAME.format(body=textwrap.indent(textwrap.dedent(body), "        "))


GOOD = """
with shell.inputhooks.stepping() as tasks:
    while not context.input_is_ready():
        watched, timeout = [context.fileno()], None
        if tasks is not None:
            timeout = tasks.step()
            watched.append(tasks.fileno())
        select.select(watched, [], [], timeout)
"""

PLUGINS = {
    "good": Plugin(hook(GOOD)),
    "no_tasks": Plugin(hook("select.select([context], [], [])"), attributes={"steps_tasks": False}),
    "returns": Plugin(
        hook("pass"),
        "it_comes_back_soon_when_another_thread_wakes_it",
        ("it comes back although nothing is ready", "Return when context.input_is_ready() is true"),
    ),
    "spins": Plugin(
        hook("while not context.input_is_ready(): pass"),
        "it_sleeps_while_there_is_nothing_to_do",
        ("times whether the context is ready", "watch context.fileno()"),
    ),
    "works": Plugin(
        hook("while not select.select([context], [], [], 0)[0]: pass"),
        "it_sleeps_while_there_is_nothing_to_do",
        ("s of processor time", "Have it sleep"),
    ),
    "polls": Plugin(
        hook("while not context.input_is_ready(): time.sleep(0.01)"),
        "it_sleeps_while_there_is_nothing_to_do",
        ("times whether the context is ready",),
    ),
    "slow": Plugin(
        hook("while not context.input_is_ready(): time.sleep(0.5)"),
        "it_comes_back_soon_when_another_thread_wakes_it",
        ("s after the context is ready", "watch context.fileno()"),
    ),
    "hangs": Plugin(
        hook("time.sleep(3600)"),
        "it_comes_back_at_once_when_something_is_ready",
        ("it did not come back within 1 s", "plugin_hangs.py", "in run"),
        {"deadline": 1.0},
    ),
    "reads": Plugin(
        hook("select.select([context], [], [])\nimport os; os.read(context.fileno(), 1)"),
        "it_does_not_read_from_the_descriptor",
        ("b'he keys' is left", "Only watch the descriptor"),
    ),
    "leaks_threads": Plugin(
        hook(
            "import threading\n"
            "threading.Thread(target=threading.Event().wait, daemon=True, name='watcher').start()\n"
            "select.select([context], [], [])"
        ),
        "it_works_again_and_again_and_leaves_nothing",
        ("it leaves 100 threads", "watcher"),
    ),
    "leaks_descriptors": Plugin(
        hook("import os\nos.dup(context.fileno())\nselect.select([context], [], [])"),
        "it_works_again_and_again_and_leaves_nothing",
        ("it leaves 100 descriptors open",),
    ),
    "no_steps": Plugin(
        hook("select.select([context], [], [])"),
        "asyncio_tasks_go_on_while_it_waits",
        (
            "did not come back",
            "an asyncio task that sleeps and counts",
            "with shell.inputhooks.stepping() as tasks",
            "steps_tasks = False",
        ),
        {"deadline": 1.0},
    ),
    "deaf": Plugin(
        hook(GOOD.replace("watched.append(tasks.fileno())", "pass")),
        "asyncio_tasks_go_on_while_it_waits",
        ("did not come back", "call_soon_threadsafe"),
        {"deadline": 1.0},
    ),
    "raises": Plugin(
        hook("raise LookupError('no display')"),
        "it_comes_back_at_once_when_something_is_ready",
        ("it raises LookupError: no display", "plugin_raises.py"),
    ),
    "dies": Plugin(
        hook("import os; os.abort()"),
        "it_comes_back_at_once_when_something_is_ready",
        ("the process ended with status", "called while the context is ready already"),
    ),
    "own_handler": Plugin(
        hook(
            "import signal; signal.signal(signal.SIGINT, lambda *_: None); "
            + "select.select([context], [], [])"
        ),
        "ctrl_c_brings_it_back_and_does_no_harm",
        ("the handler of Ctrl-C that the shell has set is not called",),
    ),
    "patches_asyncio": Plugin(
        hook("select.select([context], [], [])\nimport asyncio; asyncio.run = None"),
        "cells_have_no_running_loop_after_it",
        ("a cell fails with", "none of asyncio's functions changed"),
    ),
    "no_function": Plugin(
        "@hookimpl\ndef ipshell_inputhook(name, shell):\n    return 3\n",
        "it_comes_back_at_once_when_something_is_ready",
        ("ipshell_inputhook gives int", "Give a function of one argument"),
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("hooks"), "InputHookContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_hook(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
