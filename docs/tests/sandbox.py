"""A reader's machine: an environment, a home directory, a system shell, a terminal.

What the pages tell the reader to do is done here, word for word. The reader is called
ada; her home directory is shown as ``/home/ada`` wherever it really is.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sysconfig
import time
import tomllib
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement

from docs.tests.pages import DOCS, Block

HOME = "/home/ada"

#: What stands behind the name of a file whose block is to be added to what is in it.
_ADDED = " (at its end)"

#: What the reader's pip can install: with all that it requires.
_ON_THE_INDEX = ("ipshell-core[testing]", "hatchling", "editables")

#: Seconds for one command, and for one answer at the prompt.
PATIENCE = 120.0

_PROMPT = re.compile(r"^(In \[\d+\]: | *\.\.\.: |>>> )\Z", re.MULTILINE)
#: At the end of a session: a prompt at which nothing is typed, and what is shown by itself while it waits.
_LATE = re.compile(r"^In \[\d+\]: ?\n((?:(?!In \[).*\S.*\n)+)\Z", re.MULTILINE)
_TYPED = re.compile(r"^(?:In \[\d+\]:| *\.\.\.:|>>>) ?", re.MULTILINE)


class Reader:
    """Follows one page.

    :param folder: an empty folder for everything that is made.
    """

    def __init__(self, folder: Path) -> None:
        self.home = folder / "ada"
        self.home.mkdir()
        (self.home / "ipshell").symlink_to(DOCS.parent)
        self._wheels = folder / "wheels"
        self._python = _environment(folder / "environment")
        self._programs: list[str] = []
        self._terminal: Terminal | None = None
        kept = ("LANG", "TMPDIR", "PIP_")
        self.env = {name: value for name, value in os.environ.items() if name.startswith(kept)}
        self.env |= {
            "HOME": str(self.home),
            "PATH": os.pathsep.join((str(self._python.parent), os.environ["PATH"])),
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self._wheels),
        }

    def follow(self, block: Block) -> None:
        """Do what a block shows.

        :raises AssertionError: if something else comes of it.
        """
        if block.directive not in ("", "code-block"):
            return
        if block.caption:
            self._write(block)
        elif block.language == "console":
            self._type_commands(block)
        elif block.language == "ipshell":
            self._type_cells(block)
        elif block.language == "python":
            self._run(block)
        elif block.language != "text":
            raise AssertionError(f"{block.place}: a block of {block.language!r} that nobody checks")

    def close(self) -> None:
        """End the session, if there is one."""
        if self._terminal is not None:
            self._terminal.close()

    def _write(self, block: Block) -> None:
        file = self.home / block.caption.removesuffix(_ADDED).removeprefix("~/")
        file.parent.mkdir(parents=True, exist_ok=True)
        if block.caption.endswith(_ADDED):
            with file.open("a", encoding="utf-8") as stream:
                stream.write(f"\n{block.text}" if file.suffix != ".py" else f"\n\n{block.text}")
        else:
            file.write_text(block.text, encoding="utf-8")
        if file.suffix == ".py":
            compile(file.read_text(encoding="utf-8"), block.place, "exec")
        if file.name == "pyproject.toml":
            project = tomllib.loads(file.read_text(encoding="utf-8"))
            if "build-system" not in project:
                self._install(project["project"], file.parent)

    def _install(self, project: dict[str, str], folder: Path) -> None:
        """Put a small distribution where pip would put it, with its metadata."""
        site = Path(sysconfig.get_path("purelib", vars={"base": str(self._python.parent.parent)}))
        info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        metadata += f"Summary: {project.get('description', '')}\n"
        (info / "METADATA").write_text(metadata, encoding="utf-8")
        entries: dict[str, dict[str, str]] = project["entry-points"]  # type: ignore[assignment]
        groups = [
            f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in table.items())
            for group, table in entries.items()
        ]
        (info / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
        for module in folder.glob("*.py"):
            # Moved: a copy in the working directory would hide the installed one.
            shutil.move(module, site / module.name)

    def _run(self, block: Block) -> None:
        """Run a program; those before it on the page belong to it."""
        self._programs.append(block.text)
        done = self._call([str(self._python), "-c", "\n".join(self._programs)])
        assert done.returncode == 0, f"{block.place}: the program failed\n{done.stdout}"

    def _type_commands(self, block: Block) -> None:
        commands = commands_of(block)
        if "pip " in block.text and not self._wheels.exists():
            self._wheels.mkdir()
            for name in _ON_THE_INDEX:
                pack(Requirement(name), self._wheels)
        script = ""
        for command, _ in commands:
            script += f"{command}\nstatus=$?; printf '\\001%d\\002' $status; (exit $status)\n"
        done = self._call(["bash", "-c", script])
        pieces = re.findall(r"(.*?)\001(\d+)\002", done.stdout, flags=re.DOTALL)
        assert len(pieces) == len(commands), f"{block.place}: it did not come to an end\n{done.stdout}"
        for at, (command, expected) in enumerate(commands):
            shown, status = pieces[at]
            asked = at + 1 < len(commands) and commands[at + 1][0] == "echo $?"
            assert status == "0" or asked, f"{block.place}: {command}: status {status}\n{shown}"
            if expected:
                compare(self._seen(shown), expected, f"{block.place}: {command}")

    def _type_cells(self, block: Block) -> None:
        text = block.text
        command = "ipshell"
        if text.startswith("$ "):
            line, _, text = text.partition("\n")
            command = line.removeprefix("$ ")
        if self._terminal is None or text.startswith(("In [1]:", "Python ", "...")) or command != "ipshell":
            self.close()
            self._terminal = Terminal(_patient(command), self.home, self.env)
            # Without the command, the block does not show the greeting either.
            greeting = self._terminal.read()
            if text.startswith(("Python ", "...")):
                first = _TYPED.search(text)
                assert first is not None, f"{block.place}: no prompt"
                compare(self._seen(greeting), text[: first.end()], f"{block.place}: the greeting")
        shown = self._terminal.prompt()
        lines = [line[typed.end() :] for line in text.splitlines() if (typed := _TYPED.match(line))]
        late = _LATE.search(text)
        if late:
            lines.pop()  # at this prompt nothing is typed
        for at, line in enumerate(lines, 1):
            if line == "exit" and at == len(lines):
                shown += self._terminal.leave(line)
                break
            shown += self._terminal.type(line, late[1] if late and at == len(lines) else "")
        # What stands after the last answer is the next prompt.
        shown = shown.removesuffix(self._terminal.prompt())
        first = _TYPED.search(text)
        assert first is not None, f"{block.place}: no prompt"
        compare(self._seen(shown), text[first.start() :], block.place)

    def _call(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=self.home,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )

    def _seen(self, text: str) -> str:
        return text.replace(str(self.home), HOME).replace(str(self._python.parent.parent), f"{HOME}/.venv")


class Terminal:
    """A program on a pseudo-terminal, fed line by line."""

    def __init__(self, command: str, folder: Path, env: dict[str, str]) -> None:
        import pty

        self._main, other = pty.openpty()
        self._process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=folder,
            env=env,
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)
        self._last = ""

    def read(self, late: str = "") -> str:
        """Give what is shown until the program asks for something.

        :param late: what comes by itself after that, and ends it too.
        """
        text = ""
        wanted = re.compile(f"^{re.escape(late)}\\Z", re.MULTILINE) if late else _PROMPT
        data = b""
        end = time.monotonic() + PATIENCE
        while not wanted.search(text):
            ready, _, _ = select.select([self._main], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"no {late or 'prompt'!r} came:\n{text}"
            try:
                piece = os.read(self._main, 65536)
            except OSError:  # Linux: the other end is closed
                piece = b""
            assert piece, f"the program ended:\n{text}"
            data += piece
            text = data.decode(errors="replace").replace("\r\n", "\n")
        self._last = "" if late else text.rpartition("\n")[2]
        return text

    def prompt(self) -> str:
        """Give the prompt that stands there."""
        return self._last

    def type(self, line: str, late: str = "") -> str:
        """Type a line; give what is shown then, the line itself included."""
        os.write(self._main, f"{line}\n".encode())
        return self.read(late)

    def leave(self, line: str) -> str:
        """Type a line that ends the program; give what is shown then."""
        os.write(self._main, f"{line}\n".encode())
        data = b""
        end = time.monotonic() + PATIENCE
        while select.select([self._main], [], [], max(0.0, end - time.monotonic()))[0]:
            try:
                piece = os.read(self._main, 65536)
            except OSError:  # Linux: the other end is closed
                piece = b""
            if not piece:
                break
            data += piece
        self._last = ""
        assert self._process.wait(timeout=PATIENCE) == 0, f"after {line!r}: {data.decode(errors='replace')}"
        return data.decode(errors="replace").replace("\r\n", "\n")

    def close(self) -> None:
        """End the program."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=PATIENCE)
        os.close(self._main)


def _patient(command: str) -> str:
    """Have a shell wait longer for completion providers: this machine is busy with other tests too."""
    program, _, words = command.partition(" ")
    return f"{program} --ShellCompleter.timeout={PATIENCE / 4} {words}" if program == "ipshell" else command


def _environment(folder: Path) -> Path:
    """Make an environment that has all that this one has; give its Python."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    # Not a plain line: only so are the .pth files of editable installs in there read too.
    lines = [f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})"]
    (site / "below.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, module in (
        ("ipshell", "ipshell.__main__"),
        ("pip", "pip._internal.cli.main"),
        ("pytest", "pytest"),
    ):
        script = folder / "bin" / name
        script.write_text(f"#!{python}\nimport sys\nfrom {module} import main\nsys.exit(main())\n")
        script.chmod(0o755)
    return python


def pack(wanted: Requirement, folder: Path) -> None:
    """Make wheels again of an installed distribution and of all that it requires.

    So that pip can do what the pages say without a network.
    """
    dist = distribution(wanted.name)
    if any(folder.glob(f"{_file_name(dist)}-*")):
        return
    if dist.name != "ipshell-core":  # comes from the clone alone
        _pack_one(dist, folder)
    for extra in ("", *wanted.extras):
        for text in dist.requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                pack(needed, folder)


def _file_name(dist: Distribution) -> str:
    return f"{re.sub(r'[-_.]+', '_', dist.name)}-{dist.version}"


def _pack_one(dist: Distribution, folder: Path) -> None:
    tag = re.findall(r"^Tag: (.*)$", dist.read_text("WHEEL") or "", flags=re.MULTILINE)[-1]
    # What pip writes when it installs is no part of a wheel.
    own = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}
    files = [
        each
        for each in dist.files or ()
        if ".." not in each.parts and "__pycache__" not in each.parts and each.name not in own
    ]
    with ZipFile(folder / f"{_file_name(dist)}-{tag}.whl", "w") as wheel:
        for each in files:
            wheel.write(each.locate(), each.as_posix())
        record = next(each.parent for each in files if each.name == "METADATA") / "RECORD"
        wheel.writestr(record.as_posix(), "".join(f"{each.as_posix()},,\n" for each in [*files, record]))


def commands_of(block: Block) -> list[tuple[str, str]]:
    """Give the commands of a block, each with what it is said to print."""
    found: list[tuple[str, str]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        else:
            assert found, f"{block.place}: it does not start with a command"
            found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found


def compare(shown: str, expected: str, where: str) -> None:
    """Compare what was shown with what a page says; ``...`` there stands for anything.

    :raises AssertionError: if they differ.
    """
    actual = _tidy(shown)
    wanted = _tidy(expected)
    # The continuation prompt "...:" stands for itself.
    pattern = ".*?".join(map(re.escape, re.split(r"\.\.\.(?!:)", wanted)))
    same = re.fullmatch(pattern, actual, flags=re.DOTALL)
    assert same, f"{where}\n--- the page says\n{wanted}\n--- shown\n{actual}"


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    # The marks under a line of a traceback differ from one Python to the next.
    return "\n".join(line for line in lines if not line or line.strip("~^ "))
