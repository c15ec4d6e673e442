"""A shell in the process of a test, and what became of the cells it ran."""

from __future__ import annotations

import os
import re
import sys
import textwrap
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from traitlets.config import Config

from ..cells.displayhook import DisplayHook
from ..display.capture import CapturingStream, capturing, collected, decoded
from ..shell import InteractiveShell, open_shells
from ..types.cells import CellResult

if TYPE_CHECKING:
    from ..plugins.registry import Registry


@dataclass(slots=True, eq=False)
class CellOutcome(CellResult):
    """What became of a cell: the shell's own record, and what the cell has written and shown."""

    stdout: str = ""
    """What was written to standard output while it ran, its value as it is shown included."""
    stderr: str = ""
    """What was written to standard error while it ran: the shell's notices and tracebacks too."""
    shown: str = ""
    """The text of the value that was shown last, without prompt; empty if none was."""
    shell: TestedShell | None = field(default=None, repr=False)
    """The shell it ran in."""

    @property
    def value(self) -> Any:
        """The last value of the cell, or ``None``."""
        return self.result

    @property
    def bundle(self) -> dict[str, Any]:
        """The value in every representation that there is for it, by MIME type.

        Empty for ``None``, and for a value that shows itself. Computed each time it is asked for.
        """
        if self.result is None or self.shell is None:
            return {}
        # A terminal shows text alone: have it take everything meanwhile.
        with collected(self.shell, []):
            data, _ = self.shell.display.format(self.result)
        return dict(data)

    @property
    def error(self) -> BaseException | None:
        """What the cell failed with, before it ran or while it did."""
        return self.error_before_exec or self.error_in_exec

    def assert_ok(self) -> CellOutcome:
        """Fail if the cell failed.

        :returns: the same, to go on with: ``shell.run_cell("6*7").assert_ok().value``.
        """
        __tracebackhide__ = True
        if self.error is not None:
            raise AssertionError(f"the cell failed with {_line_of(self.error)}\n{self._account()}")
        return self

    def assert_error(self, kind: type[BaseException] | str, match: str = "") -> CellOutcome:
        """Fail unless the cell failed with an error of a kind.

        :param kind: a class, or the name of one: of the error's own class or of one that it inherits.
        :param match: a regular expression that is to be found in the message.
        :returns: the same.
        """
        __tracebackhide__ = True
        wanted = kind if isinstance(kind, str) else kind.__name__
        error = self.error
        if error is None:
            raise AssertionError(f"the cell was to fail with {wanted}, and did not\n{self._account()}")
        names = {each.__name__ for each in type(error).__mro__}
        fits = kind in names if isinstance(kind, str) else isinstance(error, kind)
        if not fits:
            raise AssertionError(
                f"the cell was to fail with {wanted}, and failed with {_line_of(error)}\n{self._account()}"
            )
        if not re.search(match, str(error)):
            raise AssertionError(
                f"the cell failed with {wanted}, but {match!r} is not in its message {str(error)!r}"
            )
        return self

    def _account(self) -> str:
        """Tell what there is to know about the cell."""
        told = self.stderr
        if self.error is not None and not told:
            told = "".join(traceback.format_exception(self.error))
        parts = [("cell", self.cell.source)]
        if self.transformed.strip() not in ("", self.cell.source.strip()):
            parts.append(("as Python", self.transformed))
        parts += [("standard error", told), ("standard output", self.stdout)]
        return "\n".join(f"-- {name}:\n{textwrap.indent(_tidy(text), '    ')}" for name, text in parts)


class TestedShell(InteractiveShell):
    """A shell whose :meth:`run_cell` gives :class:`CellOutcome`; else it is a shell like any other."""

    # Not a class of tests, though its name begins like one.
    __test__ = False

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.displayhook = self._shown = _RecordingDisplayHook(self)
        self._failures_expected = False

    def run_cell(self, raw_cell: str, *arguments: Any, **options: Any) -> CellOutcome:
        """Run a cell; takes what :meth:`ipcore.shell.InteractiveShell.run_cell` takes.

        What it writes goes on to ``sys.stdout`` and ``sys.stderr``, so to pytest's own capture.
        """
        before = len(self._shown.texts)
        with capturing("stdout", _CopiedOut) as out, capturing("stderr", _CopiedErr) as err:
            result = super().run_cell(raw_cell, *arguments, **options)
        texts = self._shown.texts[before:]
        del self._shown.texts[before:]
        return CellOutcome(
            result.cell,
            result.transformed,
            result.result,
            result.error_before_exec,
            result.error_in_exec,
            out.text(),
            err.text(),
            texts[-1] if texts else "",
            self,
        )

    def expect_failures(self) -> None:
        """Let plugins fail, and parts not close cleanly; else the test fails at its end."""
        self._failures_expected = True

    def assert_no_failures(self) -> None:
        """Fail if a plugin of this shell failed."""
        __tracebackhide__ = True
        failures = self.registry.failures
        if failures:
            told = "".join(f"{each}\n{textwrap.indent(each.traceback, '    ')}" for each in failures)
            raise AssertionError(
                f"a plugin failed:\n{told}A test that wants one to fail calls shell.expect_failures()."
            )


class _RecordingDisplayHook(DisplayHook):
    """Shows values, and keeps the texts of them."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.texts: list[str] = []

    def layout(self, number: int, text: str) -> str:
        """Give the text of a value as it is printed."""
        self.texts.append(text)
        return super().layout(number, text)


class ShellMaker:
    """Makes the shells of one test: what the fixture ``make_shell`` gives.

    :param registry: supplies plugins, where a call names no other.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._before = open_shells()
        self._made: list[TestedShell] = []
        self._folder = os.getcwd()
        self._environment = dict(os.environ)
        self._path = list(sys.path)

    def __call__(self, config: Mapping[str, Any] | None = None, **settings: Any) -> TestedShell:
        """Make a shell and start it. It is closed at the end of the test.

        :param config: sections of configuration, ``{"InteractiveShell": {"automagic": False}}``.
        :param settings: traits of the shell, ``automagic=False``; other sections,
            ``MyMagics={"volume": 11}``; ``registry``, ``user_module`` or ``namespace``.
        :raises TypeError: for a trait that a shell does not have.
        """
        sections = Config(config or {})
        traits = InteractiveShell.class_trait_names()
        for name in list(settings):
            if name[0].isupper() and isinstance(settings[name], Mapping):
                sections.merge(Config({name: settings.pop(name)}))
            elif name not in (*traits, "registry", "user_module", "namespace", "name"):
                near = get_close_matches(name, traits, 1)
                hint = f'; did you mean "{near[0]}"?' if near else ""
                raise TypeError(f'a shell has no trait "{name}"{hint}')
        settings.setdefault("registry", self._registry)
        made = TestedShell(config=sections, **settings)
        self._made.append(made)
        made.start()
        return made

    def close(self) -> None:
        """Close the shells, newest first, put back what their cells changed, and look for what went wrong.

        :raises AssertionError: if a plugin or the closing of a part failed, or the test has left a shell of
            its own open.
        """
        __tracebackhide__ = True
        with capturing("stderr", _CopiedErr) as told:
            for shell in reversed(self._made):
                shell.close()
            left = [shell for shell in open_shells() if shell not in self._before]
            for stray in reversed(left):
                stray.close()
        self._put_back()
        expected = [shell for shell in self._made if shell._failures_expected]
        for shell in self._made:
            if shell not in expected:
                shell.assert_no_failures()
        unclean = [line for line in told.text().splitlines() if " did not close cleanly: " in line]
        if unclean and not expected:
            raise AssertionError("\n".join(unclean))
        if left:
            raise AssertionError(
                f"{len(left)} shell(s) that the test made itself are still open: close them, "
                "or make them with make_shell()"
            )

    def _put_back(self) -> None:
        """Undo what ``%cd``, ``%env`` and their like have done to the process."""
        os.chdir(self._folder)
        sys.path[:] = self._path
        for name in os.environ.keys() - self._environment.keys():
            del os.environ[name]
        os.environ.update(self._environment)


class _CopyingStream(CapturingStream):
    """A standard stream that keeps a copy of what it hands on."""

    role = "stdout"

    def __init__(self, outer: Any) -> None:
        super().__init__(outer)
        self._copy = bytearray()
        self.write_to(self._write_below)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream itself."""
        return getattr(self.outer, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Hand text on, and keep a copy of what could be written."""
        if self.ended:
            # A logger, for example, has kept it: what it says now belongs to the cell that runs now.
            current = getattr(sys, self.role, None)
            if isinstance(current, _CopyingStream) and not current.ended:
                return current.write(text)
            return super().write(text)
        if self.outer is not None:
            self.outer.write(text)
        self._copy += text.encode("utf-8", "surrogatepass")
        return len(text)

    def _write_below(self, data: bytes) -> int:
        """Do the same for what is written to ``sys.stdout.buffer``."""
        data = bytes(data)
        if self.outer is not None:
            self.outer.write(decoded(data))
        self._copy += data
        return len(data)

    def flush(self) -> None:
        """See to it that what was handed on arrives."""
        outer = self.beyond()
        if outer is not None:
            outer.flush()

    def text(self) -> str:
        """Give what was kept."""
        return decoded(bytes(self._copy))


class _CopiedOut(_CopyingStream):
    """Standard output."""


class _CopiedErr(_CopyingStream):
    """Standard error."""

    role = "stderr"


def _line_of(error: BaseException) -> str:
    from ..plugins.failures import reason_of

    return reason_of(error)


def _tidy(text: str) -> str:
    return text.strip("\n") or "(nothing)"
