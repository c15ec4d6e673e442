"""The contracts of the family ``display``: formatters and publishers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest

from .plugin import PluginContract, required

if TYPE_CHECKING:
    from ipcore.plugins.declared import Declared
    from ipcore.testing.shells import TestedShell
    from ipcore.types.display import Output, Publisher

#: Values of many types.
VALUES: Final = (
    True,
    1,
    1.5,
    1j,
    "text",
    b"bytes",
    [1],
    (1,),
    {"a": 1},
    {1},
    object(),
    len,
    lambda: None,
    int,
    sys,
    ValueError("x"),
    range(3),
    iter([1]),
)


def _raise(*given: object) -> Any:
    raise ValueError("this object answers to nothing")


def hostile_values() -> Iterator[tuple[str, object]]:
    """Give objects that break those who trust them, each with what it does."""
    names = "repr str eq bool len iter hash format bytes contains getitem int float call dir lt".split()
    for name in names:
        yield f"raises in __{name}__", type("Hostile", (), {f"__{name}__": _raise})()
    yield "raises when it is asked for an attribute", type("Hostile", (), {"__getattr__": _raise})()

    def asked(self: object, name: str) -> object:
        return _raise()

    yield (
        "raises when it is asked for its class or any attribute",
        type("Hostile", (), {"__getattribute__": asked})(),
    )
    yield "has any attribute", type("Hostile", (), {"__getattr__": lambda self, name: self})()
    meta = type("Meta", (type,), {"__eq__": _raise, "__hash__": _raise, "__getattribute__": asked})
    yield "has a class that answers to nothing", meta("Hostile", (), {})()


def liar(kind: type) -> object:
    """Give an object that says it is of a type, and is not."""
    return type("Liar", (), {"__class__": property(lambda self: kind)})()


class FormatterContract(PluginContract):
    """What a formatter keeps to."""

    family = "display"
    first_use = "shell.display.text(1)"

    mime: ClassVar[str] = required("the MIME type that it gives", '"text/plain"')
    examples: ClassVar[Sequence[tuple[object, object]]] = required(
        "pairs of a value and how it is represented (or a function that judges that)", '[(b"a", "<61>")]'
    )
    takes: ClassVar[tuple[type, ...]] = ()
    """Types that it represents beside those of the examples."""
    takes_anything: ClassVar[bool] = False
    """Whether it represents every value, and so never leaves one to the next formatter."""

    @pytest.fixture
    def tested(self, shell: TestedShell, declared: Declared) -> Callable[[object], Any]:
        """The function that gives the representation of a value, or ``None``."""
        from ipcore.display.formatting import check_formatters

        given = shell.registry.call_each("display", "ipshell_formatters", check_formatters, shell=shell)
        self.check_no_failures(shell.registry)
        mine = [each for item in given if item.plugin == declared for each in item.value]
        types = [str(getattr(each, "mime", "") or getattr(each, "format_type", "")) for each in mine]
        self.check(
            self.mime in types,
            f"it gives no formatter for {self.mime}, but for {', '.join(types) or 'nothing'}.",
            "ipshell_formatters(shell) has to return a list with one whose attribute `mime` says so.",
        )
        found = mine[types.index(self.mime)]
        return getattr(found, "format", found)  # type: ignore[no-any-return]

    def use(self, shell: TestedShell) -> None:
        """Have the shell show the examples."""
        for value, _ in self.examples:
            shell.display.format(value)
        self.check_no_failures(shell.registry)

    def formatted(self, tested: Callable[[object], Any], value: object, what: str) -> tuple[Any, Any]:
        """Ask for a representation; gives that, and metadata."""
        given: Any = None
        with self.trying(
            f"asked for {what}, it",
            "It is off for the session then, whatever was wrong with the value. Of a value that is not its "
            "own it has to give None: look at the type itself, issubclass(type(value), MyType), as "
            "isinstance() asks the value for its class too; and ask nothing else of it before.",
        ):
            given = tested(value)
        if isinstance(given, tuple) and len(given) == 2:
            self.check(
                isinstance(given[1], dict), f"of {what} it gives metadata {given[1]!r}, no dictionary."
            )
            return given
        return given, {}

    # -- what is tested --------------------------------------------------------

    def test_the_examples_come_out_as_they_say(self, tested: Callable[[object], Any]) -> None:
        """Each example is represented so, each time."""
        from .magics import fits

        self.check(self.examples, "there are no examples.", "Set the class attribute `examples`.")
        for value, expected in (*self.examples, *self.examples):
            data, _ = self.formatted(tested, value, f"the example {value!r}")
            wanted = "what the example's function takes" if callable(expected) else repr(expected)
            self.check(fits(data, expected), f"of {value!r} it gives {data!r}, and not {wanted}.")

    def test_the_type_is_right_for_the_mime_type(self, tested: Callable[[object], Any]) -> None:
        """Text is a str, binary data are bytes, JSON is a list or a dictionary."""
        kinds, word = types_of(self.mime)
        for value, _ in self.examples:
            data, _ = self.formatted(tested, value, f"the example {value!r}")
            self.check(
                data is None or isinstance(data, kinds),
                f"of {value!r} it gives {type(data).__name__} as {self.mime}, which is {word}.",
            )

    def test_the_shell_shows_it(self, shell: TestedShell) -> None:
        """In a shell whose front end can show the MIME type, each example is represented so."""
        from .magics import fits

        shell.display.active_types = ["text/plain", self.mime]
        for value, expected in self.examples:
            data, _ = shell.display.format(value)
            self.check_no_failures(shell.registry)
            self.check(
                fits(data.get(self.mime), expected),
                f"in a shell {value!r} is {data.get(self.mime)!r} as {self.mime}.",
            )

    def test_it_leaves_what_is_not_its_own(self, tested: Callable[[object], Any]) -> None:
        """Of a value of another type it gives None, so that the next formatter is asked."""
        own = (*self.takes, *(type(value) for value, _ in self.examples))
        for value in VALUES:
            data, _ = self.formatted(tested, value, f"{type(value).__name__} {value!r}")
            self.check(
                data is None or self.takes_anything or isinstance(value, own),
                f"of {value!r} it gives {data!r}.",
                "Return None for what is not its own. Types that it takes beside those of the examples go "
                "into `takes`; one that takes everything sets takes_anything = True.",
            )

    def test_it_survives_any_value(self, tested: Callable[[object], Any]) -> None:
        """It raises nothing, whatever a value's own methods do."""
        for what, value in hostile_values():
            self.formatted(tested, value, f"an object that {what}")
        for kind in dict.fromkeys(type(value) for value, _ in self.examples):
            self.formatted(tested, liar(kind), f"an object that says it is {kind.__name__}, and is not")


def types_of(mime: str) -> tuple[tuple[type, ...], str]:
    """Give the types of representations of a MIME type, and what to call them."""
    kind, _, rest = mime.partition("/")
    if rest == "json" or rest.endswith("+json"):
        return (dict, list, str, int, float), "JSON: a list or a dictionary"
    if kind == "text" or rest in ("javascript", "xml") or rest.endswith("+xml"):
        return (str,), "text: a str"
    if kind in ("image", "audio", "video", "font") or rest in ("pdf", "octet-stream"):
        return (bytes,), "binary: bytes"
    return (object,), "anything"


class PublisherContract(PluginContract):
    """What a publisher keeps to."""

    family = "display"
    first_use = "shell.display.publisher.types"

    takes: ClassVar[Sequence[Output]] = required("outputs that it shows", '[Output({"text/plain": "tea"})]')
    leaves: ClassVar[Sequence[Output]] = ()
    """Outputs that it leaves to the next publisher."""
    publisher: ClassVar[str] = ""
    """The name of the class of the publisher that is meant, where the plugin gives several."""

    @pytest.fixture
    def tested(self, shell: TestedShell, declared: Declared) -> Publisher:
        """The publisher itself."""
        from ipcore.display.publishing import check_publishers

        given = shell.registry.call_each("display", "ipshell_publishers", check_publishers, shell=shell)
        self.check_no_failures(shell.registry)
        mine: list[Publisher] = [each for item in given if item.plugin == declared for each in item.value]
        self.check(mine, "it gives no publisher.", "ipshell_publishers(shell) has to return a list with it.")
        names = [type(each).__name__ for each in mine]
        if not self.publisher and len(mine) == 1:
            return mine[0]
        self.check(
            self.publisher in names,
            f"it gives the publishers {', '.join(names)}.",
            f'Name the one that is meant: publisher = "{names[0]}". Each has a class of tests.',
        )
        return mine[names.index(self.publisher)]

    def use(self, shell: TestedShell) -> None:
        """Have the shell show outputs."""
        for output in (*self.takes, *self.leaves):
            shell.display.publisher.send(output)
        self.check_no_failures(shell.registry)

    def published(self, tested: Publisher, output: Output) -> bool:
        """Have an output published; gives whether it was taken."""
        given: Any = None
        with self.trying(
            f"publish({_told(output)})", "An output that it cannot show it has to leave: return False."
        ):
            given = tested.publish(output)
        self.check(
            isinstance(given, bool),
            f"publish({_told(output)}) gives {given!r}.",
            "Return True for an output that it has shown, False for one that the next publisher is to show.",
        )
        return bool(given)

    # -- what is tested --------------------------------------------------------

    def test_it_says_which_types_it_shows(self, tested: Publisher) -> None:
        """``types`` are MIME types, or ``None`` for all."""
        with self.trying("asked for `types`, it"):
            types = tested.types
        if types is None:
            return
        good = isinstance(types, Collection) and not isinstance(types, str)
        good = good and all(isinstance(each, str) and "/" in each for each in types)
        self.check(
            good, f"its `types` are {types!r}.", "Give a tuple or set of MIME types, (), or None for all."
        )

    def test_it_shows_what_it_takes(self, tested: Publisher) -> None:
        """Each of ``takes`` is taken, each time."""
        for output in (*self.takes, *self.takes):
            self.check(
                self.published(tested, output), f"publish({_told(output)}) leaves what stands in `takes`."
            )

    def test_it_leaves_what_it_does_not_take(
        self, tested: Publisher, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Each of ``leaves`` is left to the next publisher, and nothing of it is shown."""
        for output in self.leaves:
            capsys.readouterr()
            taken = self.published(tested, output)
            self.check(not taken, f"publish({_told(output)}) takes what stands in `leaves`.")
            shown = "".join(capsys.readouterr())
            self.check(
                not shown,
                f"publish({_told(output)}) leaves the output to the next publisher, and prints {shown!r}.",
                "Then it is shown twice: print nothing before it is clear that it takes the output.",
            )

    def test_the_terminal_shows_what_it_leaves(
        self, shell: TestedShell, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """In a shell, what it leaves comes out as plain text."""
        for output in self.leaves:
            text = output.data.get("text/plain")
            if not isinstance(text, str):
                continue
            capsys.readouterr()
            shell.display.publisher.send(output)
            self.check_no_failures(shell.registry)
            shown = capsys.readouterr().out
            self.check(text in shown, f"in a shell {_told(output)} comes out as {shown!r}.")

    def test_it_survives_any_output(self, tested: Publisher) -> None:
        """It takes or leaves whatever comes: nothing, types nobody knows, updates, text that is none."""
        from ipcore.types.display import Output

        for output in (
            Output({}),
            Output({}, transient={"display_id": "a"}),
            Output({"text/plain": "new"}, transient={"display_id": "a"}, update=True),
            Output({"text/plain": "other"}, transient={"display_id": "never seen"}, update=True),
            Output({"text/plain": None}),
            Output({"text/plain": 1, "text/html": b"<b>"}),
            Output({"application/x-nobody-knows": object()}, {"application/x-nobody-knows": {"a": 1}}),
            Output({"image/png": b"\x89PNG broken"}, {"image/png": {"width": "wide"}}),
            Output({"text/plain": "naïve 🐍 \x1b[31m\r\n"}, number=0),
            Output({"text/plain": "x" * 100_000}, number=7),
        ):
            self.published(tested, output)

    def test_it_can_be_asked_to_clear(self, tested: Publisher) -> None:
        """``clear`` says whether it has done so, now or with the next output."""
        for wait in (False, True):
            given: Any = None
            with self.trying(f"clear({wait})"):
                given = tested.clear(wait)
            self.check(
                isinstance(given, bool),
                f"clear({wait}) gives {given!r}.",
                "Return True or False, as publish().",
            )

    def test_it_shows_from_any_thread(self, tested: Publisher) -> None:
        """Whichever thread displays, an output is taken or left as on the main thread."""
        for output in (*self.takes, *self.leaves):
            here = self.published(tested, output)
            what = f"publish({_told(output)})"
            there = self.in_another_thread(what, partial(tested.publish, output))
            self.check(there is here, f"in another thread {what} gives {there!r}, and here {here!r}.")


def _told(output: Output) -> str:
    parts = [", ".join(f"{mime} {str(value)[:40]!r}" for mime, value in output.data.items()) or "nothing"]
    parts += ["an update"] if output.update else []
    parts += [f"number {output.number}"] if output.number is not None else []
    return ", ".join(parts)
