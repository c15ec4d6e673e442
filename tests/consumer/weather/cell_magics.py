"""``%%measured``."""

from __future__ import annotations

from collections.abc import Callable

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl

from .line_magics import WeatherMagics


@hookimpl
def ipshell_cell_magic(name: str, shell: InteractiveShell) -> Callable[[str, str], object]:
    magics: WeatherMagics = shell.magics.instance(WeatherMagics)
    return magics.measured
