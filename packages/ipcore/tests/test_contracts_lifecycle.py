"""What the contracts of lifecycle plugins and of event listeners catch, and in which words."""

from __future__ import annotations

import textwrap

import pytest
from contract_trials import Plugin, judge


def told(finished: str, before: str = "", hook: str = "ipshell_cell_finished(result)") -> str:
    """Give a plugin whose hook has a certain body."""
    return f"{before}\n@hookimpl\ndef {hook}:\n{textwrap.indent(textwrap.dedent(finished), ' ' * 4)}\n"


STARTED = "ipshell_cell_started(cell)"
CREATED = "ipshell_shell_created(shell)"

PLUGINS = {
    "good": Plugin(
        told("began[cell] = 1", "began = {}", STARTED) + told("assert began.pop(result.cell) == 1")
    ),
    "talking": Plugin(told("print(result.cell.label)"), attributes={"shows": True}),
    "naming": Plugin(told("shell.user_ns['mine'] = 1", hook=CREATED), attributes={"sets": ["mine"]}),
    "keeping": Plugin(told("kept.append(result)", "kept = []"), attributes={"keeps_results": True}),
    "talks": Plugin(
        told("print(result.cell.label)"),
        "cells_come_to_the_same_with_it",
        ("of a cell that gives a value, '6 * 7', the text on standard output is", "shows = True"),
    ),
    "shows_values": Plugin(
        told("log.append(f'{result.result!r}')", "log = []"),
        "cells_come_to_the_same_with_it",
        (
            "at a cell whose value cannot be shown, ipshell_cell_finished failed: ValueError: no",
            "shows_values.py",
        ),
    ),
    "wants_trees": Plugin(
        told("ast.parse(cell.source)", "import ast", STARTED),
        "cells_come_to_the_same_with_it",
        (
            "at a cell that cannot be parsed, ipshell_cell_started failed: SyntaxError",
            "some fail before they run",
        ),
    ),
    "one_at_a_time": Plugin(
        told("assert not running; running.append(cell)", "running = []", STARTED) + told("running.pop()"),
        "cells_come_to_the_same_with_it",
        ("at a cell that runs another, ipshell_cell_started failed", "some run others"),
    ),
    "changes_results": Plugin(
        told("result.result = str(result.result)"),
        "cells_come_to_the_same_with_it",
        ("the kind of value is 'str', and without the plugin 'int'", "it changes nothing"),
    ),
    "keeps": Plugin(
        told("kept.append(result)", "kept = []"),
        "it_does_not_keep_results",
        ("it keeps the results of cells", "keeps_results = True"),
    ),
    "names": Plugin(
        told("get_ipython().user_ns['last'] = 1", "from ipcore import get_ipython"),
        "it_leaves_the_users_names_alone",
        ("it sets variables of the user's: last", "sets = ('name',)"),
    ),
    "moves": Plugin(
        told("os.environ['CELLS'] = '1'", "import os"),
        "it_leaves_the_process_as_it_is",
        ("a cell that it is told of changes os.environ.",),
    ),
    "thread_left": Plugin(
        told(
            "threading.Thread(target=ended.wait, args=(60,), daemon=True, name='my-writer').start()",
            "import threading\nended = threading.Event()",
            CREATED,
        ),
        "closing_the_shell_leaves_nothing_behind",
        ("after the shell is closed there are left: thread my-writer", "ipshell_shell_closing(shell)"),
    ),
    "cannot_close": Plugin(
        told("del opened[shell]", "opened = {}", "ipshell_shell_closing(shell)"),
        "it_is_told_once_that_the_shell_closes",
        ("ipshell_shell_closing: KeyError",),
    ),
}


def listener(callback: str, register: str = "shell.events.register('post_run_cell', note)") -> str:
    """Give a plugin with a callback that has a certain body, registered in a certain way."""
    return (
        f"seen = []\n\n@hookimpl\ndef {CREATED}:\n    def note(result):\n"
        f"{textwrap.indent(textwrap.dedent(callback), ' ' * 8)}\n\n"
        f"{textwrap.indent(textwrap.dedent(register), ' ' * 4)}\n"
    )


LISTENERS = {
    "good": Plugin(listener("seen.append(result.cell.number)")),
    "another_event": Plugin(
        listener("pass", "shell.events.register('post_execute', note)"),
        "it_registers_for_its_events",
        ("registered for post_execute, and not for post_run_cell",),
    ),
    "none_at_all": Plugin(
        listener("pass", "pass"),
        "it_registers_for_its_events",
        ("registered for no event", "shell.events.register('post_run_cell', f)"),
    ),
    "misspelt": Plugin(
        listener("pass", "shell.events.register('after_cell', note)"),
        "it_registers_for_its_events",
        ("there is no event 'after_cell'",),
    ),
    "no_argument": Plugin(
        listener("pass").replace("note(result)", "note()"),
        "its_callbacks_take_what_they_are_given",
        (
            "its callback of post_run_cell, ",
            "note(), cannot be called: too many positional",
            "called with (result)",
        ),
    ),
    "fails_at_errors": Plugin(
        listener("seen.append(len(str(result.error_in_exec.args[0])))"),
        "its_callbacks_survive_every_cell",
        ("at a cell that gives a value, '6 * 7', a callback fails", "AttributeError"),
    ),
    "newest_shell": Plugin(
        listener(
            "pass",
            "import builtins, ipcore\nseen.append(shell)\nseen[0].events.register('post_run_cell', note)",
        ),
        "each_shell_has_its_own",
        ("in a second shell its callbacks are registered for no event", "not on get_ipython()'s"),
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("lifecycle"), "LifecycleContract", PLUGINS)


@pytest.fixture(scope="module")
def listeners(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    plugins = {
        key: each._replace(attributes={"events": ["post_run_cell"]}) for key, each in LISTENERS.items()
    }
    return judge(tmp_path_factory.mktemp("events"), "EventListenerContract", plugins)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_lifecycle_plugin(judged: dict[str, str], key: str) -> None:
    check(judged[key], PLUGINS[key])


@pytest.mark.parametrize("key", LISTENERS)
def test_an_author_is_told_what_is_wrong_with_a_listener(listeners: dict[str, str], key: str) -> None:
    check(listeners[key], LISTENERS[key])


def check(said: str, plugin: Plugin) -> None:
    assert bool(said) == bool(plugin.fails), said
    for word in plugin.says:
        assert word in said, said
