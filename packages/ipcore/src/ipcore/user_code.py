"""Code that users name: ranges of earlier cells, files, addresses, variables."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .component import Component

if TYPE_CHECKING:
    from .shell import InteractiveShell

#: What is read from an address: bytes at most, and seconds for each step.
MOST_BYTES: Final = 20_000_000
_DEADLINE: Final = 20.0


class UserCode(Component):
    """Finds and keeps code for one shell. Used on the thread that runs cells."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        self._folders: list[str] = []

    def on_close(self) -> None:
        """Remove the files of :meth:`mktempfile`."""
        import shutil

        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def extract_input_lines(self, range_str: str, raw: bool = False) -> str:
        """Give the text of earlier cells.

        :param range_str: numbers with blanks between: ``4``, ``4-6`` with the last, ``4:6``
            without it, ``4-`` to the end; empty for the whole session without its last cell. A history
            part may know more, such as earlier sessions.
        :param raw: as typed; else with escapes rewritten.
        :returns: the cells, a line ending between; empty if there are none.
        """
        history = self._shell.history
        by_range = getattr(history, "get_range_by_str", None)
        if callable(by_range):
            cells = [str(source) for _, _, source in by_range(range_str, raw=raw)]
        else:
            cells = self._of_session(range_str, raw)
        return "\n".join(cells if range_str.strip() else cells[:-1])

    def _of_session(self, range_str: str, raw: bool) -> list[str]:
        from .ranges import ranges

        outputs = self._shell.outputs
        kept = outputs.raw_inputs if raw else outputs.inputs
        found: list[str] = []
        for session, start, stop in ranges(range_str):
            if session == 0:  # of earlier ones nothing is known here
                found += kept[max(start, 1) : stop]
        return [text for text in found if text]

    def find_user_code(
        self,
        target: str,
        raw: bool = True,
        py_only: bool = False,
        skip_encoding_cookie: bool = True,
        search_ns: bool = False,
    ) -> str:
        """Give the code that a word stands for.

        Tried in this order: a range of earlier cells, an http address, a file with or without
        its ``.py``, with ``search_ns`` the source of an object, a variable or expression
        that is a text or a macro.

        :param target: empty for the whole session without its last cell.
        :param raw: give earlier cells as typed.
        :param py_only: refuse files that are not in the encoding of Python files.
        :param skip_encoding_cookie: leave out the line that names the encoding.
        :raises ValueError: if nothing is found; the message is for the user.
        :raises TypeError: if it is something else than code.
        :raises PolicyError: if a policy refuses the file or address.
        """
        code = self.extract_input_lines(target, raw=raw)
        if code or not target.strip():
            return code
        if target.startswith(("http://", "https://")):
            return _decoded(self._fetch(target), target, py_only, skip_encoding_cookie)
        for name in (f"{target}.py", target):
            path = Path(os.path.expanduser(name))
            if path.is_dir():
                raise ValueError(f"{target!r} is a directory, not a regular file.")
            if path.is_file():
                self._shell.policies.check("file", str(path))
                return _decoded(path.read_bytes(), target, py_only, skip_encoding_cookie)
        if search_ns:
            source = self._shell.object_inspect(target, detail_level=1)["source"]
            if source:
                return str(source)
        return self._of_variable(target)

    def _of_variable(self, target: str) -> str:
        from .errors import PolicyError
        from .macros import Macro

        try:
            value = self._shell.ev(target)
        except PolicyError:
            raise
        except Exception as error:
            raise ValueError(
                f"{target!r} was not found in history, as a file, url, nor in the user namespace."
            ) from error
        if isinstance(value, (str, Macro)):
            return str(value)
        raise TypeError(f"{target} is neither a string nor a macro.", value)

    def _fetch(self, address: str) -> bytes:
        from urllib.error import URLError
        from urllib.request import urlopen

        self._shell.policies.check("file", address)
        try:
            with urlopen(address, timeout=_DEADLINE) as answer:
                data: bytes = answer.read(MOST_BYTES + 1)
        except (URLError, OSError) as error:
            raise ValueError(f"{address} cannot be read: {getattr(error, 'reason', error)}") from error
        if len(data) > MOST_BYTES:
            raise ValueError(f"{address} has more than {MOST_BYTES} bytes and is not read.")
        return data

    def mktempfile(self, data: str | None = None, prefix: str = "ipshell_edit_") -> str:
        """Make a new Python file, in a new folder, that is removed when the shell ends.

        :param data: what to write into it.
        :param prefix: what the names of folder and file begin with.
        :returns: the path of the file.
        :raises OSError: if it cannot be made.
        """
        from tempfile import mkdtemp, mkstemp

        folder = mkdtemp(prefix=prefix)
        self._folders.append(folder)
        handle, name = mkstemp(".py", prefix, dir=folder)
        with open(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(data or "")
        return name

    def var_expand(self, cmd: str, depth: int = 0, formatter: object = None) -> str:
        """Replace ``$name`` and ``{expression}``; unchanged if any look-up fails.

        :param depth: whose local variables count: 0 for the caller's, 1 for its caller's, and so on.
        :param formatter: makes no difference here.
        """
        from .system.expansion import expand

        frame = sys._getframe(depth + 1)
        local = None if frame.f_locals is frame.f_globals else frame.f_locals
        return expand(cmd, self._shell.user_ns, local)

    def check_complete(self, code: str) -> tuple[str, str]:
        """Tell whether a text is a whole cell. Runs none of it.

        :returns: ``complete``, ``incomplete`` or ``invalid``, and the blanks that the next line begins with.
        """
        from .cells.completeness import check_complete

        def transform(text: str) -> str:
            return self._shell.transform(text, side_effects=False)

        status, indent = check_complete(code, transform)
        return status, " " * (indent or 0)


def _decoded(data: bytes, name: str, py_only: bool, skip_cookie: bool) -> str:
    """Decode a file as Python does: by its cookie, else as UTF-8; if need be, and may be, as Latin-1."""
    import io
    import tokenize

    try:
        encoding, first = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        if py_only:
            raise ValueError(f"{name!r} seems to be unreadable: {error}.") from error
        text, first = data.decode("latin-1"), []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if skip_cookie and first:
        lines = text.split("\n")
        kept = [at for at, line in enumerate(lines[:2]) if _COOKIE.match(line)]
        text = "\n".join(line for at, line in enumerate(lines) if at not in kept)
    return text


_COOKIE: Final = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")
