"""The shell: wires components together and runs cells."""

from __future__ import annotations

import builtins
import os
import sys
import types
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from traitlets import Any as AnyTrait
from traitlets import Bool, Enum, Float, Int, Unicode, default, observe

from .cells.displayhook import DisplayHook, display
from .cells.outputs import Outputs
from .cells.runner import CellRunner
from .cells.transformers import Transformers
from .component import Component
from .delegation import SHOWING, Delegated
from .errors import CommandInterrupted
from .exiting import Exiter, guarded_open
from .notices import notice
from .parts import PARTS, PartsMaker
from .policies import Policies
from .types.cells import Cell, CellResult

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from traitlets.config.configurable import Configurable

    from .aliases import AliasManager
    from .cells.last_error import LastError
    from .cells.transformers import LinesTransformer
    from .cells.user_loop import UserLoop
    from .display import Display
    from .embedded_calls import EmbeddedCall
    from .events import Events
    from .extensions import ExtensionManager
    from .hosts.inputhooks import InputHooks
    from .hosts.keyboard import Keyboard
    from .magics.registry import MagicsManager
    from .namespaces import Namespace
    from .plain.prompts import GuardedPrompts, PlainPrompts
    from .plugins.registry import Given, Registry
    from .system.slist import LSString, SList
    from .theme import ShellTheme
    from .traps import Traps
    from .types.input import AstTransformer
    from .types.tracebacks import Tracebacks

_shells: list[InteractiveShell] = []


def get_ipython() -> InteractiveShell | None:
    """Give the shell that was made last and not closed; ``None`` outside of any."""
    return _shells[-1] if _shells else None


def open_shells() -> tuple[InteractiveShell, ...]:
    """Give the shells that are not closed, the one made last at the end."""
    return tuple(_shells)


class InteractiveShell(Delegated, Component):
    """A running shell, the root of its components.

    Used on the thread that made it, in practice the main thread.

    :param registry: supplies plugins; by default one that knows the core's own alone.
    :param user_module: the module whose namespace cells run in; a fresh ``__main__`` by default.
    :param namespace: run cells in these names instead, those of a frame or an overlay.
    :param config: configuration, see :mod:`ipcore.configuration`.
    """

    ast_node_interactivity = Enum(
        ["all", "last", "last_expr", "none", "last_expr_or_assign"],
        "last_expr",
        help="Which top-level expressions of a cell show their value.",
    ).tag(config=True)
    autocall = Enum(
        [0, 1, 2],
        0,
        help="Whether a line such as f x means f(x): 0 never, 1 where arguments follow, 2 also without any.",
    ).tag(config=True)
    autoawait = Bool(True, help="Whether await can stand at the top level of a cell.").tag(config=True)
    automagic = Bool(True, help="Whether magics and aliases can be called without the leading %.").tag(
        config=True
    )
    cache_size = Int(1000, help="How many values Out keeps; below 3 none, and then no Out[n] is shown.").tag(
        config=True
    )
    cache_bytes = Int(
        1_000_000_000, help="How many bytes the values in Out may take together, estimated; 0 for any number."
    ).tag(config=True)
    history_load_length = Int(
        1000, help="How many earlier cells the arrow keys of the prompt find; 0 for none of earlier sessions."
    ).tag(config=True)
    clipboard = Unicode(
        "auto", help="What reads and writes the clipboard: a key of the family clipboards, or auto."
    ).tag(config=True)
    colors = Unicode(
        "auto", help="Which theme to use: a key of the family themes, or auto, for one by the terminal."
    ).tag(config=True)
    confirm_exit = Bool(True, help="Whether Ctrl-D at the prompt asks before leaving.").tag(config=True)
    editor = Unicode("", help="What edits files; $VISUAL or $EDITOR by default, else vi or notepad.").tag(
        config=True
    )
    keep_signal_handlers = Bool(
        False, help="Whether a cell may replace what Ctrl-C does in the cells after it."
    ).tag(config=True)
    last_error_cells = Int(
        2, help="After how many cells that succeed the last error and its frames are let go; -1 for never."
    ).tag(config=True)
    loop_runner = AnyTrait(
        "asyncio",
        help="What drives a cell with await: asyncio, trio, sync, a name of the user's, a dotted path, or a "
        "function that takes the coroutine.",
    ).tag(config=True)
    pager = Unicode(
        "",
        help="What shows long texts: a key of the family pagers; by default $PAGER, less or more.",
    ).tag(config=True)
    prompts_name = Unicode("plain", help="Which prompts to show: a key of the family prompts.").tag(
        config=True
    )
    rewind_asks_after = Float(
        1.0,
        help="How many seconds cells may have taken before %rewind asks whether to run them again.",
    ).tag(config=True)
    show_rewritten_input = Bool(True, help="Whether autocall shows the call it makes of a line.").tag(
        config=True
    )
    separate_in = Unicode("\n", help="Printed before each input prompt.").tag(config=True)
    separate_out = Unicode("", help="Printed before each value.").tag(config=True)
    separate_out2 = Unicode("", help="Printed after each value.").tag(config=True)
    system_raise_on_error = Bool(False, help="Whether a command that fails raises CalledProcessError.").tag(
        config=True
    )
    warn_venv = Bool(True, help="Whether to tell that another environment than the active one is used.").tag(
        config=True
    )

    def __init__(
        self,
        *,
        registry: Registry | None = None,
        user_module: types.ModuleType | None = None,
        namespace: Namespace | None = None,
        **traits: Any,
    ) -> None:
        super().__init__(name=traits.pop("name", "shell"), **traits)
        if registry is None:
            from .plugins.registry import Registry

            registry = Registry()
        self.registry = registry
        self.user_module = user_module or types.ModuleType(
            "__main__", "Made by ipshell for the user's names."
        )
        self.namespace = namespace
        self.user_ns: dict[str, Any] = self.user_module.__dict__ if namespace is None else namespace
        if namespace is None:
            self._give_main_names()
        self.user_global_ns = self.user_ns
        #: Where the shell's own names go: beside the user's, but never into somebody's frame.
        self.own_names: dict[str, Any] = self.user_ns if namespace is None else namespace.own
        self.execution_count = 1
        self.exiting = False
        self.exit_code: object = None
        #: The profile's folder of extensions; empty for none.
        self.extensions_folder = ""
        #: The profile's folder of stored values, those of :attr:`db`; empty keeps them in memory.
        self.values_folder = ""
        #: The profile's file of earlier cells; empty keeps none.
        self.history_file = ""
        self.trio_runner: Any = None
        #: The call of ``embed()`` that the shell is for; ``None`` for a shell of its own.
        self.embedded: EmbeddedCall | None = None
        self._parts: dict[str, Any] = {}
        self._parts_maker = PartsMaker(self, self._parts)
        self._prompts: GuardedPrompts | PlainPrompts | None = None
        #: What plugins have given for a family and a key, see :mod:`ipcore.providers`.
        self.providers: dict[tuple[str, str], Given] = {}
        self.builtin_names: dict[str, Any] = {"get_ipython": get_ipython, "display": display}
        self.policies = Policies(self)
        self.outputs = Outputs(self)
        self.displayhook = DisplayHook(self)
        self.runner = CellRunner(self)
        self.transformers = Transformers(self)
        self.input_transformers_post: list[LinesTransformer] = []
        self.ast_transformers: list[AstTransformer] = []
        self.user_ns_hidden = set(self.own_names)
        self._seeded = False
        #: What ``reset(aggressive=True)`` does not unload.
        self.modules_at_start = frozenset(sys.modules)
        _shells.append(self)

    def _give_main_names(self) -> None:
        """Give the namespace what CPython gives to ``__main__``."""
        self.user_ns.setdefault("__builtins__", builtins)
        if sys.version_info < (3, 14):
            self.user_ns.setdefault("__annotations__", {})

    def seed(self, *, anew: bool = False) -> None:
        """Give the namespace the names of an interactive shell; a plain program does without them.

        :param anew: do it again, after they were removed.
        """
        if anew and self.namespace is None:
            self._give_main_names()
        if anew or not self._seeded:
            self._seeded = True
            self.outputs.seed()
            own = {
                "get_ipython": get_ipython,
                "exit": Exiter(self, "exit"),
                "quit": Exiter(self, "quit"),
                "open": guarded_open,
                "_dh": _working_folder(),
            }
            for name, value in own.items():
                self.own_names.setdefault(name, value)
            self.user_ns_hidden.update(own, self.outputs.names)

    # -- life ------------------------------------------------------------------

    def on_start(self) -> None:
        """Tell plugins, and whoever looks for the builtin ``__IPYTHON__``, that the shell is there."""
        builtins.__dict__["__IPYTHON__"] = True
        # Not for the length of a cell alone: tasks and threads go on between cells.
        builtins.__dict__.setdefault("display", display)
        self.notify("ipshell_shell_created", shell=self)
        self.trigger("shell_initialized", self)

    def close(self) -> None:
        """Tell plugins, close all components, newest first, and let go of the user's names.

        Whatever fails on the way is told in one line and does not keep the rest from closing.
        In a forked child it only makes the shell unusable: the parts' files and loops are the parent's.
        """
        if self.closed:
            return
        if self.runner.forked:  # a child's copy: what there is to close is the parent's
            self._state = "closed"
            self.on_close()
            return
        self.notify("ipshell_shell_closing", shell=self)
        loop = self._parts.get("user_loop")
        if loop is not None:  # first, as tasks may use the other parts to their end
            loop.close()
        super().close()

    def on_close(self) -> None:
        """Leave the interpreter as it was."""
        self.runner.close()
        if self in _shells:
            _shells.remove(self)
        if not _shells:
            watch: Any = sys.modules.get(f"{__package__}.plugins.watch")
            if watch is not None:
                watch.stop()  # its thread would end by itself a moment later
            builtins.__dict__.pop("__IPYTHON__", None)
            if builtins.__dict__.get("display") is display:
                del builtins.__dict__["display"]

    def notify(self, hook: str, **arguments: Any) -> None:
        """Call one hook of the family ``lifecycle`` in every plugin that has it."""
        if self.registry.bears("lifecycle"):
            self.registry.call_each("lifecycle", hook, **arguments)

    def trigger(self, event: str, *arguments: Any) -> None:
        """Call the callbacks of an event; costs next to nothing where none was ever registered."""
        events = self._parts.get("events")
        if events is not None:
            events.trigger(event, *arguments)

    def count_success(self) -> None:
        """Take up that a cell succeeded; costs next to nothing where no error was ever kept."""
        kept = self._parts.get("last_error")
        if kept is not None:
            kept.count_success(self.last_error_cells)

    # -- parts -----------------------------------------------------------------

    def part(self, name: str) -> Any:
        """Give a named part, made by its family's plugin or else by the core at first use.

        Safe from any thread: one that asks while another makes the part waits for it.

        :param name: a key of :data:`ipcore.parts.PARTS`.
        :raises KeyError: if there is no part of that name.
        """
        made = self._parts.get(name)
        return self._parts_maker.make(name) if made is None else made

    def made_part(self, name: str) -> Any:
        """Give a named part if it is there by now, else ``None``."""
        return self._parts.get(name)

    def replace_part(self, name: str, component: Component | None) -> None:
        """Put another component in a part's place; the former one is closed.

        :param name: a key of :data:`ipcore.parts.PARTS`.
        :param component: the new part; ``None`` has it made anew at next use.
        """
        if name not in PARTS:
            raise KeyError(f"a shell has no part called {name!r}; it has {', '.join(sorted(PARTS))}")
        former = self._parts.pop(name, None)
        if former is not None and former is not component:
            former.close()
        if component is not None:
            self._parts[name] = component
            component.start()

    @property
    def aliases(self) -> AliasManager:
        """Short names for system commands."""
        part: AliasManager = self.part("aliases")
        return part

    @property
    def traps(self) -> Traps:
        """What is replaced in the interpreter while a cell runs."""
        part: Traps = self.part("traps")
        return part

    @property
    def events(self) -> Events:
        """Callbacks around cells."""
        part: Events = self.part("events")
        return part

    @property
    def extension_manager(self) -> ExtensionManager:
        """What loads extensions by name."""
        part: ExtensionManager = self.part("extension_manager")
        return part

    @property
    def magics(self) -> MagicsManager:
        """``%name`` and ``%%name``."""
        part: MagicsManager = self.part("magics")
        return part

    @property
    def display(self) -> Display:
        """Formatters of values."""
        part: Display = self.part("display")
        return part

    @property
    def tracebacks(self) -> Tracebacks:
        """The formatter of exceptions."""
        part: Tracebacks = self.part("tracebacks")
        return part

    @property
    def inspector(self) -> Any:
        """What answers ``obj?``."""
        return self.part("inspector")

    @property
    def history(self) -> Any:
        """Inputs and outputs kept between runs."""
        return self.part("history")

    @property
    def completer(self) -> Any:
        """What Tab proposes."""
        return self.part("completer")

    @property
    def logger(self) -> Any:
        """Session logs."""
        return self.part("logger")

    @property
    def debugger(self) -> Any:
        """The step and post-mortem debugger."""
        return self.part("debugger")

    @property
    def inputhooks(self) -> InputHooks:
        """Which event loop runs while the prompt waits."""
        part: InputHooks = self.part("inputhooks")
        return part

    @property
    def theme(self) -> ShellTheme:
        """How each style name looks."""
        part: ShellTheme = self.part("theme")
        return part

    @property
    def keyboard(self) -> Keyboard:
        """What is typed, and who may ask for it."""
        part: Keyboard = self.part("keyboard")
        return part

    @property
    def user_loop(self) -> UserLoop:
        """The asyncio loop of the user's code."""
        part: UserLoop = self.part("user_loop")
        return part

    @property
    def last_error(self) -> LastError:
        """What keeps the last error for post-mortem tools, and lets it go."""
        part: LastError = self.part("last_error")
        return part

    @property
    def prompts(self) -> GuardedPrompts | PlainPrompts:
        """The texts of the prompts, by ``prompts_name`` or as put in; the plain ones where that fails."""
        if self._prompts is None:
            from .plain.prompts import GuardedPrompts, PlainPrompts

            given = self.registry.call_named(
                "prompts", self.prompts_name, "ipshell_prompts", _check_prompts, shell=self
            )
            if given is None and self.prompts_name not in ("plain", *self.registry.keys("prompts")):
                notice(
                    f'InteractiveShell.prompts_name: no plugin gives prompts called "{self.prompts_name}"; '
                    f"the plain ones are used. There are: {', '.join(self.registry.keys('prompts'))}.",
                    once="prompts_name",
                )
            plain = PlainPrompts()
            self._prompts = plain if given is None else GuardedPrompts(self, given, plain)
        return self._prompts

    @prompts.setter
    def prompts(self, given: Any) -> None:
        """Show others from the next prompt on: those of an object as IPython's, or as a plugin's.

        ``None`` stands for those that ``prompts_name`` names.

        :raises TypeError: if it is none of these.
        """
        if given is None:
            self._prompts = None
            return
        from .plain.assigned_prompts import AssignedPrompts
        from .plain.prompts import GuardedPrompts, PlainPrompts

        own = isinstance(given, (GuardedPrompts, PlainPrompts))  # what one has read here before
        self._prompts = given if own else AssignedPrompts(given)

    @default("editor")
    def _default_editor(self) -> str:
        names = (os.environ.get("VISUAL"), os.environ.get("EDITOR"))
        return next((name for name in names if name), "notepad" if sys.platform == "win32" else "vi")

    @observe("prompts_name")
    def _choose_prompts(self, change: object) -> None:
        self._prompts = None

    @property
    def configurables(self) -> list[Configurable]:
        """What takes options of the configuration, and is there by now: the shell, its parts, its magics."""
        return [*self.walk(), *self.magics.objects]

    # -- running ---------------------------------------------------------------

    def run_cell(
        self,
        raw_cell: str,
        store_history: bool = False,
        silent: bool = False,
        shell_futures: bool = True,
        cell_id: str | None = None,
        cell_meta: Mapping[str, Any] | None = None,
        *,
        label: str = "",
        origin: str = "program",
    ) -> CellResult:
        """Run a cell and show what comes of it.

        Never raises what the cell raises; see the result. Blocks until the cell ends.

        :param raw_cell: the text, escapes included.
        :param store_history: whether it uses up a number and goes into ``In``.
        :param silent: whether to show nothing, keep nothing and tell no plugin.
        :param shell_futures: whether it shares ``from __future__`` imports with the other cells.
        :param cell_id: of the document it comes from, for whoever is told of the cell.
        :param cell_meta: likewise what the document says about the cell.
        :param label: how tracebacks name it; ``Cell In[n]`` by default.
        :param origin: see :attr:`ipcore.types.cells.Cell.origin`.
        :raises ValueError: if there is no such origin.
        """
        self._refuse_if_closed()
        record = (shell_futures, cell_id, cell_meta)
        return self.runner.run(self._numbered(raw_cell, store_history, silent, label, origin, record))

    def run_code(
        self,
        source: str,
        label: str,
        *,
        show_value: bool = True,
        origin: str = "program",
        shell_futures: bool = True,
    ) -> CellResult:
        """Run a cell that has no number: a ``-c`` text, a line of configuration, a file.

        :param source: the text, escapes included.
        :param label: how tracebacks name it.
        :param show_value: whether to show its last expression, without a prompt.
        :param origin: see :attr:`ipcore.types.cells.Cell.origin`.
        :param shell_futures: as for :meth:`run_cell`.
        :raises ValueError: if there is no such origin.
        """
        self._refuse_if_closed()
        cell = Cell(source, 0, label, False, False, show_value, origin, shell_futures)
        return self.runner.run(cell)

    def _numbered(
        self, source: str, store_history: bool, silent: bool, label: str, origin: str, record: tuple[Any, ...]
    ) -> Cell:
        store_history = store_history and not silent
        number = (not store_history and self.displayhook.number) or self.execution_count
        label = label or f"Cell In[{number}]"
        if store_history and source.strip():
            self.execution_count += 1  # before it runs: it may run others, or reset the count
        cell = Cell(source, number, label, store_history, silent, True, origin, *record)
        if self.runner.again:
            cell.tell_again()
        return cell

    def _refuse_if_closed(self) -> None:
        if self.closed:
            raise RuntimeError("this shell is closed and runs no more cells")
        self.seed()

    async def run_cell_async(
        self,
        raw_cell: str,
        store_history: bool = False,
        silent: bool = False,
        shell_futures: bool = True,
        cell_id: str | None = None,
        cell_meta: Mapping[str, Any] | None = None,
        *,
        label: str = "",
        origin: str = "program",
    ) -> CellResult:
        """Run a cell as :meth:`run_cell` does, but await it in the caller's loop.

        For a host that has a running loop and lets the cell share it. A cell without ``await`` still
        sees no running loop, and blocks. Await one cell after the other, not two at once.
        Cancelling the caller's task stops the cell, with ``CancelledError`` in its result.
        """
        self._refuse_if_closed()
        record = (shell_futures, cell_id, cell_meta)
        return await self.runner.run_async(
            self._numbered(raw_cell, store_history, silent, label, origin, record)
        )

    def should_run_async(self, raw_cell: str, *, transformed_cell: str | None = None) -> bool:
        """Tell whether a cell has an ``await`` at its top level that would be awaited.

        Compiles the cell and runs none of it. False if it cannot be compiled.

        :param raw_cell: the text, escapes included.
        :param transformed_cell: the same as plain Python, if that is known.
        """
        from .cells.asynchrony import would_await

        return self.autoawait and would_await(self, raw_cell, transformed_cell)

    def tasks(self) -> list[Task[Any]]:
        """Give the asyncio tasks of the shell's loop that are not done."""
        return self.user_loop.tasks() if "asyncio.events" in sys.modules else []

    def report_lost_tasks(self) -> None:
        """Show the exceptions of tasks that nobody has awaited, each once."""
        loop = self._parts.get("user_loop")
        if loop is not None:
            loop.report_lost()

    def transform(self, source: str, *, side_effects: bool = True) -> str:
        """Rewrite escapes and whatever plugins rewrite, giving plain Python.

        :param source: the text of a cell.
        :param side_effects: false leaves out transformers that declare ``has_side_effects``,
            as is right for a text that may never run.
        :raises SyntaxError: if a plugin's transformer refuses the cell.
        """
        return self.transformers.transform(source, side_effects=side_effects)

    def run_line_magic(self, name: str, line: str) -> Any:
        """Run ``%name line`` and give its value.

        :raises ipcore.errors.UsageError: if there is no such magic.
        :raises ipcore.errors.PolicyError: if a policy refuses it.
        """
        return self.magics.run_line(name, line)

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        """Run ``%%name line`` over the body ``cell`` and give its value.

        :raises ipcore.errors.UsageError: if there is no such magic.
        :raises ipcore.errors.PolicyError: if a policy refuses it.
        """
        return self.magics.run_cell(name, line, cell)

    def is_command(self, name: str) -> bool:
        """Tell whether a bare name means a line magic or an alias; imports no plugin."""
        return self.aliases.get(name) is not None or name in self.magics.names("line")

    # -- errors ----------------------------------------------------------------

    def show_error(self, error: BaseException, *, raised_in_cell: bool = False) -> None:
        """Print an exception on standard error, and keep it in ``sys.last_exc`` and its like.

        Frames of the shell are left out. Goes down a ladder: what an extension has put in place for it,
        the traceback part, the plain one, the exception's name, so that the user's error is always told.
        A shell that is closed keeps nothing.

        :param raised_in_cell: whether a running cell raised it, as handlers of ``set_custom_exc`` want.
        """
        from .plain.tracebacks import show

        if not self.closed:
            self.last_error.keep(error)
        if "error_display" in self._parts or not SHOWING.isdisjoint(vars(self)):
            self.error_display.show(error, raised_in_cell=raised_in_cell)
        else:
            show(self, error)

    def ask_exit(self, code: object = None) -> None:
        """Have the interactive loop end after the running cell.

        :param code: exit status, as for :func:`sys.exit`.
        """
        self.exiting = True
        self.exit_code = code

    # -- system commands -------------------------------------------------------

    def expand(self, text: str) -> str:
        """Replace ``$name`` and ``{expression}`` in a line; unchanged if any look-up fails."""
        if "$" not in text and "{" not in text:
            return text
        from .system.expansion import expand

        return expand(text, self.user_ns, _callers_locals())

    def local_scope(self) -> Mapping[str, Any]:
        """Give the local names of the user's function that called; at the top level the user's names.

        A mapping to read: what is written to it need not arrive in the function.
        """
        local = _callers_locals()
        return self.user_ns if local is None else local

    def system(self, command: str) -> None:
        """Run a command of the system shell on the terminal; its status goes to ``_exit_code``.

        Blocks until the command ends.

        :raises ipcore.errors.CommandInterrupted: if Ctrl-C ended it; the rest of the cell does not run.
        :raises ipcore.errors.PolicyError: if a policy refuses the command.
        :raises subprocess.CalledProcessError: if it fails and ``system_raise_on_error`` is set.
        """
        from .system.shell_commands import run, warn_common_mistake

        command = self.expand(command)
        self.policies.check("system", command)
        mistake = warn_common_mistake(command)
        if mistake:
            notice(mistake)
        with self._terminal() as given:
            status = run(command, reads=given)
        self._keep_exit_code(command, status)

    def getoutput(self, command: str, split: bool = True) -> SList | LSString:
        """Run a command of the system shell and give what it printed.

        Blocks until the command ends.

        :param split: lines as an ``SList``, else the whole as a string.
        :raises ipcore.errors.CommandInterrupted: if Ctrl-C ended it; the rest of the cell does not run.
        :raises ipcore.errors.PolicyError: if a policy refuses the command.
        :raises subprocess.CalledProcessError: if it fails and ``system_raise_on_error`` is set.
        """
        from .system.shell_commands import capture

        command = self.expand(command)
        self.policies.check("system", command)
        with self._terminal() as given:
            output, status = capture(command, split, reads=given)
        self._keep_exit_code(command, status)
        return output

    def _terminal(self) -> AbstractContextManager[bool]:
        """Leave the terminal to a command, where a front end has it; gives whether it may read from it."""
        keyboard = self._parts.get("keyboard")
        return nullcontext(True) if keyboard is None else keyboard.release_terminal()

    def _keep_exit_code(self, command: str, status: int) -> None:
        from .system.shell_commands import INTERRUPTED

        self.own_names["_exit_code"] = status
        if status == INTERRUPTED:
            raise CommandInterrupted
        if status and self.system_raise_on_error:
            from subprocess import CalledProcessError

            raise CalledProcessError(status, command)

    def show_usage(self) -> None:
        """Print a page on how to use the shell."""
        from .plain.usage import USAGE

        print(USAGE)

    def user_names(self) -> Sequence[str]:
        """Give the names the user made, sorted; the shell's own left out."""
        names = list(self.user_ns)  # a copy, as another thread may be the one to ask
        return sorted(name for name in names if name not in self.user_ns_hidden and not name.startswith("_"))


def _callers_locals() -> Mapping[str, Any] | None:
    """Local names of the user's function that an escape was written in; ``None`` at the top level."""
    frame = sys._getframe(1)
    own = __package__ + "."
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(own):
        frame = frame.f_back  # type: ignore[assignment]
    if frame is None or frame.f_locals is frame.f_globals:
        return None
    return frame.f_locals


def _working_folder() -> list[str]:
    """Give what ``_dh`` begins with."""
    try:
        return [os.getcwd()]
    except OSError:  # removed meanwhile
        return []


def _check_prompts(value: object) -> str:
    wanted = ("input", "continuation", "output")
    lacking = [name for name in wanted if not callable(getattr(value, name, None))]
    return f"its prompts have no {lacking[0]}()" if lacking else ""
