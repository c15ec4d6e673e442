"""What happens between reading the configuration and the first prompt."""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import UserError
from ..notices import notice

if TYPE_CHECKING:
    from ..shell import InteractiveShell
    from ..types.frontends import Frontend
    from .app import IPShellApp


class MainModule:
    """A fresh ``__main__`` for the user's names, and the way back to the former one."""

    def __init__(self) -> None:
        self.module = types.ModuleType("__main__")
        self._former = sys.modules.get("__main__")
        sys.modules["__main__"] = self.module

    def restore(self) -> None:
        """Put the former module back."""
        if self._former is not None and sys.modules.get("__main__") is self.module:
            sys.modules["__main__"] = self._former


def main_module() -> MainModule:
    """Make a fresh ``__main__``, so that pickling of the user's classes works."""
    return MainModule()


def prepare_path(app: IPShellApp) -> None:
    """Have the working directory on ``sys.path`` after the standard library, as the peers do.

    Python itself puts it, or the folder of the ``ipshell`` script, first: there it would
    hide the standard library.
    """
    first = os.path.dirname(os.path.abspath(sys.argv[0])) if sys.argv and sys.argv[0] else ""
    if not sys.flags.safe_path and sys.path and sys.path[0] in ("", os.getcwd(), first):
        del sys.path[0]
    if app.ignore_cwd or sys.flags.safe_path:
        return
    site = next(
        (
            at
            for at, entry in enumerate(sys.path)
            if entry.rstrip(os.sep).endswith(("site-packages", "dist-packages"))
        ),
        len(sys.path),
    )
    sys.path.insert(site, "")


def load_extensions(app: IPShellApp, shell: InteractiveShell) -> None:
    """Load the extensions of the configuration and of ``--ext``; one that fails is told and left out.

    :raises UserError: if one fails and ``reraise_ipython_extension_failures`` is set.
    """
    from ..configuration.origins import origin_of
    from ..extensions import describe
    from ..plugins.failures import reason_of, traceback_of

    manager = shell.extension_manager
    named = [(name, "extensions") for name in app.extensions]
    named += [(name, "extra_extensions") for name in app.extra_extensions]
    for name, trait in named:
        details = ""
        try:
            outcome = manager.load_extension(name)
            if outcome != "no load function":
                continue
            reason = describe(name, outcome)
        except Exception as error:  # the extension's, whatever it is; Ctrl-C leaves
            reason, details = f"{reason_of(error).rstrip('.')}.", traceback_of(error)
        place = origin_of(app.config, type(app).__name__, trait)
        text = f"{f'{place}: ' if place else ''}the extension {name} cannot be loaded: {reason}"
        if app.reraise_ipython_extension_failures:
            raise UserError(text)
        notice(f"{text} The shell works without it.", details=details)


def run_startup_files(app: IPShellApp, shell: InteractiveShell, *, everything: bool) -> None:
    """Run PYTHONSTARTUP, the start-up files, ``exec_lines`` and ``exec_files``.

    :param everything: whether nothing was given to run, so that PYTHONSTARTUP counts.
    """
    shell.push(app.initial_ns)
    named = os.environ.get("PYTHONSTARTUP")
    if named and everything and app.exec_PYTHONSTARTUP:
        _run_file(shell, Path(named), "PYTHONSTARTUP")
    for folder in _startup_folders(app):
        try:
            files = [each for each in sorted(folder.iterdir()) if each.suffix in (".py", ".ipy")]
        except OSError as error:
            notice(f"the start-up files in {folder} cannot be listed: {error.strerror}. They are not run.")
            continue
        if not all(_run_file(shell, file, "start-up file") for file in files):
            break
    for at, text in enumerate(app.exec_lines, 1):
        if not shell.run_code(text, f"IPShellApp.exec_lines, {at}", origin="file").success:
            notice(f"IPShellApp.exec_lines: line {at} failed, see above; the rest is run.")
    for name in app.exec_files:
        _run_file(shell, Path(name).expanduser(), "IPShellApp.exec_files")
    if app.hide_initial_ns:
        shell.user_ns_hidden.update(shell.user_ns)


def _startup_folders(app: IPShellApp) -> list[Path]:
    from ..configuration.directories import system_config_dirs

    if app.line.has("quick"):
        return []
    folders = [Path(each) / "startup" for each in system_config_dirs()] + [app.profile.startup_dir]
    return [folder for folder in folders if folder.is_dir()]


def _run_file(shell: InteractiveShell, file: Path, what: str) -> bool:
    """Run one file in the user's namespace; tell whether it went well."""
    from .programs import read_text, run_cells, run_plainly

    error: BaseException | None
    former = shell.user_ns.get("__file__")
    shell.user_ns["__file__"] = str(file)
    try:
        shell.policies.check("file", str(file))
        if file.suffix == ".ipy":
            error = run_cells(shell, str(file))
        else:
            text = read_text(str(file))
            error = run_plainly(shell, lambda: compile(text, str(file), "exec", dont_inherit=True))
    except UserError as unreadable:
        notice(f"{what}: {unreadable} Start-up files after it are not run.")
        return False
    finally:
        shell.user_ns.pop("__file__", None)
        if former is not None:
            shell.user_ns["__file__"] = former
    if error is None:
        return True
    notice(f"{what} {file} failed, see above; start-up files after it are not run.")
    return False


def create_profile(app: IPShellApp) -> None:
    """Make the profile's folders where they are missing; a shell works without them too."""
    from ..configuration.profiles import create_profile as create

    if app.profile.exists and not app.line.has("init"):
        return
    try:
        create(app.profile)
    except UserError as error:
        notice(f"the profile cannot be created: {error}. The shell works without; nothing will be kept.")


def choose_frontend(app: IPShellApp, shell: InteractiveShell) -> Frontend:
    """Give the front end: the configured one, else the richest installed, else the plain one."""
    from ..plain.frontend import PlainFrontend

    keys = shell.registry.keys("frontends")
    name = app.frontend or ("terminal" if "terminal" in keys and sys.stdin.isatty() else "plain")
    given = shell.registry.call_named("frontends", name, "ipshell_frontend", _check_frontend, shell=shell)
    if given is None:
        if name not in keys:
            notice(
                f'no front end called "{name}" is installed; the plain one is used. '
                f"There are: {', '.join(keys)}."
            )
        return PlainFrontend(shell)
    frontend: Frontend = given.value
    return frontend


def _check_frontend(value: object) -> str:
    return (
        "" if callable(getattr(value, "run", None)) else f"it gave {type(value).__name__}, which has no run()"
    )


def banner() -> str:
    """Give the greeting."""
    version = sys.version.partition("\n")[0].strip()
    return f"Python {version}\nipshell {__version__}. Type ? for help, exit to leave.\n"
