"""What ends a session: ``exit`` and ``quit``, and, against the user's will, a closed standard stream."""

from __future__ import annotations

import builtins
from functools import wraps
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from .shell import InteractiveShell


class Exiter:
    """Leaves the shell, with or without parentheses.

    :param shell: the shell to leave.
    :param name: ``exit`` or ``quit``.
    """

    #: A line that begins with the name is a call, see :mod:`ipcore.cells.prefilter`.
    _ipshell_prefilter_ = "auto"
    #: The call is not shown.
    rewrite = False

    def __init__(self, shell: InteractiveShell, name: str) -> None:
        self._shell = shell
        self._name = name

    def __call__(self, code: object = None) -> NoReturn:
        """Leave the shell.

        :param code: exit status, as for :func:`sys.exit`.
        :raises SystemExit: always, so that the rest of the cell does not run.
        """
        self._shell.ask_exit(code)
        raise SystemExit(code)

    def __repr__(self) -> str:
        return f"Type {self._name} or {self._name}() to leave, {self._name}(3) for exit status 3."


def exit_status(code: object) -> int:
    """Give the exit status that CPython gives for ``SystemExit(code)``.

    Prints ``code`` on standard error if it is neither a number nor ``None``.
    """
    import sys

    if code is None:
        return 0
    if isinstance(code, int):
        return int(code)
    print(code, file=sys.stderr)
    return 1


@wraps(builtins.open)
def guarded_open(file: Any, *arguments: Any, **options: Any) -> IO[Any]:  # noqa: D103 (as open() says)
    closes = arguments[5] if len(arguments) > 5 else options.get("closefd", True)
    if closes and isinstance(file, int) and 0 <= file <= 2 and _in_numbered_cell():
        stream = ("stdin", "stdout", "stderr")[file]
        raise ValueError(
            f"closing what open({file:d}) gives would close the shell's own sys.{stream}. Use sys.{stream} "
            f"or open({file:d}, closefd=False); builtins.open({file:d}) does it all the same."
        )
    return builtins.open(file, *arguments, **options)  # type: ignore[no-any-return]


def _in_numbered_cell() -> bool:
    """Tell whether a cell of a session runs; a program may close its streams."""
    from .shell import get_ipython

    shell = get_ipython()
    return shell is not None and shell.displayhook.number != 0
