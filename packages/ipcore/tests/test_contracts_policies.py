"""What the contract of policies catches, and in which words. The core has no policy of its own."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest
from contract_trials import Plugin, judge

from ipcore.errors import PolicyError
from ipcore.testing import TestedShell
from ipcore.testing.contracts import PolicyContract
from ipcore.types.policies import Kind, Request

FIRST = "from ipcore.types.policies import ALLOW, Decision, Request, ask, refuse\n"

#: What the policies below say that they decide.
SAYS = """
from ipcore.types.policies import Request

refuses = [Request("system", "rm notes.txt", "keyboard")]
allows = [Request("system", "ls", "keyboard"), Request("cell", "1", "remote")]
"""


def policy(decide: str, attributes: str = "name = 'no rm'") -> str:
    """Give a plugin with a policy whose ``decide`` has a certain body."""
    return (
        f"{FIRST}import sqlite3\n\nclass NoRm:\n    {attributes}\n\n    def __init__(self, shell):\n"
        "        self.shell = shell; self.asked = 0; self.db = sqlite3.connect(':memory:')\n\n"
        f"    def decide(self, request):\n{textwrap.indent(textwrap.dedent(decide), ' ' * 8)}\n\n"
        "@hookimpl\ndef ipshell_policies(shell):\n    return [NoRm(shell)]\n"
    )


GOOD = """
if request.kind == "system" and request.text.split()[:1] == ["rm"]:
    return refuse("nothing is deleted from here")
return ALLOW
"""

POLICIES = {
    "good": Plugin(policy(GOOD)),
    "asking": Plugin(
        policy(f"if request.origin == 'remote':\n    return ask('it was not typed here')\n{GOOD}"),
        body=SAYS.replace('Request("cell", "1", "remote")', "")
        + "asks = [Request('cell', '1', 'remote'), Request('file', 'a.py', 'remote')]\n",
    ),
    "cells": Plugin(
        policy("return refuse('no imports') if 'import' in request.text else ALLOW"),
        body="from ipcore.types.policies import Request\n"
        "refuses = [Request('cell', 'import os', 'keyboard'), Request('cell', 'import os', 'remote')]\n",
    ),
    "files_and_magics": Plugin(
        policy("return refuse('not here') if request.kind in ('file', 'magic') else ALLOW"),
        body="from ipcore.types.policies import Request\n"
        "refuses = [Request('file', 'a.py', 'program'), Request('magic', '%run a.py', 'keyboard'), "
        "Request('magic', '%%bash x\\nls\\n', 'paste')]\n",
    ),
    "beginning": Plugin(
        policy(GOOD.replace('request.text.split()[:1] == ["rm"]', 'request.text.startswith("rm ")')),
        "blanks_do_not_help",
        ("it refuses the command 'rm notes.txt', and allows '  rm notes.txt'", "request.text.split()"),
    ),
    "allows": Plugin(
        policy("return ALLOW"),
        "it_decides_as_it_says",
        ("of system 'rm notes.txt', origin keyboard, it says allow, not refuse",),
    ),
    "no_reason": Plugin(
        policy(GOOD.replace('"nothing is deleted from here"', '""')),
        "it_decides_as_it_says",
        ("says refuse, and gives no reason", "the person is shown it"),
    ),
    "true": Plugin(
        policy("return request.text != 'rm notes.txt'"),
        "it_decides_as_it_says",
        ("gives False.", "Return ALLOW, ask(reason) or refuse(reason)"),
    ),
    "raises": Plugin(
        policy("return refuse('no') if request.text.split()[0] == 'rm' else ALLOW"),
        "it_decides_about_anything",
        ("decide(cell '', origin keyboard) raised IndexError", "whatever it raises refuses too"),
    ),
    "parses": Plugin(
        policy(f"import shlex\nshlex.split(request.text)\n{GOOD}"),
        "it_decides_about_anything",
        ("raised ValueError", "No escaped character"),
    ),
    "one_thread": Plugin(
        policy(f"self.db.execute('select 1')\n{GOOD}"),
        "it_decides_in_any_thread",
        ("in another thread", "ProgrammingError", "Keep nothing that belongs to one thread"),
    ),
    "first_time": Plugin(
        policy(f"self.asked += 1\nif self.asked > 3:\n    return ALLOW\n{GOOD}"),
        "what_it_refuses_does_not_happen",
        ("is refused when it is asked, but not by the cell", "nothing is done in a test", "at a count"),
    ),
    "uses_the_shell": Plugin(
        policy(f"self.shell.getoutput('id')\n{GOOD}"),
        "it_decides_as_it_says",
        ("raised PolicyError", "It must not run anything in the shell"),
    ),
    "no_name": Plugin(
        policy(GOOD, "pass"),
        "it_decides_as_it_says",
        ("the name of its policy NoRm is None", "to whom it refuses"),
    ),
    "no_decide": Plugin(
        policy(GOOD).replace("def decide", "def judge"),
        "it_decides_as_it_says",
        ("its policy NoRm has no decide()",),
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    plugins = {key: each if each.body else each._replace(body=SAYS) for key, each in POLICIES.items()}
    return judge(tmp_path_factory.mktemp("policies"), "PolicyContract", plugins)


@pytest.mark.parametrize("key", POLICIES)
def test_an_author_is_told_what_is_wrong_with_a_policy(judged: dict[str, str], key: str) -> None:
    plugin, said = POLICIES[key], judged[key]
    assert bool(said) == bool(plugin.fails), said
    for word in plugin.says:
        assert word in said, said


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("system", "{python} -c \"open('trace', 'w')\""),
        ("cell", "open('trace', 'w').close()"),
        ("magic", "%leave_trace now"),
        ("magic", "%%leave_trace\nnow\n"),
        ("file", "trace.py"),
    ],
)
def test_nothing_is_done_that_a_policy_lets_through(
    kind: Kind, text: str, shell: TestedShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Permissive(PolicyContract):
        refuses = [Request(kind, text.format(python=sys.executable), "keyboard")]

    def leave_trace(*given: str) -> None:
        Path("trace").write_text("", encoding="utf-8")

    monkeypatch.chdir(tmp_path)
    shell.magics.register_function(leave_trace, "line_cell")
    attempts = list(Permissive().attempts(shell, Permissive.refuses[0]))
    assert len(attempts) >= (1 if kind == "file" else 4)
    for way, error in attempts:
        assert isinstance(error, PolicyError), way
        assert "the test's own gate" in str(error), way
    assert not Path("trace").exists()
    assert not list(tmp_path.glob("trace*"))
