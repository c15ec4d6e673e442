"""The shell's completer: asks everybody who may have something to propose."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import FrameType, MethodType
from typing import TYPE_CHECKING, Any, ClassVar, Final

from traitlets import Bool, Enum, Float, Unicode
from traitlets import List as ListTrait
from traitlets.config.loader import LazyConfigValue

from ..component import Component
from ..notices import notice
from ..types.completion import Completion, CompletionRequest
from .extensions import OPTIONS_OF_IPYTHON, everybody, labels_of, of_commands, of_matchers
from .objects import ShellObjects
from .plain import name_start
from .policies import Policy
from .rounds import Round, Told
from .safe_types import SafeTypes
from .workers import Job, Worker, are_ending, end_threads

if TYPE_CHECKING:
    from ..plugins.declared import Declared
    from ..shell import InteractiveShell
    from ..types.completion import CompletionProvider, EvaluationPolicy, Matching, Objects, Trigger
    from .extensions import Others

#: Times in a row that a provider may be late before it is not asked any more.
MOST_LATE: Final = 3

#: Providers that one plugin may contribute: each may have a thread.
MOST_PROVIDERS: Final = 16

#: Seconds that the threads of providers are waited for together when the shell closes.
CLOSING: Final = 0.05

#: Seconds that a thread waits for another one that loads the providers, before it goes on without.
_LOADING: Final = 5.0

#: The part of a round's time that a provider gets to answer; the rest is to take the answer up.
_SHARE: Final = 0.9


class Source:
    """A provider, whose it is, and how it has behaved."""

    __slots__ = ("label", "late", "only_with", "plugin", "provider", "stand_in", "worker")

    def __init__(
        self, label: str, plugin: Declared, provider: CompletionProvider, stand_in: str | None = None
    ) -> None:
        self.label = label
        #: Of the core's own: who is asked in its place, as long as that one can be.
        self.stand_in = stand_in
        self.plugin = plugin
        self.provider = provider
        self.only_with: tuple[str, ...] = tuple(getattr(provider, "only_with", ()))
        #: Times in a row that it was late.
        self.late = 0
        #: ``None`` for the core's own, which answer at once.
        self.worker = None if plugin.core else Worker(provider, f"completion {label}")

    def may_answer(self, before: str) -> bool:
        """Tell whether the provider is to be asked: to wake its thread costs more than to find nothing.

        :param before: the text before the cursor.
        """
        return not self.only_with or any(each in before for each in self.only_with)


class ShellCompleter(Component):
    """Asks the providers of completions, keeps them apart, and sorts what they propose.

    Providers are looked for at the first completion. The core's own and the functions of extensions
    answer on the thread that asks, all others on threads of their own. Safe from any thread.
    """

    off = ListTrait(
        Unicode(),
        help="Completion providers that are not asked, by name; completer.sources lists the names.",
    ).tag(config=True)
    matching = Enum(
        ("prefix", "case-insensitive", "substring", "fuzzy"),
        default_value="prefix",
        help="How a name has to go with what is typed: begin with it, in other case too, have it anywhere, "
        "or have its letters in this order.",
    ).tag(config=True)
    auto_close_dict_keys = Bool(
        False, help="Whether the completion of a key writes the quote, comma or bracket behind it too."
    ).tag(config=True)
    policy = Policy(
        help="How much may happen to the user's objects: static runs no code of theirs, safe asks those of "
        "types that are known to be harmless, live asks any, and runs what is completed.",
    ).tag(config=True)
    timeout = Float(0.5, help="How many seconds Tab waits for completion providers.").tag(config=True)

    def __init__(self, *, parent: InteractiveShell, **traits: Any) -> None:
        #: Functions of extensions; see :mod:`ipcore.completion.extensions`.
        self.custom_matchers: list[Any] = []
        #: Names of providers and functions that are not asked; IPython's names of its own are known too.
        self.disable_matchers: list[str] = []
        super().__init__(parent=parent, **traits)  # which takes the configuration up
        self._shell = parent
        self._namespaces: tuple[Mapping[str, Any], ...] = ()
        self._safe_types = SafeTypes()
        self._asked: tuple[Source, ...] | None = None
        self._closing: list[Callable[[], object]] = []
        self._loading = threading.RLock()
        self._is_loading = False

    options_elsewhere: ClassVar[Mapping[str, str]] = OPTIONS_OF_IPYTHON

    @property
    def use_jedi(self) -> bool:
        """Whether static analysis by jedi is asked, IPython's name of it; can be set."""
        return "jedi" in self.sources and not {"jedi"} & {*self.off, *labels_of(self.disable_matchers)}

    @use_jedi.setter
    def use_jedi(self, wanted: bool) -> None:
        self.off = [name for name in self.off if name != "jedi"]
        self.disable_matchers = [name for name in self.disable_matchers if labels_of([name]) != {"jedi"}]
        if not wanted:
            self.disable_matchers.append("jedi")

    def take_over(self, name: str, value: Any) -> None:
        """Set what an option of IPython's stands for here."""
        if isinstance(value, LazyConfigValue):
            value = value.get_value([])
        if name == "evaluation":
            self.policy = str(value)  # of the command line it is a kind of its own
        elif name == "use_jedi":
            self.use_jedi = value not in (False, "False", "false", "0")
        elif name == "disable_matchers":
            given = value.split(",") if isinstance(value, str) else value
            self.disable_matchers += [str(each) for each in given]

    def on_close(self) -> None:
        """End the threads; one whose provider hangs is left behind. Then close the providers that can be."""
        asked, self._asked = self._asked or (), ()
        end_threads([source.worker for source in asked if source.worker is not None], CLOSING)
        for close in self._closing:
            try:
                close()
            except Exception as error:
                from ..plugins.failures import reason_of

                notice(f"closing a completion provider failed: {reason_of(error)}. The others were closed.")

    @property
    def sources(self) -> list[str]:
        """The names of the providers there are, in the order in which they are asked."""
        return [asked.label for asked in self._providers()]

    @property
    def objects(self) -> Objects:
        """The user's objects, as far as the policy lets providers look at them."""
        policy: EvaluationPolicy = self.policy  # type: ignore[assignment]  # one of them
        return ShellObjects(self._shell, policy, self._safe_types, self._namespaces)

    def prepare(self) -> None:
        """Have what is usually needed loaded, so that the first completion does not wait for that.

        Blocks while providers are imported; a method ``prepare()`` of theirs is called.
        """
        for source in self._providers():
            prepare = getattr(source.provider, "prepare", None)
            if callable(prepare):
                try:
                    prepare()
                except Exception as error:
                    from ..plugins.failures import reason_of

                    notice(
                        f"preparing the completion provider {source.label} failed: {reason_of(error)}. "
                        "It is asked all the same.",
                        once=f"completion prepare {source.label}",
                    )

    # -- asking ----------------------------------------------------------------

    def complete(
        self, text: str | None = None, line: str | None = None, cursor_pos: int | None = None
    ) -> tuple[str, list[str]]:
        """Give what a word can be completed to.

        :param text: the word; by default the one that ends at the cursor.
        :param line: the line it stands in; by default the word alone.
        :param cursor_pos: where the cursor is in the line; by default at its end.
        :returns: the word, and what may stand in its place, sorted.
        """
        line = (text or "") if line is None else line
        cursor = len(line) if cursor_pos is None else max(0, min(cursor_pos, len(line)))
        if text and not line[:cursor].endswith(text):
            line, cursor = text, len(text)
        word_start = cursor - len(text) if text else None
        found = self._wait(self._begin(line, cursor, "program", self.timeout, word_start=word_start))
        if word_start is None:
            typed = name_start(CompletionRequest(line, cursor))
            word_start = min([typed, *(each.start for each in found)])
        return line[word_start:cursor], whole_words(found, line, cursor, word_start)

    def completions(
        self,
        text: str,
        cursor: int | None = None,
        *,
        trigger: Trigger = "program",
        timeout: float | None = None,
    ) -> list[Completion]:
        """Give what may stand at a place of a cell, sorted.

        Blocks until all providers have answered, or the time is up.

        :param text: the cell.
        :param cursor: how many characters stand before the cursor; all by default.
        :param trigger: what asks.
        :param timeout: seconds to wait at most; the option ``timeout`` by default.
        :raises ValueError: if the cursor is outside of the text.
        """
        patience = self.timeout if timeout is None else timeout
        return self._wait(self._begin(text, cursor, trigger, patience))

    def begin(
        self,
        text: str,
        cursor: int | None = None,
        *,
        trigger: Trigger = "typing",
        patience: float = 5.0,
        told: Told | None = None,
    ) -> Round:
        """Have the providers asked, and do not wait for them: for a front end that shows what comes late too.

        :param text: the cell.
        :param cursor: how many characters stand before the cursor; all by default.
        :param trigger: what asks.
        :param patience: seconds after which an answer is of no use, and late.
        :param told: called on a provider's thread each time one has answered.
        :returns: the round; to be cancelled when the user types on.
        :raises ValueError: if the cursor is outside of the text.
        """
        return self._begin(text, cursor, trigger, patience, told)

    # -- what extensions change ------------------------------------------------

    def set_custom_completer(self, completer: Callable[[Any, str], Iterable[str]], pos: int = 0) -> None:
        """Have a function asked too.

        :param completer: called with this component and the word; gives texts.
        :param pos: where in :attr:`custom_matchers` it is put.
        """
        self.custom_matchers.insert(pos, MethodType(completer, self))

    def set_completer_frame(self, frame: FrameType | None = None) -> None:
        """Complete the names of a frame, in place of the user's.

        :param frame: ``None`` for the user's names again.
        """
        self._namespaces = () if frame is None else (frame.f_locals, frame.f_globals)

    def _wait(self, round: Round) -> list[Completion]:
        try:
            round.wait()
            return round.completions()
        finally:
            round.cancel()

    def _begin(
        self,
        text: str,
        cursor: int | None,
        trigger: Trigger,
        patience: float,
        told: Told | None = None,
        word_start: int | None = None,
    ) -> Round:
        cursor = len(text) if cursor is None else cursor
        matching: Matching = self.matching  # type: ignore[assignment]  # traitlets says str
        request = CompletionRequest(text, cursor, trigger=trigger, matching=matching)
        given, only = self._ask_extensions(request, word_start)
        asked = [source for source in self._asked_now(only) if source.may_answer(text[:cursor])]
        now = time.monotonic()  # only now: the first time, the providers have been imported
        round = Round(self._settle, now + patience, told, before=text[:cursor], matching=matching)
        request = CompletionRequest(
            text,
            cursor,
            trigger=trigger,
            deadline=now + patience * _SHARE,
            objects=self.objects,
            matching=matching,
            cancelled_by=lambda: round.cancelled or are_ending(),
        )
        providers = [(source, Job(request, round.ended)) for source in asked]
        round.jobs = [("extensions", given), *((source.label, job) for source, job in providers)]
        round.open.extend(providers)
        try:
            _ask(providers)
        except BaseException:  # Ctrl-C, while the core's own answer
            round.cancel()
            raise
        return round

    def _ask_extensions(self, request: CompletionRequest, word_start: int | None) -> tuple[Job, Others]:
        """Ask the functions of extensions; also tell which providers are asked beside them."""
        start = name_start(request) if word_start is None else word_start
        word = request.text[start : request.cursor]
        job = Job(request, _nothing)
        of_hooks = of_commands(self._shell, request, word)
        if of_hooks is not None:
            others: Others = frozenset().__contains__
            job.found = [Completion(start, request.cursor, each) for each in of_hooks if each]
        else:
            others = everybody
            if self.custom_matchers:
                job.found, others = of_matchers(
                    self.custom_matchers, request, start, frozenset(self.disable_matchers)
                )
        job.done = True
        return job, others

    def _asked_now(self, others: Others) -> list[Source]:
        """Give the providers that are asked: of those that are not off, each with its own in its place."""
        off = {*self.off, *labels_of(self.disable_matchers)}
        on = {source.label: source for source in self._providers() if source.label not in off}
        return [source for source in on.values() if source.stand_in not in on and others(source.label)]

    # -- how they behave -------------------------------------------------------

    def _settle(self, round: Round) -> None:
        """Switch off those that failed, and count how often one was late."""
        late = time.monotonic() >= round.until
        for _ in range(len(round.open)):
            try:
                source, job = round.open.popleft()
            except IndexError:  # another thread was first
                return
            if job.done:
                self._judge(source, job)
            elif late and source.worker is not None and (job.started or source.worker.held_up):
                self._count_late(source, round)
            elif not late and not round.cancelled:
                round.open.append((source, job))

    def _judge(self, source: Source, job: Job) -> None:
        if job.error is None and not job.wrong:
            source.late = 0
            return
        dropped = [each for each in self._asked or () if each.plugin == source.plugin]
        self._asked = tuple(each for each in self._asked or () if each not in dropped)
        for each in dropped:
            if each.worker is not None:
                each.worker.tell_to_end()
        wrong = job.wrong if job.error is None else job.error
        self._shell.registry.disable(source.plugin, f"completion provider {source.label}", wrong)

    def _count_late(self, source: Source, round: Round) -> None:
        source.late += 1
        if source.late < MOST_LATE or source.label in self.off:
            return
        source.late = 0
        self.off = [*self.off, source.label]
        notice(
            f"plugin {source.plugin}, completion provider {source.label}: it was late {MOST_LATE} times "
            "in a row and is not asked any more. To ask it again: "
            f"get_ipython().completer.off.remove({source.label!r})"
        )

    # -- who there is ----------------------------------------------------------

    def _providers(self) -> tuple[Source, ...]:
        if self._asked is None and self._loading.acquire(timeout=_LOADING):
            try:
                if self._asked is None and not self._is_loading:  # else a plugin completes while it is loaded
                    self._is_loading = True
                    try:
                        self._asked = self._load()
                    finally:
                        self._is_loading = False
            finally:
                self._loading.release()
        return self._asked or ()

    def _load(self) -> tuple[Source, ...]:
        registry = self._shell.registry
        given = registry.call_each(
            "completers", "ipshell_completion_providers", _check_providers, shell=self._shell
        )
        for types in registry.call_each("completers", "ipshell_safe_types", _check_types):
            self._safe_types.add(types.value)
        found: dict[str, Source] = {}
        for item in given:
            if registry.state(item.plugin) == "failed":
                continue
            for provider in item.value:
                close = getattr(provider, "close", None)
                if callable(close):
                    self._closing.append(close)
                label = " ".join(provider.name.split())
                if label in found and found[label].plugin.core and not item.plugin.core:
                    own = found.pop(label)
                    plain = f"plain {label}"
                    found[plain] = Source(plain, own.plugin, own.provider, label)
                if label in found:
                    label = f"{label} of {item.plugin.id}"
                number = 2
                while label in found:
                    label = f"{label.partition(' #')[0]} #{number}"
                    number += 1
                found[label] = Source(label, item.plugin, provider)
        for name in self.off:
            if name not in found:
                text = f'ShellCompleter.off: no completion provider is called "{name}"; '
                notice(f"{text}there are {', '.join(found)}.", once=text)
        return tuple(found.values())


def _ask(providers: list[tuple[Source, Job]]) -> None:
    for source, job in providers:  # first those that answer meanwhile
        if source.worker is not None:
            source.worker.put(job)
    for source, job in providers:
        if source.worker is None:
            try:
                job.read(source.provider.complete(job.request))
            except Exception as error:
                job.error = error
            job.done = True


def whole_words(found: list[Completion], text: str, cursor: int, start: int) -> list[str]:
    """Give completions as texts that may all stand in place of the same piece of the text.

    One that would change something before that piece is left out.

    :param start: where the piece begins; it ends at the cursor.
    """
    words: dict[str, None] = {}
    for each in found:
        word = text[start : each.start] + each.text
        if each.start < start:
            before = text[each.start : start]
            if not each.text.startswith(before):
                continue
            word = each.text[len(before) :]
        behind = text[cursor : each.end]
        if behind and word.endswith(behind):
            word = word[: -len(behind)]
        words[word] = None
    return list(words)


def _nothing() -> None:
    pass


def _check_types(value: object) -> str:
    try:
        names = list(value)  # type: ignore[call-overload]
    except TypeError:
        return f"it gave {type(value).__name__}, not names of types"
    for each in names:
        if (
            type(each) is not str
            or not all(part.isidentifier() for part in each.split("."))
            or "." not in each
        ):
            return f'{each!r} is not the full name of a type, such as "package.module.Type"'
    return "" if type(value) is not str else "it gave one text, not a list of names of types"


def _check_providers(value: object) -> str:
    try:
        providers = list(value)  # type: ignore[call-overload]
    except TypeError:
        return f"it gave {type(value).__name__}, not completion providers"
    if len(providers) > MOST_PROVIDERS:
        return f"it gave {len(providers)} completion providers, more than {MOST_PROVIDERS}"
    for each in providers:
        if not callable(getattr(each, "complete", None)):
            return f"its completion provider {type(each).__name__} has no complete()"
        name = getattr(each, "name", None)
        if type(name) is not str or not name.strip() or not name.isprintable():
            return f"its completion provider {type(each).__name__} has no name"
        only_with = getattr(each, "only_with", ())
        if type(only_with) is not tuple or any(type(part) is not str for part in only_with):
            return f"only_with of its completion provider {type(each).__name__} is no tuple of texts"
    return ""
