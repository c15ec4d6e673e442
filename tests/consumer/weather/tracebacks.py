"""Shows exceptions shortly; a component with an option."""

from __future__ import annotations

import traceback
from typing import Any

from traitlets import Bool

from ipcore import Component, InteractiveShell
from ipcore.hookspecs import hookimpl
from ipcore.types.tracebacks import Tracebacks


class Short(Component):
    loud = Bool(False, help="Whether it shouts.").tag(config=True)

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self.shown = 0

    def on_start(self) -> None:
        self.shown = 0

    def on_close(self) -> None:
        self.shown = -1

    def format(self, error: BaseException) -> list[str]:
        self.shown += 1
        text = "".join(traceback.format_exception_only(error)).rstrip()
        return (text.upper() if self.loud else text).splitlines()


@hookimpl
def ipshell_tracebacks(shell: InteractiveShell) -> Tracebacks:
    return Short(parent=shell, name="tracebacks")
