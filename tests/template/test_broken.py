"""The template, broken piece by piece: a line says whose fault it is and what to do, and the rest goes on."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

import pytest

from tests.template.environments import Project, Told, notices
from tests.template.sessions import PIECES, Session, working

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

#: The end of each line. In what is expected ``DIST`` and ``PACKAGE`` stand for the project's names, and
#: ``...`` for anything.
OFF = 'Switch it off with "-p no:DIST[PACKAGE]".'
NEWER = f"It is off for this session. Look for a newer DIST than 0.1.0. {OFF}"
#: A magic that does not work leaves nothing for what stands on it.
LINE_MAGIC = ("line magic", "completion", "notation")
#: What a hook of the wrong form is told with.
FORM = "does not fit: Argument(s) {'shel'} are declared in the hookimpl but can not be found in the hookspec"


class Broken(NamedTuple):
    """One way to break the template."""

    what: str
    """What is broken, for the table."""
    file: str
    old: str
    new: str
    family: str
    """The family whose plugin is told."""
    told: str
    """Stage and reason, of which ``...`` leaves out a piece."""
    lost: tuple[str, ...]
    """Pieces that do not work any more."""
    remedy: str = NEWER
    doctor: bool = False
    """Whether the doctor can know of it: it imports and registers plugins, but does not use them."""


def argument(what: str, hook: str, family: str, *lost: str) -> Broken:
    """Break a hook by a wrong name of an argument."""
    old = f"def {hook}(name: str, shell:" if family.endswith(("magics", "hooks")) else f"def {hook}(shell:"
    told = f"register: {hook}(...) -> ... {FORM}; the hook gives ..."
    return Broken(
        f"{what}: an argument is called shel",
        "plugin.py",
        old,
        old.replace("shell:", "shel:"),
        family,
        told,
        lost,
        doctor=True,
    )


BROKEN = [
    argument("line magic", "ipshell_line_magic", "line_magics", *LINE_MAGIC),
    Broken(
        "line magic: its hook gives no function",
        "plugin.py",
        "return line_magic(shell)",
        "return 3",
        "line_magics",
        "ipshell_line_magic: it gave int, not a function",
        LINE_MAGIC,
    ),
    argument("cell magic", "ipshell_cell_magic", "cell_magics", "cell magic"),
    Broken(
        "cell magic: its module is gone",
        "plugin.py",
        "from .magics import cell_magic",
        "from .cells import cell_magic",
        "cell_magics",
        "ipshell_cell_magic: ModuleNotFoundError: No module named 'PACKAGE.cells'",
        ("cell magic",),
        remedy=f"It is off for this session. Reinstall DIST, or remove it. {OFF}",
    ),
    argument("completion", "ipshell_completion_providers", "completers", "completion"),
    Broken(
        "completion: the provider raises",
        "completion.py",
        "        if request.",
        '        raise OSError("no dictionary")\n        if request.',
        "completers",
        "completion provider PACKAGE: OSError: no dictionary",
        ("completion",),
    ),
    Broken(
        "completion: the provider gives something else",
        "completion.py",
        'yield Completion(request.token_start, request.cursor, text, "duration")',
        "yield text",
        "completers",
        "completion provider PACKAGE: it gave str, not Completion",
        ("completion",),
    ),
    argument("transformer", "ipshell_input_transformers", "input", "notation"),
    Broken(
        "transformer: it raises",
        "notation.py",
        "        return [f",
        '        raise OSError("no ink")\n        return [f',
        "input",
        "input transformer PACKAGE: OSError: no ink",
        ("notation",),
    ),
    Broken(
        "transformer: its test raises, in every cell",
        "notation.py",
        "return source.startswith(_MARK)",
        "return source.begins(_MARK)",
        "input",
        "input transformer PACKAGE: AttributeError: 'str' object has no attribute 'begins'",
        ("notation",),
    ),
    argument("input hook", "ipshell_inputhook", "inputhooks", "input hook"),
    Broken(
        "input hook: it raises",
        "waiting.py",
        "            while not context",
        '            raise OSError("no display")\n            while not context',
        "inputhooks",
        "event loop PACKAGE: OSError: no display",
        ("input hook",),
    ),
    Broken(
        "input hook: it does not wait",
        "waiting.py",
        "            while not context",
        "            return\n            while not context",
        "inputhooks",
        "event loop PACKAGE: returns again and again although nothing is ready",
        ("input hook",),
    ),
]


def check(project: Project, line: str, expected: str) -> None:
    """Compare a line with what is expected, but for the place in the plugin's code that it names."""
    line, expected = (re.sub(r" \(\w+\.py, line \d+\)", "", each) for each in (line, expected))
    text = expected.replace("DIST", project.dist).replace("PACKAGE", project.package)
    assert re.fullmatch(".*".join(map(re.escape, text.split("..."))), line), line


def check_told(project: Project, line: str, family: str, told: str, remedy: str = NEWER) -> None:
    """Compare a line that the user was told with what is expected."""
    check(project, line, f"ipshell: plugin DIST[PACKAGE] 0.1.0 ({family}), {told}. {remedy}")


def check_doctor(project: Project, family: str, found: str) -> None:
    """Make sure that the doctor finds this problem, and no other."""
    said = project.environment.ipshell("plugins", "doctor", status=1)
    (problem,) = re.findall(r"^problem: .*", said, re.MULTILINE)
    check(project, problem, f"problem: DIST 0.1.0: DIST[PACKAGE] ({family}), {found}")


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.what)
def test_a_broken_piece_is_told_once_and_costs_the_others_nothing(
    project: Project, broken: Broken, told: Told
) -> None:
    with project.broken(broken.file, broken.old, broken.new):
        with Session(project) as session:
            found = working(session, hook="input hook" not in broken.lost)
            if "input hook" in broken.lost:
                session.press(f'get_ipython().enable_gui("{project.package}")\r')
                session.wait(r'Switch it off with "-p no:.+?"\.')
                session.press("12 * 12\r")
                session.wait(r"Out\[\d+\]: 144")
            (line,) = notices(session.shown)
        assert found == [piece for piece in PIECES if piece not in broken.lost]
        check_told(project, line, broken.family, broken.told, broken.remedy)
        told(broken.what, line, broken.doctor)
        if broken.doctor:
            check_doctor(project, broken.family, "register of PACKAGE.plugin: ...")


def test_an_input_hook_that_never_returns_is_named_and_stopped(project: Project, told: Told) -> None:
    never = '            print("stuck")\n            while True:\n                pass\n'
    with (
        project.broken(
            "waiting.py", "            while not context", never + "            while not context"
        ),
        Session(project) as session,
    ):
        session.press(f'get_ipython().enable_gui("{project.package}")\r')
        for times in (1, 2):
            session.wait("stuck", times)
            session.press("x")
            session.wait(r"pressed twice, stops it\.", times)
            session.interrupt("KeyboardInterrupt", times)
        session.prompt(2)
        assert working(session, hook=False) == [piece for piece in PIECES if piece != "input hook"]
        first, second, last = notices(session.shown)
    assert first == second
    check(
        project,
        first,
        "ipshell: the event loop PACKAGE, which keeps the keyboard waiting, has been busy for 2 s; "
        "Ctrl-C, pressed twice, stops it.",
    )
    reason = "event loop PACKAGE: it does not return although there is input"
    check_told(project, last, "inputhooks", reason)
    told("input hook: it never returns", first)
    told("input hook: it never returns, and was stopped twice", last)


LIBRARY = f'It is off for this session. Install what provides the module "libtea". {OFF}'
AGAIN = f"It is off for this session. Reinstall DIST, or remove it. {OFF}"


@pytest.mark.parametrize(
    ("what", "old", "new", "reason", "remedy"),
    [
        (
            "a library is not installed",
            "from typing import",
            "import libtea\nfrom typing import",
            "ModuleNotFoundError: No module named 'libtea'",
            LIBRARY,
        ),
        (
            "a name is imported that there is not",
            "import hookimpl",
            "import hookimple as hookimpl",
            "ImportError: cannot import name 'hookimple' from 'ipcore.hookspecs' (...)",
            NEWER,
        ),
        (
            "the module is gone",
            "",
            "",
            "ModuleNotFoundError: No module named 'PACKAGE.plugin'",
            AGAIN,
        ),
        (
            "the module ends the program",
            "from typing import",
            "raise SystemExit(3)\nfrom typing import",
            "it tried to end the program (SystemExit: 3)",
            NEWER,
        ),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_told_at_the_first_use_of_each_piece(
    project: Project, told: Told, what: str, old: str, new: str, reason: str, remedy: str
) -> None:
    with project.broken("plugin.py", old, new):
        with Session(project) as session:
            assert working(session, hook=False) == []
            session.enter(f'get_ipython().enable_gui("{project.package}")')
            lines = notices(session.shown)
        families = ["input", "line_magics", "cell_magics", "completers", "inputhooks"]
        assert len(lines) == len(families)
        for line, family in zip(lines, families, strict=True):
            check_told(project, line, family, f"import: {reason}", remedy)
        told(f"plugin.py: {what}", lines[0], doctor=True)
        check_doctor(project, "...", f"import of PACKAGE.plugin: {reason}")


RUN = "        seconds, text = parse"
DECLARE = '        parser.add_argument("duration"'


@pytest.mark.parametrize(
    ("what", "file", "old", "new", "reason", "last"),
    [
        (
            "it raises",
            "command.py",
            RUN,
            f'        raise OSError("no clock")\n{RUN}',
            "running",
            "OSError: no clock",
        ),
        (
            "its arguments cannot be declared",
            "command.py",
            DECLARE,
            f'        raise OSError("no paper")\n{DECLARE}',
            "running",
            "OSError: no paper",
        ),
        (
            "an argument of its hook is called nam",
            "plugin.py",
            "def ipshell_command(name:",
            "def ipshell_command(nam:",
            "register",
            "ipshell_command(...) -> 'Command' does not fit: Argument(s) {'nam'} ...; the hook gives name",
        ),
    ],
)
def test_a_broken_command_is_told_and_the_shell_goes_on(
    project: Project,
    told: Told,
    what: str,
    file: str,
    old: str,
    new: str,
    reason: str,
    last: str,
) -> None:
    stage = reason if reason == "register" else f"{reason} PACKAGE"
    name = project.package
    with project.broken(file, old, new):
        line = project.environment.ipshell(name, "0s", "tea", status=1).splitlines()[0]
        check_told(project, line, "commands", f"{stage}: {last}")
        assert project.environment.ipshell("-c", f"%{name} 1h tea") == "'tea'\n"
        assert name in project.environment.ipshell("--help")
        if stage == "register":
            check_doctor(project, "commands", "register of PACKAGE.plugin: ...")
    told(f"command: {what}", line, doctor=stage == "register")
