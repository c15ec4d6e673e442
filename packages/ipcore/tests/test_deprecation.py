"""What is going to go: who is told, of what, when, and that it goes when it was said."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pluggy
import pytest
from traitlets.config import Configurable

import ipcore as package
from ipcore import deprecation as subject
from ipcore.deprecation import (
    IPShellDeprecationWarning,
    deprecated,
    deprecated_argument,
    deprecated_attributes,
    deprecation,
)
from ipcore.hookspecs import PROJECT
from ipcore.hookspecs import lifecycle as lifecycle_specs
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.registry import Registry
from ipcore.testing.distributions import FakeSite as Site

Run = Callable[..., subprocess.CompletedProcess[str]]

#: When what the tests mark goes: long after any release that they may meet.
WHEN: Any = {"since": "0.1", "removed_in": "999.0"}
GOES = "deprecated since ipshell-core 0.1 and goes in 999.0"

pytestmark = pytest.mark.filterwarnings("always::ipcore.deprecation.IPShellDeprecationWarning")


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Give a module that stands for one of the core."""
    module = types.ModuleType("ipcore.made_up")
    monkeypatch.setitem(sys.modules, "ipcore.made_up", module)
    return module


def of_core(thing: Any) -> Any:
    """Have a function or class of this file pass for one of the core."""
    thing.__module__ = "ipcore.made_up"
    thing.__qualname__ = thing.__name__
    return thing


def told(caught: pytest.WarningsRecorder) -> list[str]:
    assert {each.filename for each in caught} <= {__file__}, "the warning points at the user's line"
    return [str(each.message) for each in caught]


def line_of(text: str) -> int:
    return next(at for at, line in enumerate(Path(__file__).read_text().splitlines(), 1) if text in line)


# -- what is marked ----------------------------------------------------------------


def test_a_deprecated_function_works_and_warns_at_the_line_that_calls_it() -> None:
    @deprecated(**WHEN, instead="new()")
    @of_core
    def old(number: int) -> int:
        """Old."""
        return number + 1

    with pytest.warns(IPShellDeprecationWarning) as caught:
        assert old(1) == 2  # the call
    assert told(caught) == [f"ipcore.made_up.old is {GOES}; use new() instead"]
    assert caught[0].lineno == line_of("# the " + "call")
    assert (old.__name__, old.__doc__) == ("old", "Old.")


def test_the_methods_and_properties_of_a_class_can_go() -> None:
    class Thing:
        @property
        @deprecated(**WHEN)
        @of_core
        def width(self) -> int:
            return 3

        @classmethod
        @deprecated(**WHEN)
        @of_core
        def make(cls) -> Thing:
            return cls()

    with pytest.warns(IPShellDeprecationWarning) as caught:
        assert Thing.make().width == 3
    assert told(caught) == [f"ipcore.made_up.make is {GOES}", f"ipcore.made_up.width is {GOES}"]


@pytest.mark.parametrize("base", [object, Configurable])
def test_a_deprecated_class_warns_whoever_makes_or_inherits_one(base: type) -> None:
    @deprecated(**WHEN)
    @of_core
    class Old(base):  # type: ignore[misc]
        def __init__(self, size: int = 0) -> None:
            super().__init__()
            self.size = size

    with pytest.warns(IPShellDeprecationWarning) as caught:
        assert Old(3).size == 3
    assert told(caught) == [f"ipcore.made_up.Old is {GOES}"]
    with pytest.warns(IPShellDeprecationWarning) as caught:

        class Newer(Old):
            pass

    assert told(caught) == [f"ipcore.made_up.Old is {GOES}"]
    with warnings.catch_warnings(record=True) as more:
        assert Newer(4).size == 4
    assert more == []


def test_a_deprecated_class_without_arguments_takes_none() -> None:
    @deprecated(**WHEN)
    @of_core
    class Old:
        pass

    with pytest.warns(IPShellDeprecationWarning), pytest.raises(TypeError, match="takes no arguments"):
        Old(1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("arguments", "named", "warns"),
    [((1,), {}, False), ((1, 2), {}, True), ((1,), {"depth": 2}, True), ((1,), {"width": 2}, False)],
)
def test_only_calls_that_give_a_deprecated_argument_warn(
    arguments: tuple[int, ...], named: dict[str, int], warns: bool
) -> None:
    @deprecated_argument("depth", **WHEN, instead="width")
    @of_core
    def function(first: int, depth: int = 0, *, width: int = 0) -> int:
        return first + depth + width

    with warnings.catch_warnings(record=True) as caught:
        function(*arguments, **named)
    message = f"the argument depth of ipcore.made_up.function is {GOES}; use width instead"
    assert [str(each.message) for each in caught] == [message] * warns


def test_several_arguments_can_go_and_one_that_is_gone_from_the_signature() -> None:
    @deprecated_argument("a", **WHEN)
    @deprecated_argument("b", **WHEN)
    @deprecated_argument("gone", **WHEN)
    @of_core
    def function(a: int = 0, b: int = 0, **more: int) -> int:
        return a + b

    with pytest.warns(IPShellDeprecationWarning) as caught:
        assert function(1, b=2, gone=3) == 3
    assert [text.split()[2] for text in told(caught)] == ["a", "b", "gone"]


def test_a_name_of_a_module_can_go(core: Any) -> None:
    core.__getattr__ = deprecated_attributes("ipcore.made_up", {"pi": "math:pi", "tau": "math:tau"}, **WHEN)
    with pytest.warns(IPShellDeprecationWarning) as caught:
        assert core.pi == 3.141592653589793
    assert told(caught) == [f"ipcore.made_up.pi is {GOES}; use math.pi instead"]
    with pytest.warns(IPShellDeprecationWarning) as caught:
        from ipcore.made_up import tau  # type: ignore[import-not-found]
    assert tau == 6.283185307179586
    assert set(told(caught)) == {f"ipcore.made_up.tau is {GOES}; use math.tau instead"}
    with pytest.raises(AttributeError, match=r"ipcore\.made_up.* has no attribute 'rho'"):
        _ = core.rho


def test_other_names_of_a_module_are_found_as_before(core: Any) -> None:
    def find(name: str) -> object:
        return name.upper()

    core.__getattr__ = deprecated_attributes(
        "ipcore.made_up", {"pi": "math:pi"}, **WHEN, instead="your own", otherwise=find
    )
    assert core.rho == "RHO"
    with pytest.warns(IPShellDeprecationWarning, match="use your own instead"):
        _ = core.pi


# -- the release in which it goes --------------------------------------------------


@pytest.mark.parametrize(
    ("version", "goes"),
    [
        ("0.4.9", False),
        ("0.5.dev0", True),
        ("0.5.0rc1", True),
        ("0.5.0", True),
        ("0.5.1", True),
        ("0.10", True),
        ("1.0", True),
        ("0.4", False),
    ],
)
def test_what_should_be_gone_cannot_be_marked(
    version: str, goes: bool, monkeypatch: pytest.MonkeyPatch, core: Any
) -> None:
    monkeypatch.setattr(package, "__version__", version)

    @of_core
    def old(x: int = 0) -> None:
        pass

    when: Any = {"since": "0.3", "removed_in": "0.5"}
    marks: list[Callable[[], object]] = [
        lambda: deprecated(**when)(old),
        lambda: deprecated_argument("x", **when)(old),
        lambda: deprecated_attributes("ipcore.made_up", {"pi": "math:pi"}, **when),
        lambda: deprecation(**when),
    ]
    for mark in marks:
        if goes:
            with pytest.raises(RuntimeError, match=rf"had to go in ipshell-core 0\.5, and this is {version}"):
                mark()
        else:
            mark()


@pytest.mark.parametrize(
    ("since", "removed_in", "long_enough"),
    [
        ("0.3", "0.5", True),
        ("0.3.1", "0.5", True),
        ("0.3", "1.0", True),
        ("1", "1.2", True),
        ("0.3", "0.4", False),
        ("0.3", "0.3", False),
        ("0.3", "0.4.9", False),
        ("1.3", "1.4", False),
    ],
)
def test_a_deprecation_lasts_two_releases(
    since: str, removed_in: str, long_enough: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "__version__", "0.1")
    if long_enough:
        deprecation(since=since, removed_in=removed_in)
    else:
        with pytest.raises(ValueError, match="lasts 2 releases"):
            deprecation(since=since, removed_in=removed_in)


def test_a_part_goes_by_its_own_release(monkeypatch: pytest.MonkeyPatch) -> None:
    part: Any = types.ModuleType("ip_part")
    part.__version__ = "2.0"
    monkeypatch.setitem(sys.modules, "ip_part", part)

    def old() -> None:
        pass

    old.__module__ = "ip_part.things"
    with pytest.raises(RuntimeError, match=r"had to go in ip-part 2\.0"):
        deprecated(since="1.0", removed_in="2.0")(old)
    with pytest.warns(IPShellDeprecationWarning, match=r"since ip-part 1\.0 and goes in 2\.1"):
        deprecated(since="1.0", removed_in="2.1")(old)()


def test_nothing_of_the_core_is_overdue() -> None:
    """Every module can be imported, so nothing in it has to go in the release that this is."""
    code = (
        "import importlib, pkgutil, ipcore\n"
        "for each in pkgutil.walk_packages(ipcore.__path__, 'ipcore.'):\n"
        "    if each.name.endswith('__main__'):\n"
        "        continue\n"
        "    try:\n"
        "        importlib.import_module(each.name)\n"
        "    except ModuleNotFoundError as missing:\n"  # trio, or a module of another platform
        "        if str(missing.name).startswith('ipcore'):\n"
        "            raise\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=120)


# -- plugins that use it -----------------------------------------------------------

OLD_AND_NEW = """
from ipcore.deprecation import deprecated
@deprecated(since="0.1", removed_in="999.0", instead="new()")
def old():
    return 1
"""


def offer(site: Site) -> None:
    """Put something deprecated where a module of ours would be."""
    site.install("ip-part", files={"ip_part.py": "__version__ = '1.0'\n" + OLD_AND_NEW})


def test_the_person_is_told_in_one_line_which_plugin_uses_what(ipcore: Run, tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    offer(site)
    uses = (
        "import ip_part\n@hookimpl\ndef ipshell_cell_started(cell):\n    ip_part.old()\n    ip_part.old()\n"
    )
    site.plugin("yak", "lifecycle", "grunt", uses, "2.1")
    run = ipcore("-c", "6*7", PYTHONPATH=str(site))
    assert run.stdout == "42\n"
    assert run.stderr == (
        "ipshell: plugin yak[grunt] 2.1 (lifecycle) uses ip_part.old, which is deprecated since ip-part 0.1 "
        "and goes in 999.0; use new() instead. Look for a newer yak than 2.1.\n"
    )


def test_where_warnings_are_errors_the_plugin_fails_with_it(ipcore: Run, tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    offer(site)
    site.plugin("yak", "lifecycle", "grunt", "import ip_part\nip_part.old()\n" + STARTED)
    run = ipcore("-c", "6*7", PYTHONPATH=str(site), PYTHONWARNINGS="error::DeprecationWarning")
    assert "plugin yak[grunt] 1.0 (lifecycle), import: IPShellDeprecationWarning: plugin yak" in run.stderr
    assert "It is off for this session." in run.stderr


def test_a_cell_that_uses_it_is_warned_as_python_does(ipcore: Run, tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    offer(site)
    run = ipcore(typed="import ip_part\nip_part.old()\n", PYTHONPATH=str(site))
    assert run.stderr.count("IPShellDeprecationWarning: ip_part.old is deprecated since ip-part 0.1") == 1


def test_the_doctor_tells_what_a_plugin_uses_while_it_is_loaded(ipcore: Run, tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    offer(site)
    site.plugin("yak", "lifecycle", "grunt", "import ip_part\nip_part.old()\n" + STARTED)
    run = ipcore("plugins", "doctor", PYTHONPATH=str(site))
    assert run.returncode == 0, "what works is no problem"
    note = (
        "note: yak 1.0: yak[grunt] (lifecycle) uses ip_part.old, which is deprecated since ip-part 0.1 and "
        "goes in 999.0; use new() instead\n"
        "    It works until then; look for a newer yak, or tell its author.\n"
    )
    assert note in run.stdout
    assert re.search(r"^families in use that may still change: (.*, )?lifecycle\b", run.stdout, re.M)
    data = json.loads(ipcore("plugins", "doctor", "--json", PYTHONPATH=str(site)).stdout)
    assert "lifecycle" in data["provisional"]
    assert [each["subject"] for each in data["findings"]] == ["deprecated"]


# -- hooks -------------------------------------------------------------------------

STARTED = "@hookimpl\ndef ipshell_cell_started(cell):\n    pass\n"


@pytest.fixture
def going(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a hook go, and an argument of another one."""
    mark = pluggy.HookspecMarker(PROJECT)
    hook, other = (
        getattr(lifecycle_specs.LifecycleSpecs, f"ipshell_{name}")
        for name in ("cell_started", "shell_created")
    )
    for function in (hook, other):
        monkeypatch.setitem(vars(function), f"{PROJECT}_spec", vars(function)[f"{PROJECT}_spec"])
    mark(warn_on_impl=deprecation(**WHEN, instead="ipshell_cell_finished"))(hook)
    mark(warn_on_impl_args={"shell": deprecation(**WHEN, instead="nothing")})(other)


def load(monkeypatch: pytest.MonkeyPatch, source: str) -> Registry:
    module = types.ModuleType("yak_plugin")
    monkeypatch.setitem(sys.modules, "yak_plugin", module)
    exec(compile("from ipcore.hookspecs import hookimpl\n" + source, __file__, "exec"), module.__dict__)
    registry = Registry(builtin=(*BUILTIN, Declared("lifecycle", "grunt", "yak_plugin", "yak", "2.1")))
    registry.load("lifecycle")
    return registry


@pytest.mark.usefixtures("going")
def test_a_plugin_that_implements_a_hook_that_goes_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.warns(IPShellDeprecationWarning) as caught:
        registry = load(monkeypatch, STARTED)
    use = f"the hook ipshell_cell_started, which is {GOES}; use ipshell_cell_finished instead"
    assert told(caught) == [f"plugin yak[grunt] 2.1 (lifecycle) uses {use}"]
    assert capsys.readouterr().err == (
        f"ipshell: plugin yak[grunt] 2.1 (lifecycle) uses {use}. Look for a newer yak than 2.1.\n"
    )
    (plugin,) = registry.deprecations
    registry.note_deprecated(plugin, use)
    assert registry.deprecations == {plugin: [use]}, "each once"
    assert registry.failures == []
    assert [each.key for each in registry.declared("lifecycle")] == ["grunt"]


@pytest.mark.usefixtures("going")
def test_a_plugin_that_takes_an_argument_that_goes_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.warns(IPShellDeprecationWarning) as caught:
        load(monkeypatch, "@hookimpl\ndef ipshell_shell_created(shell):\n    pass\n")
    (text,) = told(caught)
    assert "uses the argument shell of the hook ipshell_shell_created, which is deprecated" in text


@pytest.mark.usefixtures("going")
def test_a_plugin_that_keeps_away_from_it_is_not_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        load(monkeypatch, "@hookimpl\ndef ipshell_shell_created():\n    pass\n")
    assert caught == []
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("going")
def test_an_author_whose_tests_make_warnings_errors_sees_the_plugin_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        registry = load(monkeypatch, STARTED)
    (failure,) = registry.failures
    assert failure.stage == "register"
    assert failure.reason.startswith("IPShellDeprecationWarning: plugin yak[grunt] 2.1 (lifecycle) uses")


def test_a_start_does_not_import_it() -> None:
    code = "import sys; import ipcore.__main__; from ipcore.shell import InteractiveShell as S; S().close()\n"
    code += "print('ipcore.deprecation' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "False\n"


def test_a_plugin_is_known_by_its_module_or_its_package_and_the_core_has_none() -> None:
    plugins = [
        Declared("lifecycle", "a", "yak.events", "yak", "1.0"),
        Declared("commands", "b", "yak.commands:command", "yak", "1.0"),
        *BUILTIN,
    ]
    named = {
        module: found.key if (found := subject._plugin_of(module, plugins)) else None
        for module in ("yak.commands", "yak.events", "yak.other", "yakety", "ipcore.plain.plugin", "__main__")
    }
    assert named == {
        "yak.commands": "b",
        "yak.events": "a",
        "yak.other": "a",
        "yakety": None,
        "ipcore.plain.plugin": None,
        "__main__": None,
    }


def test_an_argument_that_is_not_there_cannot_be_marked(core: Any) -> None:
    @of_core
    def old(x: int = 0) -> None:
        pass

    with pytest.raises(ValueError, match=r"\.old has no argument nope"):
        deprecated_argument("nope", since="0.3", removed_in="0.9")(old)


def test_a_property_cannot_be_marked() -> None:
    with pytest.raises(TypeError, match="not a property: let it stand under @property"):

        class Old:
            @deprecated(since="0.1", removed_in="0.9")  # type: ignore[prop-decorator]
            @property
            def size(self) -> int:
                return 1


def test_a_deprecated_coroutine_function_warns_where_it_is_called() -> None:
    import asyncio
    import inspect

    @deprecated(since="0.1", removed_in="0.9")
    async def fetch() -> int:
        return 42

    if sys.version_info >= (3, 12):
        assert inspect.iscoroutinefunction(fetch)
    with pytest.warns(IPShellDeprecationWarning, match="fetch"):
        coroutine = fetch()
    assert asyncio.run(coroutine) == 42
