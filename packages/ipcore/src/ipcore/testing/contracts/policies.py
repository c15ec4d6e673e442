"""The contract of the family ``policies``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import pytest

from .plugin import PluginContract, required

if TYPE_CHECKING:
    from ipcore.plugins.declared import Declared
    from ipcore.testing.shells import TestedShell
    from ipcore.types.policies import Decision, Policy, Request

_KINDS: Final = ("cell", "system", "magic", "file")


class Gate:
    """A policy that lets nothing happen: what a tested policy lets through by mistake must not be done.

    It asks for consent, which is not to be had in a test, and so comes after whatever refuses.

    :param kinds: the kinds of requests it holds up.
    """

    name = "the test's own gate"

    def __init__(self, *kinds: str) -> None:
        self._kinds = kinds

    def decide(self, request: Request) -> Decision:
        """Hold a request up."""
        from ipcore.types.policies import ALLOW, ask

        return ask("nothing is done in a test") if request.kind in self._kinds else ALLOW


class PolicyContract(PluginContract):
    """What a policy keeps to.

    Nothing of what is asked for is done: where the policy lets something through, the contract does not.
    """

    family = "policies"
    first_use = (
        "from contextlib import suppress\nwith suppress(Exception): shell.policies.check('cell', 'x = 1')"
    )

    refuses: ClassVar[Sequence[Request]] = required(
        "what it refuses; may be empty", '[Request("system", "rm x", "remote")]'
    )
    asks: ClassVar[Sequence[Request]] = ()
    """What it wants a person to be asked about."""
    allows: ClassVar[Sequence[Request]] = ()
    """What it has nothing against."""
    policy: ClassVar[str] = ""
    """The ``name`` of the policy that is meant, where the plugin gives several."""

    @pytest.fixture(autouse=True)
    def _nobody_to_ask(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from ipcore import policies

        monkeypatch.setattr(policies, "_answer", lambda question: None)
        # What a test claims to be remote makes all that comes after it in this process less trusted.
        monkeypatch.setattr(policies, "_least_trusted", "program")

    @pytest.fixture
    def tested(self, shell: TestedShell, declared: Declared) -> Policy:
        """The policy itself."""
        from ipcore.policies import _check_policies

        given = shell.registry.call_each("policies", "ipshell_policies", _check_policies, shell=shell)
        self.check_no_failures(shell.registry)
        mine: list[Policy] = [each for item in given if item.plugin == declared for each in item.value]
        self.check(mine, "it gives no policy.", "ipshell_policies(shell) has to return a list with it.")
        names = [getattr(each, "name", None) for each in mine]
        for each, name in zip(mine, names, strict=True):
            self.check(
                isinstance(name, str) and name.strip(),
                f"the name of its policy {type(each).__name__} is {name!r}.",
                "Give the class an attribute `name`: it is told to whom it refuses something.",
            )
        if not self.policy and len(mine) == 1:
            return mine[0]
        self.check(
            self.policy in names,
            f"it gives the policies {', '.join(map(str, names))}.",
            f'Name the one that is meant: policy = "{names[0]}". Each has a class of tests.',
        )
        return mine[names.index(self.policy)]

    def use(self, shell: TestedShell) -> None:
        """Ask the policy through the shell."""
        self.refusal(shell, "file", "x.py", "file")
        self.check_no_failures(shell.registry)

    def decision(self, tested: Policy, request: Request) -> Decision:
        """Ask the policy, as the shell does."""
        from ipcore import policies
        from ipcore.types.policies import Decision

        what = f"decide({request.kind} {request.text!r}, origin {request.origin})"
        token = policies._judging.set(True)
        try:
            with self.trying(
                what,
                "What it cannot judge it should refuse by itself, with a reason; whatever it raises refuses "
                "too, and is told as its fault. It must not run anything in the shell.",
            ):
                decision = tested.decide(request)
        finally:
            policies._judging.reset(token)
        good = isinstance(decision, Decision) and decision.verdict in ("allow", "ask", "refuse")
        self.check(
            good,
            f"{what} gives {decision!r}.",
            "Return ALLOW, ask(reason) or refuse(reason), from ipcore.types.policies.",
        )
        self.check(
            decision.verdict == "allow" or (isinstance(decision.reason, str) and decision.reason.strip()),
            f"{what} says {decision.verdict}, and gives no reason.",
            "Say why, in one line: the person is shown it.",
        )
        return decision

    def refusal(self, shell: TestedShell, kind: str, text: str, origin: str) -> BaseException | None:
        """Ask for something by the one gate that policies stand at."""
        from ipcore.errors import PolicyError

        try:
            with shell.policies.running(origin):
                shell.policies.check(kind, text)  # type: ignore[arg-type]
        except PolicyError as error:
            return error
        return None

    # -- what is tested --------------------------------------------------------

    def test_it_decides_as_it_says(self, tested: Policy) -> None:
        """What stands in ``refuses``, ``asks`` and ``allows`` is decided so, each time."""
        wanted = {"refuse": self.refuses, "ask": self.asks, "allow": self.allows}
        self.check(any(wanted.values()), "nothing says what it does.", "Set `refuses`, `asks` or `allows`.")
        for _ in range(2):
            for verdict, requests in wanted.items():
                for request in requests:
                    decision = self.decision(tested, request)
                    self.check(
                        decision.verdict == verdict,
                        f"of {request.kind} {request.text!r}, origin {request.origin}, it says "
                        f"{decision.verdict}, not {verdict}. {decision.reason}",
                    )

    def test_it_decides_about_anything(self, tested: Policy) -> None:
        """Every kind of request, every origin, any text is decided about."""
        from hypothesis import strategies as st

        from ipcore.policies import ORIGINS
        from ipcore.types.policies import Request

        from .texts import ODD, any_text, damaged, for_all

        for kind in _KINDS:
            for origin in ORIGINS:
                for text in ODD:
                    self.decision(tested, Request(kind, text, origin))
        said = [each.text for each in (*self.refuses, *self.asks, *self.allows)]
        texts = st.one_of(any_text(), damaged(said))
        requests = st.builds(Request, st.sampled_from(_KINDS), texts, st.sampled_from(ORIGINS))
        for_all(requests, lambda request: self.decision(tested, request))

    def test_it_decides_in_any_thread(self, tested: Policy) -> None:
        """Whichever thread asks is given the same decision."""
        for request in (*self.refuses, *self.asks, *self.allows):
            here = self.decision(tested, request)
            what = f"the decision about {request.kind} {request.text!r}"
            todo = "Keep nothing that belongs to one thread."
            there = self.in_another_thread(what, partial(tested.decide, request), todo).verdict
            self.check(
                there == here.verdict, f"in another thread {what} is {there}, and here {here.verdict}."
            )

    def test_blanks_do_not_help(self, tested: Policy) -> None:
        """A command that it refuses is refused with blanks before and behind it too."""
        from dataclasses import replace

        for request in self.refuses:
            if request.kind != "system":
                continue
            for text in (f"  {request.text}", f"\t{request.text} "):
                verdict = self.decision(tested, replace(request, text=text)).verdict
                self.check(
                    verdict != "allow",
                    f"it refuses the command {request.text!r}, and allows {text!r}, which is the same.",
                    "Compare words, request.text.split(), not the beginning of the text.",
                )

    def test_what_it_refuses_does_not_happen(
        self, shell: TestedShell, tested: Policy, declared: Declared
    ) -> None:
        """A refusal holds whatever way is taken, and names the policy and its reason."""
        from ipcore.errors import PolicyError

        label = f'the policy "{tested.name}" of plugin {declared.id}'
        for request in self.refuses:
            for way, error in self.attempts(shell, request):
                self.check(
                    isinstance(error, PolicyError) and label in str(error),
                    f"{request.kind} {request.text!r}, origin {request.origin}, is refused when it is asked, "
                    f"but not by {way}: {error!r}.",
                    "Does it look at more than the request: at the caller, at a count, at the time?",
                )

    def test_what_it_allows_is_not_refused_by_it(
        self, shell: TestedShell, tested: Policy, declared: Declared
    ) -> None:
        """It does not stand in the way of what it allows."""
        label = f'the policy "{tested.name}" of plugin {declared.id}'
        for request in self.allows:
            error = self.refusal(shell, request.kind, request.text, request.origin)
            self.check(
                label not in str(error),
                f"{request.kind} {request.text!r} is allowed when it is asked, but not in a shell: {error}",
            )

    def attempts(self, shell: TestedShell, request: Request) -> Iterator[tuple[str, BaseException | None]]:
        """Try to get something done in every way there is for it; gives each way and what came of it."""
        held_up = {"system": ("system", "file"), "magic": ("magic", "system", "file"), "file": ("file",)}
        shell.policies.add(Gate(*held_up.get(request.kind, _KINDS)))
        text = request.text
        yield "policies.check()", self.refusal(shell, request.kind, text, request.origin)
        if request.kind == "magic":
            yield from self._calls(shell, request)
        if shell.expand(text) != text or "\n" in text:
            return
        for cell in _CELLS.get(request.kind, ()):
            source = cell.replace("REPR", repr(text)).replace("TEXT", text)
            outcome = shell.run_cell(source, origin=request.origin)
            yield f"the cell {source!r}", outcome.error
        if request.kind == "cell":
            yield "run_code()", shell.run_code(text, "code", origin=request.origin).error_before_exec
            outcome = shell.run_cell(text, silent=True, origin=request.origin)
            yield "a silent cell", outcome.error

    def _calls(self, shell: TestedShell, request: Request) -> Iterator[tuple[str, BaseException | None]]:
        """Call a magic in every way there is for it; one that is not there is made for that."""
        first, _, body = request.text.partition("\n")
        name, _, line = first.lstrip("%").partition(" ")
        kind: Literal["line", "cell"] = "cell" if first.startswith("%%") else "line"
        if name not in shell.magics.names(kind):
            shell.magics.register(kind, name, lambda *given: None)
        if shell.expand(line) != line or (kind == "cell") != bool(body):
            return
        given = f"{name!r}, {line!r}, {body!r}" if body else f"{name!r}, {line!r}"
        for source in (
            f"{first}\n{body}",
            f"get_ipython().run_{kind}_magic({given})",
            f"get_ipython().magics.run_{kind}({given})",
        ):
            yield f"the cell {source!r}", shell.run_cell(source, origin=request.origin).error


#: Kind of request → cells that ask for it; TEXT is what is asked for, REPR the same as a literal.
_CELLS: Final = {
    "cell": ("TEXT", "\n\nTEXT\n"),
    "system": (
        "!TEXT",
        "x = !TEXT",
        "!!TEXT",
        "get_ipython().system(REPR)",
        "get_ipython().getoutput(REPR)",
        "get_ipython().getoutput(REPR, split=False)",
        "if True:\n    !TEXT",
        "get_ipython().aliases.define('other_name', REPR)\nget_ipython().run_line_magic('other_name', '')",
        "get_ipython().run_cell('!' + REPR, origin='keyboard').raise_error()",
    ),
}
