"""The front end: its options, and when it is not the one to use."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from traitlets import Bool, Enum, Float, Integer, Unicode

from ipcore.component import Component

if TYPE_CHECKING:
    from ipcore import InteractiveShell
    from ipcore.plain.event_loops import HostLoop

#: Kinds of terminals that cannot move their cursor.
_DUMB: Final = frozenset(("", "dumb", "unknown", "cons25", "emacs"))


class Terminal(Component):
    """Reads cells by an editor in the terminal; where there is none, as the plain front end does.

    :param parent: the shell that runs the cells.
    """

    simple_prompt = Bool(
        False, help="Whether lines are read as plain Python reads them, without the editor."
    ).tag(config=True)

    # Completion, documentation, signatures.
    display_completions = Enum(
        ("multicolumn", "column", "readlinelike"),
        default_value="multicolumn",
        help="How completions are shown: as a menu in several columns, as a menu in one that also tells "
        "types and signatures, or as a list in which nothing can be chosen.",
    ).tag(config=True)
    space_for_menu = Integer(6, min=1, help="How many rows of names a menu of completions has at most.").tag(
        config=True
    )
    mouse_support = Bool(False, help="Whether the mouse moves the cursor and chooses completions.").tag(
        config=True
    )
    complete_while_typing = Bool(
        False, help="Whether completions are shown while one types, without Tab."
    ).tag(config=True)
    completion_delay = Float(
        0.15, help="How many seconds no key has to come before completions are shown while one types."
    ).tag(config=True)
    show_documentation = Bool(
        False, help="Whether the documentation of the completion that is chosen is shown without F1."
    ).tag(config=True)
    documentation_rows = Integer(10, help="How many rows the pane of documentation has at most.").tag(
        config=True
    )
    signature_bar = Bool(
        True, help="Whether the signature of the function is shown whose arguments are being typed."
    ).tag(config=True)

    highlight_matching_brackets = Bool(
        True, help="Whether the bracket at the cursor and its partner are marked."
    ).tag(config=True)
    prompt_line_number_format = Unicode(
        help="How lines are numbered before the second and further ones: a format with {line}, "
        "from 1, and {rel_line}, from the cursor's. Empty for no numbers."
    ).tag(config=True)

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self.shell = parent
        #: Whether a person is there, who is greeted.
        self.person = _is_terminal(sys.stdin)
        self._end: Any = None

    def run(self) -> int:
        """Read and run cells until the user leaves.

        Blocks the calling thread, which must be that of the cells.

        :returns: the exit status.
        """
        if self.plain_because():
            return self._run_plainly()
        from .terminal_modes import TerminalModes

        try:
            modes = TerminalModes(sys.stdin.fileno())
        except (OSError, ValueError):
            return self._run_plainly()
        from .conversation import GivenUp, converse

        try:
            return converse(self, modes)
        except GivenUp as given_up:
            self.shell.set_next_input(given_up.text)
        return self._run_plainly()

    async def run_async(self, host: HostLoop) -> None:
        """Read and run cells in a running event loop, which goes on meanwhile.

        :param host: the loop.
        """
        from ipcore.plain.awaiting import AwaitedFrontend

        if not self.plain_because() and sys.platform != "win32":
            from .awaited import converse_async
            from .conversation import GivenUp
            from .terminal_modes import TerminalModes

            try:
                await converse_async(self, TerminalModes(sys.stdin.fileno()), host)
                return
            except GivenUp:
                pass  # it was told; the plain prompt takes over
        await AwaitedFrontend(self.shell, host).run_async()

    def plain_because(self) -> str:
        """Say why there can be no editor here; empty if there can."""
        if self.simple_prompt:
            return "simple_prompt is set"
        if not _is_terminal(sys.stdin) or not _is_terminal(sys.stdout):
            return "standard input or output is no terminal"
        if sys.platform != "win32" and os.environ.get("TERM", "").lower() in _DUMB:
            return f"the terminal is of the kind {os.environ.get('TERM', '')!r}"
        return ""

    def _run_plainly(self) -> int:
        from ipcore.plain.frontend import PlainFrontend

        return PlainFrontend(self.shell).run()

    def on_close(self) -> None:
        """Leave the terminal as it was found, if the shell is closed while the editor has it."""
        if self._end is not None:
            self._end()

    def at_end(self, function: Any) -> None:
        """Have a function called if the shell is closed from outside; ``None`` for none."""
        self._end = function


def _is_terminal(stream: Any) -> bool:
    try:
        return stream is not None and stream.isatty()
    except (ValueError, AttributeError):  # closed
        return False
