"""Opening a file in the user's editor, at a line."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from ..errors import TryNext
from ..providers import provider

if TYPE_CHECKING:
    from ..shell import InteractiveShell

#: How editors are told the line, where it is not ``+LINE FILE``.
_LINE_FORMS: Final = {
    "notepad": "{file}",
    "code": "--goto {file}:{line}",
    "code-insiders": "--goto {file}:{line}",
    "codium": "--goto {file}:{line}",
    "cursor": "--goto {file}:{line}",
    "subl": "{file}:{line}",
    "zed": "{file}:{line}",
    "hx": "{file}:{line}",
    "pycharm": "--line {line} {file}",
    "charm": "--line {line} {file}",
    "mate": "--line {line} {file}",
    "notepad++": "-n{line} {file}",
}


def edit(shell: InteractiveShell, filename: str, line: int | None = None, *, wait: bool = True) -> None:
    """Open a file in the editor that the shell's trait ``editor`` names.

    :param line: counted from 1.
    :param wait: block until the editor ends.
    :raises TryNext: if the editor cannot be started or ends with another status than 0.
    :raises PolicyError: if a policy refuses its command.
    """
    filename = os.fspath(filename)
    command = command_for(shell, filename, line, wait=wait)
    shell.policies.check("system", command)
    if wait:
        from .shell_commands import run

        status = run(command)
        if status:
            raise TryNext(f"the editor ended with status {status}: {command}")
        return
    from subprocess import DEVNULL, Popen

    from .shell_commands import shell_arguments

    arguments, folder = shell_arguments(command, os.getcwd())
    try:
        process = Popen(arguments, cwd=folder, stdin=DEVNULL)
    except OSError as error:
        raise TryNext(f"the editor cannot be started: {error}") from None
    # It outlives us if need be; once it has ended, poll() lets the system forget it.
    _background[:] = [each for each in _background if each.poll() is None]
    _background.append(process)


_background: list[Any] = []


def command_for(shell: InteractiveShell, filename: str, line: int | None, *, wait: bool) -> str:
    """Give the command that opens a file in the shell's editor, as a plugin or else the core has it."""
    return _by_plugin(shell, filename, line, wait=wait) or command_line(shell.editor, filename, line)


def _by_plugin(shell: InteractiveShell, filename: str, line: int | None, *, wait: bool) -> str:
    """Give the command as a plugin of the family ``editors`` has it; empty if none knows that editor."""
    editor = shell.editor
    key = program_name(editor)
    if "{" in editor or key not in shell.registry.keys("editors"):
        return ""
    given = provider(shell, "editors", key, "ipshell_editor", check_editor)
    if given is None:
        return ""
    try:
        words = [*given.value.arguments(filename, line, wait)]
        wrong = "" if all(isinstance(word, str) for word in words) else "it gave arguments that are no text"
    except Exception as error:  # a plugin's: the file is to be edited all the same
        from ..plugins.failures import reason_of

        words, wrong = [], reason_of(error)
    if wrong:
        shell.registry.disable(given.plugin, f"arguments({filename!r})", wrong)
        return ""
    program = quoted(editor) if os.path.isfile(editor) else editor
    return " ".join([program, *map(quoted, words)])


def check_editor(value: object) -> str:
    """Say what is wrong with what a plugin gave as editor; empty if nothing is."""
    return "" if callable(getattr(value, "arguments", None)) else "what it gave has no arguments()"


def program_name(editor: str) -> str:
    """Give the name of an editor's program, in lower case and without folder and ``.exe``."""
    name = editor if os.path.isfile(editor) else (editor.split() or [""])[0]
    return re.split(r"[/\\]", name)[-1].lower().removesuffix(".exe").removesuffix(".cmd")


def command_line(editor: str, filename: str, line: int | None = None, platform: str = sys.platform) -> str:
    """Give the command that opens a file, for the system shell.

    :param editor: a command, with options or without, or the path of a program. ``{filename}`` and
        ``{line}`` in it are replaced; without them, the file and its line follow in the way the editor is
        known to take them, else as ``+LINE FILE``.
    """
    file = quoted(filename, platform)
    if "{filename}" in editor or "{line}" in editor:
        return editor.replace("{filename}", file).replace("{line}", str(line or 1))
    name = program_name(editor)
    if os.path.isfile(editor):
        editor = quoted(editor, platform)
    if line is None:
        return f"{editor} {file}"
    form = _LINE_FORMS.get(name, "+{line} {file}")
    if ":{line}" in form:
        return f"{editor} {form.replace('{file}:{line}', quoted(f'{filename}:{int(line)}', platform))}"
    return f"{editor} {form.replace('{line}', str(int(line))).replace('{file}', file)}"


def quoted(word: str, platform: str = sys.platform) -> str:
    """Give a word as the system shell takes it for one."""
    if platform == "win32":
        return word if re.fullmatch(r"[\w.:\\/+-]+", word) else f'"{word}"'
    import shlex

    return shlex.quote(word)
