"""Tests as an author writes them with the test kit: its fixtures, and a contract for each family."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from ipcore.plugins.declared import Declared
from ipcore.testing import (
    CellOutcome,
    FakeDistributions,
    FakeSite,
    IsolatedRegistry,
    Leaks,
    ShellMaker,
    Terminal,
    Terminals,
    TestedShell,
    TmpPlugins,
    assert_lazy,
)
from ipcore.testing.contracts import (
    AstTransformerContract,
    CellMagicContract,
    ClipboardContract,
    CommandContract,
    CompletionProviderContract,
    EditorContract,
    FormatterContract,
    FrontendContract,
    HighlighterContract,
    HistoryContract,
    InputHookContract,
    InputTransformerContract,
    KeyBindingContract,
    LifecycleContract,
    LineMagicContract,
    PagerContract,
    PolicyContract,
    PromptsContract,
    PublisherContract,
    ThemeContract,
    TracebackContract,
)
from ipcore.types.display import Output
from ipcore.types.policies import Request

from .display import Temperature


class TestWind(LineMagicContract):
    plugin = "weather.line_magics"
    key = "wind"
    distribution = "weather"
    examples = {"here": "here 1"}
    mistakes = ["-x"]


class TestMeasured(CellMagicContract):
    plugin = "weather.cell_magics"
    key = "measured"
    distribution = None
    examples = {("", "a\nb\n"): 2}


class TestDegrees(InputTransformerContract):
    plugin = "weather.input"
    key = "weather"
    distribution = "weather"
    examples = {"20°": "20"}


class TestCelsius(AstTransformerContract):
    plugin = "weather.input"
    key = "weather"
    distribution = "weather"
    examples = {"x = 1": "x = 1"}
    rejects = ["fahrenheit"]


class TestNoStorms(PolicyContract):
    plugin = "weather.policies"
    key = "weather"
    distribution = "weather"
    refuses = [Request("system", "storm", "keyboard")]


class TestLifecycle(LifecycleContract):
    plugin = "weather.lifecycle"
    key = "weather"
    distribution = "weather"
    sets = {"weather"}


class TestPlaces(CompletionProviderContract):
    plugin = "weather.completers"
    key = "weather"
    distribution = "weather"
    examples = {"Ber": "Bergen"}
    silent = ["x"]


class TestStation(FrontendContract):
    plugin = "weather.frontends"
    key = "weather"
    distribution = "weather"
    at_terminal = False
    options = ["--no-banner"]

    def feed(self, folder: Path, cells: Sequence[str]) -> str:
        (folder / "cells").write_text("".join(cells))
        return ""


class TestPrompts(PromptsContract):
    plugin = "weather.prompts"
    key = "weather"
    distribution = "weather"


class TestForecaster(EditorContract):
    plugin = "weather.editors"
    key = "weather"
    distribution = "weather"
    knows_lines = True


class TestForecast(KeyBindingContract):
    plugin = "weather.key_bindings"
    key = "weather"
    distribution = "weather"
    examples = {"weather.forecast": ("x|", "x# sunny|"), "weather.run": ("x|", "x|")}


class TestClouds(PagerContract):
    plugin = "weather.pagers"
    key = "weather"
    distribution = "weather"
    deadline = 2.5


class TestMemory(ClipboardContract):
    plugin = "weather.clipboards"
    key = "weather"
    distribution = "weather"


class TestMetar(HighlighterContract):
    plugin = "weather.highlighters"
    key = "metar"
    distribution = None
    language = "metar"
    examples = {"a1": [("1", "code.number")]}


class TestSkyColours(ThemeContract):
    plugin = "weather.themes"
    key = "weather"
    distribution = "weather"
    contrast = 5
    dark = ("#000000", "#101010")


class TestTemperatures(FormatterContract):
    plugin = "weather.display"
    key = "weather"
    distribution = "weather"
    mime = "text/plain"
    examples = [(Temperature(3.0), "3.0 °C")]


class TestWindow(PublisherContract):
    plugin = "weather.display"
    key = "weather"
    distribution = "weather"
    takes = [Output({"text/plain": "mild"})]


class TestDiary(HistoryContract):
    plugin = "weather.history"
    key = "weather"
    distribution = "weather"
    keeps = False
    may = ["open"]


class TestShort(TracebackContract):
    plugin = "weather.tracebacks"
    key = "weather"
    distribution = "weather"
    terse = True


class TestVane(InputHookContract):
    plugin = "weather.inputhooks"
    key = "weather"
    distribution = "weather"


class TestCommand(CommandContract):
    plugin = "weather.commands"
    key = "weather"
    distribution = "weather"
    examples = {"here": "fair"}


def test_in_process(shell: TestedShell, make_shell: ShellMaker, tmp_plugin: TmpPlugins) -> None:
    plugin: Declared = tmp_plugin("line_magics", "wind", "weather.line_magics", version="2.0")
    outcome: CellOutcome = shell.run_cell("1 + 1").assert_ok()
    value: object = outcome.value
    told: str = outcome.stdout + outcome.stderr + outcome.shown
    error = shell.run_cell("1 / 0").assert_error(ZeroDivisionError, match="by zero")
    other: TestedShell = make_shell(autocall=1)
    other.expect_failures()
    print(plugin.id, value, told, error.success)


def test_in_a_process(
    shell_home: Path,
    registry: IsolatedRegistry,
    fake_dist: FakeDistributions,
    run_ipshell: Callable[..., subprocess.CompletedProcess[str]],
    no_leaks: Leaks,
) -> None:
    site: FakeSite = fake_dist.site
    fake_dist("sky", "1.0", entry_points={"commands": {"sky": "sky"}}, files={"sky.py": ""})
    assert_lazy("import weather", without=["numpy"])
    run = run_ipshell("-c", "1", timeout=10)
    no_leaks.allow("thread*")
    assert run.stdout == "1\n"
    print(shell_home / "x", registry.failures, site.folder)


def test_in_a_terminal(terminal: Terminals) -> None:
    with_prompt: Terminal = terminal("--no-banner", answers="late")
    lines: list[str] = with_prompt.wait_for_prompt(1)
    with_prompt.type("1 + 1\n")
    with_prompt.press("ctrl-d")
    status: int = with_prompt.exit_status()
    assert lines, status
