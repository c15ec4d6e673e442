"""Reading one configuration file, in Python or JSON, with the line of each value.

A Python file is executed with ``c`` and ``get_config()``; ``load_subconfig(file, profile=None)`` reads
another file in its place. A JSON file holds ``{"Section": {"option": value}}``.

What is wrong in a file costs that file alone: the lines above the mistake are used, the rest is not, and
:class:`FileError` says where it stands.
"""

from __future__ import annotations

import json
import linecache
import tokenize
import traceback
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from traitlets.config.loader import Config

from .origins import Origin, Setting
from .recording import Recording
from .sections import canonical, is_section_name, nearest

#: How deep files may include others with ``load_subconfig``.
_DEEPEST = 20


class FileError(NamedTuple):
    """What is wrong in a configuration file."""

    file: str
    line: int
    """Line from 1; 0 where there is none."""
    text: str
    """What is wrong, what was done about it."""
    traceback: str = ""
    """The traceback from the file on, where an exception was raised."""

    def __str__(self) -> str:
        return f"{Origin(self.file, self.line)}: {self.text}"


class Loaded(NamedTuple):
    """What one layer says."""

    config: Config
    settings: list[Setting]
    errors: list[FileError]
    files: list[Path]
    """The files read: the one asked for, and those it includes."""


#: Gives the directory of a profile by name, for ``load_subconfig(file, profile=name)``.
ProfileDir = Callable[[str], Path]


def load_file(path: Path, profile_dir: ProfileDir | None = None) -> Loaded:
    """Read one configuration file; a name that ends in ``.json`` is JSON, any other is Python.

    :param path: an absolute path.
    :param profile_dir: gives the directory of a profile by name.
    :returns: what it says; errors are in it, not raised.
    """
    if path.suffix.lower() == ".json":
        return _load_json(path)
    reader = _PythonFiles(profile_dir)
    reader.execute(path)
    config, settings = reader.recording.result()
    return Loaded(config, settings, reader.errors, reader.files)


class _PythonFiles:
    """One Python file and those it includes."""

    def __init__(self, profile_dir: ProfileDir | None) -> None:
        self.recording = Recording()
        self.errors: list[FileError] = []
        self.files: list[Path] = []
        self._profile_dir = profile_dir
        self._open: list[Path] = []

    def execute(self, path: Path) -> None:
        name = str(path)
        source, error = _read_text(path)
        if error:
            self.errors.append(error)
            return
        self.files.append(path)
        self._open.append(path)
        self.recording.files.append(name)
        linecache.checkcache(name)
        namespace = {
            "__name__": "ipshell_config",
            "__file__": name,
            "c": self.recording.config,
            "get_config": lambda: self.recording.config,
            "load_subconfig": self.load_subconfig,
        }
        try:
            exec(compile(source, name, "exec", dont_inherit=True), namespace)
        except KeyboardInterrupt:
            raise
        except BaseException as failure:  # a file may well call sys.exit()
            self.errors.append(_failure(name, failure))
        finally:
            self._open.pop()

    def load_subconfig(self, fname: str, path: str | None = None, profile: str | None = None) -> None:
        """Read another file here and now; what stands below overrides it.

        :param fname: its name; a relative one is meant from the directory of the file that includes it.
        :param path: another directory for a relative name.
        :param profile: a profile whose directory is meant instead.
        """
        base = self._open[-1].parent
        if profile is not None and self._profile_dir is not None:
            base = self._profile_dir(profile)
        elif path:
            base = base / Path(path).expanduser()
        wanted = base / Path(fname).expanduser()
        here = self.recording.here()
        if not wanted.is_file():
            near = nearest(wanted.name, _names_in(wanted.parent))
            hint = f"; did you mean {near}?" if near else ""
            self._refuse(here, f"there is no {wanted}; it was left out{hint}")
        elif wanted in self._open or len(self._open) > _DEEPEST:
            self._refuse(here, f"{wanted} includes itself; it was left out")
        elif wanted.suffix.lower() == ".json":
            loaded = _load_json(wanted)
            self.errors += loaded.errors
            self.files += loaded.files
            lines = {(setting.section, setting.trait): setting.origin for setting in loaded.settings}
            self.recording.merge(loaded.config, lambda section, trait: lines.get((section, trait), here))
            self.recording.settings += [setting for setting in loaded.settings if not setting.placed]
        else:
            self.execute(wanted)

    def _refuse(self, here: Origin, text: str) -> None:
        self.errors.append(FileError(here.file, here.line, f"load_subconfig: {text}"))


def _failure(name: str, error: BaseException) -> FileError:
    """Say where in a file an exception came up; of the traceback, our own frames are left out."""
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, SyntaxError) and error.filename == name:
        text = "".join(traceback.format_exception_only(error))
        what = f"{type(error).__name__}: {error.msg}"
        return FileError(name, error.lineno or 0, f"{what}; nothing of this file was used", text)
    frames = [frame for frame in _frames(error.__traceback__) if frame.tb_frame.f_code.co_filename == name]
    line = frames[-1].tb_lineno if frames else 0
    shown = error.with_traceback(frames[0]) if frames else error
    text = "".join(traceback.format_exception(shown))
    return FileError(name, line, f"{what}; what stands above was used, what stands below was not", text)


def _frames(tb: TracebackType | None) -> Iterator[TracebackType]:
    while tb is not None:
        yield tb
        tb = tb.tb_next


def _read_text(path: Path) -> tuple[str, FileError | None]:
    """Give the text of a file, in the encoding a Python file may declare, else UTF-8."""
    try:
        if path.is_fifo():  # it would be waited for, for ever
            return "", _unusable(path, 0, "is a pipe, not a file")
        data = path.read_bytes()
    except OSError as error:
        return "", _unusable(path, 0, f"cannot be read: {error.strerror or error}")
    try:
        return data.decode(_encoding(path, data)), None
    except UnicodeDecodeError as error:
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        return "", _unusable(path, line, f"is not UTF-8 text: byte {byte:#04x} in column {column}")
    except SyntaxError as error:  # a declared encoding that there is not
        return "", _unusable(path, 1, str(error))


def _encoding(path: Path, data: bytes) -> str:
    if path.suffix.lower() == ".json":
        return "utf-8-sig"
    try:
        return tokenize.detect_encoding(BytesIO(data).readline)[0]
    except SyntaxError:
        data.decode()  # it says which byte is wrong, where that is the reason
        raise


def _unusable(path: Path, line: int, text: str) -> FileError:
    return FileError(str(path), line, f"{text}; nothing of this file was used")


def _names_in(directory: Path) -> list[str]:
    try:
        return [path.name for path in directory.iterdir()]
    except OSError:
        return []


def _load_json(path: Path) -> Loaded:
    nothing = Loaded(Config(), [], [], [])
    text, error = _read_text(path)
    if error:
        return nothing._replace(errors=[error])
    found = nothing._replace(files=[path])

    def wrong(line: int, what: str) -> Loaded:
        return found._replace(errors=[_unusable(path, line, what)])

    try:
        values = json.loads(text)
    except json.JSONDecodeError as mistake:
        position, reason = _json_reason(text, mistake)
        return wrong(text.count("\n", 0, position) + 1, f"is not JSON: {reason}")
    except RecursionError:
        return wrong(1, "is nested too deep")
    if not isinstance(values, dict):
        return wrong(1, 'holds no sections; write {"Section": {"option": value}}')
    lines = json_lines(text)
    version = values.pop("version", 1)
    if version != 1:
        return wrong(lines["version",], f"has version {version!r} of the format; this shell knows 1")
    by_name = {
        (canonical(".".join(key[:-1])), key[-1]): Origin(str(path), line) for key, line in lines.items()
    }
    recording = Recording()
    recording.merge(values, lambda section, trait: by_name.get((section, trait), Origin(str(path))))
    config, settings = recording.result()
    return found._replace(config=config, settings=settings)


def _json_reason(text: str, error: json.JSONDecodeError) -> tuple[int, str]:
    """Give the position and the reason of a mistake in JSON, the same on every Python."""
    before, rest = text[: error.pos].rstrip(), text[error.pos :].lstrip()
    if rest.startswith(",") and rest[1:].lstrip()[:1] in ("}", "]"):  # from 3.13 on the comma is pointed at
        before, rest = text[: error.pos + 1], rest[1:].lstrip()
    if before.endswith(",") and rest[:1] in ("}", "]"):
        return len(before) - 1, "there is a comma before the closing bracket; take it away"
    if rest.startswith("'"):
        return error.pos, "strings stand in double quotes"
    if rest.startswith(("#", "//", "/*")):
        return error.pos, "comments are not allowed"
    for python, name in (("True", "true"), ("False", "false"), ("None", "null")):
        if rest.startswith(python):
            return error.pos, f"{python} is written {name}"
    if not rest:
        return len(before), "it ends too early"
    return error.pos, f"{error.msg[:1].lower()}{error.msg[1:]} (column {error.colno})"


def json_lines(text: str) -> dict[tuple[str, ...], int]:
    """Give the line of each key of a JSON object, down through the sections.

    :param text: valid JSON whose value is an object.
    :returns: path of keys → line from 1; of a key that comes twice the last, which is the one that counts.
    """
    decoder = json.JSONDecoder()
    lines: dict[tuple[str, ...], int] = {}
    known = [0, 1]  # a position and its line, so that the text is counted through once

    def line_at(position: int) -> int:
        known[1] += text.count("\n", known[0], position)
        known[0] = position
        return known[1]

    def skip(position: int) -> int:
        while text[position] in " \t\n\r":
            position += 1
        return position

    def read_object(position: int, path: tuple[str, ...]) -> int:
        position = skip(position + 1)
        while text[position] != "}":
            start = position
            name, position = decoder.raw_decode(text, position)
            key = (*path, name)
            lines[key] = line_at(start)
            position = skip(skip(position) + 1)
            if text[position] == "{" and is_section_name(name):
                position = read_object(position, key)
            else:
                _, position = decoder.raw_decode(text, position)
            position = skip(position)
            if text[position] == ",":
                position = skip(position + 1)
        return position + 1

    read_object(skip(0), ())
    return lines


def load_values(values: Config | dict[str, Any], origin: Callable[[str, str], Origin]) -> Loaded:
    """Take values that are in memory, as those of the command line, for a layer.

    :param values: sections with their options.
    :param origin: gives the place of a section's option.
    """
    recording = Recording()
    recording.merge(values, origin)
    config, settings = recording.result()
    return Loaded(config, settings, [], [])
