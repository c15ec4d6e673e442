"""What code asks of the person at the prompt: the text of the next cell, a yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .component import Component

if TYPE_CHECKING:
    from .shell import InteractiveShell

_ANSWERS: Final = {"y": True, "yes": True, "n": False, "no": False}


class Prompting(Component):
    """Keeps the text for the next prompt, and asks. Used on the thread that runs cells."""

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        super().__init__(parent=parent, **traits)
        self._shell = parent
        #: The text that the next prompt begins with; empty for none.
        self.next_input = ""
        #: Whether it is meant to stand in the place of the cell that set it, where cells can be edited.
        self.replaces = False

    def set_next_input(self, s: str, replace: bool = False) -> None:
        """Have the next prompt begin with a text, which the user may change and then runs.

        :param replace: in a host whose cells stay editable, put it in the place of the running cell.
        :raises TypeError: if it is no text.
        """
        if not isinstance(s, str):
            raise TypeError(f"the next input is a text, not {type(s).__name__}")
        self.next_input, self.replaces = s, replace

    def take_next_input(self) -> str:
        """Give the text for the next prompt, once; for front ends."""
        text, self.next_input, self.replaces = self.next_input, "", False
        return text

    def ask_yes_no(self, prompt: str, default: str | None = None, interrupt: str | None = None) -> bool:
        """Ask the user a question until the answer is yes or no. Blocks.

        :param prompt: the question; a blank is put after it.
        :param default: ``y`` or ``n``, what an empty answer and the end of input mean.
        :param interrupt: ``y`` or ``n``, what Ctrl-C means; by default it ends the cell as ever.
        :raises EOFError: at the end of input, if there is no default.
        :raises KeyboardInterrupt: for Ctrl-C, if nothing is said about it.
        :raises ValueError: if ``default`` or ``interrupt`` is neither yes nor no.
        """
        from .hosts.input_functions import serving
        from .plain.reading import NoInput, read_line

        for each in (default, interrupt):
            if each is not None and each.lower() not in _ANSWERS:
                raise ValueError(f"{each!r} is neither y nor n")
        while True:
            try:
                ask = read_line if serving() is None else input  # whoever has the keyboard is to ask
                answer = ask(f"{prompt} ").strip().lower() or (default or "").lower()
            except KeyboardInterrupt:
                if interrupt is None:
                    raise
                return _ANSWERS[interrupt.lower()]
            except (EOFError, NoInput) as ended:
                if default is None:
                    raise EOFError(f"there is nobody to answer: {prompt}") from ended
                return _ANSWERS[default.lower()]
            if answer in _ANSWERS:
                return _ANSWERS[answer]
