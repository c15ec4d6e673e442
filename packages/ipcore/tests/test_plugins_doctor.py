"""``ipshell plugins doctor``: what is wrong, with which plugin, and what to do about it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ipcore import __version__
from ipcore.plugins.declared import Declared
from ipcore.plugins.trial import try_all
from ipcore.testing.distributions import HOOKIMPL, FakeSite

Run = Callable[..., subprocess.CompletedProcess[str]]

GOOD = "@hookimpl\ndef ipshell_cell_started(cell):\n    pass\n"
MAGIC = "@hookimpl\ndef ipshell_line_magic(name, shell):\n    return str\n"


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    return FakeSite(tmp_path / "site")


def diagnosis(
    ipcore: Run, site: FakeSite, *words: str, **environment: str
) -> tuple[list[str], int, dict[str, Any]]:
    """Run the doctor; give what it found as text, its status, and its whole answer."""
    run = ipcore(*words, "plugins", "doctor", "--json", PYTHONPATH=str(site), **environment)
    data = json.loads(run.stdout)
    found = [
        f"{'problem' if each['problem'] else 'note'} {each['subject']}: "
        f"{each['dist']} {each['version']}: {each['what']} -> {each['remedy']}"
        for each in data["findings"]
    ]
    return found, run.returncode, data


def test_a_healthy_installation_has_no_findings(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", GOOD, requires=[f"ipshell-core>={__version__}", "pluggy"])
    found, status, data = diagnosis(ipcore, site)
    assert (found, status, data["problems"]) == ([], 0, 0)
    assert data["core"] == __version__
    assert {"yak", "ipcore.plain.plugin", "ipcore.commands.plugin"} <= {
        each["module"] for each in data["imports"]
    }
    assert all(each["seconds"] >= 0 for each in data["imports"])
    assert data["cache"]["doubt"] == "no cache yet"
    assert diagnosis(ipcore, site)[2]["cache"]["doubt"] == ""


def test_the_report_for_people_names_problem_and_remedy(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", GOOD, requires=["ipshell-core>=99"])
    run = ipcore("plugins", "doctor", PYTHONPATH=str(site))
    lines = run.stdout.splitlines()
    at = lines.index(
        f'problem: yak 1.0: it requires "ipshell-core>=99", but ipshell-core {__version__} is installed'
    )
    assert lines[at + 1] == f"    Install a yak made for ipshell-core {__version__}."
    assert "slowest imports:" in lines
    assert lines[-1] == "1 problem"
    assert (run.stderr, run.returncode) == ("", 1)


@pytest.mark.parametrize(
    ("requires", "found"),
    [
        (
            "ipshell-core<0.0.1",
            'problem version: yak 1.0: it requires "ipshell-core<0.0.1", but ipshell-core '
            f"{__version__} is installed "
            f"-> Install a yak made for ipshell-core {__version__}.",
        ),
        (
            "pluggy<1",
            'problem requirement: yak 1.0: it requires "pluggy<1", but {pluggy} is installed -> '
            'Install "pluggy<1".',
        ),
        (
            "no-such-thing-at-all>=2",
            'problem requirement: yak 1.0: it requires "no-such-thing-at-all>=2", which is not installed '
            '-> Install "no-such-thing-at-all>=2".',
        ),
        (
            "ipcore",
            'problem requirement: yak 1.0: it requires "ipcore", a stranger\'s distribution; '
            "the core of ipshell is "
            "called ipshell-core -> Tell its author; look for a newer yak.",
        ),
        (
            "what is this",
            "problem requirement: yak 1.0: its requirement 'what is this' cannot be read: ",
        ),
        ("no-such-thing-at-all; extra == 'wool'", ""),
        ("no-such-thing-at-all; python_version < '3'", ""),
    ],
)
def test_requirements_are_compared_with_what_is_installed(
    ipcore: Run, site: FakeSite, requires: str, found: str
) -> None:
    import pluggy

    site.plugin("yak", "lifecycle", "grunt", GOOD, requires=[requires])
    told, status, _ = diagnosis(ipcore, site)
    assert status == bool(found)
    if found:
        assert len(told) == 1
        assert told[0].startswith(found.format(pluggy=pluggy.__version__))
    else:
        assert told == []


def test_a_stranger_with_our_names_is_found(ipcore: Run, site: FakeSite) -> None:
    # Their modules are left out: on this path they would be imported in place of ours.
    site.install("ipcore", "1.0")
    info = site.install("yak", files={"ipmagics/__init__.py": ""})
    (info / "top_level.txt").write_text("yak\nipterminal\n", encoding="utf-8")
    told, status, _ = diagnosis(ipcore, site)
    assert status == 1
    again = "then install again what belongs to ipshell: it may have been overwritten."
    assert told == [
        "problem stranger: ipcore 1.0: an unrelated distribution of that name; the core of ipshell is called "
        f"ipshell-core -> Uninstall ipcore, {again}",
        'problem stranger: yak 1.0: it has files of the package "ipmagics", which belongs to ipmagics '
        f"-> Uninstall yak, {again}",
        'problem stranger: yak 1.0: it has files of the package "ipterminal", which belongs to ipterminal '
        f"-> Uninstall yak, {again}",
    ]


def test_a_package_of_ours_that_something_hides_is_found(ipcore: Run, site: FakeSite, tmp_path: Path) -> None:
    site.install("ipmagics", files={"ipmagics/__init__.py": ""})
    first = tmp_path / "first"
    first.mkdir()
    (first / "ipmagics.py").write_text("", encoding="utf-8")
    run = ipcore("plugins", "doctor", PYTHONPATH=os.pathsep.join([str(first), str(site)]))
    assert (
        f'problem: ipmagics 1.0: the package "ipmagics" is hidden by {first / "ipmagics.py"}\n' in run.stdout
    )
    assert run.returncode == 1


def test_two_copies_of_the_core_are_found(ipcore: Run, site: FakeSite) -> None:
    site.install("ipshell-core", "99.0")
    told, status, _ = diagnosis(ipcore, site)
    assert status == 1
    assert any(
        line.startswith(
            f"problem version: ipshell-core 99.0: installed as 99.0, but the code that runs is {__version__}"
        )
        for line in told
    )


def test_owners_of_the_same_key_are_a_problem_unless_one_is_chosen(ipcore: Run, site: FakeSite) -> None:
    for name in ("ant", "bee"):
        site.plugin(name, "line_magics", "buzz", MAGIC)
    told, status, _ = diagnosis(ipcore, site)
    assert (told, status) == (
        [
            'problem key:  : ant 1.0 and bee 1.0 both own "buzz" (line_magics), so neither is used '
            "-> Choose one: c.Plugins.choose = {'line_magics/buzz': 'ant'}"
        ],
        1,
    )
    told, status, _ = diagnosis(ipcore, site, "--Plugins.choose.line_magics/buzz=bee")
    assert (told, status) == (
        [
            'note key:  : ant 1.0 and bee 1.0 own "buzz" (line_magics); that of bee is used '
            "-> For another one: c.Plugins.choose = {'line_magics/buzz': 'ant'}"
        ],
        0,
    )


def test_a_key_of_the_cores_own_that_a_stranger_has_too_is_a_note(ipcore: Run, site: FakeSite) -> None:
    site.plugin("ant", "commands", "locate", "@hookimpl\ndef ipshell_command(name):\n    return None\n")
    told, status, _ = diagnosis(ipcore, site)
    assert status == 0
    assert told[0].startswith(f'note key:  : ipshell-core {__version__} and ant 1.0 own "locate" (commands)')


def test_unknown_groups_are_a_problem_and_unused_ones_a_note(ipcore: Run, site: FakeSite) -> None:
    site.install(
        "yak",
        entry_points={"comands": {"a": "yak"}, "nosuch": {"b": "yak"}, "inspectors": {"c": "yak"}},
        files={"yak.py": ""},
    )
    told, status, _ = diagnosis(ipcore, site)
    assert status == 1
    assert sorted(told) == [
        "note group: yak 1.0: no installed part has a use for ipshell.inspectors (c = yak) -> It "
        "is in nobody's way.",
        "problem group: yak 1.0: there is no group ipshell.comands (a = yak) "
        "-> Did its author mean ipshell.commands?",
        "problem group: yak 1.0: there is no group ipshell.nosuch (b = yak) -> Look for a newer "
        "ipshell-core.",
    ]


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import no_such_module\n", "import of yak: ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise SystemExit(3)\n", "import of yak: it tried to end the program (SystemExit: 3)"),
        ("import os; os._exit(7)\n", "trial of yak: importing it ends the process with status 7"),
        (
            "@hookimpl\ndef ipshell_cell_finnished(result):\n    pass\n" + GOOD,
            "register of yak: no hook is called ipshell_cell_finnished. Did you mean ipshell_cell_finished?",
        ),
        ("ipshell_api = '9.0'\n" + GOOD, "register of yak: it needs plugin API 9.0, this core has 0.1"),
        (
            "print('noise'); import sys; sys.stderr.write('noise'); sys.stdin.read()\n" + GOOD,
            "",
        ),
    ],
)
def test_what_a_plugin_does_wrong_when_loaded_is_found_in_another_process(
    ipcore: Run, site: FakeSite, code: str, what: str
) -> None:
    site.plugin("yak", "lifecycle", "grunt", code)
    told, status, data = diagnosis(ipcore, site)
    assert status == bool(what)
    place = r" \(yak\.py, line \d+\)"
    assert [re.sub(place, "", line.partition(" -> ")[0]) for line in told] == [
        f"problem plugin: yak 1.0: yak[grunt] (lifecycle), {re.sub(place, '', what)}" for _ in [1] if what
    ]
    assert "noise" not in json.dumps(data)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals to die of")
def test_a_plugin_that_kills_its_process_is_found(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", "import os; os.kill(os.getpid(), 9)\n")
    told, status, _ = diagnosis(ipcore, site)
    assert status == 1
    assert "trial of yak: importing it kills the process with signal 9" in told[0]


def test_a_plugin_that_hangs_when_imported_is_ended_after_a_deadline(
    ipcore: Run, site: FakeSite, tmp_path: Path
) -> None:
    child = tmp_path / "child"
    # What it starts must be ended with it.
    site.plugin(
        "yak",
        "lifecycle",
        "grunt",
        "import subprocess, sys, time\n"
        f"one = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"with open({str(child)!r}, 'w') as file:\n    file.write(str(one.pid))\n"
        "time.sleep(600)\n",
    )
    run = ipcore("plugins", "doctor", "--deadline=2", PYTHONPATH=str(site))
    assert "yak[grunt] (lifecycle), trial of yak: importing it takes longer than 2 s\n" in run.stdout
    assert run.returncode == 1
    if os.name == "posix":
        pid = int(child.read_text(encoding="utf-8"))
        until = time.monotonic() + 20
        while is_running(pid):
            assert time.monotonic() < until, "what the plugin started is still there"
            time.sleep(0.01)


def is_running(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def test_a_module_that_fails_is_told_once_for_all_its_plugins(ipcore: Run, site: FakeSite) -> None:
    site.install(
        "yak",
        entry_points={"line_magics": {"one": "yak", "two": "yak"}, "lifecycle": {"three": "yak"}},
        files={"yak.py": "1/0\n"},
    )
    told, _, _ = diagnosis(ipcore, site)
    assert len(told) == 1


def test_blocked_plugins_are_not_tried(ipcore: Run, site: FakeSite, tmp_path: Path) -> None:
    marker = tmp_path / "imported"
    site.plugin("yak", "lifecycle", "grunt", f"open({str(marker)!r}, 'w').close()\n1/0\n")
    told, status, _ = diagnosis(ipcore, site, "-p", "no:yak")
    assert (told, status, marker.exists()) == ([], 0, False)


def test_names_that_mean_nothing_are_a_problem(ipcore: Run, site: FakeSite) -> None:
    told, status, _ = diagnosis(ipcore, site, "-p", "no:yak")
    assert (told, status) == (
        [
            'problem switch:  : -p no:yak names "yak", which is no plugin -> "ipshell plugins '
            'list" shows what there is.'
        ],
        1,
    )


def test_without_plugins_the_core_alone_is_examined(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", "1/0\n")
    told, status, data = diagnosis(ipcore, site, "--no-plugins")
    assert (told, status, data["cache"]) == ([], 0, None)


def test_nothing_is_imported_from_the_working_directory(ipcore: Run, site: FakeSite, tmp_path: Path) -> None:
    (tmp_path / "work" / "json.py").write_text(
        "raise SystemExit('from the working directory')\n", encoding="utf-8"
    )
    site.plugin("yak", "lifecycle", "grunt", GOOD)
    run = ipcore("plugins", "doctor", PYTHONPATH=str(site), PYTHONSAFEPATH="1")
    assert run.stdout.endswith("no problems\n")


def test_slow_modules_are_timed_each_in_its_own_process(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(site))
    site.install("ant", files={"ant.py": HOOKIMPL + GOOD, "bee.py": HOOKIMPL + "import ant\nassert 0\n"})
    plugins = [Declared("lifecycle", name, name, "ant", "1.0") for name in ("ant", "bee")]
    ant, bee = try_all(plugins, 60, at_once=1)
    assert (ant.module, ant.plugins, ant.complaints) == ("ant", (plugins[0],), ())
    assert ant.seconds > 0
    assert [each.reason for each in bee.complaints] == ["AssertionError (bee.py, line 4)"]
    assert "ant" not in sys.modules
