"""A shell opened by a program, in the place where the program stands."""

from __future__ import annotations

import sys
from collections.abc import Coroutine, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from .cells.asynchrony import is_cancellation
from .embedded_calls import EmbeddedCall, call_of, place_of
from .errors import OutputGone, UserError

if TYPE_CHECKING:
    from types import CodeType, FrameType, ModuleType

    from .namespaces import Namespace
    from .plain.event_loops import HostLoop
    from .plugins.declared import Declared
    from .shell import InteractiveShell
    from .types.frontends import Frontend


def embed(
    header: str = "",
    user_ns: dict[str, Any] | None = None,
    module: ModuleType | None = None,
    local_ns: MutableMapping[str, Any] | None = None,
    *,
    exit_msg: str = "",
    banner1: str = "",
    banner2: str = "",
    using: str = "",
    compile_flags: int = 0,
    **config: Any,
) -> None:
    """Open a shell here: its cells see, and change, the names that the caller sees.

    Blocks the calling thread until the user leaves the shell with ``exit`` or Ctrl-D. Works in any
    thread, in a shell's cell, and in a coroutine: there all tasks of the running event loop
    wait. Afterwards the interpreter is as it was; plugins and configuration
    are those of the shell around it, else those of the user's default profile.

    :param header: printed before the first prompt.
    :param user_ns: an overlay: read before the caller's names, and written to instead of them.
    :param module: use the names of this module instead of the caller's.
    :param local_ns: use these instead of the caller's local variables.
    :param exit_msg: printed after the user left.
    :param banner1: printed before the header, as is ``banner2``.
    :param using: the event loop for cells that await, the trait ``loop_runner``; ``"sync"`` for none.
    :param compile_flags: flags of ``compile()`` for cells, beside those of the caller's code.
    :param config: traits of :class:`~ipcore.shell.InteractiveShell` by name, for example
        ``confirm_exit=False``; or ``config``, a whole configuration.
    :raises TypeError: if there is no such trait.
    :raises traitlets.TraitError: if a trait does not take that value.
    :raises KillEmbedded: if the user left the shell by ``%exit_raise``. After ``%kill_embedded`` the call
        does nothing any more.
    """
    _open(
        sys._getframe(1),
        header,
        user_ns,
        module,
        local_ns,
        exit_msg=exit_msg,
        banner1=banner1,
        banner2=banner2,
        using=using,
        compile_flags=compile_flags,
        **config,
    )


class InteractiveShellEmbed:
    """Opens shells with the same options at several places of a program, each time it is called.

    :param options: arguments of :func:`embed`, for each shell.
    """

    def __init__(self, **options: Any) -> None:
        self.options = options
        #: Whether calls do nothing.
        self.dummy_mode = False
        self._made = place_of(sys._getframe(1))

    def __call__(
        self,
        header: str = "",
        local_ns: MutableMapping[str, Any] | None = None,
        module: ModuleType | None = None,
        dummy: bool | None = None,
        stack_depth: int = 1,
        compile_flags: int = 0,
    ) -> None:
        """Open a shell here, as :func:`embed` does.

        :param dummy: whether to do nothing; by default as :attr:`dummy_mode` says.
        :param stack_depth: whose names the cells see: 1 for the caller's, 2 for the caller's caller's, ...
        """
        if self.dummy_mode if dummy is None else dummy:
            return
        options = self.options | ({"header": header} if header else {})
        options |= {"compile_flags": compile_flags} if compile_flags else {}
        options |= {"module": module} if module is not None else {}
        options |= {"local_ns": local_ns} if local_ns is not None else {}
        caller = sys._getframe(stack_depth)
        _open(caller, **options, call=call_of(caller, self._made))


def _open(
    caller: FrameType,
    header: str = "",
    user_ns: dict[str, Any] | None = None,
    module: ModuleType | None = None,
    local_ns: MutableMapping[str, Any] | None = None,
    *,
    exit_msg: str = "",
    banner1: str = "",
    banner2: str = "",
    using: str = "",
    compile_flags: int = 0,
    call: EmbeddedCall | None = None,
    **config: Any,
) -> None:
    """Do what :func:`embed` says, with the names of a frame."""
    call = call or call_of(caller)
    if call.killed:
        return
    namespace = _namespace(caller, user_ns, module, local_ns)
    if using:
        config |= {"autoawait": False} if using == "sync" else {"autoawait": True, "loop_runner": using}
    header = _greeting(banner1, banner2, header)
    with _outer_loop_hidden():
        shell = _make_shell(namespace, config)
        shell.embedded = call
        shell.runner.compiler.inherit(caller.f_code)
        shell.runner.compiler.flags |= compile_flags
        try:
            with _own_line_history(), _interrupt_stops_cells(shell):
                _converse(shell, header, exit_msg)
        finally:
            _end(shell)
    call.ended()


def embed_async(
    header: str = "",
    user_ns: dict[str, Any] | None = None,
    module: ModuleType | None = None,
    local_ns: MutableMapping[str, Any] | None = None,
    *,
    exit_msg: str = "",
    banner1: str = "",
    banner2: str = "",
    **config: Any,
) -> Coroutine[Any, Any, None]:
    """Open a shell here as :func:`embed` does, but go on with the tasks of the running loop.

    To be awaited, or made a task, in asyncio or trio: ``await embed_async()``. Other tasks go
    on while the prompt waits and while a cell awaits, which it does in the same loop; a cell without
    ``await`` blocks them, and sees no running loop. Ctrl-C stops a cell or drops a line, and
    cancels no task of the program's. Cancelling the task that awaits ends the shell.

    Lines are edited by the front end of the shell, if it can be awaited as that of ``ipterminal`` can;
    else by GNU readline where Python has it, else by the terminal itself, without a history. Of a pipe
    not more is read than the shell uses. The arguments are those of :func:`embed`, but for ``using``
    and ``compile_flags``.

    :raises UserError: when awaited outside asyncio and trio, or while another such shell waits for a line.
    """
    caller = sys._getframe(1)
    return _embed_async(
        _namespace(caller, user_ns, module, local_ns),
        caller.f_code,
        _greeting(banner1, banner2, header),
        exit_msg,
        config,
        call_of(caller),
    )


async def _embed_async(
    namespace: Namespace,
    code: CodeType,
    header: str,
    exit_msg: str,
    config: dict[str, Any],
    call: EmbeddedCall,
) -> None:
    if call.killed:
        return
    from .plain.event_loops import current_host

    host = current_host()
    shell = _make_shell(namespace, config)
    shell.embedded = call
    shell.runner.compiler.inherit(code)
    try:
        if header:
            print(header)
        with _own_line_history():
            await _converse_async(shell, host)
        if exit_msg:
            print(exit_msg)
    finally:
        _end(shell)
    call.ended()


def _greeting(*parts: str) -> str:
    """Put together what is printed before the first prompt, each part on lines of its own."""
    return "\n".join(part.rstrip("\n") for part in parts if part)


def _end(shell: InteractiveShell) -> None:
    shell.close()
    # A closed shell is garbage in circles; the caller's frame is not to wait for its collection.
    shell.namespace, shell.user_ns, shell.user_global_ns = None, {}, {}


def _namespace(
    caller: FrameType,
    user_ns: dict[str, Any] | None,
    module: ModuleType | None,
    local_ns: MutableMapping[str, Any] | None,
) -> Namespace:
    from .namespaces import Namespace, frame_namespace, module_namespace

    if local_ns is not None:
        made = Namespace(module.__dict__ if module else caller.f_globals, local_ns)
    elif module is not None:
        made = module_namespace(module)
    else:
        made = frame_namespace(caller)
    return made if user_ns is None else made.overlay(user_ns)


def _make_shell(namespace: Namespace, traits: dict[str, Any]) -> InteractiveShell:
    from .shell import InteractiveShell, get_ipython

    known = InteractiveShell.class_trait_names(config=True)
    for name in traits:
        if name not in known and name != "config":
            raise TypeError(f"embed() has no argument {name!r}, and InteractiveShell no such trait")
    outer = get_ipython()
    if outer is not None:
        registry, values, history = outer.registry, outer.values_folder, outer.history_file
        traits.setdefault("config", outer.config)
    else:
        from .application.app import IPShellApp

        app = IPShellApp([])
        traits.setdefault("config", app.configuration.config)
        registry, values = app.registry, str(app.profile.db_dir)
        history = str(app.profile.history_file)
    # The module the names belong to, not one of ours: user_module is what inspection asks.
    module = sys.modules.get(str(namespace.globals.get("__name__")))
    shell = InteractiveShell(registry=registry, user_module=module, namespace=namespace, **traits)
    shell.values_folder, shell.history_file = values, history
    if outer is not None:
        shell.policies.inherit(outer.policies)
        shell.extensions_folder = outer.extensions_folder
    shell.start()
    return shell


def _converse(shell: InteractiveShell, header: str, exit_msg: str) -> None:
    from .application.startup import plain_frontend

    frontend, owner = _frontend_of(shell)
    if header:
        print(header)
    try:
        frontend.run()
    except (BrokenPipeError, OutputGone):
        raise
    except Exception as error:  # a plugin's: the user must not lose the names at hand over it
        if owner is None or owner.core:
            raise
        shell.registry.disable(owner, "the interactive loop", error)
        plain_frontend(shell).run()
    if exit_msg:
        print(exit_msg)


async def _converse_async(shell: InteractiveShell, host: HostLoop) -> None:
    from .plain.awaiting import AwaitedFrontend

    frontend, owner = _frontend_of(shell)
    run = getattr(frontend, "run_async", None)
    if callable(run) and owner is not None:
        try:
            await run(host)
            return
        except (BrokenPipeError, OutputGone, UserError):
            raise
        except Exception as error:  # a plugin's
            if is_cancellation(error):
                raise
            shell.registry.disable(owner, "the interactive loop", error)
    await AwaitedFrontend(shell, host).run_async()


def _frontend_of(shell: InteractiveShell) -> tuple[Frontend, Declared | None]:
    """Give the front end, chosen as the application does, and the plugin it comes from."""
    from .application.startup import frontend_of

    section = shell.config.get("IPShellApp")
    name = section.get("frontend") if section else None
    return frontend_of(shell, name if isinstance(name, str) else "")


@contextmanager
def _own_line_history() -> Iterator[None]:
    """Keep the lines typed in the body out of the history of whoever edits lines outside."""
    outside = sys.modules.get("readline")
    length = outside.get_current_history_length() if outside else 0
    try:
        yield
    finally:
        readline = sys.modules.get("readline")
        if readline is not None:
            for at in range(readline.get_current_history_length(), length, -1):
                with suppress(ValueError):  # the user's code has removed it itself
                    readline.remove_history_item(at - 1)
            if outside and outside.get_completer() is not None:
                bind = "bind ^I rl_complete" if "libedit" in (outside.__doc__ or "") else "tab: complete"
                outside.parse_and_bind(bind)


@contextmanager
def _interrupt_stops_cells(shell: InteractiveShell) -> Iterator[None]:
    """Let Ctrl-C raise ``KeyboardInterrupt`` in this thread.

    ``asyncio.run()`` has it cancel a task, which cannot run in here.
    """
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        with _thread_interrupts(shell):
            yield
        return
    former = signal.getsignal(signal.SIGINT)
    ours = callable(former)  # an ignored signal is to stay so
    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, former)


def _thread_interrupts(shell: InteractiveShell) -> AbstractContextManager[None]:
    def cancel_waiting() -> bool:
        loop: Any = shell.find("user_loop")
        return loop is not None and bool(loop.cancel_waiting())

    try:
        from .plain.thread_interrupts import ThreadInterrupts

        return ThreadInterrupts(cancel_waiting)
    except (ImportError, AttributeError):  # another implementation than CPython
        return nullcontext()


@contextmanager
def _outer_loop_hidden() -> Iterator[None]:
    """Let the body run as if no event loop ran in this thread; its tasks stand still."""
    # What trio tells libraries that ask which loop runs.
    library = getattr(sys.modules.get("sniffio"), "thread_local", None)
    name = library.name if library is not None else None
    if library is not None:
        library.name = None
    try:
        with _asyncio_hidden():
            yield
    finally:
        if library is not None:
            library.name = name


@contextmanager
def _asyncio_hidden() -> Iterator[None]:
    asyncio = sys.modules.get("asyncio")
    loop = asyncio._get_running_loop() if asyncio else None
    if asyncio is None or loop is None:
        yield
        return
    # Since 3.12 the current task can be put aside too; 3.14 runs no other loop's task beside it.
    swap = getattr(asyncio.tasks, "_swap_current_task", None)
    task = swap(loop, None) if swap and asyncio.current_task(loop) else None
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
        if swap and task:  # there is none in a callback
            swap(loop, task)
        asyncio.set_event_loop(loop)  # asyncio.run() in a cell has left none
