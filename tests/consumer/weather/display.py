"""Shows values: formatters, publishers, and what authors call to show something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ipcore import InteractiveShell, get_ipython
from ipcore.display import (
    CapturedIO,
    Display,
    DisplayHandle,
    DisplayPublisher,
    MimeFormatter,
    RichOutput,
    capture_output,
    clear_output,
    display,
    publish_display_data,
    update_display,
)
from ipcore.hookspecs import hookimpl
from ipcore.types.display import Formatter, Output, Publisher


class Temperature:
    def __init__(self, degrees: float) -> None:
        self.degrees = degrees

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": f"{self.degrees} °C"}


class PlainTemperature:
    mime = "text/plain"

    def format(self, value: object) -> str | None:
        return f"{value.degrees} °C" if isinstance(value, Temperature) else None


class Maps(MimeFormatter):
    format_type = "image/x-map"
    print_method = "_repr_map_"
    returns = (bytes,)


class Window:
    types: tuple[str, ...] = ("image/x-map",)

    def publish(self, output: Output) -> bool:
        text: str = output.data.get("text/plain", "")
        return bool(text) and output.number is None and not output.update

    def clear(self, wait: bool) -> bool:
        return wait


@hookimpl
def ipshell_formatters(shell: InteractiveShell) -> Iterable[Formatter | MimeFormatter]:
    return [PlainTemperature(), Maps()]


@hookimpl
def ipshell_publishers(shell: InteractiveShell) -> list[Publisher]:
    return [Window()]


def show(temperature: Temperature) -> str:
    """Use what the core gives to show things."""
    with capture_output(stderr=False) as captured:
        display(temperature, include=["text/plain"])
        handle = display(temperature, display_id=True)
        publish_display_data({"text/plain": "mild"}, transient={"display_id": "sky"})
        update_display(temperature, display_id="sky")
        clear_output(wait=True)
    outputs: list[RichOutput] = captured.outputs
    if isinstance(handle, DisplayHandle):
        handle.update(temperature)
    for output in outputs:
        output.display()
    return told(captured)


def told(captured: CapturedIO) -> str:
    captured.show()
    return captured.stdout + captured.stderr


def formatters() -> tuple[Display, DisplayPublisher] | None:
    shell = get_ipython()
    if shell is None:
        return None
    shown: str = shell.display.text(Temperature(3.0))
    data, metadata = shell.display.format(Temperature(3.0))
    print(shown, data.get("text/plain"), metadata)
    return shell.display_formatter, shell.display_pub
