"""Plugins that keep to a contract and plugins that do not, tried as their author would, by pytest."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

DEADLINE = 300.0


class Plugin(NamedTuple):
    """A plugin, and what its contract says about it."""

    source: str
    """The module's text; the import of ``hookimpl`` stands before it."""
    fails: str = ""
    """The test that it fails, without ``test_``; empty if it is to pass all."""
    says: tuple[str, ...] = ()
    """What the author is told, among other things."""
    attributes: Mapping[str, object] = {}
    """Class attributes beside plugin, key and distribution."""
    body: str = ""
    """Methods of the class."""


def judge(folder: Path, contract: str, plugins: Mapping[str, Plugin]) -> dict[str, str]:
    """Try plugins in one run of pytest.

    :param folder: where their project is made.
    :param contract: the class, as ``ipcore.testing.contracts`` names it.
    :param plugins: by key.
    :returns: by key, the messages of the tests that failed; empty if none did, or if one was skipped that
        was to fail.
    """
    classes = []
    for key, plugin in plugins.items():
        (folder / f"plugin_{key}.py").write_text(
            f"from ipcore.hookspecs import hookimpl\n\n{textwrap.dedent(plugin.source)}", encoding="utf-8"
        )
        attributes = {"plugin": f"plugin_{key}", "key": key, "distribution": None, **plugin.attributes}
        lines = [f"    {name} = {value!r}\n" for name, value in attributes.items()]
        body = textwrap.indent(textwrap.dedent(plugin.body), "    ")
        classes.append(f"class Test_{key}({contract}):\n{''.join(lines)}{body}\n")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "conftest.py").write_text('pytest_plugins = "ipcore.testing"\n', encoding="utf-8")
    text = f"from ipcore.testing.contracts import {contract}\n\n" + "\n".join(classes)
    (folder / "test_plugins.py").write_text(text, encoding="utf-8")
    wanted = [
        f"test_plugins.py::Test_{key}" + (f"::test_{plugin.fails}" if plugin.fails else "")
        for key, plugin in plugins.items()
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=results.xml", *wanted],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=DEADLINE,
    )
    results = folder / "results.xml"
    assert done.returncode in (0, 1), done.stdout + done.stderr
    messages: dict[str, list[str]] = {key: [] for key in plugins}
    for case in ElementTree.parse(results).getroot().iter("testcase"):
        key = case.attrib["classname"].rpartition("Test_")[2]
        for outcome in case:
            if outcome.tag in ("failure", "error"):
                messages[key].append(f"{case.attrib['name']}: {outcome.text}")
    return {key: "\n".join(texts) for key, texts in messages.items()}
