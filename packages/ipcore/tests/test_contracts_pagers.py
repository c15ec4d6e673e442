"""The contract of pagers catches those that do not keep to it."""

from __future__ import annotations

import pytest
from contract_trials import Plugin, judge


def pager(body: str) -> str:
    return (
        "import sys, time\nfrom ipcore.errors import TryNext\n\n"
        "class Own:\n    def show(self, text, start):\n"
        f"        {body}\n\n@hookimpl\ndef ipshell_pager(name):\n    return Own()\n"
    )


def refusing(body: str) -> str:
    return pager(f"if not sys.stdin.isatty(): raise TryNext('no terminal')\n        {body}")


PLUGINS = {
    "prints": Plugin(pager("print(text)")),
    "leaves": Plugin(refusing("raise SystemExit")),
    "silent": Plugin(
        pager("pass"), "without_a_terminal_it_comes_back", ("and not the text", "raise ipcore.errors.TryNext")
    ),
    "waits": Plugin(
        pager("time.sleep(60)"),
        "without_a_terminal_it_comes_back",
        ("does not come back within 0.5 s",),
        {"deadline": 0.5},
    ),
    "reads": Plugin(
        pager("print(text); input()"),
        "without_a_terminal_it_comes_back",
        ("raised EOFError", "is no terminal"),
    ),
    "lacking": Plugin(
        "@hookimpl\ndef ipshell_pager(name):\n    return print\n",
        "the_shell_knows_it_by_its_name",
        ("has no show()",),
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return judge(tmp_path_factory.mktemp("pagers"), "PagerContract", PLUGINS)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_pager(judged: dict[str, str], key: str) -> None:
    said = judged[key]
    assert bool(said) == bool(PLUGINS[key].fails), said
    for word in PLUGINS[key].says:
        assert word in said, said
