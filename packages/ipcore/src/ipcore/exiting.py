"""``exit`` and ``quit``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from .shell import InteractiveShell


class Exiter:
    """Leaves the shell, with or without parentheses.

    :param shell: the shell to leave.
    :param name: ``exit`` or ``quit``.
    """

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
