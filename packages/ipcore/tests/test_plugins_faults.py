"""Every way a plugin can go wrong: what the user sees of it, and that nothing else breaks."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from faulty_plugins import COMMAND, GOOD, NEWER, OFF, Run, Told, site, told, without_places

from ipcore.testing.distributions import HOOKIMPL, FakeSite

# Fixtures are found by their names here.
__all__ = ["site", "told"]


class Fault(NamedTuple):
    """A plugin of the family ``lifecycle`` that goes wrong."""

    code: str
    stage: str
    reason: str
    after: str = f"{OFF} {NEWER}"
    requires: tuple[str, ...] = ()
    value: str = "yak"


FAULTS = {
    "the module is missing": Fault(
        "",
        "import",
        "ModuleNotFoundError: No module named 'yak_gone'.",
        f'{OFF} Reinstall yak, or remove it. Switch it off with "-p no:yak[grunt]".',
        value="yak_gone",
    ),
    "the module has no such attribute": Fault(
        GOOD, "import", "AttributeError: module 'yak' has no attribute 'gone'.", value="yak:gone"
    ),
    "ImportError at import": Fault("raise ImportError('no luck')\n", "import", "ImportError: no luck."),
    "a needed module is missing": Fault(
        "import yarn.spinner\n",
        "import",
        "ModuleNotFoundError: No module named 'yarn'.",
        f'{OFF} Install what provides the module "yarn". Switch it off with "-p no:yak[grunt]".',
    ),
    "a requirement is missing": Fault(
        "import yarn.spinner\n",
        "import",
        "ModuleNotFoundError: No module named 'yarn'.",
        f'{OFF} Install "yarn>=2". Switch it off with "-p no:yak[grunt]".',
        requires=("yarn>=2",),
    ),
    "an extra is missing": Fault(
        "import yarn.spinner\n",
        "import",
        "ModuleNotFoundError: No module named 'yarn'.",
        f'{OFF} Install "yak[wool]". Switch it off with "-p no:yak[grunt]".',
        requires=('yarn>=2; extra == "wool"',),
    ),
    "a syntax error": Fault("def\n", "import", "SyntaxError: invalid syntax (yak.py, line 3)."),
    "SystemExit at import": Fault(
        "import sys; sys.exit(3)\n", "import", "it tried to end the program (SystemExit: 3)."
    ),
    "KeyboardInterrupt at import": Fault(
        "raise KeyboardInterrupt\n",
        "import",
        "it was interrupted.",
        f'{OFF} Switch it off with "-p no:yak[grunt]".',
    ),
    "a message of several lines": Fault(
        "raise ValueError('one\\n  two' + 'x' * 1000)\n", "import", f"ValueError: one two{'x' * 290}..."
    ),
    "a message that cannot be shown": Fault(
        "class Bad(Exception):\n    def __str__(self):\n        raise SystemExit\nraise Bad\n",
        "import",
        "Bad: (its message cannot be shown: SystemExit).",
    ),
    "an argument that the hook does not have": Fault(
        "@hookimpl\ndef ipshell_cell_started(cell, sell):\n    pass\n",
        "register",
        "ipshell_cell_started(cell, sell) does not fit: Argument(s) {'sell'} are declared in the hookimpl "
        "but can not be found in the hookspec; the hook gives cell.",
    ),
    "a misspelt hook": Fault(
        "@hookimpl\ndef ipshell_cell_startet(cell):\n    pass\n",
        "register",
        "it has no hook of the family lifecycle (ipshell_cell_finished, ipshell_cell_started, "
        "ipshell_shell_closing, ipshell_shell_created). Did you mean ipshell_cell_started?",
    ),
    "a misspelt hook beside a good one": Fault(
        GOOD + "\n@hookimpl\ndef ipshell_cell_finnished(result):\n    pass\n",
        "register",
        "no hook is called ipshell_cell_finnished. Did you mean ipshell_cell_finished?",
        f"The rest of it is in use. {NEWER}",
    ),
    "a hook without the mark": Fault(
        "def ipshell_cell_started(cell):\n    pass\n",
        "register",
        "it has no hook of the family lifecycle (ipshell_cell_finished, ipshell_cell_started, "
        "ipshell_shell_closing, ipshell_shell_created). Is the @hookimpl mark missing?",
    ),
    "a wrapper": Fault(
        "@hookimpl(wrapper=True)\ndef ipshell_cell_started(cell):\n    return (yield)\n",
        "register",
        "ipshell_cell_started is a wrapper, which this family does not take.",
    ),
    "a coroutine function": Fault(
        "@hookimpl\nasync def ipshell_cell_started(cell):\n    pass\n",
        "register",
        "ipshell_cell_started is a coroutine function; hooks are called, not awaited.",
    ),
    "a class": Fault(
        "class Plugin:\n    @hookimpl\n    def ipshell_cell_started(self, cell):\n        pass\n",
        "register",
        "Plugin is a class; the entry point must name a module or an instance.",
        value="yak:Plugin",
    ),
    "it needs a newer core": Fault(
        "ipshell_api = '0.99'\n" + GOOD,
        "register",
        "it needs plugin API 0.99, this core has 0.1.",
        f'{OFF} Upgrade ipshell-core. Switch it off with "-p no:yak[grunt]".',
    ),
    "it needs another major version": Fault(
        "ipshell_api = '-1.0'\n" + GOOD, "register", "it needs plugin API -1.0, this core has 0.1."
    ),
    "an ipshell_api that is no version": Fault(
        "ipshell_api = 'latest'\n" + GOOD,
        "register",
        "its ipshell_api is 'latest', not a version such as '0.1'.",
    ),
    "a hook that raises": Fault(
        "@hookimpl\ndef ipshell_cell_started(cell):\n    1/0\n",
        "ipshell_cell_started",
        "ZeroDivisionError: division by zero.",
    ),
    "a hook that ends the program": Fault(
        "@hookimpl\ndef ipshell_cell_started(cell):\n    raise SystemExit('enough')\n",
        "ipshell_cell_started",
        "it tried to end the program (SystemExit: enough).",
    ),
    "an object that raises when looked at": Fault(
        "class Hostile:\n"
        "    def __getattr__(self, name):\n        raise RuntimeError(f'keep off {name}')\n"
        "    def __dir__(self):\n        raise RuntimeError('keep off')\n"
        "    def __eq__(self, other):\n        raise RuntimeError('keep off')\n"
        "    __hash__ = None\n"
        "thing = Hostile()\n",
        "register",
        "RuntimeError: keep off ipshell_api.",
        value="yak:thing",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_in_one_line_and_nothing_else_breaks(
    ipcore: Run, site: FakeSite, told: Told, case: str
) -> None:
    fault = FAULTS[case]
    site.install(
        "yak",
        entry_points={"lifecycle": {"grunt": fault.value}},
        files={"yak.py": HOOKIMPL + fault.code},
        requires=fault.requires,
        extras=["wool"],
    )
    run = ipcore("-c", "print(6*7)\n1/1", PYTHONPATH=str(site))
    told(case, run)
    assert (
        without_places(run.stderr)
        == f"ipshell: plugin yak[grunt] 1.0 (lifecycle), {fault.stage}: {without_places(fault.reason)} "
        f"{fault.after}\n"
    )
    assert run.stdout == "bystander\n42\n1.0\n"
    assert run.returncode == 0


def test_the_place_in_the_plugins_own_code_is_told(ipcore: Run, site: FakeSite) -> None:
    code = "import json\n\n@hookimpl\ndef ipshell_cell_started(cell):\n    json.loads('{')\n"
    site.plugin("yak", "lifecycle", "grunt", code)
    run = ipcore("-c", "1", PYTHONPATH=str(site))
    # The plugin's innermost frame, not the library's that raises. The file begins with an import.
    assert "JSONDecodeError" in run.stderr
    assert " (yak.py, line 7). It is off for this session." in run.stderr


def test_a_module_of_its_own_that_is_missing_is_not_looked_for_elsewhere(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", "import yak.horns\n")
    run = ipcore("-c", "1", PYTHONPATH=str(site))
    assert "No module named 'yak.horns'" in run.stderr
    assert "Reinstall yak, or remove it." in run.stderr
    assert "Install what provides" not in run.stderr


def test_a_failure_is_told_once_however_often_the_hook_is_called(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "lifecycle", "grunt", "@hookimpl\ndef ipshell_cell_started(cell):\n    1/0\n")
    code = "for n in 1, 2: get_ipython().run_cell(f'print({n})')"
    run = ipcore("-c", code, PYTHONPATH=str(site))
    assert run.stderr.count("plugin yak[grunt]") == 1
    assert run.stdout == "bystander\nbystander\n1\nbystander\n2\n"


def test_debug_adds_the_plugins_own_traceback(ipcore: Run, site: FakeSite, told: Told) -> None:
    site.plugin("yak", "lifecycle", "grunt", "@hookimpl\ndef ipshell_cell_started(cell):\n    1/0\n")
    run = ipcore("--debug", "-c", "6*7", PYTHONPATH=str(site))
    assert "Traceback (most recent call last)" in run.stderr
    assert re.search(r'yak\.py", line 5, in ipshell_cell_started', run.stderr)
    assert run.returncode == 0


# -- what each family's check refuses ----------------------------------------------


class Rubbish(NamedTuple):
    """A plugin that gives something of the wrong shape, and a run that asks for it."""

    family: str
    hook: str
    returns: str
    words: tuple[str, ...]
    reason: str
    stdout: str = "42\n"
    stderr: tuple[str, ...] = ()
    status: int = 0
    typed: str = ""


RUBBISH = {
    "display: no formatters": Rubbish(
        "display", "ipshell_formatters(shell)", "7", ("-c", "6*7"), "it gave int, not formatters."
    ),
    "display: no mime": Rubbish(
        "display",
        "ipshell_formatters(shell)",
        "[7]",
        ("-c", "6*7"),
        "its formatter int has no mime and format().",
    ),
    "display: a generator that raises": Rubbish(
        "display",
        "ipshell_formatters(shell)",
        "(1/0 for _ in 'a')",
        ("-c", "6*7"),
        "ZeroDivisionError: division by zero.",
    ),
    "display: an object that raises when looked at": Rubbish(
        "display",
        "ipshell_formatters(shell)",
        "[type('Bad', (), {'__getattr__': lambda self, name: 1/0})()]",
        ("-c", "6*7"),
        "ZeroDivisionError: division by zero.",
    ),
    "input: no transformers": Rubbish(
        "input", "ipshell_input_transformers(shell)", "7", ("-c", "6*7"), "it gave int, not transformers."
    ),
    "input: no applies": Rubbish(
        "input",
        "ipshell_input_transformers(shell)",
        "[7]",
        ("-c", "6*7"),
        "its transformer int has no applies().",
    ),
    "prompts": Rubbish(
        "prompts",
        "ipshell_prompts(name, shell)",
        "'>>>'",
        ("--InteractiveShell.prompts_name=grunt", "-c", "print(get_ipython().prompts.input(1))"),
        "its prompts have no input().",
        "In [1]: \n",
    ),
    "frontends": Rubbish(
        "frontends",
        "ipshell_frontend(name, shell)",
        "7",
        ("--frontend=grunt",),
        "it gave int, which has no run().",
        "\nIn [1]: 42\n\nIn [2]: \n",
        typed="print(6*7)\n",
    ),
    "tracebacks": Rubbish(
        "tracebacks",
        "ipshell_tracebacks(shell)",
        "7",
        ("-c", "1/0"),
        "it gave int, not a Component.",
        "",
        ("ZeroDivisionError: division by zero",),
        1,
    ),
    "line_magics": Rubbish(
        "line_magics",
        "ipshell_line_magic(name, shell)",
        "7",
        ("-c", "%grunt"),
        "it gave int, not a function.",
        "",
        ("UsageError: Line magic function `%grunt` cannot be used, its plugin is off.",),
        1,
    ),
    "cell_magics": Rubbish(
        "cell_magics",
        "ipshell_cell_magic(name, shell)",
        "7",
        ("-c", "%%grunt\n"),
        "it gave int, not a function.",
        "",
        ("UsageError: Cell magic function `%%grunt` cannot be used, its plugin is off.",),
        1,
    ),
    "commands": Rubbish(
        "commands",
        "ipshell_command(name)",
        "7",
        ("grunt",),
        "it gave int, which has no add_arguments() and run().",
        "",
        ('ipshell: the command "grunt" cannot be used, see above.',),
        1,
    ),
}


@pytest.mark.parametrize("case", RUBBISH)
def test_rubbish_is_refused_and_the_plain_part_takes_over(
    ipcore: Run, tmp_path: Path, told: Told, case: str
) -> None:
    rubbish = RUBBISH[case]
    site = FakeSite(tmp_path / "site")
    site.plugin(
        "yak", rubbish.family, "grunt", f"@hookimpl\ndef {rubbish.hook}:\n    return {rubbish.returns}\n"
    )
    run = ipcore(*rubbish.words, typed=rubbish.typed, PYTHONPATH=str(site))
    told(f"rubbish from {case}", run)
    hook = rubbish.hook.partition("(")[0]
    first, *rest = without_places(run.stderr).splitlines()
    assert (
        first == f"ipshell: plugin yak[grunt] 1.0 ({rubbish.family}), {hook}: {rubbish.reason} {OFF} {NEWER}"
    )
    assert tuple(rest[-1:]) == rubbish.stderr
    assert run.stdout == rubbish.stdout
    assert run.returncode == rubbish.status


def test_a_formatter_that_raises_is_switched_off_and_the_value_is_shown(
    ipcore: Run, site: FakeSite, told: Told
) -> None:
    site.plugin(
        "yak",
        "display",
        "grunt",
        "class Bad:\n    mime = 'text/plain'\n    def format(self, value):\n        1/0\n"
        "@hookimpl\ndef ipshell_formatters(shell):\n    return [Bad()]\n",
    )
    run = ipcore("-c", "6*7", PYTHONPATH=str(site))
    told("a formatter that raises", run)
    assert run.stderr == (
        "ipshell: plugin yak[grunt] 1.0 (display), formatting text/plain: "
        f"ZeroDivisionError: division by zero. {OFF} {NEWER}\n"
    )
    assert run.stdout == "bystander\n42\n"


# -- hanging -----------------------------------------------------------------------

HANG = "    import time\n    while True:\n        time.sleep(0.05)\n"


def interrupt_once_named(
    site: FakeSite, words: list[str], wanted: str, cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Start a shell, wait until it names a plugin that hangs, and press Ctrl-C."""
    child = subprocess.Popen(
        [sys.executable, "-m", "ipcore", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(site)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run in the background has it ignored, and its children with it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert child.stderr is not None
        line = child.stderr.readline()
        assert wanted in line
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    finally:
        child.kill()
        child.wait(10)
    return subprocess.CompletedProcess(words, child.returncode, out, line + err)


@pytest.mark.skipif(sys.platform == "win32", reason="no signal reaches one process alone")
@pytest.mark.parametrize(
    ("case", "family", "code", "what", "stage"),
    [
        ("an import that hangs", "lifecycle", f"if True:\n{HANG}", "importing yak", "import"),
        (
            "a hook that hangs",
            "lifecycle",
            f"@hookimpl\ndef ipshell_cell_started(cell):\n{HANG}",
            "ipshell_cell_started",
            "ipshell_cell_started",
        ),
        (
            "a formatter that hangs",
            "display",
            f"mime = 'text/plain'\ndef format(value):\n{HANG}"
            "@hookimpl\ndef ipshell_formatters(shell):\n    import yak\n    return [yak]\n",
            "formatting text/plain",
            "formatting text/plain",
        ),
        (
            "an input transformer that hangs",
            "input",
            "name, stage = 'shear', 'cleanup'\ndef applies(source):\n    return True\n"
            f"def transform(lines):\n{HANG}"
            "@hookimpl\ndef ipshell_input_transformers(shell):\n    import yak\n    return [yak]\n",
            "input transformer shear",
            "input transformer shear",
        ),
    ],
)
def test_what_hangs_is_named_and_ctrl_c_goes_on_without_it(
    home: Path,
    site: FakeSite,
    tmp_path: Path,
    told: Told,
    case: str,
    family: str,
    code: str,
    what: str,
    stage: str,
) -> None:
    site.plugin("yak", family, "grunt", code)
    who = f"ipshell: plugin yak[grunt] 1.0 ({family})"
    named = f"{who}, {what}, has been busy for 2 s; Ctrl-C goes on without it."
    run = interrupt_once_named(site, ["-c", "6*7"], named, tmp_path)
    told(f"{case}, then Ctrl-C", run)
    first, second = run.stderr.splitlines()
    assert first == named
    assert second.startswith(f"{who}, {stage}: it was interrupted. {OFF} ")
    assert second.endswith('Switch it off with "-p no:yak[grunt]".')
    assert run.stdout == "bystander\n42\n"
    assert run.returncode == 0


# -- what a plugin gave fails later ------------------------------------------------------

PROMPTS = (
    "class Prompts:\n    def input(self, number):\n        return 1/0\n    output = continuation = input\n"
    "@hookimpl\ndef ipshell_prompts(name, shell):\n    return Prompts()\n"
)
FRONTEND = (
    "class Frontend:\n    def run(self):\n        return 1/0\n"
    "@hookimpl\ndef ipshell_frontend(name, shell):\n    return Frontend()\n"
)
BAD_COMMAND = (
    "class Command:\n    summary = 'speak'\n    def add_arguments(self, parser):\n        pass\n"
    "    def run(self, arguments, app):\n        return 1/0\n"
    "@hookimpl\ndef ipshell_command(name):\n    return Command()\n"
)


@pytest.mark.parametrize(
    ("case", "family", "code", "words", "stage"),
    [
        (
            "prompts that raise",
            "prompts",
            PROMPTS,
            ("--InteractiveShell.prompts_name=grunt",),
            "prompts, input",
        ),
        ("a front end that raises", "frontends", FRONTEND, ("--frontend=grunt",), "the interactive loop"),
    ],
)
def test_a_session_outlives_what_a_plugin_gave(
    ipcore: Run,
    site: FakeSite,
    told: Told,
    case: str,
    family: str,
    code: str,
    words: tuple[str, ...],
    stage: str,
) -> None:
    site.plugin("yak", family, "grunt", code)
    run = ipcore(*words, typed="6*7\n", PYTHONPATH=str(site))
    told(case, run)
    who = f"ipshell: plugin yak[grunt] 1.0 ({family}), {stage}"
    assert without_places(run.stderr).splitlines() == [
        f"{who}: ZeroDivisionError: division by zero. {OFF} {NEWER}"
    ]
    assert "Out[1]: 42" in run.stdout
    assert run.returncode == 0


def test_a_command_that_raises_is_its_plugins_fault(ipcore: Run, site: FakeSite, told: Told) -> None:
    site.plugin("yak", "commands", "grunt", BAD_COMMAND)
    run = ipcore("grunt", PYTHONPATH=str(site))
    told("a command that raises", run)
    who = "ipshell: plugin yak[grunt] 1.0 (commands), running grunt"
    assert without_places(run.stderr).splitlines() == [
        f"{who}: ZeroDivisionError: division by zero. {OFF} {NEWER}"
    ]
    assert run.returncode == 1


@pytest.mark.parametrize("words", [("grunt", "--help"), ("help", "grunt"), ("grunt",)])
def test_a_command_whose_arguments_cannot_be_declared_is_its_plugins_fault(
    ipcore: Run, site: FakeSite, told: Told, words: tuple[str, ...]
) -> None:
    site.plugin("yak", "commands", "grunt", BAD_COMMAND.replace("pass", "1/0"))
    run = ipcore(*words, PYTHONPATH=str(site))
    told(f"a command whose arguments cannot be declared: ipshell {' '.join(words)}", run)
    who = f"ipshell: plugin yak[grunt] 1.0 (commands), running {words[0]}"
    assert without_places(run.stderr).splitlines() == [
        f"{who}: ZeroDivisionError: division by zero. {OFF} {NEWER}"
    ]
    assert run.returncode == 1


# -- switches ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "environment", "line"),
    [
        (("-p", "no:yuk"), {}, '-p no:yuk: no plugin is called "yuk"; did you mean "yak"?'),
        (
            ("-p", "quux"),
            {},
            '-p quux: no plugin is called "quux"; "ipshell plugins list" shows what there is.',
        ),
        (
            (),
            {"IPSHELL_PLUGINS": "yak,bystnder"},
            'IPSHELL_PLUGINS: no plugin is called "bystnder"; did you mean "bystander"?',
        ),
        (
            ("--Plugins.disable=grnt",),
            {},
            'Plugins.disable: no plugin is called "grnt"; did you mean "grunt"?',
        ),
        (("--Plugins.order=grnt",), {}, 'Plugins.order: no plugin is called "grnt"; did you mean "grunt"?'),
    ],
)
def test_a_name_that_means_nothing_is_told_with_the_nearest_one(
    ipcore: Run, site: FakeSite, told: Told, words: tuple[str, ...], environment: dict[str, str], line: str
) -> None:
    site.plugin("yak", "lifecycle", "grunt", GOOD)
    run = ipcore(*words, "-c", "6*7", PYTHONPATH=str(site), **environment)
    told(f"a name that means nothing, {line.partition(':')[0]}", run)
    assert run.stderr == f"ipshell: {line}\n"
    assert run.stdout.endswith("42\n")
    assert run.returncode == 0


def test_a_blocked_command_says_what_blocks_it(ipcore: Run, site: FakeSite, told: Told) -> None:
    site.plugin("yak", "commands", "grunt", COMMAND.format("yak"))
    run = ipcore("-p", "no:yak", "grunt", PYTHONPATH=str(site))
    told("a command that is switched off", run)
    assert (run.stderr, run.returncode) == ('ipshell: the command "grunt" is switched off: -p no:yak.\n', 2)
