"""What a completion provider has to keep to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from types import CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from .plugin import PluginContract, required
from .spies import Spies
from .texts import ODD, PLAIN, any_text, damaged, for_all

if TYPE_CHECKING:
    from ipcore.plugins.declared import Declared
    from ipcore.types.completion import Completion, CompletionProvider, CompletionRequest, Trigger

    from ..shells import TestedShell

#: What follows a name where somebody asks for completions.
_LOOKS: Final = (
    "spy.",
    "spy.c",
    "spy.computed.",
    "spy.lazy.",
    "spy.inner.inner.p",
    "spy.missing.",
    "Spy.",
    "spy['",
    "spy[0].",
    "spying['",
    "spying['spy'].",
    "spies[0].",
    "spy(",
    "spy.method(",
    "spy.method(argument=spy.",
    "len(spy).",
    "spy + spy.",
    "for each in spy.",
    "f'{spy.",
    "from spy import ",
    "import spy.",
    "with spy.",
    "%timeit spy.",
    "!echo {spy.",
    "sp",
)
#: Cursors that are tried in a long text; in a short one it is all of them.
_MOST_CURSORS: Final = 40
#: How often a completion that takes long is tried: the machine may have been busy.
_ATTEMPTS: Final = 5


#: Seconds that a provider may take to find what it proposes, and between two questions meanwhile.
_READING: Final = 2.0
_AGAIN: Final = 0.02


class CompletionProviderContract(PluginContract):
    """The completion providers that a plugin of the family ``completers`` contributes.

    Beside what every plugin keeps to: for any text and cursor they give completions that stand around the
    cursor, the same ones each time, on any thread, and run no code of the user's objects.
    """

    family = "completers"
    first_use = "registry.call_each('completers', 'ipshell_completion_providers', shell=shell)"

    examples: ClassVar[Mapping[str, str]] = required(
        "texts with the cursor at their end, each with a text that is proposed there",
        '{"!ssh localh": "localhost"}',
    )
    silent: ClassVar[Sequence[str]] = ()
    """Texts at whose end nothing is proposed."""
    deadline: ClassVar[float] = 60.0
    """Seconds that a test may take in all; one completion takes no more than a blink."""

    @pytest.fixture
    def providers(self, shell: TestedShell, declared: Declared) -> list[CompletionProvider]:
        """The plugin's providers."""
        return self.given(shell, declared)

    def given(self, shell: TestedShell, declared: Declared) -> list[CompletionProvider]:
        """Have the hook give the providers."""
        from ...completion.completer import _check_providers

        given = shell.registry.call_each(
            self.family, "ipshell_completion_providers", _check_providers, shell=shell
        )
        self.check_no_failures(shell.registry)
        found = [provider for item in given if item.plugin == declared for provider in item.value]
        if not found:
            self.fail(
                "ipshell_completion_providers gives nothing.",
                "Give a list of objects with name and complete.",
            )
        return found

    def use(self, shell: TestedShell) -> None:
        """Complete the examples."""
        for text in self.examples:
            shell.completer.completions(text, timeout=self.deadline)

    @pytest.fixture
    def asked(self, shell: TestedShell, providers: list[CompletionProvider]) -> Iterator[Asked]:
        """What asks the providers, on a thread of its own as the shell does, and judges what they give."""
        made = Asked(self, shell, providers)
        yield made
        made.close()

    # -- what is proposed --------------------------------------------------------

    def test_its_examples_are_proposed(self, asked: Asked) -> None:
        """At the end of each text, by one provider at least."""
        for text, wanted in self.examples.items():
            found = _until(wanted, partial(asked.texts, text))
            self.check(
                wanted in found,
                f"of {text!r} it proposes {_few(found)}, and not {wanted!r}.",
                "A completion's text stands in place of the text from start to end.",
            )

    def test_places_count_from_the_beginning_of_the_text(self, asked: Asked) -> None:
        """Also on the second line of a cell."""
        before = "x = 1\n"
        for text in self.examples:
            above = {each.text: each for each in asked.everything(text)}
            for each in asked.everything(before + text):
                first = above.get(each.text)
                self.check(
                    first is None or each.start == first.start + len(before),
                    f"on the second line of a cell, {text!r} is to be replaced from {each.start} on by "
                    f"{each.text!r}; alone it is from {first and first.start} on.",
                    "start and end count from the beginning of request.text; word_start and token_start do.",
                )

    def test_the_shell_shows_its_examples(
        self, shell: TestedShell, providers: list[CompletionProvider], capfd: pytest.CaptureFixture[str]
    ) -> None:
        """Asked by the shell, with everybody else, it is not late, and nothing is printed."""
        names = {provider.name for provider in providers}
        for text, wanted in self.examples.items():

            def shown(text: str = text) -> list[str]:
                found = shell.completer.completions(text, timeout=self.deadline)
                self.check_no_failures(shell.registry)
                return [each.text for each in found if each.source in names]

            mine = _until(wanted, shown)
            self.check(
                wanted in mine,
                f"of {text!r} the shell shows {_few(mine)} of it, and not {wanted!r}.",
                "Of two equal completions the shell shows the first one alone, that of another provider.",
            )
        said = "".join(capfd.readouterr())
        self.check(
            not said, f"completing prints:\n{said}", "Print nothing: it would land in what the user types."
        )

    def test_nothing_is_proposed_where_it_has_nothing_to_say(self, asked: Asked) -> None:
        """Each text of ``silent``."""
        for text in self.silent:
            found = [each.text for each in asked.everything(text)]
            self.check(not found, f"of {text!r} it proposes {_few(found)}.", "Give nothing there.")

    def test_every_text_and_cursor_is_borne(self, asked: Asked) -> None:
        """People complete in the middle of what is no Python yet."""
        texts = [*self.examples, *ODD, *PLAIN, *(f"{text}{odd}" for text in self.examples for odd in ODD)]
        for text in texts:
            for cursor in _cursors(text):
                asked.everything(text, cursor)

        def check(text: str) -> None:
            asked.everything(text, len(text))
            asked.everything(text, len(text) // 2)

        for_all(damaged([*self.examples, *PLAIN]), check)
        for_all(any_text(), check)

    def test_long_texts_are_borne(self, asked: Asked) -> None:
        """A pasted line may be of any length."""
        for text in self.examples:
            for long in ("x" * 100_000, "x = 1\n" * 20_000, "(" * 5_000, "a." * 50_000):
                asked.everything(f"{long}\n{text}")
                asked.everything(f"{text}{long}")

    def test_a_request_without_a_shell_is_borne(self, asked: Asked) -> None:
        """One made by hand has no objects; tests and other programs make such."""
        for text in self.examples:
            asked.everything(text, without_objects=True)

    def test_whatever_asks_is_answered(self, asked: Asked) -> None:
        """A key pressed for it, each key, or a program."""
        for text in self.examples:
            asked.everything(text, trigger="typing")
            asked.everything(text, trigger="program")

    def test_the_same_request_gives_the_same_answer(self, asked: Asked) -> None:
        """Twice in a row, and again after others."""
        first = {text: asked.everything(text) for text in self.examples}
        for text, found in first.items():
            again = asked.everything(text)
            self.check(
                again == found,
                f"of {text!r} it proposes {_few([each.text for each in found])} first, then "
                f"{_few([each.text for each in again])}.",
                "Keep no state between requests but what was read once; give names in a fixed order.",
            )

    # -- what it leaves alone ----------------------------------------------------

    def test_no_code_of_the_users_objects_is_run(self, asked: Asked, shell: TestedShell) -> None:
        """A property may open a connection, a ``__getattr__`` may delete a file."""
        spies = Spies()
        shell.user_ns.update(spies.names)
        for look in (*_LOOKS, *(f"{text} {look}" for text in self.examples for look in _LOOKS)):
            spies.forget()
            asked.everything(look)
            self.check(
                not spies.seen,
                f"completing {look!r} runs code of the user's: {_few(spies.seen)}.",
                "Look at values only by request.objects: find(), attributes(). getattr, dir, isinstance, "
                "len and repr run code of their classes.",
            )

    def test_the_users_names_are_not_changed(self, asked: Asked, shell: TestedShell) -> None:
        """Neither what they are nor what they mean."""
        shell.run_cell("import os; number = 1; text = 'a'").assert_ok()
        before = {name: id(value) for name, value in shell.user_ns.items()}
        for text in (
            *self.examples,
            "os.pa",
            "num",
            "new = num",
            "del num",
            "number.",
            "import js",
            "number = te",
        ):
            asked.everything(text)
        after = {name: id(value) for name, value in shell.user_ns.items()}
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        self.check(
            not changed,
            f"completing changes the user's names: {', '.join(changed)}.",
            "Do not run what is typed, and do not use the user's namespace for names of your own.",
        )

    # -- when nobody wants it any more -------------------------------------------

    def test_it_ends_when_nobody_wants_the_answer_any_more(self, asked: Asked) -> None:
        """The user types on: the request is cancelled before, or after its first completion."""
        for text in self.examples:
            asked.everything(text, cancelled=lambda: True)
            asked.first(text)
            asked.everything(text)

    def test_it_answers_while_somebody_waits(self, asked: Asked, shell: TestedShell) -> None:
        """The shell waits for half a second, and asks one that is late again and again no more."""
        patience = shell.completer.traits()["timeout"].default_value
        for text in self.examples:
            best = float("inf")
            for _ in range(_ATTEMPTS):
                began = time.monotonic()
                asked.everything(text)
                best = min(best, time.monotonic() - began)
                if best < patience:
                    break
            self.check(
                best < patience,
                f"completing {text!r} takes {best:.2f} s, at the best of {_ATTEMPTS} times; the shell waits "
                f"for {patience:g} s.",
                "Read what takes long once and keep it; from elsewhere, in a thread of your own, and give "
                "what there is by then.",
            )

    def test_it_can_be_asked_from_one_thread_after_another(
        self, shell: TestedShell, providers: list[CompletionProvider]
    ) -> None:
        """Its thread ends where there is nothing to do, and before a fork; there is a new one then."""
        threads = [
            Asked(self, shell, providers) for _ in range(3)
        ]  # at once: numbers of threads are used again
        try:
            for asked in threads:
                for text, wanted in self.examples.items():
                    found = _until(wanted, partial(asked.texts, text))
                    self.check(
                        wanted in found,
                        f"asked from another thread, of {text!r} it proposes {_few(found)}, and not "
                        f"{wanted!r}.",
                        "Keep nothing that belongs to one thread, such as a connection.",
                    )
        finally:
            for asked in threads:
                asked.close()


def _until(wanted: str, ask: Callable[[], list[str]]) -> list[str]:
    """Ask again for a while: a provider may have a thread of its own read what it proposes."""
    end = time.monotonic() + _READING
    while wanted not in (found := ask()) and time.monotonic() < end:
        time.sleep(_AGAIN)
    return found


class Asked:
    """Asks providers on a thread, one request at a time, and judges what they give.

    :param contract: whose providers they are; is told of faults.
    :param shell: whose objects they may look at.
    """

    def __init__(
        self,
        contract: CompletionProviderContract,
        shell: TestedShell,
        providers: Sequence[CompletionProvider],
    ) -> None:
        from ...completion.objects import ShellObjects

        self._contract = contract
        self._objects = ShellObjects(shell)
        self._providers = providers
        self._calls: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        # A daemon: a provider that does not come back must not keep pytest from ending.
        self._thread = threading.Thread(target=self._work, name="ipshell completion test", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, unless a provider holds it."""
        self._calls.put(None)
        self._thread.join(1)

    def texts(self, text: str) -> list[str]:
        """Give the texts of what is proposed at the end of a text."""
        return [each.text for each in self.everything(text)]

    def everything(
        self,
        text: str,
        cursor: int | None = None,
        *,
        cancelled: Callable[[], bool] | None = None,
        without_objects: bool = False,
        trigger: Trigger = "tab",
    ) -> list[Completion]:
        """Give what all providers propose, checked.

        :param cursor: at the text's end by default.
        """
        request = self._request(text, cursor, cancelled, without_objects, trigger)
        found: list[Completion] = []
        for provider in self._providers:
            given = self._call(provider, request, partial(_ask, provider, request))
            self._judge(provider, request, given)
            found += given
        return found

    def first(self, text: str) -> None:
        """Take one completion of each provider, and no more."""
        request = self._request(text, None, None, False)
        for provider in self._providers:
            self._call(provider, request, partial(_ask_for_one, provider, request))

    def _request(
        self,
        text: str,
        cursor: int | None,
        cancelled: Callable[[], bool] | None,
        without_objects: bool,
        trigger: Trigger = "tab",
    ) -> CompletionRequest:
        from ipcore.types.completion import NO_OBJECTS, CompletionRequest

        objects = NO_OBJECTS if without_objects else self._objects
        return CompletionRequest(
            text,
            len(text) if cursor is None else cursor,
            trigger=trigger,
            objects=objects,
            cancelled_by=cancelled,
        )

    def _call(self, provider: CompletionProvider, request: CompletionRequest, call: Callable[[], Any]) -> Any:
        self._calls.put(call)
        seconds = self._contract.deadline
        try:
            value, error = self._answers.get(timeout=seconds)
        except Empty:
            self._contract.fail(
                f"{_shown(provider, request)} does not come back within {seconds:g} s.",
                "Ask request.cancelled() now and then, and return; wait for nothing without a time-out.",
            )
        if error is not None:
            todo = "Whatever it raises switches the plugin off for the session: bear every text."
            with self._contract.trying(_shown(provider, request), todo):
                raise error
        return value

    def _judge(self, provider: CompletionProvider, request: CompletionRequest, given: Any) -> None:
        from ...completion.workers import flaw

        if isinstance(given, str):
            self._contract.fail(
                f"{_shown(provider, request)}: {given}.", "Give Completion records, or nothing."
            )
        needed = getattr(provider, "only_with", ())
        self._contract.check(
            not (given and needed) or any(each in request.before for each in needed),
            f"{_shown(provider, request)} gives {len(given)} completions, but the shell would not ask it: "
            f"nothing of only_with, {needed!r}, stands before the cursor.",
            "Name in only_with a text for each place where it has something to propose, or leave it away.",
        )
        for each in given:
            wrong = flaw(each, request)
            self._contract.check(
                not wrong,
                f"{_shown(provider, request)} gives {each!r}: {wrong}.",
                "Completion(start, end, text): start at or before the cursor, end at or behind it, both "
                "offsets into request.text, and a text that is not empty.",
            )

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                self._answers.put((call(), None))
            except BaseException as error:  # the provider's, to be told
                self._answers.put((None, error))
            del call


def _ask(provider: CompletionProvider, request: CompletionRequest) -> list[Any] | str:
    """Read what a provider gives, as the shell does; a text says why it cannot be read."""
    given: Any = provider.complete(request)
    if given is None:
        return []
    if isinstance(given, CoroutineType):
        given.close()
        return "it gives a coroutine, and nobody awaits it"
    if not hasattr(type(given), "__iter__"):
        return f"it gives {type(given).__name__}, which cannot be read through"
    found = list(islice(given, request.limit))
    if isinstance(given, GeneratorType):
        given.close()
    return found


def _ask_for_one(provider: CompletionProvider, request: CompletionRequest) -> None:
    given: Any = provider.complete(request)
    if isinstance(given, GeneratorType):
        next(given, None)
        given.close()


def _shown(provider: CompletionProvider, request: CompletionRequest) -> str:
    text = request.text if len(request.text) < 200 else f"{request.text[:100]}…{request.text[-100:]}"
    return f"complete() of {provider.name!r} for {text!r} with the cursor at {request.cursor}"


def _cursors(text: str) -> Iterator[int]:
    if len(text) <= _MOST_CURSORS:
        yield from range(len(text) + 1)
    else:
        yield from range(0, len(text), len(text) // _MOST_CURSORS)
        yield len(text)


def _few(texts: Sequence[str]) -> str:
    if not texts:
        return "nothing"
    more = f" and {len(texts) - 5} more" if len(texts) > 5 else ""
    return ", ".join(texts[:5]) + more
