"""Running what the command line names: code, a module, a file, a notebook."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import PolicyError, UserError, is_a
from ..exiting import exit_status

if TYPE_CHECKING:
    from types import CodeType

    from ..shell import InteractiveShell
    from .command_line import CommandLine


def run(shell: InteractiveShell, line: CommandLine) -> BaseException | None:
    """Run the target of a command line in the shell's namespace.

    What it raises is shown, ``SystemExit`` apart.

    :returns: what it raised; ``None`` if it ran to its end or there is no target.
    :raises UserError: if there is no such file.
    """
    if line.target == "code":
        sys.argv = ["-c", *line.arguments]
        result = shell.run_code(line.value, "Command line")
        return result.error_before_exec or result.error_in_exec
    if line.target == "module":
        return _run_module(shell, line.value, line.arguments)
    if line.target in ("file", "command"):
        return run_file(shell, line.value, line.arguments)
    sys.argv = [line.value, *line.arguments] if line.target == "stdin" else [""]
    return None


def status_of(error: BaseException | None) -> int:
    """Give the exit status that CPython gives for a program that ended with ``error``."""
    if error is None:
        return 0
    if is_a(error, SystemExit):
        return exit_status(error.code)
    if is_a(error, KeyboardInterrupt):
        return die_of_interrupt()
    return 1


def die_of_interrupt() -> int:
    """End as a program does that Ctrl-C stopped, so that a calling shell stops its loop too.

    :returns: the status to exit with, where the signal cannot be used.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError, AttributeError):  # nobody reads it any more
                stream.flush()
    if sys.platform != "win32":
        import signal

        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return 130 if sys.platform != "win32" else 0xC000013A


def run_file(shell: InteractiveShell, name: str, arguments: list[str]) -> BaseException | None:
    """Run a file: a notebook, cells (``.ipy``), or plain Python; a folder means its ``__main__``.

    :param name: the file, as the user named it.
    :param arguments: for ``sys.argv``.
    :returns: what it raised, shown already.
    :raises UserError: if it cannot be read.
    :raises PolicyError: if a policy refuses it.
    """
    shell.policies.check("file", name)
    sys.argv = [name, *arguments]
    if name.endswith(".ipynb"):
        return _run_notebook(shell, name)
    if name.endswith(".ipy"):
        _enter(shell, name, os.path.dirname(os.path.abspath(name)))
        return run_cells(shell, name)
    if _is_archive(name):
        return _run_archive(shell, name)
    source = _read(name)
    _enter(shell, name, os.path.dirname(os.path.abspath(name)))
    return run_plainly(shell, lambda: compile(source, name, "exec", dont_inherit=True))


def run_cells(shell: InteractiveShell, name: str) -> BaseException | None:
    """Run a file whose text may hold escapes, as one cell whose value is not shown.

    :returns: what it raised, shown already.
    :raises UserError: if it cannot be read.
    """
    text = read_text(name)
    result = shell.run_code(text, os.path.basename(name), show_value=False, origin="file")
    return result.error_before_exec or result.error_in_exec


def run_plainly(shell: InteractiveShell, compiling: Callable[[], CodeType]) -> BaseException | None:
    """Run plain Python in the shell's namespace: no escapes, no values shown.

    :param compiling: gives the code; what it raises is the user's error too.
    :returns: what was raised, shown already.
    """
    try:
        with shell.policies.running("file"), shell.traps:
            exec(compiling(), shell.user_ns)
    except BaseException as error:  # the user's, whatever it is
        if is_a(error, UserError) and not is_a(error, PolicyError):
            raise
        if sys.excepthook is sys.__excepthook__ or is_a(error, SystemExit):
            shell.show_error(error)
        else:  # the program has put a reporter of its own in place
            from ..plain.stacks import users_part

            sys.excepthook(type(error), error, users_part(error))
        return error
    return None


def _enter(shell: InteractiveShell, file: str, folder: str) -> None:
    """Set the names that Python sets for a script."""
    sys.path.insert(0, folder)
    shell.user_ns["__file__"] = file


def _read(name: str) -> bytes:
    try:
        with open(name, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise UserError(f"cannot open {name!r}: {error.strerror}.", status=2) from None


def read_text(name: str) -> str:
    """Give the text of a source file, in the encoding it declares.

    :raises UserError: if it cannot be read.
    """
    import io
    import tokenize

    data = _read(name)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise UserError(f"{name} cannot be read as text: {error}.", status=1) from None


def _run_notebook(shell: InteractiveShell, name: str) -> BaseException | None:
    import json

    from .notebook import code_cells

    try:
        document: Any = json.loads(_read(name))
        cells = code_cells(document)
    except (ValueError, RecursionError) as wrong:
        raise UserError(f"{name} is not a notebook: {wrong}.") from None
    _enter(shell, name, os.path.dirname(os.path.abspath(name)))
    for number, source in cells:
        result = shell.run_cell(
            source, store_history=True, label=f"{os.path.basename(name)} cell {number}", origin="file"
        )
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            return error
    return None


def _run_module(shell: InteractiveShell, name: str, arguments: list[str]) -> BaseException | None:
    """Run a module as ``__main__``, as ``python -m`` does.

    :raises PolicyError: if a policy refuses it.
    """
    shell.policies.check("file", f"-m {name}")
    sys.argv = ["-m", *arguments]
    if not sys.flags.safe_path and os.getcwd() not in sys.path[:1]:
        sys.path.insert(0, os.getcwd())

    def compiling() -> CodeType:
        spec, code = _find_module(name)
        sys.argv[0] = spec.origin or name
        shell.user_ns.update(
            __spec__=spec,
            __package__=spec.parent,
            __loader__=spec.loader,
            __file__=spec.origin,
            __cached__=spec.cached,
        )
        return code

    return run_plainly(shell, compiling)


def _find_module(name: str) -> tuple[Any, CodeType]:
    """Find the code to run for ``-m name``.

    :raises UserError: if there is none.
    """
    from importlib.util import find_spec

    if name.startswith("."):
        raise UserError("-m: relative module names are not supported.")
    try:
        spec = whole = find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = find_spec(f"{name}.__main__")
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise  # a package on the way to it fails by itself
        raise UserError(f"No module named {name}.") from None
    except ValueError as error:
        raise UserError(f"-m {name}: {error}.") from None
    if spec is None:
        what = name if whole is None else f"{name}.__main__; {name} is a package and cannot be run by itself"
        raise UserError(f"No module named {what}.")
    get_code = getattr(spec.loader, "get_code", None)
    code = get_code(spec.name) if get_code is not None else None
    if code is None:
        raise UserError(f"-m {name}: it has no code to run.")
    return spec, code


def _is_archive(name: str) -> bool:
    """Tell whether a name is a folder or archive with a ``__main__`` to run."""
    if os.path.isdir(name):
        return True
    import zipfile

    return name.endswith((".zip", ".pyz", ".pyzw")) and zipfile.is_zipfile(name)


def _run_archive(shell: InteractiveShell, name: str) -> BaseException | None:
    sys.path.insert(0, name)
    sys.path_importer_cache.pop(name, None)

    def compiling() -> CodeType:
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec("__main__", [name])
        if spec is None or spec.loader is None:
            raise UserError(f"there is no __main__ to run in {name!r}.")
        shell.user_ns.update(__spec__=spec, __file__=spec.origin, __loader__=spec.loader, __package__="")
        code: CodeType | None = spec.loader.get_code("__main__")  # type: ignore[attr-defined]
        if code is None:
            raise UserError(f"the __main__ in {name!r} has no code to run.")
        return code

    return run_plainly(shell, compiling)
