"""``%kill_embedded`` and ``%exit_raise``: ending shells that a program opens by ``embed()``."""

from __future__ import annotations

from ipcore.embedded_calls import EmbeddedCall
from ipcore.errors import UsageError
from ipcore.magics import Magics, argument, line_magic, magic_arguments, magics_class, parse_argstring


@magics_class
class EmbeddingMagics(Magics):
    """The magics of shells that a program opens."""

    def _call(self, magic: str) -> EmbeddedCall:
        if self.shell.embedded is None:
            raise UsageError(f"%{magic} is for shells that embed() opens; this is not one of them")
        return self.shell.embedded

    @line_magic
    @magic_arguments("kill_embedded")
    @argument(
        "-i",
        "--instance",
        action="store_true",
        help="have the InteractiveShellEmbed that opened it open none, wherever it is called",
    )
    @argument("-x", "--exit", action="store_true", help="leave the shell at once")
    @argument("-y", "--yes", action="store_true", help="do not ask")
    def kill_embedded(self, line: str) -> None:
        """Have this line of the program open no shell any more, once this one is left."""
        options = parse_argstring(self.kill_embedded, line)
        call = self._call("kill_embedded")
        made = call.made if options.instance else None
        file, number = made or (call.file, call.line)
        asked, place = ("with what was made at", "what was made at ") if made else ("at", "")
        question = f"Open no shell any more {asked} {file}:{number}? [y/N]"
        if not options.yes and not self.shell.ask_yes_no(question, "n"):
            return
        call.kill_instance() if options.instance else call.kill()
        print(f"Once this shell is left, {place}{file}:{number} opens none any more.")
        if options.exit:
            self.shell.ask_exit()

    @line_magic
    def exit_raise(self, line: str) -> None:
        """Leave the shell and have embed() raise KillEmbedded, which ends a loop that calls it."""
        self._call("exit_raise").raises = True
        self.shell.ask_exit()
