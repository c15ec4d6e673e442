"""Environments for the template: that of ``examples/``, and what ``plugins new`` makes of another name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.template.environments import Environment, Project, Told, copied
from tools.workspace import ROOT

_told = pytest.StashKey[list[tuple[str, str, bool]]]()


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Give a fresh environment with the core and its test kit."""
    return Environment(tmp_path_factory.mktemp("template"), Path(os.environ["TEMPLATE_WHEELS"]))


@pytest.fixture(scope="module", params=["plugin-template", "Tea.Kettle"])
def project(
    request: pytest.FixtureRequest, environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """Give the template, and then a new project, each installed."""
    if request.param == "plugin-template":
        folder = copied(ROOT / "examples" / "plugin-template", tmp_path_factory.mktemp("t") / request.param)
    else:
        folder = tmp_path_factory.mktemp("t") / "tea-kettle"
        environment.ipshell("plugins", "new", request.param, str(folder))
    installed = Project(folder, environment)
    yield installed
    installed.uninstall()


@pytest.fixture
def told(request: pytest.FixtureRequest, project: Project) -> Told:
    """Give what collects the lines that a user is told; those of the template are shown when all is over."""
    rows = request.config.stash.setdefault(_told, [])
    return Told(rows if project.dist == "plugin-template" else [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what a user is told of each piece that is broken."""
    rows = config.stash.get(_told, [])
    if rows:
        terminalreporter.section("what is broken, and what the user is told")
    for what, line, doctor in rows:
        also = " (plugins doctor finds it)" if doctor else ""
        terminalreporter.line(f"{what}{also}\n    {line}")
