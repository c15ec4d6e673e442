"""The project that type checkers read implements every family, and its check notices what it has to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module

import pytest

from ipcore.hookspecs import FAMILIES, Family
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.family import hook_names
from ipcore.plugins.registry import Registry
from tools import check_typing

SPECIFIED = [family for family in FAMILIES.values() if family.specs]


@pytest.fixture
def weather(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the name of the project's package, which can be imported."""
    monkeypatch.syspath_prepend(str(check_typing.PROJECT))
    yield "weather"
    for name in [name for name in sys.modules if name.partition(".")[0] == "weather"]:
        del sys.modules[name]


@pytest.mark.parametrize("family", SPECIFIED, ids=lambda family: str(family.name))
def test_the_project_implements_every_hook_of_every_family(family: Family, weather: str) -> None:
    module = f"{weather}.{family.name.replace('.', '_')}"
    plugin = Declared(family.name, "weather", module, "weather", "1.0")
    registry = Registry(builtin=(*BUILTIN, plugin))
    assert registry.load_plugin(plugin) == "loaded", [str(each) for each in registry.failures]
    assert registry.failures == []
    assert set(registry.implemented(plugin)) == hook_names(family)


def test_the_rest_of_the_project_can_be_imported(weather: str) -> None:
    for file in (check_typing.PROJECT / weather).glob("*.py"):
        import_module(f"{weather}.{file.stem}".removesuffix(".__init__"))


TEXT = "a = 1\nb = 2  # wrong\nc = 3  # wrong: mypy\nd = 4  # wrong: pyright\n"
MYPY = "mistakes.py:2: error: no b  [b]\nmistakes.py:3: error: no c  [c]\nmistakes.py:3: note: more\n"
PYRIGHT = "/x/mistakes.py:2:3 - error: no b (reportB)\n    more of it\n  /x/mistakes.py:4:1 - error: no d\n"


@pytest.mark.parametrize(("checker", "report"), [("mypy", MYPY), ("pyright", PYRIGHT)])
def test_a_report_of_all_mistakes_is_right(checker: str, report: str) -> None:
    pattern = check_typing.CHECKERS[checker][1]
    assert list(check_typing.judge(report, pattern, checker, TEXT)) == []


@pytest.mark.parametrize(
    ("report", "complaint"),
    [
        (MYPY.replace("mistakes.py:2: error", "mistakes.py:2: note"), "mistakes.py:2 is not reported: b = 2"),
        (MYPY + "mistakes.py:1: error: no a  [a]\n", "mistakes.py:1: error: no a"),
        (MYPY + "mistakes.py:4: error: no d  [d]\n", "mistakes.py:4: error: no d"),
        (MYPY + "weather/input.py:2: error: no e  [e]\n", "weather/input.py:2: error: no e"),
        ("", "mistakes.py:3 is not reported"),
    ],
)
def test_what_is_missing_from_a_report_or_too_much_is_told(report: str, complaint: str) -> None:
    pattern = check_typing.CHECKERS["mypy"][1]
    assert complaint in "\n".join(check_typing.judge(report, pattern, "mypy", TEXT))
