"""What all contracts have in common: what an author is told about a plugin of any family."""

from __future__ import annotations

import signal
import textwrap
import threading
from pathlib import Path

import pytest
from contract_trials import Plugin, judge

import ipcore.testing.contracts
from ipcore.testing.contracts import LineMagicContract

pytest_plugins = "pytester"

MAGIC = """
@hookimpl
def ipshell_line_magic(name, shell):
    def shout(line):
        '''Shout a text.'''
        return line.upper()

    return shout
"""

PLUGINS = {
    "good": Plugin(MAGIC),
    "light": Plugin(f"import json\n{MAGIC}", attributes={"heavy": ("numpy",)}),
    "not_installed": Plugin(
        MAGIC,
        "it_is_declared_under_its_key",
        ("the distribution nobody-has-this is not installed here", "pip install -e .", "distribution = None"),
        {"distribution": "nobody-has-this"},
    ),
    "not_declared": Plugin(
        MAGIC,
        "it_is_declared_under_its_key",
        (
            "pluggy declares no entry point 'not_declared' in ipshell.line_magics; it declares none of ours",
            '[project.entry-points."ipshell.line_magics"]\n    not_declared = "plugin_not_declared"',
        ),
        {"distribution": "pluggy"},
    ),
    "not_found": Plugin(
        MAGIC,
        "it_is_found_and_listed_without_being_imported",
        ("it is not found in the list of plugins", "Is it installed"),
        {"distribution": "pluggy"},
    ),
    "imported_by_a_neighbour": Plugin(
        MAGIC,
        "it_can_be_switched_off_before_it_is_imported",
        (
            "its module is imported although -p no:imported_by_a_neighbour switches it off",
            "from a third module",
        ),
        body="""
            import pytest

            @pytest.fixture(autouse=True)
            def _neighbour(self, fake_dist):
                text = "import plugin_imported_by_a_neighbour"
                entry_points = {"line_magics": {"other": "neighbour"}}
                fake_dist("neighbour", entry_points=entry_points, files={"neighbour.py": text})
        """,
    ),
    "misspelt_argument": Plugin(
        MAGIC.replace("name, shell", "name, shel"),
        "it_registers_without_complaint",
        ("ipshell_line_magic(name, shel) does not fit", "the hook gives name, shell"),
    ),
    "misspelt_hook": Plugin(
        f"{MAGIC}\n@hookimpl\ndef ipshell_line_magics(name, shell):\n    pass\n",
        "it_registers_without_complaint",
        ("no hook is called ipshell_line_magics. Did you mean ipshell_line_magic?",),
    ),
    "unmarked": Plugin(
        MAGIC.replace("@hookimpl\n", ""),
        "it_registers_without_complaint",
        ("Is the @hookimpl mark missing?",),
    ),
    "broken_import": Plugin(
        f"import no_such_module_of_anybody\n{MAGIC}",
        "it_registers_without_complaint",
        ("import: ModuleNotFoundError", "plugin_broken_import.py"),
    ),
    "heavy": Plugin(
        f"import asyncio\n{MAGIC}",
        "importing_it_is_quiet_and_light",
        (
            "importing it imports asyncio (by plugin_heavy, line 3)",
            "inside the function that needs it",
            "`heavy`",
        ),
    ),
    "heavy_hook": Plugin(
        MAGIC.replace("    def", "    import wave\n    def"),
        "importing_it_is_quiet_and_light",
        ("importing it imports wave (by plugin_heavy_hook, line 6)",),
        {"heavy": ("wave",)},
    ),
    "talks": Plugin(
        f"print('hello')\nimport sys\nprint('there', file=sys.stderr)\n{MAGIC}",
        "importing_it_is_quiet_and_light",
        ("importing it prints:\nhello\nthere\n", "use the logging module"),
    ),
    "changes": Plugin(
        "import os, signal, sys\n"
        "os.environ['A'] = 'b'; sys.path.append('/nowhere'); sys.excepthook = print\n"
        f"signal.signal(signal.SIGINT, signal.SIG_DFL)\n{MAGIC}",
        "importing_it_is_quiet_and_light",
        ("importing it changes os.environ, sys.path, sys.excepthook, the handler of Ctrl-C.",),
    ),
    "starts_a_thread": Plugin(
        "from threading import Event, Thread\n"
        f"Thread(target=Event().wait, args=(60,), daemon=True, name='mine').start()\n{MAGIC}",
        "importing_it_is_quiet_and_light",
        ("importing it starts threads: mine.",),
    ),
    "ends_the_process": Plugin(
        f"import os\nos._exit(3)\n{MAGIC}",
        "importing_it_is_quiet_and_light",
        ("ended without an answer", "Does the plugin end the process"),
    ),
    "once_only": Plugin(
        MAGIC.replace("    def", "    assert not used; used.append(1)\n    def") + "\nused = []\n",
        "it_works_in_one_shell_after_another",
        ("ipshell_line_magic: AssertionError",),
    ),
    "leaves_a_file_open": Plugin(
        MAGIC.replace("return line", "opened.append(open(__file__)); return line") + "\nopened = []\n",
        "closing_the_shell_leaves_nothing_behind",
        ("after the shell is closed there are left: descriptor", "plugin_leaves_a_file_open.py"),
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    plugins = {
        key: each._replace(attributes={"examples": {"hello": "HELLO"}, **each.attributes})
        for key, each in PLUGINS.items()
    }
    return judge(tmp_path_factory.mktemp("plugins"), "LineMagicContract", plugins)


@pytest.mark.parametrize("key", PLUGINS)
def test_an_author_is_told_what_is_wrong_with_a_plugin(judged: dict[str, str], key: str) -> None:
    plugin, said = PLUGINS[key], judged[key]
    assert bool(said) == bool(plugin.fails), said
    for word in plugin.says:
        assert word in said, said


# -- classes of tests ------------------------------------------------------------------


def run(pytester: pytest.Pytester, text: str) -> pytest.RunResult:
    pytester.makeconftest('pytest_plugins = "ipcore.testing"')
    (pytester.path / "greeter.py").write_text(
        "from ipcore.hookspecs import hookimpl\n" + MAGIC, encoding="utf-8"
    )
    pytester.makepyfile(test_greeter=textwrap.dedent(text))
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", timeout=120)


def test_what_a_class_does_not_set_is_told_once_with_all_names(pytester: pytest.Pytester) -> None:
    done = run(
        pytester,
        """
        from ipcore.testing.contracts import LineMagicContract

        class TestShout(LineMagicContract):
            plugin = "greeter"
            key = "shout"
        """,
    )
    done.assert_outcomes(errors=1)
    said = done.stdout.str()
    assert "TypeError: TestShout lacks 2 class attributes that LineMagicContract needs:" in said
    assert (
        'distribution = "greeter"    # the distribution that declares it; None if it is not installed' in said
    )
    assert 'examples = {"hello": "HELLO"}    # lines to call it with' in said
    assert "class TestShout(LineMagicContract):" in said


def test_what_a_class_of_another_name_does_not_set_is_told_when_it_is_used() -> None:
    class Base(LineMagicContract):
        plugin = "greeter"

    with pytest.raises(AttributeError, match="Base lacks a class attribute that LineMagicContract needs"):
        Base().key  # noqa: B018


def test_contracts_themselves_are_not_collected_and_a_base_can_hold_what_several_share(
    pytester: pytest.Pytester,
) -> None:
    done = run(
        pytester,
        """
        from ipcore.testing.contracts import *
        from ipcore.testing.contracts import LineMagicContract, PluginContract, PolicyContract

        class Greeter(LineMagicContract):
            plugin = "greeter"
            distribution = None

        class TestShout(Greeter):
            key = "shout"
            examples = {"hello": "HELLO"}

            def test_of_the_author(self, shell):
                assert shell.run_cell("%shout a").assert_ok().value == "A"

        class TestCall(Greeter):
            key = "call"
            examples = {"hello": "HELLO"}
            setup = "x = 'ada'"

            def test_the_set_up_was_run(self, shell):
                assert shell.run_cell("%call $x").assert_ok().value == "ADA"
        """,
    )
    outcomes = done.parseoutcomes()
    assert set(outcomes) == {"passed"}, done.stdout.str()
    assert "PolicyContract" not in done.stdout.str()


def test_an_installed_plugin_is_found_by_its_distribution(tmp_path: Path, pytester: pytest.Pytester) -> None:
    from ipcore.testing.distributions import FakeSite

    site = FakeSite(tmp_path / "site")
    site.install("greeter", entry_points={"line_magics": {"shout": "greeter"}})
    # As an installer would have it: there before Python starts.
    pytester._monkeypatch.setenv("PYTHONPATH", str(site.folder))
    done = run(
        pytester,
        """
        from ipcore.testing.contracts import LineMagicContract

        class TestShout(LineMagicContract):
            plugin = "greeter"
            key = "shout"
            distribution = "greeter"
            examples = {"hello": "HELLO"}

        class TestOther(TestShout):
            plugin = "greeter:other"
        """,
    )
    said = done.stdout.str()
    assert "TestShout" not in said.partition("short test summary")[2]
    assert "greeter declares shout = 'greeter' in ipshell.line_magics." in said


def test_every_contract_says_what_it_checks() -> None:
    contracts = [each for name, each in vars(ipcore.testing.contracts).items() if name.endswith("Contract")]
    assert len(contracts) > 9
    for contract in contracts:
        tests = [name for name in dir(contract) if name.startswith("test_")]
        assert contract.__doc__
        assert all(getattr(contract, name).__doc__ for name in tests)


def test_what_does_not_come_back_is_stopped_though_ctrl_c_is_ignored() -> None:
    contract = type(
        "Waits", (LineMagicContract,), {"plugin": "waits", "key": "waits", "distribution": None}
    )()
    waited: list[bool] = []
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in the background of a POSIX shell
    try:
        with (
            pytest.raises(pytest.fail.Exception, match="does not come back"),
            contract.coming_back("the body", 0.2),
        ):
            waited.append(threading.Event().wait(60))
        assert waited == []
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, former)
