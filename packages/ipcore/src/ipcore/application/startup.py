"""What happens between reading the configuration and the first prompt."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import UserError, is_a
from ..notices import notice
from ..plain.reading import edits_lines

if TYPE_CHECKING:
    from ..plugins.declared import Declared
    from ..shell import InteractiveShell
    from ..types.frontends import Frontend
    from .app import IPShellApp


@contextmanager
def main_module(*, restore: bool) -> Iterator[types.ModuleType]:
    """Make a fresh ``__main__`` for the user's names, so that pickling of their classes works.

    :param restore: whether to put the former one back. Not when the process ends: threads
        and exit functions of the program still look their classes up there.
    """
    former = sys.modules.get("__main__")
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    try:
        yield module
    finally:
        if restore and former is not None and sys.modules.get("__main__") is module:
            sys.modules["__main__"] = former


def prepare_path(app: IPShellApp) -> None:
    """Have the working directory on ``sys.path`` after the standard library, as the peers do.

    Python itself puts the folder of the ``ipshell`` script first, where it does not belong.
    """
    first = os.path.dirname(os.path.abspath(sys.argv[0])) if sys.argv and sys.argv[0] else ""
    if not sys.flags.safe_path and sys.path and sys.path[0] == first:
        del sys.path[0]
    find_for_later("pluggy")
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


def find_for_later(name: str) -> None:
    """Find a package now and import it when it is first used.

    So that no file of the working directory, or beside a script, runs in its place.
    """
    if name in sys.modules:
        return
    from importlib.util import LazyLoader, find_spec, module_from_spec

    spec = find_spec(name)
    if spec is not None and spec.loader is not None:
        spec.loader = LazyLoader(spec.loader)
        sys.modules[name] = module = module_from_spec(spec)
        spec.loader.exec_module(module)


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
            notice("the start-up files after it are not run.")
            break
    for at, text in enumerate(app.exec_lines, 1):
        result = shell.run_code(text, f"IPShellApp.exec_lines, {at}", origin="file")
        wrong = result.error_before_exec or result.error_in_exec
        if wrong is not None:
            notice(f"IPShellApp.exec_lines: line {at} failed{_how(wrong)}. The rest is run.")
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
        notice(f"{what}: {unreadable}")
        return False
    finally:
        shell.user_ns.pop("__file__", None)
        if former is not None:
            shell.user_ns["__file__"] = former
    if error is not None:
        notice(f"{what} {file} failed{_how(error)}.")
    return error is None


def _how(error: BaseException) -> str:
    """Say how something failed: it was shown, unless it tried to leave."""
    return f": it tried to leave (SystemExit: {error.code})" if is_a(error, SystemExit) else ", see above"


def create_profile(app: IPShellApp) -> None:
    """Make the profile's folders where they are missing; a shell works without them too."""
    from ..configuration.profiles import create_profile as create

    if app.profile.exists and not app.line.has("init"):
        return
    try:
        create(app.profile)
    except UserError as error:
        text = str(error).rstrip(".")
        notice(f"the profile cannot be created: {text}. The shell works without; nothing will be kept.")


def check_profile(app: IPShellApp) -> None:
    """Tell of a profile that was asked for by name and is not there."""
    asked = app.line.last("profile") or app.line.last("profile-dir")
    if asked and not app.profile.exists:
        notice(f'there is no profile "{asked}"; defaults are used. "ipshell profile create" makes one.')


def choose_frontend(app: IPShellApp, shell: InteractiveShell) -> tuple[Frontend, Declared | None]:
    """Give the front end: the configured one, else the richest installed, else the plain one.

    :returns: the front end, and the plugin it comes from.
    """
    return frontend_of(shell, app.frontend)


def frontend_of(shell: InteractiveShell, name: str) -> tuple[Frontend, Declared | None]:
    """Give the front end of a name; without one the richest installed, in a terminal, else the plain one.

    :returns: the front end, and the plugin it comes from.
    """
    keys = shell.registry.keys("frontends")
    name = name or ("terminal" if "terminal" in keys and edits_lines() else "plain")
    given = shell.registry.call_named("frontends", name, "ipshell_frontend", _check_frontend, shell=shell)
    if given is None:
        if name not in keys:
            notice(
                f'no front end called "{name}" is installed; the plain one is used. '
                f"There are: {', '.join(keys)}."
            )
        return plain_frontend(shell), None
    return given.value, given.plugin


def plain_frontend(shell: InteractiveShell) -> Frontend:
    """Give the front end that always works."""
    from ..plain.frontend import PlainFrontend

    return PlainFrontend(shell)


def _check_frontend(value: object) -> str:
    return (
        "" if callable(getattr(value, "run", None)) else f"it gave {type(value).__name__}, which has no run()"
    )


def banner(app: IPShellApp) -> str:
    """Give the greeting."""
    version = sys.version.partition("\n")[0].strip()
    first = app.banner1 or f"Python {version}\nipshell {__version__}. Type ? for help, exit to leave.\n"
    name = "" if app.profile.name == "default" else f"Profile: {app.profile.name}\n"
    last = app.banner2
    if not last and app.enable_tip:
        from .tips import tip_of_the_day

        last = f"Tip: {tip_of_the_day()}\n"
    return first + name + last
