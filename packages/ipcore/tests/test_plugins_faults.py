"""Every way a plugin can go wrong: what the user sees of it, and that nothing else breaks.

With ``IPSHELL_FAULT_TABLE=FILE`` in the environment a table of all cases is written there.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ipcore.testing.distributions import HOOKIMPL, FakeSite

Run = Callable[..., subprocess.CompletedProcess[str]]

#: Told of a plugin that failed: who, what, why, what was done, what to do.
OFF = "It is off for this session."
NEWER = 'Look for a newer yak than 1.0. Switch it off with "-p no:yak[grunt]".'

Told = Callable[..., None]


def without_places(text: str) -> str:
    """Leave out where in a plugin's code something failed: one test looks at that."""
    return re.sub(r" \([\w.]+\.py, line \d+\)", "", text).replace("....", "...")


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """Give a function that notes what the user saw of a case, and what the doctor said of it."""
    table: list[tuple[str, list[str], int]] = []

    def note(case: str, run: subprocess.CompletedProcess[str], doctor: str = "") -> None:
        seen = run.stderr.strip().splitlines() or ["nothing"]
        table.append(
            (case, [*seen, *[f"plugins doctor: {line}" for line in doctor.splitlines()]], run.returncode)
        )

    yield note
    file = os.environ.get("IPSHELL_FAULT_TABLE")
    if file:
        rows = [
            f"| {case} | {'<br>'.join(f'`` {line} ``' for line in lines)} | {status} |"
            for case, lines, status in table
        ]
        head = ["| case | standard error | exit status |", "|---|---|---|"]
        Path(file).write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """Give a site with a plugin in good order, which must go on working whatever the others do."""
    made = FakeSite(tmp_path / "site")
    made.plugin(
        "bystander",
        "lifecycle",
        "watcher",
        "@hookimpl\ndef ipshell_cell_started(cell):\n    print('bystander')\n",
    )
    return made


class Fault(NamedTuple):
    """A plugin of the family ``lifecycle`` that goes wrong."""

    code: str
    stage: str
    reason: str
    after: str = f"{OFF} {NEWER}"
    requires: tuple[str, ...] = ()
    value: str = "yak"


GOOD = "@hookimpl\ndef ipshell_cell_started(cell):\n    pass\n"

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


MAGIC = "@hookimpl\ndef ipshell_line_magic(name, shell):\n    return lambda line: print('grunted')\n"

# -- a file in the working directory ---------------------------------------------------


def test_a_file_in_the_working_directory_does_not_run_in_a_plugins_place(
    ipcore: Run, site: FakeSite, tmp_path: Path, told: Told
) -> None:
    site.plugin("yak", "line_magics", "grunt", MAGIC)
    hiding = tmp_path / "work" / "yak.py"
    hiding.write_text("print('not the plugin')\n")
    run = ipcore("-c", "%grunt", PYTHONPATH=str(site))
    told("a file of its name in the working directory", run)
    assert run.stderr.splitlines()[0] == (
        f"ipshell: plugin yak[grunt] 1.0 (line_magics), import: {hiding} in the working directory hides its "
        f"module yak. {OFF} Start in another directory, or with --ignore-cwd. "
        'Switch it off with "-p no:yak[grunt]".'
    )
    assert "not the plugin" not in run.stdout
    assert "grunted" in ipcore("--ignore-cwd", "-c", "%grunt", PYTHONPATH=str(site)).stdout


def test_a_folder_of_a_plugins_name_in_the_working_directory_does_no_harm(
    ipcore: Run, site: FakeSite, tmp_path: Path
) -> None:
    site.plugin("yak", "line_magics", "grunt", MAGIC)
    (tmp_path / "work" / "yak").mkdir()
    run = ipcore("-c", "%grunt", PYTHONPATH=str(site))
    assert run.stderr == ""
    assert "grunted" in run.stdout


def test_a_plugin_that_is_worked_on_in_its_own_folder_runs(
    ipcore: Run, site: FakeSite, tmp_path: Path
) -> None:
    site.plugin("yak", "line_magics", "grunt", MAGIC)
    shutil.move(site.folder / "yak.py", tmp_path / "work" / "yak.py")
    path = os.pathsep.join([str(site), str(tmp_path / "work")])
    run = ipcore("-c", "%grunt", PYTHONPATH=path)
    assert run.stderr == ""
    assert "grunted" in run.stdout


# -- two owners of a key -----------------------------------------------------------

COMMAND = (
    "class Command:\n    summary = 'speak'\n"
    "    def add_arguments(self, parser):\n        pass\n"
    "    def run(self, arguments, app):\n        print('{0} speaks')\n        return 0\n"
    "@hookimpl\ndef ipshell_command(name):\n    return Command()\n"
)


def two_owners(site: FakeSite, key: str) -> None:
    for name in ("yak", "zebra"):
        site.plugin(name, "commands", key, COMMAND.format(name))


def test_two_owners_of_a_key_are_both_named_and_neither_is_used(
    ipcore: Run, site: FakeSite, told: Told
) -> None:
    two_owners(site, "grunt")
    run = ipcore("grunt", PYTHONPATH=str(site))
    told("two strangers own a key", run)
    assert run.stderr.splitlines() == [
        'ipshell: yak[grunt] 1.0 (commands) and zebra[grunt] 1.0 (commands) both own "grunt", '
        "so neither is used. "
        "Choose one: c.Plugins.choose = {'commands/grunt': 'yak'}.",
        'ipshell: the command "grunt" cannot be used, see above.',
    ]
    assert (run.stdout, run.returncode) == ("", 1)


@pytest.mark.parametrize("chosen", ["yak", "zebra", "zebra[grunt]"])
def test_configuration_picks_one_of_two_owners(ipcore: Run, site: FakeSite, chosen: str) -> None:
    two_owners(site, "grunt")
    run = ipcore(f"--Plugins.choose.commands/grunt={chosen}", "grunt", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == (f"{chosen.partition('[')[0]} speaks\n", "", 0)


def test_a_choice_that_is_not_installed_is_told(ipcore: Run, site: FakeSite, told: Told) -> None:
    two_owners(site, "grunt")
    run = ipcore("--Plugins.choose.commands/grunt=yack", "grunt", PYTHONPATH=str(site))
    told("a choice that is not installed", run)
    assert run.stderr.splitlines()[0] == (
        'ipshell: Plugins.choose names "yack" for commands/grunt, which is not installed or is switched off; '
        'did you mean "yak"?'
    )
    assert run.returncode == 1


def test_blocking_one_of_two_owners_leaves_the_other(ipcore: Run, site: FakeSite) -> None:
    two_owners(site, "grunt")
    run = ipcore("-p", "no:yak", "grunt", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == ("zebra speaks\n", "", 0)


@pytest.mark.parametrize("words", [(), ("--Plugins.order=yak",)])
def test_a_stranger_does_not_take_a_key_of_the_core_by_being_there(
    ipcore: Run, site: FakeSite, home: Path, words: tuple[str, ...]
) -> None:
    site.plugin("yak", "commands", "locate", COMMAND.format("yak"))
    run = ipcore(*words, "locate", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == (f"{home}\n", "", 0)


def test_a_stranger_takes_a_key_of_the_core_if_configuration_says_so(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "commands", "locate", COMMAND.format("yak"))
    run = ipcore("--Plugins.choose.commands/locate=yak", "locate", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == ("yak speaks\n", "", 0)


# -- metadata and installations ----------------------------------------------------


def damage(info: Path, case: str) -> None:
    if case == "METADATA is missing":
        (info / "METADATA").unlink()
    elif case == "METADATA has no name":
        (info / "METADATA").write_text("Metadata-Version: 2.1\n", encoding="utf-8")
    elif case == "entry_points.txt is binary":
        (info / "entry_points.txt").write_bytes(b"[ipshell.lifecycle]\ngrunt = \xff\xfe\x00yak\n")
    elif case == "a value that is no entry point":
        (info / "entry_points.txt").write_text(
            "[ipshell.lifecycle]\ngrunt = not a module!\n", encoding="utf-8"
        )


@pytest.mark.parametrize(
    ("case", "what"),
    [
        ("METADATA is missing", r"yak-1\.0\.dist-info: .+"),
        ("METADATA has no name", r"yak-1\.0\.dist-info: ValueError: METADATA has no Name"),
        ("entry_points.txt is binary", r"yak-1\.0\.dist-info: UnicodeDecodeError: .+"),
        (
            "a value that is no entry point",
            r"yak 1\.0: \[ipshell\.lifecycle\] grunt = not a module!: not an entry point",
        ),
    ],
)
def test_corrupt_metadata_costs_nobody_else_anything_and_doctor_names_it(
    ipcore: Run, site: FakeSite, told: Told, case: str, what: str
) -> None:
    damage(site.plugin("yak", "lifecycle", "grunt", GOOD), case)
    run = ipcore("-c", "6*7", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == ("bystander\n42\n", "", 0)
    doctor = ipcore("plugins", "doctor", PYTHONPATH=str(site))
    problem = re.search(rf"^problem: .*{what}$", doctor.stdout, re.MULTILINE)
    assert problem, doctor.stdout
    told(case, run, problem[0].replace(str(site), "SITE"))
    assert doctor.returncode == 1
    listing = ipcore("plugins", "list", PYTHONPATH=str(site))
    assert listing.stderr == "ipshell: 1 piece of metadata could not be read; see: ipshell plugins doctor\n"
    assert listing.returncode == 0


def test_a_plugin_uninstalled_or_upgraded_under_a_warm_cache_is_noticed(ipcore: Run, site: FakeSite) -> None:
    def speaks() -> tuple[str, str, int]:
        run = ipcore("grunt", PYTHONPATH=str(site))
        return run.stdout, run.stderr, run.returncode

    site.plugin("yak", "commands", "grunt", COMMAND.format("old yak"))
    assert speaks() == ("old yak speaks\n", "", 0)
    assert speaks() == ("old yak speaks\n", "", 0)
    site.plugin("yak", "commands", "grunt", COMMAND.format("new yak"), version="2.0")
    assert speaks() == ("new yak speaks\n", "", 0)
    site.uninstall("yak")
    assert speaks() == ("", "ipshell: there is no file 'grunt'.\n", 2)


def test_a_plugin_whose_files_vanish_under_its_metadata_says_what_to_do(ipcore: Run, site: FakeSite) -> None:
    site.plugin("yak", "commands", "grunt", COMMAND.format("yak"))
    (site.folder / "yak.py").unlink()
    run = ipcore("grunt", PYTHONPATH=str(site))
    assert run.stderr.splitlines() == [
        "ipshell: plugin yak[grunt] 1.0 (commands), import: ModuleNotFoundError: No module named 'yak'. "
        f'{OFF} Reinstall yak, or remove it. Switch it off with "-p no:yak[grunt]".',
        'ipshell: the command "grunt" cannot be used, see above.',
    ]
    assert run.returncode == 1


def test_a_plugin_in_a_zip_on_the_path_works(ipcore: Run, tmp_path: Path) -> None:
    packed = FakeSite(tmp_path / "packed")
    packed.plugin("yak", "commands", "grunt", COMMAND.format("zipped yak"))
    file = packed.archive(tmp_path / "packed.zip")
    for _ in ("cold", "warm"):
        run = ipcore("grunt", PYTHONPATH=str(file))
        assert (run.stdout, run.stderr, run.returncode) == ("zipped yak speaks\n", "", 0)


def test_an_editable_installation_works_until_it_is_uninstalled(
    ipcore: Run, tmp_path: Path, site: FakeSite, told: Told
) -> None:
    pytest.importorskip("pip")
    pytest.importorskip("hatchling")
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    (project / "src" / "yak.py").write_text(HOOKIMPL + COMMAND.format("editable yak"), encoding="utf-8")
    (project / "pyproject.toml").write_text(EDITABLE, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    install = [
        *pip,
        "install",
        "--no-build-isolation",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        "-e",
        ".",
    ]
    subprocess.run(install, cwd=project, check=True, capture_output=True, timeout=120)
    # A folder of PYTHONPATH is no site folder: its .pth files are read if it is added as one.
    (site.folder / "sitecustomize.py").write_text(
        f"import site\nsite.addsitedir({str(site)!r})\n", encoding="utf-8"
    )
    for _ in ("cold", "warm"):
        run = ipcore("grunt", PYTHONPATH=str(site))
        assert (run.stdout, run.stderr, run.returncode) == ("editable yak speaks\n", "", 0)
    (site.folder / "_yak.pth").unlink()
    run = ipcore("grunt", PYTHONPATH=str(site))
    told("an editable installation whose .pth file is gone", run)
    assert run.stderr.startswith(
        "ipshell: plugin yak[grunt] 1.0 (commands), import: ModuleNotFoundError: No module named 'yak'. "
        f"{OFF} Reinstall yak, or remove it."
    )
    assert run.returncode == 1
    shutil.rmtree(site.folder / "yak-1.0.dist-info")
    run = ipcore("grunt", PYTHONPATH=str(site))
    assert (run.stderr, run.returncode) == ("ipshell: there is no file 'grunt'.\n", 2)


def test_metadata_in_the_working_directory_is_not_read(ipcore: Run, tmp_path: Path) -> None:
    FakeSite(tmp_path / "work").plugin("yak", "lifecycle", "grunt", "open('imported', 'w').close()\n" + GOOD)
    run = ipcore("-c", "6*7")
    assert (run.stdout, run.stderr, run.returncode) == ("42\n", "", 0)
    assert "yak" not in ipcore("plugins", "list").stdout
    assert not (tmp_path / "work" / "imported").exists()


def test_300_installed_distributions_do_not_matter(ipcore: Run, site: FakeSite) -> None:
    for number in range(300):
        site.install(f"crowd-{number}", files={f"crowd_{number}.py": ""})
    site.plugin("yak", "commands", "grunt", COMMAND.format("yak"))
    for _ in ("cold", "warm"):
        run = ipcore("grunt", PYTHONPATH=str(site))
        assert (run.stdout, run.stderr, run.returncode) == ("yak speaks\n", "", 0)


EDITABLE = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "yak"
version = "1.0"
[project.entry-points."ipshell.commands"]
grunt = "yak"
[tool.hatch.build]
dev-mode-dirs = ["src"]
[tool.hatch.build.targets.wheel]
only-include = ["src/yak.py"]
sources = ["src"]
"""


# -- the cache ---------------------------------------------------------------------


def cache_file(home: Path) -> Path:
    (file,) = (home / "cache").glob("plugins-*.json")
    return file


@pytest.mark.parametrize(
    ("case", "spoil", "why"),
    [
        (
            "a cache that is no JSON",
            lambda file: file.write_text("{", encoding="utf-8"),
            "the cache is damaged",
        ),
        ("a cache that is binary", lambda file: file.write_bytes(b"\xff\x00"), "the cache is damaged"),
        ("an empty cache", lambda file: file.write_bytes(b""), "the cache is damaged"),
        (
            "a cache of another shape",
            lambda file: file.write_text("[1]", encoding="utf-8"),
            "the cache is damaged",
        ),
        ("a cache others may write to", lambda file: file.chmod(0o620), "others may write to the cache"),
        (
            "a cache of another user",
            lambda file: os.chown(file, 12345, -1),
            "the cache belongs to another user",
        ),
    ],
)
def test_a_cache_in_doubt_is_made_anew(
    ipcore: Run, home: Path, site: FakeSite, told: Told, case: str, spoil: Callable[[Path], object], why: str
) -> None:
    if case == "a cache of another user" and not (hasattr(os, "geteuid") and os.geteuid() == 0):
        pytest.skip("only root may give a file away")
    if case == "a cache others may write to" and sys.platform == "win32":
        pytest.skip("there are no such modes")
    site.plugin("yak", "commands", "grunt", COMMAND.format("yak"))
    ipcore("grunt", PYTHONPATH=str(site))
    spoil(cache_file(home))
    doctor = ipcore("plugins", "doctor", PYTHONPATH=str(site))
    assert f"plugins found by: searched: {why}\n" in doctor.stdout
    spoil(cache_file(home))
    run = ipcore("grunt", PYTHONPATH=str(site))
    told(case, run, f"plugins found by: searched: {why}")
    assert (run.stdout, run.stderr, run.returncode) == ("yak speaks\n", "", 0)
    again = ipcore("plugins", "doctor", PYTHONPATH=str(site))
    assert f"plugins found by: cache {cache_file(home)}\n" in again.stdout
    assert again.returncode == 0


def test_a_cache_that_cannot_be_written_is_no_error_and_doctor_says_so(
    ipcore: Run, home: Path, site: FakeSite, told: Told
) -> None:
    (home / "cache").write_text("in the way", encoding="utf-8")
    site.plugin("yak", "commands", "grunt", COMMAND.format("yak"))
    run = ipcore("grunt", PYTHONPATH=str(site))
    assert (run.stdout, run.stderr, run.returncode) == ("yak speaks\n", "", 0)
    doctor = ipcore("plugins", "doctor", PYTHONPATH=str(site))
    problem = re.search(r"^problem: the cache cannot be written: .+$", doctor.stdout, re.MULTILINE)
    assert problem
    told("a cache folder that cannot be written", run, problem[0].replace(str(home), "HOME"))
    assert doctor.returncode == 1


def test_the_cache_is_used_and_holds_no_secret_from_others(ipcore: Run, home: Path, site: FakeSite) -> None:
    ipcore("plugins", "list", PYTHONPATH=str(site))
    file = cache_file(home)
    before = file.stat().st_mtime_ns
    ipcore("plugins", "list", PYTHONPATH=str(site))
    assert file.stat().st_mtime_ns == before
    if sys.platform != "win32":
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


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
