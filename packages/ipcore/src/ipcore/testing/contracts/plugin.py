"""What every plugin keeps to, whatever its family: the base of the contracts."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, TypeVar

import pytest

from ipcore.plugins.failures import Unfit

if TYPE_CHECKING:
    from ipcore.plugins.declared import Declared
    from ipcore.plugins.registry import Registry
    from ipcore.testing.shells import TestedShell

#: What no plugin should import before it is needed: slow, or not everywhere.
HEAVY: Final = (
    "IPython",
    "asyncio",
    "jedi",
    "matplotlib",
    "numpy",
    "pandas",
    "prompt_toolkit",
    "pygments",
    "scipy",
    "tkinter",
    "torch",
    "zmq",
)


T = TypeVar("T")

#: Seconds that a call in another thread may take.
_PATIENCE: Final = 30.0


class Required:
    """A class attribute that a subclass has to set.

    :param meaning: what it is, for the message.
    :param example: how to set it.
    """

    def __init__(self, meaning: str, example: str) -> None:
        self.meaning = meaning
        self.example = example
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> NoReturn:
        raise AttributeError(_lacking(owner, [self]))


def required(meaning: str, example: str) -> Any:
    """Declare a class attribute of a contract that a subclass has to set.

    :param meaning: what it is: "the lines to call it with, each with the value it gives".
    :param example: its value as one would write it.
    """
    return Required(meaning, example)


def _lacking(owner: type, attributes: Sequence[Required]) -> str:
    contract = next((base.__name__ for base in owner.__mro__ if base.__name__.endswith("Contract")), "it")
    lines = [f"    {each.name} = {each.example}    # {each.meaning}" for each in attributes]
    word = "a class attribute" if len(lines) == 1 else f"{len(lines)} class attributes"
    return f"{owner.__name__} lacks {word} that {contract} needs:\n" + "\n".join(lines)


class PluginContract:
    """What every plugin keeps to. The base of the contracts of families, which are what authors derive from.

    A subclass whose name begins with ``Test`` has to set what the contract needs; the error for what
    it did not set names the class and each attribute. The contracts themselves are not collected, as
    their names begin otherwise.
    """

    family: ClassVar[str] = ""
    """The family; set by its contract."""
    plugin: ClassVar[str] = required(
        'the value of the entry point: "module" or "module:attribute"', '"greeter"'
    )
    key: ClassVar[str] = required("the name of the entry point", '"greet"')
    distribution: ClassVar[str | None] = required(
        "the distribution that declares it; None if it is not installed", '"greeter"'
    )
    configuration: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Configuration of the shells it is tried in: section → trait → value."""
    heavy: ClassVar[Sequence[str]] = HEAVY
    """Top-level modules that importing it must not import."""
    setup: ClassVar[str] = ""
    """A cell that is run in each shell before anything is tried."""
    listings: ClassVar[Mapping[str, str]] = {}
    """For contracts: where it has to be found before it is imported → a test, an expression of ``registry``,
    ``shell`` and ``key``."""
    first_use: ClassVar[str] = ""
    """For contracts: statements that do what first use does beside importing it, of the same names."""

    #: Whether the test has failed: once is enough.
    _told = False

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if cls.__name__.startswith("Test") and getattr(cls, "__test__", True):
            lacking = [each for name in dir(cls) if (each := _unset(cls, name))]
            if lacking:
                raise TypeError(_lacking(cls, lacking))

    # -- the plugin ------------------------------------------------------------

    @property
    def subject(self) -> str:
        """The plugin, as messages name it."""
        return f'{self.plugin} (ipshell.{self.family}, key "{self.key}")'

    @pytest.fixture(autouse=True)
    def _in_an_empty_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What a plugin writes or reads by accident is not the author's, and no file hides its module."""
        folder = tmp_path / "empty"
        folder.mkdir()
        monkeypatch.chdir(folder)

    @pytest.fixture(autouse=True)
    def _no_plugin_has_failed(self, registry: Registry) -> Iterator[None]:
        yield
        if not self._told:
            self.check_no_failures(registry)

    @pytest.fixture(autouse=True)
    def _process_as_it_was(self) -> Iterator[None]:
        """What a plugin leaves behind is put back after each test: the next one is to find it too."""
        names = ("argv", "displayhook", "excepthook", "stdout", "stderr", "unraisablehook")
        before = {name: getattr(sys, name) for name in names}
        warn, handler = warnings.showwarning, signal.getsignal(signal.SIGINT)
        yield
        for name, value in before.items():
            setattr(sys, name, value)
        warnings.showwarning = warn
        if handler is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)

    @pytest.fixture
    def declared(self, registry: Registry, tmp_plugin: Callable[..., Declared]) -> Declared:
        """The plugin, declared in this test's registry."""
        from ipcore.plugins.declared import CORE

        if self.distribution == CORE:
            return next(each for each in registry.declared(self.family) if each.core and each.key == self.key)
        dist = self.distribution or "not-installed"
        return tmp_plugin(self.family, self.key, self.plugin, dist=dist)

    @pytest.fixture
    def shell(self, declared: Declared, make_shell: Callable[..., TestedShell]) -> TestedShell:
        """A shell that has the plugin."""
        return self.new_shell(make_shell)

    def new_shell(self, make_shell: Callable[..., TestedShell]) -> TestedShell:
        """Make a shell with the contract's configuration, and run its set-up."""
        shell = make_shell(self.configuration)
        shell.expect_failures()  # told at the end of the test, in the words of the contract
        if self.setup:
            shell.run_cell(self.setup).assert_ok()
        return shell

    def use(self, shell: TestedShell) -> None:
        """Use the plugin as a user would; contracts of families do more than loading it."""
        shell.registry.load(self.family)

    # -- telling ---------------------------------------------------------------

    def fail(self, what: str, todo: str = "") -> NoReturn:
        """Fail the test with what is wrong with the plugin, and what to do about it."""
        self._told = True
        try:
            pytest.fail(f"{self.subject}:\n{what}" + (f"\n{todo}" if todo else ""), pytrace=False)
        except pytest.fail.Exception as failed:
            raise failed from None  # what was being handled is told in the text

    def check(self, good: object, what: str, todo: str = "") -> None:
        """Fail the test unless something is true; as :meth:`fail`."""
        if not good:
            self.fail(what, todo)

    @contextmanager
    def trying(
        self, what: str, todo: str = "", *, allowed: tuple[type[BaseException], ...] = ()
    ) -> Iterator[None]:
        """Have what the body raises told as the plugin's fault.

        :param what: what is being done, "transform(['x = 1'])"; told with the error.
        :param todo: what to do about it.
        :param allowed: errors that may come; they end the body, and nothing is told.
        """
        from _pytest.outcomes import OutcomeException

        try:
            yield
        except allowed:
            pass
        except (OutcomeException, KeyboardInterrupt):
            raise
        except BaseException as error:  # the plugin's, SystemExit included
            self.fail(f"{what} raised {described(error)}", todo)

    def check_no_failures(self, registry: Registry) -> None:
        """Fail the test if the registry has switched the plugin off, or complained of it."""
        if registry.failures:
            tracebacks = [
                each.traceback for each in registry.failures if f".{Unfit.__name__}:" not in each.traceback
            ]
            told = "; ".join(f"{each.stage}: {each.reason}" for each in registry.failures)
            self.fail(f"the shell complains of it: {told}", "\n".join(tracebacks))

    def _in_new_process(self, task: str, folder: Path, fake_dist: Callable[..., Any]) -> tuple[Any, str, str]:
        from .outside import Hung, in_new_process

        dist = self.distribution
        if dist is None:
            dist = "not-installed"
            fake_dist(dist, entry_points={self.family: {self.key: self.plugin}})
        request = {
            "task": task,
            "family": self.family,
            "key": self.key,
            "dist": dist,
            "listings": dict(self.listings),
            "heavy": list(self.heavy),
            "first_use": self.first_use,
        }
        try:
            answer, out, err = in_new_process(folder, request)
        except Hung as error:
            self.fail(f"a process that was to {task} it was given up: {error}")
        if not answer:
            self.fail(
                f"a process that was to {task} it ended without an answer:\n{err}",
                "Does the plugin end the process when it is imported?",
            )
        return answer, out, err

    @contextmanager
    def leaving_alone(self, what: str, todo: str = "") -> Iterator[None]:
        """Fail the test if the body changes the process; what it has changed is put back as far as it goes.

        :param what: what is being done, "%shout hello".
        :param todo: what to do about it.
        """
        from .child import snapshot

        before = snapshot()
        try:
            yield
            after = snapshot()
        finally:
            os.chdir(before["the working directory"])
            for name in set(os.environ) - set(before["os.environ"]):
                del os.environ[name]
            os.environ.update(before["os.environ"])
            sys.path[:] = before["sys.path"]
            sys.argv[:] = before["sys.argv"]
        changed = [name for name in before if before[name] != after[name]]
        self.check(not changed, f"{what} changes {', '.join(changed)}.", todo)

    @contextmanager
    def coming_back(self, what: str, seconds: float, todo: str = "") -> Iterator[None]:
        """Fail the test if the body does not end in time: it is interrupted then, as by Ctrl-C.

        :param what: what is being done, "%shout hello".
        :param seconds: how long it may take.
        :param todo: what to do about it.
        """
        late = threading.Event()
        here = threading.get_ident()

        def interrupt() -> None:
            late.set()
            if sys.platform == "win32":
                _thread.interrupt_main()
            else:
                signal.pthread_kill(here, signal.SIGINT)  # also out of a wait below Python

        timer = threading.Timer(seconds, interrupt)
        timer.daemon = True
        former = signal.getsignal(signal.SIGINT)
        ignored = former is signal.SIG_IGN and threading.current_thread() is threading.main_thread()
        if ignored:  # as it is for what a POSIX shell starts in the background
            signal.signal(signal.SIGINT, signal.default_int_handler)
        timer.start()
        try:
            yield
        except KeyboardInterrupt:
            if not late.is_set():
                raise
        finally:
            timer.cancel()
            if ignored:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.check(not late.is_set(), f"{what} does not come back within {seconds:g} s.", todo)

    def in_another_thread(self, what: str, function: Callable[[], T], todo: str = "") -> T:
        """Call a function on a thread of its own; fail the test if it raises, or does not come back.

        :param what: what is being done, "publish(output)".
        :param todo: what to do about it.
        """
        gave: list[T] = []
        raised: list[BaseException] = []

        def call() -> None:
            try:
                gave.append(function())
            except BaseException as error:  # the plugin's, whatever it is
                raised.append(error)

        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        thread.join(_PATIENCE)
        if raised:
            self.fail(f"in another thread {what} raised {described(raised[0])}", todo)
        if not gave:
            self.fail(f"in another thread {what} does not come back within {_PATIENCE:.0f} seconds.", todo)
        return gave[0]

    # -- what is tested --------------------------------------------------------

    def test_it_is_declared_under_its_key(self, registry: Registry) -> None:
        """The installed distribution has the entry point."""
        from ipcore.plugins.declared import CORE

        if self.distribution is None:
            return  # it is declared for the test, nothing is there to be wrong
        if self.distribution == CORE:
            own = [each.key for each in registry.declared(self.family) if each.core]
            self.check(self.key in own, f"the core has {', '.join(own)} in {self.family}, and not that.")
            return
        found = _entry_points(self.distribution)
        group = f"ipshell.{self.family}"
        if found is None:
            self.fail(
                f"the distribution {self.distribution} is not installed here.",
                "Install it into the environment that runs the tests: pip install -e .  "
                "For a plugin without a distribution, set distribution = None.",
            )
        todo = (
            f'pyproject.toml needs\n\n    [project.entry-points."{group}"]\n'
            f'    {self.key} = "{self.plugin}"\n\nInstall it again after that: pip install -e .'
        )
        value = found.get((group, self.key))
        if value is None:
            there = ", ".join(f"{key} in {name}" for name, key in found if name.startswith("ipshell."))
            self.fail(
                f"{self.distribution} declares no entry point {self.key!r} in {group}; "
                f"it declares {there or 'none of ours'}.",
                todo,
            )
        self.check(
            value.replace(" ", "") == self.plugin,
            f"{self.distribution} declares {self.key} = {value!r} in {group}.",
            todo,
        )

    def test_it_is_found_and_listed_without_being_imported(
        self, tmp_path: Path, shell_home: Path, fake_dist: Callable[..., Any]
    ) -> None:
        """Listing and completing names needs the metadata alone."""
        answer, _, _ = self._in_new_process("list", tmp_path, fake_dist)
        missing = answer["missing"]
        self.check(
            not missing,
            f"it is not found in {', '.join(missing)}.",
            "Is it installed into the environment that runs the tests, and its key a plain word?",
        )
        self.check(
            not answer["imported"],
            "its module is imported when plugins are listed.",
            "Something that Python imports at its start imports it: a .pth file, or another plugin.",
        )

    def test_it_can_be_switched_off_before_it_is_imported(
        self, tmp_path: Path, shell_home: Path, fake_dist: Callable[..., Any]
    ) -> None:
        """``-p no:NAME`` keeps its code from running."""
        answer, _, _ = self._in_new_process("block", tmp_path, fake_dist)
        self.check(
            answer["state"] == "blocked",
            f"-p no:{self.key} does not switch it off: {answer['state'] or 'it is not found'}.",
        )
        self.check(
            not answer["imported"],
            f"its module is imported although -p no:{self.key} switches it off.",
            "Another plugin imports it: have that import what both need from a third module.",
        )

    def test_importing_it_is_quiet_and_light(
        self, tmp_path: Path, shell_home: Path, fake_dist: Callable[..., Any]
    ) -> None:
        """Importing it prints nothing, changes nothing of the process, and imports nothing heavy."""
        answer, out, err = self._in_new_process("use", tmp_path, fake_dist)
        self.check(answer["found"], "it is not found.", "Is it installed?")
        wrong = []
        if heavy := answer["heavy"]:
            wrong.append(
                "importing it imports "
                + ", ".join(f"{name} (by {who})" for name, who in heavy.items())
                + ".\n"
                "Import what is heavy inside the function that needs it. What it cannot do without can be "
                "taken out of the class attribute `heavy`."
            )
        if threads := answer["threads"]:
            wrong.append(
                f"importing it starts threads: {', '.join(threads)}.\n"
                "Start them when they are first needed, and end them when the shell closes."
            )
        if changed := answer["changed"]:
            wrong.append(
                f"importing it changes {', '.join(changed)}.\n"
                "A plugin is imported into the user's session: leave the process as it is."
            )
        # What the shell says of the plugin, other tests tell.
        printed = out + "".join(line for line in err.splitlines(True) if not line.startswith("ipshell: "))
        if printed:
            wrong.append(
                f"importing it prints:\n{printed.rstrip()}\n"
                "Print nothing at import or in a hook: raise an error, or use the logging module."
            )
        self.check(not wrong, "\n\n".join(wrong))

    def test_it_registers_without_complaint(self, registry: Registry, declared: Declared) -> None:
        """Every hook has a known name and known arguments, and the mark."""
        state = registry.load_plugin(declared)
        self.check_no_failures(registry)
        self.check(state == "loaded", f"after it is loaded, its state is {state}.")

    def test_it_works_in_one_shell_after_another(
        self, declared: Declared, make_shell: Callable[..., TestedShell]
    ) -> None:
        """A second shell in the process, as by embed(), is served as the first."""
        first = self.new_shell(make_shell)
        self.use(first)
        second = self.new_shell(make_shell)
        self.use(second)
        second.close()
        self.use(first)
        first.close()
        self.check_no_failures(first.registry)

    def test_closing_the_shell_leaves_nothing_behind(
        self, declared: Declared, make_shell: Callable[..., TestedShell]
    ) -> None:
        """No thread, descriptor, task or process of the plugin outlives the shell."""
        from ipcore.testing.leaks import Leaks

        leaks = Leaks()
        leaks.start()
        shell = self.new_shell(make_shell)
        self.use(shell)
        shell.close()
        left = leaks.found()
        self.check(
            not left,
            "after the shell is closed there are left: " + "; ".join(str(each) for each in left) + ".",
            "End them in ipshell_shell_closing(shell), in the on_close() of a component or of a class of "
            "magics, or as soon as they have done their work.",
        )


def _unset(owner: type, name: str) -> Required | None:
    for base in owner.__mro__:
        if name in vars(base):
            found = vars(base)[name]
            return found if isinstance(found, Required) else None
    return None


def _entry_points(distribution: str) -> dict[tuple[str, str], str] | None:
    """Give the entry points of an installed distribution, by group and name; ``None`` if it is not there."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import distribution as find

    try:
        points = find(distribution).entry_points
    except PackageNotFoundError:
        return None
    return {(point.group, point.name): point.value for point in points}


def described(error: BaseException) -> str:
    """Describe what a plugin raised: its traceback, from where the core calls it on."""
    import traceback

    import ipcore

    core = os.path.dirname(os.path.abspath(ipcore.__file__))
    frames = traceback.extract_tb(error.__traceback__)
    first = next(
        (at for at, each in enumerate(frames) if not os.path.abspath(each.filename).startswith(core)), 0
    )
    last = "".join(traceback.format_exception_only(error)).strip()
    return f"{type(error).__name__}:\n{''.join(traceback.format_list(frames[first:]))}{last}"
