"""What a first completion imports: what proposes at this place, and nothing else."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.metadata import distribution
from typing import Any

import pytest

from ipcompleters.serving import PROVIDERS, provider
from ipcore.testing import assert_lazy
from ipcore.types.completion import CompletionRequest

#: Modules that no list of providers needs.
SEEN_LATER = (
    "arguments characters commands imports keys literals magics names options paths static_analysis".split()
)

#: Text → modules of providers that have nothing to say there.
IDLE = {
    "os.pa": "arguments commands imports keys literals names options paths characters",
    "import jso": "arguments keys literals options characters static_analysis",
    "pri": "arguments commands imports keys literals options paths characters",
    "!ls": "arguments imports keys literals options characters static_analysis",
}


def test_each_entry_point_has_a_provider_of_the_name_that_it_has_once_made() -> None:
    declared = {
        each.name: each.value
        for each in distribution("ipcompleters").entry_points
        if each.group == "ipshell.completers"
    }
    assert declared == {key: f"ipcompleters.plugin:{key}" for key in PROVIDERS}
    for name, module, kind, *_ in PROVIDERS.values():
        assert getattr(import_module(f"ipcompleters.{module}"), kind).name == name


def test_two_threads_make_a_provider_once(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2)
    made: list[object] = []

    class Kind:
        def __init__(self, shell: object) -> None:
            made.append(self)
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(0.5)  # for another one that is being made too

        def complete(self, request: object) -> list[object]:
            return [self]

    monkeypatch.setattr("ipcompleters.names.NameProvider", Kind)
    shell: Any = None
    names = provider("names", shell)
    request = CompletionRequest("pri", 3)
    with ThreadPoolExecutor(2) as threads:
        prepared = threads.submit(names.prepare)
        asked = threads.submit(names.complete, request)
        prepared.result(30)
        assert list(asked.result(30)) == made
    assert len(made) == 1


def test_listing_providers_imports_none() -> None:
    assert_lazy(["-c", "get_ipython().completer.sources"], [f"ipcompleters.{each}" for each in SEEN_LATER])


@pytest.mark.parametrize("text", IDLE)
def test_a_place_imports_what_it_needs_alone(text: str) -> None:
    code = f"import os; get_ipython().completer.completions({text!r})"
    assert_lazy(["-c", code], [f"ipcompleters.{each}" for each in IDLE[text].split()])


@pytest.mark.parametrize("text", ["os.pa", "pri"])
def test_a_first_completion_that_was_prepared_imports_nothing(text: str) -> None:
    code = f"""
import os, sys
completer = get_ipython().completer
completer.off = ["jedi"]
completer.prepare()
before = set(sys.modules)
assert completer.completions({text!r})
new = [each for each in sys.modules if each not in before]
assert not new, new
"""
    done = subprocess.run(
        [sys.executable, "-m", "ipcore", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
