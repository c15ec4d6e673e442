"""The one gate that policies stand at, and where the code that passes it came from.

Whatever a policy may refuse goes through :meth:`Policies.check`: a cell before it is
transformed, a system command before it runs, a magic before it is called, a file before it
is read. The origin of the running code is a context variable, so tasks and whatever else
copies its context inherit it. Code that runs without one, such as a thread, counts as the
least trusted code that has run in the process so far. Everything in doubt is refused.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Final

from .errors import PolicyError

if TYPE_CHECKING:
    from .plugins.declared import Declared
    from .shell import InteractiveShell
    from .types.policies import Decision, Kind, Policy, Request

#: Origins of code, each trusted less than the one before.
ORIGINS: Final = ("keyboard", "paste", "file", "program", "remote")

_DISTRUST: Final = {origin: at for at, origin in enumerate(ORIGINS)}

_STRICTNESS: Final = ("allow", "ask", "refuse")

#: What each kind of request is called in messages.
_NAMES: Final = {"cell": "cell", "system": "system command", "magic": "magic", "file": "file"}

#: Characters of a request that a message shows.
_LONGEST: Final = 60


class Scope:
    """The code that is running."""

    __slots__ = ("number", "origin")

    def __init__(self, origin: str, number: int) -> None:
        self.origin = origin
        self.number = number


_scope: ContextVar[Scope | None] = ContextVar("ipshell_scope", default=None)

#: Set while a policy is asked or loaded: it cannot be judged by itself.
_judging: ContextVar[bool] = ContextVar("ipshell_judging", default=False)

#: The least trusted code that has run in this process; it may have left threads and callbacks behind.
_least_trusted = "program"


def _worse(one: str, other: str) -> str:
    return one if _DISTRUST[one] >= _DISTRUST[other] else other


class Held:
    """One policy and who it came from.

    :param broken: why it cannot be asked; then it refuses everything.
    """

    def __init__(self, policy: Policy | None, plugin: Declared | None, broken: str = "") -> None:
        self.policy = policy
        self.plugin = plugin
        self.broken = broken
        name = getattr(policy, "name", "") or type(policy).__name__
        source = f" of plugin {plugin.id}" if plugin is not None else ""
        self.label = f'the policy "{name}"{source}' if policy is not None else f"the policy plugin {plugin}"

    @property
    def remedy(self) -> str:
        """What the user can do about a policy that does not work."""
        return f' Switch it off with "-p no:{self.plugin.id}".' if self.plugin is not None else ""

    def decide(self, request: Request) -> Decision:
        """Ask the policy; what it raises and what is no decision refuses."""
        from .plugins.failures import reason_of
        from .plugins.watch import watching
        from .types.policies import Decision, refuse

        if self.policy is None:
            return refuse(f"it cannot be used, so everything is refused: {self.broken}.{self.remedy}")
        try:
            with watching(self.label, "Ctrl-C refuses what it is asked about"):
                decision = self.policy.decide(request)
                if isinstance(decision, Decision) and decision.verdict in _STRICTNESS:
                    return Decision(decision.verdict, " ".join(str(decision.reason).split()))
            wrong = f"it gave {type(decision).__name__}, which is no decision"
        except BaseException as error:  # the policy's, SystemExit and KeyboardInterrupt included
            wrong = reason_of(error)
        return refuse(f"it could not decide, {wrong.rstrip('.')}.{self.remedy}")


class Policies:
    """The policies of one shell. Safe from any thread.

    Contributed ones are loaded when something is first asked for. There is no way to
    remove one.

    :param shell: the shell; the thread that makes this one counts as its own.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._thread = threading.get_ident()
        self._running = 0
        self._lock = threading.RLock()
        self._added: tuple[Held, ...] = ()
        #: All there are; ``None`` until the contributed ones are loaded.
        self._held: tuple[Held, ...] | None = None

    def add(self, policy: Policy) -> None:
        """Have one more policy judge what runs in this shell, for programs that host one.

        :param policy: asked from now on, together with the others.
        :raises TypeError: if it has no ``decide()``.
        """
        if not callable(getattr(policy, "decide", None)):
            raise TypeError(f"a policy has a method decide(); {type(policy).__name__} has none")
        with self._lock:
            held = Held(policy, None)
            self._added += (held,)
            if self._held is not None:
                self._held += (held,)

    def inherit(self, outer: Policies) -> None:
        """Have the policies that a program added to another shell judge here too.

        Nobody gets around them by opening a shell inside that one. Contributed ones are there anyway.
        """
        for held in outer._added:
            if held.policy is not None:
                self.add(held.policy)

    # -- where code comes from -------------------------------------------------

    @property
    def origin(self) -> str:
        """The origin of the code that asks, see :attr:`ipcore.types.policies.Request.origin`."""
        scope = _scope.get()
        return scope.origin if scope is not None else _least_trusted

    @property
    def thread(self) -> int:
        """The identifier of the shell's own thread, the one that made it."""
        return self._thread

    @property
    def on_own_thread(self) -> bool:
        """Whether the shell's own thread asks."""
        return threading.get_ident() == self._thread

    @property
    def busy(self) -> bool:
        """Whether code runs on the shell's own thread, in practice a cell."""
        return self._running > 0

    def running(self, origin: str, number: int = 0) -> Running:
        """Give a context manager in which code of an origin runs.

        The origin counts as given where the shell's own thread enters while no code runs on it.
        Elsewhere it can only be made worse: by what is running, or in another thread by the least
        trusted code so far.

        :param origin: one of :data:`ORIGINS`.
        :param number: execution number of the cell; 0 for none.
        :raises ValueError: if there is no such origin.
        """
        if origin not in _DISTRUST:
            raise ValueError(f"{origin!r} is no origin of code; there are {', '.join(ORIGINS)}")
        return Running(self, origin, number)

    # -- judging ---------------------------------------------------------------

    def check(self, kind: Kind, text: str) -> None:
        """Ask all policies whether something may happen; returns if so.

        Blocks while a person is asked.

        :param kind: what is about to be done.
        :param text: see :attr:`ipcore.types.policies.Request.text`.
        :raises PolicyError: if it may not.
        """
        held = self._held
        if held is None:
            held = self._load()
        if held:
            self._judge(held, kind, text)

    def _load(self) -> tuple[Held, ...]:
        if _judging.get():
            raise PolicyError("nothing can run while policies are loaded; the plugin must not use the shell.")
        with self._lock:
            if self._held is None:
                registry = self._shell.registry
                declared = [p for p in registry.declared("policies") if registry.state(p) != "blocked"]
                self._held = self._added + (self._contributed(declared) if declared else ())
            return self._held

    def _contributed(self, declared: Iterable[Declared]) -> tuple[Held, ...]:
        registry = self._shell.registry
        token = _judging.set(True)
        try:
            given = registry.call_each("policies", "ipshell_policies", _check_policies, shell=self._shell)
        finally:
            _judging.reset(token)
        held = [Held(policy, item.plugin) for item in given for policy in item.value]
        for plugin in declared:
            if registry.state(plugin) in ("failed", "declared"):
                reasons = [f"{f.stage}, {f.reason}" for f in registry.failures if f.plugin == plugin]
                held.append(Held(None, plugin, reasons[0].rstrip(".") if reasons else "it was not loaded"))
        return tuple(held)

    def _judge(self, held: tuple[Held, ...], kind: Kind, text: str) -> None:
        from .types.policies import Request

        if _judging.get():
            raise PolicyError("a policy must not run anything through the shell while it decides.")
        scope = _scope.get()
        request = Request(kind, text, self.origin, scope.number if scope is not None else 0)
        asking: list[tuple[Held, str]] = []
        token = _judging.set(True)
        try:
            for each in held:
                decision = each.decide(request)
                if decision.verdict == "refuse":
                    raise _refusal(request, each, decision.reason)
                if decision.verdict == "ask":
                    asking.append((each, decision.reason))
        finally:
            _judging.reset(token)
        if asking:
            self._consent(request, asking)

    def _consent(self, request: Request, asking: list[tuple[Held, str]]) -> None:
        """Ask a person, once for all policies that want it.

        :raises PolicyError: if nobody can be asked, or the answer is not yes.
        """
        first, reason = asking[0]
        why = f"{_sentence(reason)} " if reason else ""
        if request.origin == "remote":
            raise _refusal(request, first, f"{why}It needs consent, and remote code cannot ask for it.")
        if threading.get_ident() != self._thread:
            raise _refusal(request, first, f"{why}It needs consent, and a thread cannot ask for it.")
        reasons = "; ".join(reason.rstrip(".") for _, reason in asking if reason)
        question = f"{_described(request)}{f' ({reasons})' if reasons else ''}: allow it (y/[n])? "
        answer = _answer(question)
        if answer is None:
            raise _refusal(request, first, f"{why}It needs consent, and there is nobody to ask.")
        if answer.strip().lower() not in ("y", "yes"):
            raise _refusal(request, first, f"{why}You were asked and did not say yes.")


class Running:
    """The time in which code of one origin runs, made by :meth:`Policies.running`."""

    __slots__ = ("_counted", "_number", "_origin", "_policies", "_token")

    def __init__(self, policies: Policies, origin: str, number: int) -> None:
        self._policies = policies
        self._origin = origin
        self._number = number
        self._counted = False
        self._token: Token[Scope | None] | None = None

    def __enter__(self) -> None:
        global _least_trusted
        policies = self._policies
        origin = self._origin
        outer = _scope.get()
        own = threading.get_ident() == policies._thread
        if outer is not None:
            origin = _worse(origin, outer.origin)
        elif policies._running or not own:  # it runs in a context or thread that somebody made
            origin = _worse(origin, _least_trusted)
        if _DISTRUST[origin] > _DISTRUST[_least_trusted]:
            _least_trusted = origin
        self._token = _scope.set(Scope(origin, self._number))
        if own:
            self._counted = True
            policies._running += 1

    def __exit__(self, *error: object) -> None:
        if self._counted:
            self._policies._running -= 1
        assert self._token is not None
        _scope.reset(self._token)


def _described(request: Request) -> str:
    text = " ".join(request.text.split())
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 3] + "..."
    return f"{_NAMES[request.kind]} {text!r} (origin: {request.origin})"


def _refusal(request: Request, held: Held, reason: str) -> PolicyError:
    why = f": {_sentence(reason)}" if reason else "."
    return PolicyError(f"{_described(request)} is refused by {held.label}{why}")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _answer(question: str) -> str | None:
    """Put a question to the person at the terminal; ``None`` if there is nobody."""
    import sys

    try:
        if sys.stdin is None or not sys.stdin.isatty():
            return None
        return input(question)
    except KeyboardInterrupt:
        print()
        return "no"
    except (EOFError, ValueError, OSError):  # no more input, or a closed stream
        return None


def _check_policies(value: object) -> str:
    from .plugins.registry import check_each

    return check_each(value, "policy", ["decide"])
