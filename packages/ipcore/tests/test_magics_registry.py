"""The table of magics: listing without imports, lazy ones, other names, plugins."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from traitlets.config import Config

from ipcore.errors import UsageError, UserError
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell

SLOW = """
from ipcore.magics import Magics, cell_magic, line_magic, magics_class

@magics_class
class Slow(Magics):
    @line_magic
    def slow(self, line):
        return "line"

    @cell_magic
    def slow_cell(self, line, cell):
        return "cell"
"""

EXTENSION = """
def load_ipython_extension(shell):
    shell.register_magic_function(lambda line: "loaded", "line", "extra")
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder of modules that can be imported; they are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "slow_magics.py").write_text(SLOW)
    (tmp_path / "extra_magics.py").write_text(EXTENSION)
    (tmp_path / "broken_magics.py").write_text("raise SystemExit(3)")
    (tmp_path / "magic_plugin.py").write_text(
        "from ipcore.hookspecs import hookimpl\n"
        "@hookimpl\n"
        "def ipshell_line_magic(name, shell):\n"
        "    from slow_magics import Slow\n"
        "    return shell.magics.instance(Slow).magics['line'][name]\n"
        "@hookimpl\n"
        "def ipshell_cell_magic(name, shell):\n"
        "    from slow_magics import Slow\n"
        "    return shell.magics.instance(Slow).magics['cell'][name]\n"
    )
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.endswith(("_magics", "_plugin")):
            del sys.modules[name]


def lazy_shell(**lazy: str) -> InteractiveShell:
    shell = InteractiveShell(config=Config({"MagicsManager": {"lazy_magics": lazy}}))
    shell.start()
    return shell


def test_the_tables_of_magics_are_mappings(shell: InteractiveShell) -> None:
    table = shell.magics_manager.magics["line"]
    assert "pinfo" in table
    assert "nosuch" not in table
    table["mine"] = str.upper
    assert table["mine"] is str.upper
    assert shell.run_line_magic("mine", "x") == "X"
    assert set(table) == {"mine", "pinfo", "pinfo2", "psearch", "rewind", "tasks"}
    assert len(table) == 6
    assert table.get("nosuch") is None
    assert table.pop("mine") is str.upper
    assert table.pop("mine", None) is None
    assert "pinfo, pinfo2" in repr(table)
    assert set(shell.magics_manager.lsmagic()) == {"line", "cell"}


def test_a_magic_of_a_plugin_can_be_removed_and_put_back(shell: InteractiveShell) -> None:
    del shell.magics_manager.magics["line"]["pinfo"]
    assert "pinfo" not in shell.magics_manager.magics["line"]
    with pytest.raises(UsageError, match="Line magic function `%pinfo` not found"):
        shell.run_line_magic("pinfo", "x")
    shell.register_magic_function(str.upper, "line", "pinfo")
    assert "pinfo" in shell.magics_manager.magics["line"]
    assert shell.run_line_magic("pinfo", "x") == "X"


def test_magics_are_found_by_kind(shell: InteractiveShell) -> None:
    shell.register_magic_function(str.upper, "line", "mine")
    assert shell.find_magic("mine") is str.upper
    assert shell.find_line_magic("mine") is str.upper
    assert shell.find_magic("mine", "cell") is None
    assert shell.find_cell_magic("mine") is None
    assert shell.magic("%mine a b") == "A B"
    assert shell.magic("mine") == ""


def test_an_alias_is_found_as_a_line_magic(
    shell: InteractiveShell, capfd: pytest.CaptureFixture[str]
) -> None:
    shell.aliases.define("say", "echo said")
    found = shell.find_line_magic("say")
    assert found is not None
    assert "echo said" in (found.__doc__ or "")
    found("it")
    assert capfd.readouterr().out.split() == ["said", "it"]
    assert shell.find_cell_magic("say") is None


def test_the_names_of_the_shell_are_not_to_be_overwritten(shell: InteractiveShell) -> None:
    with pytest.raises(AttributeError, match=r"set magics\.find_magic instead"):
        shell.find_magic = print  # type: ignore[assignment]


def test_a_magic_may_have_another_name_with_parameters(shell: InteractiveShell) -> None:
    shell.register_magic_function(lambda line, cell="": f"{line}|{cell}", "line_cell", "echo")
    shell.magics.register_alias("e", "echo", "line_cell", "-n 1")
    shell.push({"x": "$y", "y": 2})
    for _ in range(2):
        assert shell.run_line_magic("e", "$x") == "-n 1 $y|"
    assert shell.run_cell_magic("e", "", "body") == "-n 1|body"
    assert "Another name of %echo -n 1" in (shell.magics.magics["line"]["e"].__doc__ or "")
    shell.magics.register_alias("a", "b")
    shell.magics.register_alias("b", "a")
    with pytest.raises(UsageError, match="the magic alias a stands for itself"):
        shell.run_line_magic("a", "")
    with pytest.raises(UsageError, match="the magic alias a stands for itself"):
        shell.run_line_magic("a", "")


@pytest.mark.parametrize("target", ["slow_magics", "slow_magics:Slow"])
def test_a_lazy_magic_is_loaded_when_it_is_first_used(modules: Path, target: str) -> None:
    shell = lazy_shell(slow=target, slow_cell=target)
    assert "slow" in shell.magics.names("line")
    assert "slow" in shell.magics_manager.magics["line"]
    assert shell.magics.option_names("slow") == []
    assert "slow_magics" not in sys.modules
    assert shell.run_cell("slow", silent=True).result == "line"
    assert shell.run_cell("%%slow_cell\nx", silent=True).result == "cell"
    with pytest.raises(UsageError, match="But %%slow_cell exists"):
        shell.run_line_magic("slow_cell", "")
    shell.close()


def test_a_lazy_magic_may_come_from_an_extension(modules: Path, shell: InteractiveShell) -> None:
    shell.magics.register_lazy("extra", "extra_magics")
    assert shell.run_line_magic("extra", "") == "loaded"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("nosuch_magics", "ModuleNotFoundError: No module named 'nosuch_magics'"),
        ("slow_magics:Nosuch", "slow_magics has no Nosuch"),
        ("slow_magics", "slow_magics has none"),
        ("slow_magics:line_magic", "slow_magics:line_magic is no class of magics"),
        ("broken_magics", "it tried to end the program"),
    ],
)
def test_a_lazy_magic_that_cannot_be_loaded_is_told_with_its_setting(
    modules: Path, target: str, reason: str
) -> None:
    shell = lazy_shell(lost=target)
    for _ in range(2):
        with pytest.raises(UserError) as caught:
            shell.run_line_magic("lost", "")
        assert str(caught.value).startswith(f"The magic lost could not be loaded: {reason}")
        assert str(caught.value).endswith(f"See MagicsManager.lazy_magics, 'lost': '{target}'.")
    shell.close()


def test_of_a_lazy_module_only_its_own_classes_count(modules: Path) -> None:
    (modules / "more_magics.py").write_text(
        "from slow_magics import Slow, Magics, line_magic\n"
        "class More(Magics):\n"
        "    @line_magic\n"
        "    def more(self, line):\n"
        "        return 'more'\n"
    )
    shell = lazy_shell(more="more_magics")
    assert shell.run_line_magic("more", "") == "more"
    assert "slow" not in shell.magics.names("line")
    shell.close()


def test_plugins_may_give_methods_of_one_object(modules: Path) -> None:
    declared = [
        Declared(family, key, "magic_plugin", "dist", "dist", "1.0")
        for family, key in (("line_magics", "slow"), ("cell_magics", "slow_cell"))
    ]
    shell = InteractiveShell(registry=Registry(builtin=(*BUILTIN, *declared)))
    shell.start()
    assert "slow" in shell.magics.names("line")
    assert "magic_plugin" not in sys.modules
    assert shell.run_line_magic("slow", "") == "line"
    assert shell.run_cell_magic("slow_cell", "", "x") == "cell"
    assert [type(each).__name__ for each in shell.magics.objects] == ["Slow"]
    shell.close()


def test_a_plugin_whose_hook_forgets_to_return_the_function_is_named(modules: Path) -> None:
    (modules / "silent_plugin.py").write_text(
        "from ipcore.hookspecs import hookimpl\n@hookimpl\ndef ipshell_line_magic(name, shell):\n    pass\n"
    )
    plugin = Declared("line_magics", "hush", "silent_plugin", "silent", "1.0")
    shell = InteractiveShell(registry=Registry(builtin=(*BUILTIN, plugin)))
    shell.start()
    with pytest.raises(UsageError, match=r"%hush.*plugin silent\[hush\] gave no function"):
        shell.run_line_magic("hush", "")
    shell.close()


def test_the_setting_reaches_the_program(ipcore: object, modules: Path, tmp_path: Path, home: Path) -> None:
    run = [sys.executable, "-m", "ipcore", "--MagicsManager.lazy_magics=slow=slow_magics", "-c", "%slow"]
    done = subprocess.run(
        run,
        capture_output=True,
        text=True,
        timeout=60,
        env={**_environment(home), "PYTHONPATH": str(modules)},
    )
    assert (done.stdout, done.stderr) == ("'line'\n", "")


def _environment(home: Path) -> dict[str, str]:
    import os

    return {**os.environ, "IPSHELL_HOME": str(home)}


def test_running_plain_code_does_not_import_what_authors_need(home: Path) -> None:
    code = (
        "import sys; sys.argv = ['ipshell']\n"
        "from ipcore.__main__ import main; main(['-c', '%pinfo int'])\n"
        "print([name for name in sys.modules if name.startswith('ipcore.magics.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "['ipcore.magics.registry']"


def test_every_public_name_is_there() -> None:
    import ipcore.magics

    assert all(hasattr(ipcore.magics, name) for name in ipcore.magics.__all__)
    assert set(ipcore.magics.__all__) <= set(dir(ipcore.magics))
    assert set(ipcore.magics._HOMES) == set(ipcore.magics.__all__)
    with pytest.raises(AttributeError, match="nosuch"):
        _ = ipcore.magics.nosuch  # type: ignore[attr-defined]


def test_a_lazy_module_is_loaded_as_an_extension_once(shell: InteractiveShell, modules: Path) -> None:
    shell.magics.register_lazy("extra", "extra_magics")
    assert shell.run_line_magic("extra", "") == "loaded"
    assert shell.extension_manager.load_extension("extra_magics") == "already loaded"
