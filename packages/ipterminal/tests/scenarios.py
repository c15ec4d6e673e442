"""Scenarios at a terminal, as the files of the folder ``transcript`` write them, and how they are played.

A file is read line by line, by the first character:

=====  ============================================================================================
``=``  begins a scenario with this name; the lines up to the first key say how it is started
``@``  how the terminal is made and what runs in it: ``columns=20 answers=never TERM=dumb --option …``;
       ``program.py`` runs that program instead of the shell, ``$…`` a line of the system's; ``unready``: keys
       come before the first prompt; ``loading``: before the editor is loaded; ``plain``: there is none;
       ``with=ipcompleters``: left out where that distribution is not installed
``+``  writes a file into the working folder: ``+name``, then ``+ line`` for each of its lines
``>``  keys: text as it is, and ``<enter>``, ``<ctrl-c>``, … by name; ``<lt>`` is ``<``
``!``  something else that happens: see :data:`ACTIONS`
``|``  a row of the screen that is to be seen then, the first one first; ``▮`` is the cursor, ``<marks>`` what
       Python may put below a line of a traceback, which differs between versions, ``<...>`` any
       text, and in a row of its own any number of rows
=====  ============================================================================================

A screen is waited for, so nothing depends on speed; it is compared whole, with the place of the cursor.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from wcwidth import wcwidth

from ipcore.testing.terminal import NotSeen, Terminal, environment

FOLDER: Final = Path(__file__).parent / "transcript"
CURSOR: Final = "▮"
SHELL: Final = [sys.executable, "-m", "ipcore", "--no-banner"]
ESCAPES: Final = {"\\n": "\n", "\\t": "\t", "\\x1b": "\x1b"}
#: Seconds that a person takes at least before the next keys: what follows sooner looks like pasted text.
PERSON: Final = 0.06
#: A module for every scenario: what is handed to it is called once the file ``go`` is there.
LATER: Final = """
import os, threading, time

def told(file="go"):
    end = time.monotonic() + 30
    while not os.path.exists(file) and time.monotonic() < end:
        time.sleep(0.01)

def later(function, *arguments, file="go", **options):
    def work():
        told(file)
        function(*arguments, **options)

    threading.Thread(target=work, name="later", daemon=True).start()

def soon(function, *arguments):
    threading.Timer(0.2, function, arguments).start()
"""
#: A module for every scenario, which ``PYTHONSTARTUP=startup.py`` imports: its names, unlike those of modules
#: of Python's own, are the same in every version. Only their looks count.
PATHS: Final = """
'Names to complete.'
def abspath(path): 'Give a path from the root.'
def basename(p): 'Give the last part of a path.'
def commonpath(paths): 'Give what paths have in common.'
def commonprefix(m): 'Give what texts have in common.'
def dirname(p): 'Give all parts of a path but the last.'
def exists(path): 'Tell whether something is there.'
def expanduser(path): 'Put in the home folder.'
def expandvars(path): 'Put in variables.'
def getatime(filename): 'Give the time of the last access.'
def getctime(filename): 'Give the time of the last change.'
def getmtime(filename): 'Give the time of the last write.'
def getsize(filename): 'Give the size of a file.'
def isabs(s): 'Tell whether a path is absolute.'
def isdir(s): 'Tell whether a path is a folder.'
def isfile(path): 'Tell whether a path is a file.'
def islink(path): 'Tell whether a path is a link.'
def ismount(path): 'Tell whether something is mounted there.'
def join(a, *p): 'Join parts of a path.'
def lexists(path): 'Tell whether something is there, if only a link.'
def normcase(s): 'Give a path in small letters.'
def normpath(path): 'Give a path without detours.'
altsep = None
curdir = defpath = devnull = extsep = genericpath = os = pardir = pathsep = sep = ''
"""
SHARED: Final = {
    "background.py": LATER,
    "my/__init__.py": "from . import path\n",
    "my/path.py": PATHS,
    "startup.py": "import my\n",
}


@dataclass
class Step:
    """Keys (``>``), an action (``!``) or a screen (``|``), with the line of the file that it begins in."""

    kind: str
    text: str
    line: int


@dataclass
class Scenario:
    """A few keys and the screens that a user sees."""

    subject: str
    name: str
    options: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    @property
    def needs(self) -> list[str]:
        """Other distributions that bring what is seen."""
        return [word.removeprefix("with=") for word in self.options if word.startswith("with=")]


def read_scenarios(file: Path) -> list[Scenario]:
    """Read a file of the folder.

    :raises ValueError: for a line that says nothing.
    """
    found: list[Scenario] = []
    written = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        kind, text = line[:1], line[1:].removeprefix(" ")
        if kind == "=":
            found.append(Scenario(file.stem, text))
        elif kind == "@":
            found[-1].options += shlex.split(text)
        elif kind == "+":
            if line.startswith("+ ") or line == "+":
                found[-1].files[written] += f"{text}\n"
            else:
                written = text
                found[-1].files[written] = ""
        elif kind == "|" and found[-1].steps and found[-1].steps[-1].kind == "|":
            found[-1].steps[-1].text += f"\n{text}"
        elif kind in (">", "!", "|"):
            found[-1].steps.append(Step(kind, text, number))
        elif kind not in ("", "#"):
            raise ValueError(f"{file.name}, line {number}: {line}")
    return found


def shown(terminal: Terminal, lines: list[str]) -> list[str]:
    """Give the rows of the screen with the cursor in its place, if it is shown."""
    row, column = terminal.cursor
    rows = [*lines, *([""] * (row + 1 - len(lines)))]
    if not terminal.modes.cursor_visible:
        return rows
    text, before = rows[row], 0
    place = 0
    while before < len(text) and place + wcwidth(text[before]) <= column:
        place += wcwidth(text[before])
        before += 1
    gap = " " * (column - place)
    rows[row] = text[:before] + gap + CURSOR + text[before:]
    return rows


def as_pattern(screen: str) -> re.Pattern[str]:
    """Give the pattern of a screen as it is written in a scenario."""
    parts = []
    for line in screen.split("\n"):
        if line.strip() == "<...>":
            parts.append(r"(?:[^\n]*\n)*?")
        elif line.strip() == "<marks>":
            parts.append(r"(?:[ ~^]*\n)?")
        else:
            parts.append(re.escape(line.rstrip()).replace(re.escape("<...>"), "[^\n]*") + "\n")
    return re.compile("".join(parts))


def keys_of(text: str) -> list[str]:
    """Take a line of keys apart: texts of one character, and names in angle brackets."""
    found = re.findall(r"<([a-z0-9]+(?:-[^>]+)?|ctrl-.)>|(.)", text)
    return ["<" if name == "lt" else name or char for name, char in found]


def press(terminal: Terminal, text: str) -> None:
    """Press keys; they are typed one by one, very fast, after a moment."""
    __tracebackhide__ = True
    end = time.monotonic() + PERSON
    while (left := end - time.monotonic()) > 0 and terminal.read(left):
        pass
    for key in keys_of(text):
        terminal.press(key)
        terminal.read(0)


# -- what may happen besides keys --------------------------------------------------


def ends(terminal: Terminal, status: str) -> None:
    """``! ends STATUS``: the program ends, and the terminal is as it was."""
    assert terminal.exit_status() == int(status), terminal.frame()
    mode, screen = terminal.tty_mode(), terminal.modes
    assert mode.echo, "nothing that is typed would be shown"
    assert mode.canonical, "lines could not be typed"
    assert screen.cursor_visible
    assert not any((screen.bracketed_paste, screen.alternate_screen, screen.mouse, screen.focus_events))


def in_pieces(terminal: Terminal, text: str) -> None:
    """``! paste-in-pieces TEXT``: pasted by a terminal that marks nothing, as it comes by a slow line."""
    data = text.replace("\n", "\r")
    for begin in range(0, len(data), 16):
        terminal.type(data[begin : begin + 16])
        terminal.read(0.005)


def resize(terminal: Terminal, rows: str, columns: str) -> None:
    """``! resize ROWS COLUMNS``."""
    terminal.resize(int(rows), int(columns))


ACTIONS: Final[dict[str, Callable[..., Any]]] = {
    "ends": ends,
    "resize": resize,
    "paste": lambda terminal, text: terminal.paste(text, bracketed=True),
    "paste-raw": lambda terminal, text: terminal.paste(text, bracketed=False),
    "paste-in-pieces": in_pieces,
    "answer": lambda terminal: terminal.answer_pending(),
    "signal": lambda terminal, name: terminal.send_signal(getattr(signal, name)),
    "press-until": lambda terminal, key, text: terminal.press_until(key, text),
    "see": lambda terminal, text: terminal.wait_for(text),
    "continue": lambda terminal: terminal.resume(),
    "hang-up": lambda terminal: terminal.hang_up(),
}


def act(terminal: Terminal, folder: Path, text: str) -> None:
    """Do what a line with ``!`` says; a word may hold ``\\n``."""
    __tracebackhide__ = True
    name, *words = shlex.split(text)
    words = [re.sub(r"\\(?:n|t|x1b)", lambda found: ESCAPES[found[0]], word) for word in words]
    if name == "write":  # ! write FILE TEXT
        (folder / words[0]).write_text("".join(words[1:]))
    elif name == "file-holds":  # ! file-holds FILE TEXT
        assert (folder / words[0]).read_text() == words[1]
    else:
        ACTIONS[name](terminal, *words)


# -- playing -----------------------------------------------------------------------


def start(scenario: Scenario, folder: Path) -> Terminal:
    """Make the terminal of a scenario, and start what runs in it."""
    for name, text in {**SHARED, **scenario.files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("{shell}", shlex.join(SHELL)), encoding="utf-8")
        if text.startswith("#!"):
            file.chmod(0o755)
    variables = {**environment(None), "IPSHELL_HOME": os.environ["IPSHELL_HOME"], "PYTHONSAFEPATH": ""}
    for name in ("NO_COLOR", "EDITOR", "VISUAL", "PYTHONSTARTUP"):
        variables.pop(name, None)
    command = list(SHELL)
    options: dict[str, Any] = {}
    for word in scenario.options:
        name, _, value = word.partition("=")
        if re.fullmatch("[A-Z][A-Z0-9_]*", name):
            variables[name] = value.replace("{folder}", str(folder))
        elif word.endswith(".py"):
            command = [sys.executable, word]
        elif word.startswith("$"):
            command = ["/bin/sh", "-c", word[1:].replace("{shell}", shlex.join(SHELL))]
        elif word.startswith("-"):
            command.append(word)
        elif word not in ("unready", "loading", "plain") and name != "with":
            options[name] = int(value) if value.isdecimal() else value
    return Terminal(command, cwd=folder, env=variables, **options)


def ready(terminal: Terminal, scenario: Scenario) -> None:
    """Wait for the first prompt, and for the editor, unless keys are to come before."""
    if "unready" not in scenario.options:
        terminal.wait_for_prompt(1)
        if not {"plain", "loading"} & {*scenario.options}:
            terminal.wait_for(
                lambda lines: not terminal.tty_mode().echo, "the editor: it shows what is typed"
            )


def see(terminal: Terminal, screen: str) -> None:
    """Wait for a screen.

    :raises NotSeen: if it does not come; the message shows both.
    """
    __tracebackhide__ = True
    pattern = as_pattern(screen)

    def there(lines: list[str]) -> bool:
        return (
            pattern.fullmatch("\n".join(line.rstrip() for line in shown(terminal, lines)) + "\n") is not None
        )

    try:
        terminal.wait_for(there, f"the screen\n{screen}\n", deadline=20)
    except NotSeen as error:
        raise NotSeen(
            f"{error}\n\nwanted:\n{screen}\n\nseen:\n" + "\n".join(shown(terminal, terminal.lines))
        ) from None


def play(scenario: Scenario, folder: Path, tell: Callable[[str], object]) -> None:
    """Play a scenario to its end.

    :param folder: the working folder.
    :param tell: is given the lines of the transcript, with the screens as they were.
    """
    __tracebackhide__ = True
    tell(f"\n### {scenario.subject}: {scenario.name}")
    if scenario.options:
        tell(f"    started with: {' '.join(scenario.options)}")
    with start(scenario, folder) as terminal:
        ready(terminal, scenario)
        for step in scenario.steps:
            if step.kind == "|":
                see(terminal, step.text)
                tell(terminal.frame())
            elif step.kind == ">":
                tell(f"keys: {step.text}")
                press(terminal, step.text)
            else:
                tell(f"then: {step.text}")
                act(terminal, folder, step.text)
