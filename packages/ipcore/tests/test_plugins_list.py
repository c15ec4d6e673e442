"""``ipshell plugins list`` and ``info``: what is there and in which state, with nothing imported."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ipcore.plugins.declared import Declared
from ipcore.plugins.discovery import Found
from ipcore.plugins.registry import Registry
from ipcore.plugins.report import rows, source_of
from ipcore.testing.distributions import HOOKIMPL, FakeSite

Run = Callable[..., subprocess.CompletedProcess[str]]

GOOD = "@hookimpl\ndef ipshell_cell_started(cell):\n    pass\n"
MAGIC = "@hookimpl\ndef ipshell_line_magic(name, shell):\n    return str\n"


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    return FakeSite(tmp_path / "site")


def table(text: str) -> list[dict[str, str]]:
    """Read a printed table back: the columns start where their titles do."""
    head, *lines = text.splitlines()
    starts = [match.start() for match in re.finditer(r"(?<!\S\s)\S(?:\S|\s\S)*", head)]
    names = [head[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
    return [
        {name: line[a:b].strip() for name, a, b in zip(names, starts, [*starts[1:], None], strict=True)}
        for line in lines
    ]


def test_every_plugin_is_listed_with_owner_family_and_state(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", "raise SystemExit\n", version="2.1")
    run = ipcore("plugins", "list", PYTHONPATH=str(site))
    assert (run.stderr, run.returncode) == ("", 0)
    listed = table(run.stdout)
    assert listed[0].keys() == {"KEY", "PROVIDED BY", "FAMILY", "STATE", "NOTES"}
    assert {
        "KEY": "grunt",
        "PROVIDED BY": "yak 2.1",
        "FAMILY": "lifecycle",
        "STATE": "declared",
        "NOTES": "",
    } in listed
    own = next(line for line in listed if line["KEY"] == "plugins")
    assert (own["STATE"], own["FAMILY"]) == ("active", "commands")


@pytest.mark.parametrize(
    ("words", "environment", "note"),
    [
        (("-p", "no:grunt"), {}, "by -p no:grunt"),
        ((), {"IPSHELL_PLUGINS": "zebra,plain"}, "by IPSHELL_PLUGINS=zebra,plain"),
        (("--Plugins.disable=yak",), {}, "by Plugins.disable, command line: --Plugins.disable"),
    ],
)
def test_a_blocked_plugin_is_listed_with_what_blocks_it(
    ipcore: Run, site: FakeSite, words: tuple[str, ...], environment: dict[str, str], note: str
) -> None:
    site.plugin("yak", "lifecycle", "grunt", GOOD)
    site.plugin("zebra", "lifecycle", "bark", GOOD)
    run = ipcore(*words, "plugins", "list", PYTHONPATH=str(site), **environment)
    (line,) = [line for line in table(run.stdout) if line["KEY"] == "grunt"]
    assert (line["STATE"], line["NOTES"]) == ("blocked", note)


def test_what_blocks_a_plugin_is_named_with_file_and_line(ipcore: Run, home: Path, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", GOOD)
    file = home / "profile_default" / "ipshell_config.py"
    file.parent.mkdir()
    file.write_text("c = get_config()\n\nc.Plugins.disable = ['yak']\n", encoding="utf-8")
    run = ipcore("plugins", "list", PYTHONPATH=str(site))
    assert f"by Plugins.disable, {file}:3" in run.stdout


def test_with_no_plugins_the_cores_own_are_left(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", GOOD)
    run = ipcore("--no-plugins", "plugins", "list", PYTHONPATH=str(site))
    assert {line["PROVIDED BY"].split()[0] for line in table(run.stdout)} == {"ipshell-core"}


def test_unknown_families_and_those_nobody_uses_are_listed_with_a_note(ipcore: Run, site: FakeSite) -> None:
    site.install(
        "yak",
        entry_points={
            "lifecycles": {"typo": "yak"},
            "nosuch": {"strange": "yak"},
            "inspectors": {"early": "yak"},
            "config": {"YakSettings": "yak:Settings"},
        },
    )
    run = ipcore("plugins", "list", PYTHONPATH=str(site))
    notes = {line["KEY"]: line["NOTES"] for line in table(run.stdout)}
    assert notes["typo"] == "unknown family, did you mean lifecycle?"
    assert notes["strange"] == "unknown family"
    assert notes["early"] == "no installed part has a use for this family yet"
    assert "YakSettings" not in notes


def test_owners_of_the_same_key_are_marked(ipcore: Run, site: FakeSite) -> None:
    for name in ("ant", "bee"):
        site.plugin(name, "line_magics", "buzz", MAGIC)
    site.plugin("cow", "commands", "locate", MAGIC)
    listed = table(ipcore("plugins", "list", PYTHONPATH=str(site)).stdout)
    notes = {(line["PROVIDED BY"].split()[0], line["KEY"]): line["NOTES"] for line in listed}
    assert notes["ant", "buzz"] == (
        "owned by bee too, so none is used; to use it: c.Plugins.choose = {'line_magics/buzz': 'ant'}"
    )
    assert notes["cow", "locate"] == (
        "hidden by ipshell-core; to use it: c.Plugins.choose = {'commands/locate': 'cow'}"
    )
    assert notes["ipshell-core", "locate"] == "hides that of cow"


def test_one_family_can_be_asked_for_by_either_name(ipcore: Run, site: FakeSite) -> None:
    site.install("yak", entry_points={"nosuch": {"strange": "yak"}, "commands": {"grunt": "yak"}})
    for group in ("commands", "ipshell.commands"):
        listed = table(ipcore("plugins", "list", "--group", group, PYTHONPATH=str(site)).stdout)
        assert {line["FAMILY"] for line in listed} == {"commands"}
        assert "grunt" in {line["KEY"] for line in listed}
    listed = table(ipcore("plugins", "list", "--group", "nosuch", PYTHONPATH=str(site)).stdout)
    assert [line["KEY"] for line in listed] == ["strange"]


@pytest.mark.parametrize(
    ("group", "hint"),
    [("comands", 'did you mean "commands"?'), ("zzz", "there are: lifecycle, "), ("config", "")],
)
def test_a_family_there_is_not_is_refused(ipcore: Run, site: FakeSite, group: str, hint: str) -> None:
    site.install("yak", entry_points={"config": {"Yak": "yak:Yak"}})
    run = ipcore("plugins", "list", "--group", group, PYTHONPATH=str(site))
    assert run.stderr.startswith(f'ipshell: there is no family of plugins called "{group}"; {hint}')
    assert (run.stdout, run.returncode, run.stderr.count("\n")) == ("", 2, 1)


def test_the_order_is_shown_as_it_will_be(ipcore: Run, site: FakeSite) -> None:
    for name in ("ant", "bee", "cow"):
        site.plugin(name, "lifecycle", name, GOOD)
        site.plugin(f"{name}-traces", "tracebacks", name, GOOD)
        site.plugin(f"{name}-magic", "line_magics", "moo" if name != "ant" else "buzz", MAGIC)
    options = (
        "--Plugins.order=cow",
        "--Plugins.choose.tracebacks=bee",
        "-p",
        "no:bee-magic",
        "-p",
        "no:lifecycle/ant",
    )
    listed = table(ipcore(*options, "plugins", "list", "--order", PYTHONPATH=str(site)).stdout)
    places = {(line["FAMILY"], line["PROVIDED BY"].split()[0]): line["ORDER"] for line in listed}
    assert places["lifecycle", "cow"] == "1"
    assert places["lifecycle", "bee"] == "2"
    assert places["lifecycle", "ant"] == "-"
    assert [places["tracebacks", f"{name}-traces"] for name in ("bee", "cow", "ant")] == ["1", "2", "3"]
    assert places["tracebacks", "ipshell-core"] == "4"
    assert [places["line_magics", f"{name}-magic"] for name in ("ant", "bee", "cow")] == ["1", "-", "1"]


def test_json_has_the_same_and_more(ipcore: Run, site: FakeSite) -> None:
    site.install(
        "yak",
        summary="a noisy one",
        entry_points={"lifecycle": {"grunt": "yak.plugin:thing"}, "config": {"Y": "y:Y"}},
    )
    run = ipcore("-p", "no:yak", "plugins", "list", "--json", "--group", "lifecycle", PYTHONPATH=str(site))
    assert json.loads(run.stdout) == [
        {
            "key": "grunt",
            "distribution": "yak",
            "version": "1.0",
            "summary": "a noisy one",
            "family": "lifecycle",
            "kind": "many",
            "value": "yak.plugin:thing",
            "state": "blocked",
            "blocked_by": "-p no:yak",
            "order": None,
            "notes": [],
        }
    ]


def test_a_failed_plugin_is_shown_as_such_where_it_was_used() -> None:
    gone = Declared("lifecycle", "grunt", "no_such_module_at_all", "yak", "1.0")
    registry = Registry(lambda: Found((gone,), ()), builtin=())
    registry.call_each("lifecycle", "ipshell_cell_started", cell=None)
    (row,) = rows(registry, registry.declared())
    assert (row.state, row.notes) == (
        "failed",
        ("import: ModuleNotFoundError: No module named 'no_such_module_at_all'",),
    )


# -- info --------------------------------------------------------------------------


def facts(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Read the blocks that ``info`` prints: title, and what stands below it."""
    for block in text.strip().split("\n\n"):
        title, *lines = block.splitlines()
        yield title, {line[2:14].strip(): line[14:] for line in lines if not line.startswith("    ")}


def test_info_tells_all_without_importing(ipcore: Run, site: FakeSite) -> None:
    site.install(
        "yak",
        "1.5",
        summary="a noisy one",
        entry_points={"lifecycle": {"grunt": "yaks.plugin:thing"}},
        files={"yaks/__init__.py": "raise SystemExit('imported')\n", "yaks/plugin.py": "raise SystemExit\n"},
    )
    run = ipcore("plugins", "info", "grunt", PYTHONPATH=str(site))
    assert (run.stderr, run.returncode) == ("", 0)
    ((title, told),) = facts(run.stdout)
    assert title == "grunt (lifecycle)"
    assert told == {
        "provided by": "yak 1.5",
        "summary": "a noisy one",
        "family": "many: told when shells and cells start and end",
        "stability": "provisional: its hooks may still change (plugin API 0.1)",
        "value": "yaks.plugin:thing",
        "file": str(site.folder / "yaks" / "plugin.py"),
        "state": "declared",
        "may have": "ipshell_cell_finished, ipshell_cell_started, ipshell_shell_closing, "
        "ipshell_shell_created "
        "(--load shows what it has)",
    }


def test_info_loads_if_asked_and_shows_hooks_and_seconds(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", GOOD)
    run = ipcore("plugins", "info", "yak[grunt]", "--load", PYTHONPATH=str(site))
    ((_, told),) = facts(run.stdout)
    assert (told["state"], told["hooks"]) == ("loaded", "ipshell_cell_started")
    assert re.fullmatch(r"\d+\.\d{3} s to import and register", told["took"])
    assert (run.stderr, run.returncode) == ("", 0)


def test_info_shows_the_traceback_of_a_plugin_that_fails(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", "def deep():\n    1/0\ndeep()\n")
    run = ipcore("plugins", "info", "grunt", "--load", PYTHONPATH=str(site))
    ((_, told),) = facts(run.stdout)
    assert (told["state"], told["failure"]) == (
        "failed",
        "import: ZeroDivisionError: division by zero (yak.py, line 4)",
    )
    assert told["remedy"].startswith("Look for a newer yak than 1.0.")
    assert re.search(r'^    .*yak\.py", line 4, in deep$', run.stdout, re.MULTILINE)
    assert run.returncode == 0


def test_info_says_what_blocks_a_plugin_and_does_not_load_it(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", "raise SystemExit('imported')\n")
    run = ipcore("-p", "no:yak", "plugins", "info", "yak", "--load", PYTHONPATH=str(site))
    ((_, told),) = facts(run.stdout)
    assert (told["state"], told["blocked by"]) == ("blocked", "-p no:yak")
    assert run.stderr == ""


def test_info_on_a_distribution_shows_all_it_brings_with_its_sections(ipcore: Run, site: FakeSite) -> None:
    site.install(
        "yak",
        entry_points={
            "lifecycle": {"grunt": "yak"},
            "inspectors": {"early": "yak"},
            "nosuch": {"strange": "gone.far"},
            "config": {"YakSettings": "yak:Settings"},
        },
        files={"yak.py": HOOKIMPL + GOOD},
    )
    told = dict(facts(ipcore("plugins", "info", "yak", "--load", PYTHONPATH=str(site)).stdout))
    assert set(told) == {
        "grunt (lifecycle)",
        "early (inspectors)",
        "strange (nosuch)",
        "YakSettings (a section of the configuration, not a plugin)",
    }
    assert told["early (inspectors)"]["note"] == "no installed part has a use for this family yet"
    assert told["strange (nosuch)"]["file"] == "not found"
    assert told["strange (nosuch)"]["family"] == "unknown to this core"


@pytest.mark.parametrize(
    ("name", "hint"), [("yac", 'did you mean "yak"?'), ("zzzz", '"ipshell plugins list" shows')]
)
def test_info_on_a_name_that_means_nothing_names_the_nearest(
    ipcore: Run, site: FakeSite, name: str, hint: str
) -> None:
    site.plugin("yak", "lifecycle", "grunt", GOOD)
    run = ipcore("plugins", "info", name, PYTHONPATH=str(site))
    assert run.stderr.startswith(f'ipshell: no plugin is called "{name}"; {hint}')
    assert (run.stdout, run.returncode) == ("", 1)


# -- files -------------------------------------------------------------------------


def test_files_of_modules_are_found_without_importing_their_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outer" / "inner").mkdir(parents=True)
    (tmp_path / "outer" / "__init__.py").write_text("raise SystemExit\n", encoding="utf-8")
    (tmp_path / "outer" / "inner" / "leaf.py").write_text("raise SystemExit\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert source_of("outer") == str(tmp_path / "outer" / "__init__.py")
    assert source_of("outer.inner") == str(tmp_path / "outer" / "inner")
    assert source_of("outer.inner.leaf") == str(tmp_path / "outer" / "inner" / "leaf.py")
    assert source_of("outer.gone.leaf") == ""
    assert source_of("no_such_module_at_all") == ""
    assert source_of("sys") == "built-in"


def test_a_finder_that_fails_does_not_hide_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    class Broken:
        @staticmethod
        def find_spec(*_: Any) -> None:
            raise RuntimeError("broken finder")

    (tmp_path / "outer.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", [Broken, *sys.meta_path])
    assert source_of("outer") == str(tmp_path / "outer.py")
