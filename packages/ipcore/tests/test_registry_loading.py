"""Loading plugins: once each, in order, whatever the others do and whichever thread asks."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ipcore.plugins import turns
from ipcore.plugins.discovery import scan
from ipcore.plugins.registry import Registry
from ipcore.plugins.switches import Switches
from ipcore.testing.distributions import FakeSite


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSite]:
    """Give a site whose modules this process can import; they are forgotten in the end."""
    made = FakeSite(tmp_path / "site")
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(made))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield made
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(made) in str(sys.modules[name].__file__):
            del sys.modules[name]


def registry_of(site: FakeSite, **options: Any) -> Registry:
    """Give a registry with what is installed in a site, and nothing of the core's."""
    return Registry(lambda: scan([str(site)]), builtin=(), **options)


def started(registry: Registry) -> list[str]:
    """Call one hook, and give what each plugin said."""
    given = registry.call_each("lifecycle", "ipshell_cell_started", cell=None)
    return [str(each.value) for each in given]


def says(text: str, before: str = "", mark: str = "@hookimpl") -> str:
    return f"{before}{mark}\ndef ipshell_cell_started(cell):\n    return {text!r}\n"


def in_threads(count: int, work: Callable[[int], object]) -> list[Any]:
    """Run work in threads that start together; give what each returned."""
    results: list[Any] = [None] * count
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait(10)
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads), "threads wait for each other for ever"
    return results


# -- order and isolation -----------------------------------------------------------


def test_plugins_are_called_by_distribution_and_key_whatever_the_order_on_disk(site: FakeSite) -> None:
    for name in ("zebra", "Ant", "yak"):
        site.plugin(name, "lifecycle", "key", says(name))
    assert started(registry_of(site)) == ["Ant", "yak", "zebra"]


def test_configured_order_comes_first_and_marks_of_pluggy_count(site: FakeSite) -> None:
    for name in ("ant", "yak", "zebra"):
        site.plugin(name, "lifecycle", "key", says(name))
    site.plugin("bee", "lifecycle", "key", says("bee", mark="@hookimpl(trylast=True)"))
    site.plugin("wasp", "lifecycle", "key", says("wasp", mark="@hookimpl(tryfirst=True)"))
    assert started(registry_of(site, order=["zebra", "yak"])) == ["wasp", "zebra", "yak", "ant", "bee"]


def test_the_order_does_not_depend_on_which_plugin_was_loaded_first(site: FakeSite) -> None:
    for name in ("ant", "yak", "zebra"):
        site.plugin(name, "lifecycle", "key", says(name))
    registry = registry_of(site)
    for plugin in reversed(registry.declared("lifecycle")):
        assert registry.load_plugin(plugin) == "loaded"
    assert started(registry) == ["ant", "yak", "zebra"]


def test_a_raising_hook_does_not_take_the_results_of_the_others(
    site: FakeSite, capsys: pytest.CaptureFixture[str]
) -> None:
    site.plugin("ant", "lifecycle", "key", says("ant"))
    site.plugin("bee", "lifecycle", "key", "@hookimpl\ndef ipshell_cell_started(cell):\n    1/0\n")
    site.plugin("cow", "lifecycle", "key", says("cow"))
    registry = registry_of(site)
    assert started(registry) == ["ant", "cow"]
    assert started(registry) == ["ant", "cow"]
    assert [registry.state(each) for each in registry.declared()] == ["active", "failed", "active"]
    assert capsys.readouterr().err.count("\n") == 1
    (failure,) = registry.failures
    assert (failure.plugin.id, failure.stage) == ("bee[key]", "ipshell_cell_started")
    assert "ZeroDivisionError" in failure.traceback


def test_an_implementation_takes_the_arguments_it_names(site: FakeSite) -> None:
    site.plugin(
        "ant", "prompts", "ant", "@hookimpl\ndef ipshell_prompts(shell):\n    return ('ant', shell)\n"
    )
    site.plugin("bee", "prompts", "bee", "@hookimpl\ndef ipshell_prompts():\n    return 'bee'\n")
    registry = registry_of(site)
    given = registry.call_named("prompts", "ant", "ipshell_prompts", shell="the shell")
    assert given is not None
    assert given.value == ("ant", "the shell")
    given = registry.call_named("prompts", "bee", "ipshell_prompts", shell="the shell")
    assert given is not None
    assert given.value == "bee"


def test_a_plugin_that_is_an_object_gets_its_self(site: FakeSite) -> None:
    code = (
        "class Plugin:\n    word = 'mine'\n"
        "    @hookimpl\n    def ipshell_cell_started(self, cell):\n        return self.word\n"
        "    @staticmethod\n    @hookimpl\n    def ipshell_cell_finished(result):\n        return 'static'\n"
        "    @classmethod\n    @hookimpl\n    def ipshell_shell_created(cls, shell):\n        "
        "return cls.__name__\n"
        "thing = Plugin()\n"
    )
    site.plugin("ant", "lifecycle", "key", code)
    info = next(site.folder.glob("*.dist-info/entry_points.txt"))
    info.write_text("[ipshell.lifecycle]\nkey = ant:thing\n", encoding="utf-8")
    registry = registry_of(site)
    assert started(registry) == ["mine"]
    (given,) = registry.call_each("lifecycle", "ipshell_cell_finished", result=None)
    assert given.value == "static"
    (given,) = registry.call_each("lifecycle", "ipshell_shell_created", shell=None)
    assert given.value == "Plugin"
    assert registry.implemented(registry.declared()[0]) == [
        "ipshell_cell_finished",
        "ipshell_cell_started",
        "ipshell_shell_created",
    ]


@pytest.mark.parametrize("equality", ["raise RuntimeError('keep off')", "return True"])
def test_a_plugin_with_a_hostile_equality_does_not_disturb_others(site: FakeSite, equality: str) -> None:
    hostile = (
        f"class Hostile:\n    def __eq__(self, other):\n        {equality}\n    __hash__ = None\n"
        "    @hookimpl\n    def ipshell_cell_started(self, cell):\n        return 'hostile'\n"
        "thing = Hostile()\n"
    )
    site.install(
        "ant",
        entry_points={"lifecycle": {"key": "ant:thing"}},
        files={"ant.py": "from ipcore.hookspecs import hookimpl\n" + hostile},
    )
    site.plugin("yak", "lifecycle", "key", says("yak"))
    registry = registry_of(site)
    assert started(registry) == ["hostile", "yak"]
    registry.disable(registry.declared()[0], "a test", "no reason")
    assert started(registry) == ["yak"]


def test_an_object_that_two_entries_name_is_called_once_and_lives_until_both_are_off(site: FakeSite) -> None:
    site.install(
        "ant",
        entry_points={"lifecycle": {"one": "ant", "two": "ant"}},
        files={"ant.py": "from ipcore.hookspecs import hookimpl\n" + says("ant")},
    )
    registry = registry_of(site)
    assert started(registry) == ["ant"]
    one, two = registry.declared()
    assert registry.implemented(one) == registry.implemented(two) == ["ipshell_cell_started"]
    registry.disable(one, "a test", "no reason")
    assert started(registry) == ["ant"]
    registry.disable(two, "a test", "no reason")
    assert started(registry) == []


def test_by_name_only_the_owner_of_the_key_is_imported(site: FakeSite) -> None:
    magic = "@hookimpl\ndef ipshell_line_magic(name, shell):\n    return lambda line: name + line\n"
    for name in ("ant", "bee"):
        site.plugin(name, "line_magics", name, magic)
    registry = registry_of(site)
    assert registry.keys("line_magics") == ["ant", "bee"]
    given = registry.call_named("line_magics", "bee", "ipshell_line_magic", shell=None)
    assert given is not None
    assert given.value("!") == "bee!"
    assert "ant" not in sys.modules
    assert registry.call_named("line_magics", "cow", "ipshell_line_magic", shell=None) is None


def test_of_a_family_that_one_bears_the_next_is_asked_if_the_chosen_one_fails(site: FakeSite) -> None:
    for name, result in (("ant", "'ant'"), ("bee", "1/0"), ("cow", "None")):
        site.plugin(
            name, "tracebacks", name, f"@hookimpl\ndef ipshell_tracebacks(shell):\n    return {result}\n"
        )

    def chosen(**choose: str) -> str:
        given = registry_of(site, choose=choose).call_first("tracebacks", "ipshell_tracebacks", shell=None)
        assert given is not None
        return str(given.value)

    assert chosen() == "ant"
    assert chosen(tracebacks="bee") == "ant"
    assert chosen(tracebacks="cow") == "ant"


def test_a_family_nobody_bears_and_an_unknown_one_are_refused_without_importing(site: FakeSite) -> None:
    for family in ("inspectors", "nosuch"):
        site.plugin(f"ant-{family}", family, "key", "raise RuntimeError\n")
        registry = registry_of(site)
        with pytest.raises(KeyError, match=family):
            registry.load(family)
        with pytest.raises(KeyError, match=family):
            registry.load_plugin(registry.declared(family)[0])
        assert registry.state(registry.declared(family)[0]) == "declared"
    assert not [name for name in sys.modules if name.startswith("ant_")]


# -- threads -----------------------------------------------------------------------


def test_eight_threads_that_ask_at_once_each_get_every_result_and_each_plugin_is_loaded_once(
    site: FakeSite,
) -> None:
    names = [f"ant{number}" for number in range(12)]
    for name in names:
        site.plugin(name, "lifecycle", "key", says(name, before="import threading\nloads = [1]\n"))
    loads: list[str] = []
    registry = registry_of(site)
    register = registry.hooks("lifecycle").register

    def counted(entry: Any, target: Any) -> list[str]:
        loads.append(entry.declared.dist)
        return register(entry, target)

    registry.hooks("lifecycle").register = counted  # type: ignore[method-assign]
    results = in_threads(8, lambda number: [started(registry) for _ in range(20)])
    assert results == [[sorted(names)] * 20] * 8
    assert sorted(loads) == sorted(names)
    assert {registry.state(each) for each in registry.declared()} == {"active"}


def test_eight_threads_that_ask_by_name_at_once_share_one_import(site: FakeSite, tmp_path: Path) -> None:
    log = tmp_path / "imports"
    magic = (
        f"with open({str(log)!r}, 'a') as log:\n    log.write('x')\n"
        "@hookimpl\ndef ipshell_line_magic(name, shell):\n    return name\n"
    )
    keys = [f"ant{number}" for number in range(8)]
    site.install(
        "ant",
        entry_points={"line_magics": dict.fromkeys(keys, "ant")},
        files={"ant.py": "from ipcore.hookspecs import hookimpl\n" + magic},
    )
    registry = registry_of(site)

    def ask(number: int) -> object:
        given = registry.call_named("line_magics", keys[number], "ipshell_line_magic", shell=None)
        return given and given.value

    assert in_threads(8, ask) == keys
    assert log.read_text(encoding="utf-8") == "x"


#: Where plugins under test find the registry and each other, see :func:`meeting`.
MEETING = "import meeting\n"


def meeting(site: FakeSite, registry: Registry, **more: object) -> None:
    """Install a module that plugins can reach the registry through."""
    (site.folder / "meeting.py").write_text("", encoding="utf-8")
    import importlib

    importlib.invalidate_caches()
    module: Any = importlib.import_module("meeting")
    module.registry = registry
    vars(module).update(more)


ASK = (
    "given = meeting.registry.call_each('lifecycle', 'ipshell_cell_started', cell=None)\n"
    "seen = [each.value for each in given]\n"
)


def test_a_plugin_that_uses_its_own_family_while_it_is_imported_sees_the_others(site: FakeSite) -> None:
    site.install(
        "bee",
        # Two entries of one module: the second one must not be taken from the half-made module.
        entry_points={"lifecycle": {"one": "bee", "two": "bee:thing"}},
        files={
            "bee.py": "from ipcore.hookspecs import hookimpl\n"
            + MEETING
            + ASK
            + "class Thing:\n    @hookimpl\n    def ipshell_cell_started(self, cell):\n        "
            "return 'thing'\n" + "thing = Thing()\n" + says("bee")
        },
    )
    site.plugin("ant", "lifecycle", "key", says("ant"))
    site.plugin("cow", "lifecycle", "key", says("cow"))
    registry = registry_of(site)
    meeting(site, registry)
    results = in_threads(8, lambda number: started(registry))
    assert results == [["ant", "bee", "thing", "cow"]] * 8
    assert sys.modules["bee"].seen == ["ant", "cow"]
    assert registry.failures == []


def test_two_plugins_that_use_each_others_families_in_two_threads_do_not_deadlock(site: FakeSite) -> None:
    both = threading.Barrier(2)

    def code(mine: str, other: str) -> str:
        return (
            f"{MEETING}meeting.both.wait(10)\n"
            f"seen = meeting.registry.call_first({other!r}, 'ipshell_{other}', shell=None)\n"
            f"@hookimpl\ndef ipshell_{mine}(shell):\n    return {mine!r}\n"
        )

    hooks = {"tracebacks": "ipshell_tracebacks", "display": "ipshell_formatters"}
    for family, hook in hooks.items():
        (other,) = hooks.keys() - {family}
        text = (
            code(family, other)
            .replace(f"ipshell_{family}(", f"{hook}(")
            .replace(f"ipshell_{other}'", f"{hooks[other]}'")
        )
        site.plugin(f"ant-{family}", family, "key", text)
    registry = registry_of(site)
    meeting(site, registry, both=both)
    families = sorted(hooks)

    def ask(number: int) -> object:
        given = registry.call_first(families[number], hooks[families[number]], shell=None)
        return given and given.value

    assert in_threads(2, ask) == families
    assert registry.failures == []


def test_a_family_is_not_complete_while_a_plugin_of_it_is_being_imported(site: FakeSite) -> None:
    """A plugin that asks while it is imported must not make others believe that all are there."""
    importing, go_on = threading.Event(), threading.Event()
    site.plugin(
        "bee",
        "lifecycle",
        "key",
        says("bee", MEETING + ASK + "meeting.importing.set()\nmeeting.go_on.wait(10)\n"),
    )
    registry = registry_of(site)
    meeting(site, registry, importing=importing, go_on=go_on)
    first = threading.Thread(target=started, args=(registry,), daemon=True)
    first.start()
    assert importing.wait(10)
    assert not registry.hooks("lifecycle").complete
    results: list[list[str]] = []
    second = threading.Thread(target=lambda: results.append(started(registry)), daemon=True)
    second.start()
    go_on.set()
    first.join(10)
    second.join(10)
    assert results == [["bee"]]


def test_a_thread_goes_on_without_a_plugin_that_another_one_imports_for_too_long(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(turns, "DEADLINE", 0.05)
    importing, go_on = threading.Event(), threading.Event()
    site.plugin(
        "bee", "lifecycle", "key", says("bee", f"{MEETING}meeting.importing.set()\nmeeting.go_on.wait(10)\n")
    )
    site.plugin("cow", "lifecycle", "key", says("cow"))
    registry = registry_of(site)
    meeting(site, registry, importing=importing, go_on=go_on)
    slow = threading.Thread(target=started, args=(registry,), daemon=True)
    slow.start()
    assert importing.wait(10)
    assert started(registry) == ["cow"]
    assert started(registry) == ["cow"]
    go_on.set()
    slow.join(10)
    assert started(registry) == ["bee", "cow"]
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(
        "ipshell: plugin bee[key] 1.0 (lifecycle) is still being imported by another thread"
    )


def test_a_plugin_given_up_by_one_thread_stays_off_when_another_has_imported_it(site: FakeSite) -> None:
    importing, go_on = threading.Event(), threading.Event()
    site.plugin(
        "bee", "lifecycle", "key", says("bee", f"{MEETING}meeting.importing.set()\nmeeting.go_on.wait(10)\n")
    )
    registry = registry_of(site)
    meeting(site, registry, importing=importing, go_on=go_on)
    slow = threading.Thread(target=started, args=(registry,), daemon=True)
    slow.start()
    assert importing.wait(10)
    registry.disable(registry.declared()[0], "import", "it was interrupted")
    go_on.set()
    slow.join(10)
    assert started(registry) == []
    assert registry.state(registry.declared()[0]) == "failed"


def test_hooks_can_be_called_while_another_thread_switches_plugins_off(site: FakeSite) -> None:
    for number in range(8):
        site.plugin(f"ant{number}", "lifecycle", "key", says(str(number)))
    registry = registry_of(site)
    plugins = registry.declared()

    def work(number: int) -> object:
        if number % 2:
            registry.disable(plugins[number], "a test", "no reason")
        return [started(registry) for _ in range(20)][-1]

    in_threads(8, work)
    assert started(registry) == ["0", "2", "4", "6"]


# -- interrupts --------------------------------------------------------------------


def test_ctrl_c_in_a_plugin_of_the_core_is_the_users_and_it_can_be_loaded_later(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ipcore.plugins.declared import Declared

    (site.folder / "ours.py").write_text(
        "from ipcore.hookspecs import hookimpl\nimport os\n"
        "if 'INTERRUPT' in os.environ:\n    raise KeyboardInterrupt\n" + says("ours"),
        encoding="utf-8",
    )
    registry = Registry(builtin=[Declared("lifecycle", "key", "ours", "ipshell-core", "1.0")])
    monkeypatch.setenv("INTERRUPT", "1")
    with pytest.raises(KeyboardInterrupt):
        started(registry)
    assert registry.failures == []
    monkeypatch.delenv("INTERRUPT")
    assert started(registry) == ["ours"]


def test_a_plugin_switched_off_during_a_call_is_not_called_any_more(site: FakeSite) -> None:
    off = "meeting.registry.disable(meeting.registry.declared()[1], 'a test', 'no reason')"
    site.plugin(
        "ant", "lifecycle", "key", f"{MEETING}@hookimpl\ndef ipshell_cell_started(cell):\n    {off}\n"
    )
    site.plugin("bee", "lifecycle", "key", says("bee"))
    registry = registry_of(site)
    meeting(site, registry)
    assert started(registry) == []
    assert registry.state(registry.declared()[1]) == "failed"


def test_blocked_plugins_are_neither_imported_nor_counted_as_missing(site: FakeSite) -> None:
    site.plugin("ant", "lifecycle", "key", "raise RuntimeError('imported')\n")
    registry = registry_of(site, switches=Switches(options=("no:ant",)))
    assert started(registry) == []
    assert registry.hooks("lifecycle").complete
    assert registry.load_plugin(registry.declared()[0]) == "blocked"
    assert registry.failures == []
    assert "ant" not in sys.modules
