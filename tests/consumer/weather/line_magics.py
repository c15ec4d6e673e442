"""``%forecast`` as a function, and magics of a class with every decorator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from traitlets import Int

from ipcore import InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.magics import (
    Magics,
    MagicsManager,
    Options,
    UsageError,
    argument,
    argument_group,
    cell_magic,
    defaults,
    kwds,
    line_cell_magic,
    line_magic,
    magic_arguments,
    magics_class,
    needs_local_scope,
    no_var_expand,
    output_can_be_silenced,
    parse_argstring,
    parse_options,
    register_line_magic,
)


@magics_class
class WeatherMagics(Magics):
    days = Int(3, help="How many days.").tag(config=True)

    @line_magic
    def wind(self, line: str) -> str:
        """Tell the wind."""
        options, rest = self.parse_options(line, "n:", "loud")
        given: Options = options
        return f"{rest} {given.get('n', '1')}"

    @line_magic("rain")
    @magic_arguments()
    @argument("-n", "--days", type=int, default=1, help="how many")
    @argument_group("places")
    @argument("place", nargs="*")
    @defaults(days=2)
    @kwds(epilog="Rain or shine.")
    def tell_rain(self, line: str) -> list[str]:
        """Tell the rain."""
        arguments = parse_argstring(self.tell_rain, line)
        places: list[str] = arguments.place
        if not places:
            raise UsageError("rain where?")
        return places

    @no_var_expand
    @output_can_be_silenced
    @cell_magic
    def measured(self, line: str, cell: str) -> int:
        """Count the lines."""
        return cell.count("\n") + len(line)

    @needs_local_scope
    @line_cell_magic
    def scoped(self, line: str, cell: str | None = None, *, local_ns: Mapping[str, Any]) -> int:
        """Count names."""
        return len(local_ns) + len(cell or line)

    def on_close(self) -> None:
        self.options_table.clear()


def use_directly(magics: WeatherMagics, manager: MagicsManager) -> int:
    """What the decorators give is still the method, with its own type."""
    told: str = magics.wind("here")
    rain: list[str] = magics.tell_rain("there")
    names: Mapping[str, object] = manager.magics["line"]
    return magics.measured(told, rain[0]) + magics.scoped("", local_ns={}) + len(names)


def in_a_session() -> None:
    @register_line_magic
    def sun(line: str) -> str:
        return line

    shone: str = sun("here")
    print(shone)


@hookimpl
def ipshell_line_magic(name: str, shell: InteractiveShell) -> Callable[[str], object]:
    if name in ("wind", "rain", "scoped"):
        method: Callable[[str], object] = getattr(shell.magics.instance(WeatherMagics), name)
        return method

    def forecast(line: str) -> str:
        options, rest = parse_options(line, "", "long", mode="list")
        return f"{len(options)} {rest}"

    return forecast
