"""Running files and modules on behalf of extensions, which get to see no error unless they ask."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import UserError
from ..notices import notice
from .programs import cells_of_notebook, read_text

if TYPE_CHECKING:
    from os import PathLike

    from ..shell import InteractiveShell


class FileRunner:
    """Runs files in given names. What they raise is shown, and raised only where that is asked for.

    Policies judge each file first. Used on the thread that runs cells.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def safe_execfile(
        self,
        fname: str | PathLike[str],
        *where: Any,
        exit_ignore: bool = False,
        raise_exceptions: bool = False,
        shell_futures: bool = False,
    ) -> None:
        """Run a file of plain Python; its folder stands first on ``sys.path`` meanwhile.

        A file that cannot be read is told in one line. ``SystemExit`` ends the file alone.

        :param where: globals and, if they are others, locals; the user's names by default.
        :param exit_ignore: whether an exit status other than 0 is told to nobody.
        :param raise_exceptions: whether to raise what the file raises, instead of showing it.
        :param shell_futures: whether it shares ``from __future__`` imports with the cells.
        :raises ipcore.errors.PolicyError: if a policy refuses the file.
        """
        name = os.path.abspath(os.path.expanduser(fname))
        self._shell.policies.check("file", name)
        try:
            source = read_text(name)
        except UserError as unreadable:
            notice(str(unreadable))
            return
        compiler = self._shell.runner.compiler

        def run() -> None:
            flags = compiler.flags if shell_futures else 0
            code = compile(source, name, "exec", flags, dont_inherit=True)
            if shell_futures:
                compiler.inherit(code)
            exec(code, *(where or (self._shell.user_ns,)))

        with _first_on_path(os.path.dirname(name)):
            self._run(run, name, exit_ignore=exit_ignore, raise_exceptions=raise_exceptions)

    def safe_execfile_ipy(
        self, fname: str | PathLike[str], shell_futures: bool = False, raise_exceptions: bool = False
    ) -> None:
        """Run a file of cells, ``.ipy`` as one cell and ``.ipynb`` cell by cell up to the first that fails.

        No values are shown, and no numbers used up. A file that cannot be read is told in one line.

        :param shell_futures: whether it shares ``from __future__`` imports with the other cells.
        :param raise_exceptions: whether to raise what a cell fails with, after it was shown.
        :raises ipcore.errors.PolicyError: if a policy refuses the file.
        """
        name = os.path.abspath(os.path.expanduser(fname))
        self._shell.policies.check("file", name)
        label = os.path.basename(name)
        try:
            if name.endswith(".ipynb"):
                cells = [(f"{label} cell {number}", text) for number, text in cells_of_notebook(name)]
            else:
                cells = [(label, read_text(name))]
        except UserError as unreadable:
            notice(str(unreadable))
            return
        with _first_on_path(os.path.dirname(name)):
            for title, text in cells:
                result = self._shell.run_code(
                    text, title, show_value=False, origin="file", shell_futures=shell_futures
                )
                if raise_exceptions:
                    result.raise_error()
                if not result.success:
                    break

    def safe_run_module(self, mod_name: str, where: MutableMapping[str, Any]) -> None:
        """Run a module as ``__main__``, and put the names it made into ``where``.

        What it raises is shown.

        :raises ipcore.errors.PolicyError: if a policy refuses the module.
        """
        from runpy import run_module

        self._shell.policies.check("file", f"-m {mod_name}")
        self._run(lambda: where.update(run_module(mod_name, run_name="__main__", alter_sys=True)), mod_name)

    def _run(
        self,
        function: Callable[[], object],
        name: str,
        *,
        exit_ignore: bool = False,
        raise_exceptions: bool = False,
    ) -> None:
        try:
            with self._shell.policies.running("file"), self._shell.traps:
                function()
        except SystemExit as leaving:
            if not leaving.code:
                return
            if raise_exceptions:
                raise
            if not exit_ignore:
                notice(f"{name} ended with SystemExit: {leaving.code}.")
        except BaseException as error:  # the user's, whatever it is
            if raise_exceptions:
                raise
            self._shell.show_error(error)


@contextmanager
def _first_on_path(folder: str) -> Iterator[None]:
    """Have a folder first on ``sys.path`` while the body runs."""
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)
