"""``%keys``, ``%paste``, ``%cpaste`` and ``%autoindent``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from ipcore.errors import TryNext, UsageError
from ipcore.magics import Magics, argument, line_magic, magic_arguments, magics_class, parse_argstring

if TYPE_CHECKING:
    from .editor import Editor
    from .frontend import Terminal

#: The name that keeps what was pasted last.
PASTED: Final = "pasted_block"
#: Lines that ``%cpaste`` takes, at most.
MOST_LINES: Final = 1_000_000


@magics_class
class TerminalMagics(Magics):
    """The magics of the terminal."""

    @property
    def _terminal(self) -> Terminal | None:
        found: Any = self.shell.find("terminal")
        return found if found is not None and hasattr(found, "shortcuts") else None

    @property
    def _editor(self) -> Editor | None:
        return None if self._terminal is None else self._terminal.editor

    @line_magic
    @magic_arguments("keys")
    @argument("--press", action="store_true", help="wait for a key to be pressed, and explain it")
    @argument("--conditions", action="store_true", help="list the conditions that bindings may name")
    @argument("--times", action="store_true", help="print how long keys took to be painted")
    @argument("text", nargs="*", metavar="TEXT", help="a key, which is explained, or what to look for")
    def keys(self, line: str) -> None:
        """Tell which key does what: all of them, those that have to do with a text, or one.

        %keys completion lists what has to do with completion, %keys c-r explains Ctrl-R.
        """
        options = parse_argstring(self.keys, line)
        text, editor = " ".join(options.text), self._editor
        if editor is None:
            _without_editor(text)
            return
        from .keys import listing

        if options.times:
            lines: Any = editor.key_times.lines() if editor.key_times is not None else ()
        elif options.conditions:
            lines = listing.conditions(editor.keys)
        elif options.press:
            from .key_pressed import wait_for_key

            lines = _explained(editor, wait_for_key(editor))
        elif listing.is_key(editor.keys, text):
            from .keys.names import spelled

            lines = _explained(editor, spelled(text))
        else:
            lines = listing.listed(editor.keys, text)
        self.shell.hooks.page("\n".join(lines))

    @line_magic
    @magic_arguments("paste")
    @argument("-r", dest="again", action="store_true", help="run what was pasted last once more")
    @argument("-q", dest="quiet", action="store_true", help="do not print it")
    @argument("name", nargs="?", metavar="NAME", help="keep it as a list of lines instead of running it")
    def paste(self, line: str) -> None:
        """Run what the clipboard holds, as one cell.

        Prompts of Python and IPython, marks of quoted mail and common indentation go.
        """
        options = parse_argstring(self.paste, line)
        if options.again:
            self._again(options.name or PASTED)
            return
        try:
            text = self.shell.hooks.clipboard_get()
        except (TryNext, ValueError) as error:
            raise UsageError(f"%paste: {error}") from None
        from .pasted_blocks import cleaned

        block = cleaned(str(text))
        if not options.quiet:
            print(block if block.endswith("\n") else f"{block}\n", end="")
            print("## -- End pasted text --")
        self._run_or_keep(block, options.name)

    @line_magic
    @magic_arguments("cpaste")
    @argument("-r", dest="again", action="store_true", help="run what was pasted last once more")
    @argument("-q", dest="quiet", action="store_true", help="print nothing while it is pasted")
    @argument("-s", dest="end", metavar="WORD", default="--", help="the line that ends it, -- by default")
    @argument("name", nargs="?", metavar="NAME", help="keep it as a list of lines instead of running it")
    def cpaste(self, line: str) -> None:
        """Read lines until one of -- alone, or Ctrl-D, and run them as one cell.

        For where the clipboard is out of reach. Prompts of Python and IPython, marks of quoted mail and
        common indentation go.
        """
        options = parse_argstring(self.cpaste, line)
        if options.again:
            self._again(options.name or PASTED)
            return
        from .pasted_blocks import cleaned

        with self.shell.keyboard.release_terminal():  # for all lines: what comes in between is no key
            if not options.quiet:
                print(f"Pasting code; enter '{options.end}' alone on the line to stop or use Ctrl-D.")
            lines = _lines_until(options.end, "" if options.quiet else ":")
        self._run_or_keep(cleaned("\n".join(lines)), options.name)

    @line_magic
    def autoindent(self, line: str) -> None:
        """Turn the indentation of new lines on or off: %autoindent [on|off]; alone it changes it."""
        terminal = self._terminal
        if terminal is None:
            raise UsageError("%autoindent: lines are indented in the terminal's editor alone")
        word = line.strip().lower()
        known = {"on": True, "1": True, "off": False, "0": False, "": not terminal.autoindent}
        if word not in known:
            raise UsageError(f"%autoindent takes on or off, not {word}")
        terminal.autoindent = known[word]
        print(f"Automatic indentation is: {'ON' if terminal.autoindent else 'OFF'}")

    # -- pasted blocks -----------------------------------------------------------

    def _run_or_keep(self, block: str, name: str | None) -> None:
        if name:
            if not name.isidentifier():
                raise UsageError(f"{name!r} is no name")
            from ipcore.system.slist import SList

            self.shell.user_ns[name] = SList(block.splitlines())
            print(f"Block assigned to '{name}'")
            return
        self.shell.user_ns[PASTED] = block
        self._run(block)

    def _again(self, name: str) -> None:
        block = self.shell.user_ns.get(name)
        if block is None:
            raise UsageError("No previous pasted block available")
        if not isinstance(block, str):
            raise UsageError(f"Variable '{name}' is not a string, can't execute")
        print(f"Re-executing '{block.partition(chr(10))[0]}...' ({len(block)} chars)")
        self._run(block)

    def _run(self, block: str) -> None:
        self.shell.run_cell(block, store_history=False, origin="paste")


def _explained(editor: Editor, pressed: tuple[str, ...]) -> list[str]:
    from .keys.listing import below_of, explained
    from .keys.names import KeyNameError, checked

    try:
        checked(pressed)
    except KeyNameError as error:
        raise UsageError(f"%keys: {error}") from None
    from prompt_toolkit.key_binding.key_bindings import _parse_key

    keys = tuple(_parse_key(key) for key in pressed)
    found = [each for each in editor.app._default_bindings.get_bindings_for_keys(keys) if each.keys == keys]
    names = {
        id(command.given.handler): command.name
        for command in editor.keys.commands.values()
        if command.given is not None
    }
    return [*explained(editor.keys, pressed, below_of(found, names))]


def _without_editor(text: str) -> None:
    from .keys.listing import without_editor

    print("There is no editor here: keys are those of Python's own prompt.")
    print("In a terminal, the editor has these beside those of Emacs or vi:")
    print("\n".join(without_editor(text)))


def _lines_until(end: str, prompt: str) -> list[str]:
    lines: list[str] = []
    while len(lines) < MOST_LINES:
        try:
            line = input(prompt)
        except EOFError:
            print(file=sys.stdout)
            break
        if line == end:
            break
        lines.append(line)
    return lines
