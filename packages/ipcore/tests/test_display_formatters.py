"""How values are represented: by registered printers, plugins, their own methods, and ``repr``."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import types
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from ipcore.display import MimeFormatter
from ipcore.plugins.builtin import BUILTIN
from ipcore.plugins.declared import Declared
from ipcore.plugins.registry import Registry
from ipcore.shell import InteractiveShell

EVERYTHING = [
    "text/plain",
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "image/png",
    "application/pdf",
    "image/jpeg",
    "text/latex",
    "application/json",
    "application/javascript",
]


class Screen:
    """A front end that shows everything, and keeps it."""

    types = None

    def __init__(self) -> None:
        self.outputs: list[Any] = []

    def publish(self, output: Any) -> bool:
        self.outputs.append(output)
        return True

    def clear(self, wait: bool) -> bool:
        self.outputs.append(("clear", wait))
        return True

    @property
    def data(self) -> list[dict[str, Any]]:
        return [dict(output.data) for output in self.outputs]


@pytest.fixture
def rich(shell: InteractiveShell) -> InteractiveShell:
    """Give a shell whose front end shows everything."""
    shell.display_pub.add(Screen())
    return shell


class Rich:
    def __repr__(self) -> str:
        return "Rich()"

    def _repr_html_(self) -> str:
        return "<b>rich</b>"

    def _repr_markdown_(self) -> str:
        return "**rich**"

    def _repr_svg_(self) -> str:
        return "<svg/>"

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        return b"\x89PNG", {"width": 3}

    def _repr_pdf_(self) -> bytes:
        return b"%PDF"

    def _repr_jpeg_(self) -> str:
        return "base64=="

    def _repr_latex_(self) -> str:
        return "$r$"

    def _repr_json_(self) -> dict[str, int]:
        return {"rich": 1}

    def _repr_javascript_(self) -> str:
        return "rich()"


def test_there_is_a_formatter_for_each_of_the_usual_types(shell: InteractiveShell) -> None:
    assert list(shell.display_formatter.formatters) == EVERYTHING
    assert shell.display_formatter is shell.display


def test_every_method_of_a_value_is_asked(rich: InteractiveShell) -> None:
    data, metadata = rich.display.format(Rich())
    assert data == {
        "text/plain": "Rich()",
        "text/html": "<b>rich</b>",
        "text/markdown": "**rich**",
        "image/svg+xml": "<svg/>",
        "image/png": b"\x89PNG",
        "application/pdf": b"%PDF",
        "image/jpeg": "base64==",
        "text/latex": "$r$",
        "application/json": {"rich": 1},
        "application/javascript": "rich()",
    }
    assert metadata == {"image/png": {"width": 3}}


def test_include_and_exclude_choose(rich: InteractiveShell) -> None:
    given = rich.display.format
    assert set(given(Rich(), include={"text/html", "text/latex"})[0]) == {"text/html", "text/latex"}
    assert set(given(Rich(), include="text/html")[0]) == {"text/html"}
    assert set(given(Rich(), exclude=EVERYTHING[1:])[0]) == {"text/plain"}


def test_a_terminal_asks_for_text_alone(shell: InteractiveShell) -> None:
    asked: list[Any] = []

    class Costly:
        def _repr_html_(self) -> str:
            asked.append("html")
            return ""

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
            asked.append(include)
            return {"text/html": "<p>"}

        def __repr__(self) -> str:
            return "Costly"

    assert shell.display.active_types == ["text/plain"]
    assert shell.display.format(Costly()) == ({"text/plain": "Costly"}, {})
    assert asked == [{"text/plain"}]


def test_active_types_follow_what_can_be_shown_until_they_are_set(rich: InteractiveShell) -> None:
    display = rich.display
    assert display.active_types == EVERYTHING
    assert display.formatters["text/html"].enabled
    display.active_types = ["text/plain", "text/latex"]
    assert display.active_types == ["text/plain", "text/latex"]
    assert not display.formatters["text/html"].enabled
    assert set(display.format(Rich())[0]) == {"text/plain", "text/latex"}


def test_a_formatter_can_be_switched_off_and_on(rich: InteractiveShell, shell: InteractiveShell) -> None:
    rich.display.formatters["text/html"].enabled = False
    assert "text/html" not in rich.display.format(Rich())[0]
    assert rich.display.formatters["text/html"](Rich()) is None
    rich.display_pub.remove(rich.display_pub._added[0])
    shell.display.formatters["text/html"].enabled = True
    assert set(shell.display.format(Rich())[0]) == {"text/plain", "text/html"}


# -- the registry ------------------------------------------------------------------


def html(shell: InteractiveShell) -> MimeFormatter:
    return shell.display.formatters["text/html"]


def test_for_type_gives_what_was_registered_before(shell: InteractiveShell) -> None:
    formatter = html(shell)
    first, second = (lambda obj: "1"), (lambda obj: "2")
    assert formatter.for_type(int) is None
    assert formatter.for_type(int, first) is None
    assert formatter.for_type(int, second) is first
    assert formatter.for_type(int) is second
    assert formatter.pop(int) is second
    assert formatter.pop(int, None) is None
    with pytest.raises(KeyError, match="int"):
        formatter.pop(int)


def test_a_printer_counts_for_subclasses_and_the_nearest_wins(rich: InteractiveShell) -> None:
    formatter = html(rich)
    formatter.for_type(dict, lambda obj: "dict")
    formatter.for_type(object, lambda obj: "object")
    assert formatter(OrderedDict()) == "dict"
    assert formatter(3) == "object"
    assert OrderedDict in formatter
    assert formatter.lookup({}) is formatter.lookup_by_type(dict)
    formatter.pop(object)
    assert set not in formatter
    with pytest.raises(KeyError, match="set"):
        formatter.lookup_by_type(set)
    with pytest.raises(KeyError, match="set"):
        formatter.lookup(set())


def test_a_type_can_be_named_before_its_module_is_imported(
    rich: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    formatter = html(rich)
    first, second = (lambda obj: "later"), (lambda obj: "latest")
    assert formatter.for_type("deferred_things.Thing", first) is None
    assert formatter.for_type("deferred_things.Thing") is first
    assert "deferred_things.Thing" in formatter
    assert "deferred_things.Other" not in formatter
    assert "deferred_things" not in sys.modules
    module = types.ModuleType("deferred_things")
    monkeypatch.setitem(sys.modules, "deferred_things", module)
    exec("class Base: pass\nclass Thing(Base): pass\nclass Below(Thing): pass", module.__dict__)
    assert rich.display.format(module.Below())[0]["text/html"] == "later"
    assert formatter.for_type("deferred_things.Thing", second) is first
    assert formatter.for_type(module.Thing) is second
    assert formatter.pop("deferred_things.Thing") is second
    assert formatter.for_type_by_name("deferred_things", "Thing", first) is None
    assert formatter.pop("deferred_things.Thing") is first
    assert module.Thing not in formatter


def test_what_cannot_be_registered_is_refused(shell: InteractiveShell) -> None:
    with pytest.raises(TypeError, match="function, not int"):
        html(shell).for_type(int, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not for 3"):
        html(shell).for_type(3, str)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="format_type"):
        shell.display.register_formatter(MimeFormatter())
    with pytest.raises(TypeError, match="format_type"):
        shell.display.register_formatter(str)  # type: ignore[arg-type]


def test_one_object_can_have_a_printer_of_its_own(rich: InteractiveShell) -> None:
    html(rich).singleton_printers[id(Ellipsis)] = lambda obj: "&hellip;"
    assert rich.display.format(...)[0]["text/html"] == "&hellip;"


def test_a_new_mime_type_comes_by_an_instance_or_a_subclass(rich: InteractiveShell) -> None:
    class Model(MimeFormatter):
        format_type = "text/x-model"
        print_method = "_repr_llm_"

    class Thing:
        def _repr_llm_(self) -> str:
            return "a thing"

        def _repr_points_(self) -> list[int]:
            return [1, 2]

    rich.display.register_formatter(Model())
    rich.display.register_formatter(MimeFormatter("application/x-points", "_repr_points_", (list,)))
    data, _ = rich.display.format(Thing())
    assert (data["text/x-model"], data["application/x-points"]) == ("a thing", [1, 2])


def test_replacing_a_formatter_keeps_what_was_registered(rich: InteractiveShell) -> None:
    html(rich).for_type(int, lambda obj: f"<i>{obj}</i>")
    rich.display.register_formatter(MimeFormatter("text/html", "_repr_page_"))
    assert rich.display.format(3)[0]["text/html"] == "<i>3</i>"
    assert "text/html" not in rich.display.format(Rich())[0]


# -- who is asked first -------------------------------------------------------------


class Bundled:
    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return {"text/plain": "bundle", "text/html": "bundle", "x/y": 5}, {"text/html": {"a": 1}}

    def _repr_html_(self) -> str:
        return "method"

    def _repr_latex_(self) -> str:
        return "method"


def test_the_bundle_of_a_value_goes_before_its_methods(rich: InteractiveShell) -> None:
    data, metadata = rich.display.format(Bundled())
    assert data == {"text/plain": "bundle", "text/html": "bundle", "text/latex": "method", "x/y": 5}
    assert metadata == {"text/html": {"a": 1}}
    assert set(rich.display.format(Bundled(), exclude=["text/html"])[0]) == {
        "text/plain",
        "text/latex",
        "x/y",
    }


def test_a_registered_printer_goes_before_the_bundle(rich: InteractiveShell) -> None:
    html(rich).for_type(Bundled, lambda obj: "registered")
    assert rich.display.format(Bundled())[0]["text/html"] == "registered"


def test_a_printer_may_leave_out_a_representation(rich: InteractiveShell) -> None:
    html(rich).for_type(Rich, lambda obj: None)
    assert "text/html" not in rich.display.format(Rich())[0]


def test_a_bundle_can_be_registered_for_a_type(rich: InteractiveShell) -> None:
    rich.display.mimebundle_formatter.for_type(complex, lambda obj: {"text/html": "<i>i</i>"})
    assert rich.display.format(1j)[0] == {"text/html": "<i>i</i>", "text/plain": "1j"}


def test_a_value_may_show_itself(rich: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    class Selfish:
        def _ipython_display_(self) -> None:
            print("me")

        def _repr_html_(self) -> str:
            raise AssertionError

    assert rich.display.format(Selfish()) == ({}, {})
    assert capsys.readouterr().out == "me\n"


def test_a_value_that_shows_itself_has_no_prompt_and_is_kept(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell(
        "class Selfish:\n    def _ipython_display_(self): print('me')\nSelfish()", store_history=True
    )
    assert capsys.readouterr().out == "me\n"
    assert type(shell.user_ns["Out"][1]).__name__ == "Selfish"


def test_whoever_shows_itself_may_decline(rich: InteractiveShell) -> None:
    class Undecided:
        def _ipython_display_(self) -> None:
            raise NotImplementedError

        def _repr_html_(self) -> str:
            return "<p>"

    assert rich.display.format(Undecided())[0]["text/html"] == "<p>"


def test_types_can_be_made_to_show_themselves(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.display.ipython_display_formatter.for_type(int, lambda obj: print("int", obj))
    assert shell.run_cell("5").result == 5
    assert capsys.readouterr().out == "int 5\n"


# -- text --------------------------------------------------------------------------


def test_printers_of_text_are_given_what_to_write_to(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def node(obj: Any, p: Any, cycle: bool) -> None:
        if cycle:
            p.text("Node(...)")
            return
        with p.group(2, "Node(", ")"):
            for n, item in enumerate(obj.items):
                if n:
                    p.text(",")
                    p.breakable()
                p.pretty(item)
            p.break_()

    class Node:
        def __init__(self, *items: Any) -> None:
            self.items = [*items, self]

    shell.display.formatters["text/plain"].for_type(Node, node)
    shell.user_ns["node"] = Node(1, Node())
    shell.run_cell("node")
    assert capsys.readouterr().out == "Out[1]: \nNode(1, Node(Node(...)\n    ), Node(...)\n  )\n"


def test_a_class_can_say_how_it_is_written(shell: InteractiveShell) -> None:
    class Base:
        def _repr_pretty_(self, p: Any, cycle: bool) -> None:
            p.text("pretty")

    class Below(Base):
        pass

    class Own(Base):
        def __repr__(self) -> str:
            return "own"

    assert [shell.display.text(kind()) for kind in (Base, Below, Own)] == ["pretty", "pretty", "own"]


def test_a_printer_of_a_base_class_does_not_override_a_repr_of_ones_own(shell: InteractiveShell) -> None:
    shell.display.formatters["text/plain"].for_type(object, lambda obj, p, cycle: p.text("object"))

    class Bare:
        pass

    assert shell.display.text(Bare()) == "object"
    assert shell.display.text(Rich()) == "Rich()"


def test_a_printer_of_text_for_a_builtin_type_is_used_at_the_prompt(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("255")
    shell.display.formatters["text/plain"].for_type(int, lambda obj, p, cycle: p.text(hex(obj)))
    shell.run_cell("255")
    assert capsys.readouterr().out == "Out[1]: 255\nOut[1]: 0xff\n"


# -- hostile values ----------------------------------------------------------------


class Anything:
    """Answers to any name."""

    def __getattr__(self, name: str) -> Callable[..., str]:
        return lambda *args, **options: "whatever"


class Raising:
    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)

    def __repr__(self) -> str:
        return "Raising"


class Meta(type):
    def __getattribute__(cls, name: str) -> Any:
        raise RuntimeError(name)

    def __hash__(cls) -> int:
        raise RuntimeError

    __eq__ = None  # type: ignore[assignment]


def hostile_class() -> type:
    return Meta("Hostile", (), {"__repr__": lambda self: "hostile"})


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (Anything, None),
        (mock.MagicMock, None),
        (mock.Mock, None),
        (Raising, "Raising"),
        (lambda: Rich, repr(Rich)),
        (lambda: type.__call__(hostile_class()), "hostile"),
        (lambda: types.SimpleNamespace(_repr_html_=3, _ipython_display_="no"), None),
    ],
    ids=["any attribute", "magic mock", "mock", "raising", "a class", "a hostile metaclass", "not callable"],
)
def test_what_only_seems_to_have_methods_is_shown_as_text(
    rich: InteractiveShell, make: Callable[[], Any], text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    rich.display.formatters["text/html"].for_type(int, str)
    data, metadata = rich.display.format(make())
    assert (set(data), metadata) == ({"text/plain"}, {})
    assert text is None or data["text/plain"] == text
    assert capsys.readouterr().err == ""


def test_a_failing_method_is_told_and_the_others_are_asked(
    rich: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    rich.run_cell(
        textwrap.dedent("""\
        class Broken:
            def __repr__(self): return "Broken"
            def _ipython_display_(self): raise ValueError("no display")
            def _repr_mimebundle_(self, include=None, exclude=None): raise ValueError("no bundle")
            def _repr_html_(self): raise ValueError("no html")
            def _repr_svg_(self): raise NotImplementedError
            def _repr_pretty_(self, p, cycle): raise ValueError("no text")
            def _repr_png_(self): raise SystemExit(3)
            def _repr_latex_(self): return "$ok$"
        broken = Broken()
        """)
    )
    data, _ = rich.display.format(rich.user_ns["broken"])
    assert data == {"text/plain": "Broken", "text/latex": "$ok$"}
    error = capsys.readouterr().err
    told = ["no display", "no bundle", "no text", "no html"]
    assert [line.removeprefix("ValueError: ") for line in error.splitlines() if line[:5] == "Value"] == told
    assert "line 5, in _repr_html_" in error
    assert "image/png: it tried to end the program (SystemExit: 3)" in error
    assert "NotImplementedError" not in error
    assert "ipcore" not in error


def test_a_failing_printer_is_told_and_the_value_is_shown(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell(
        "def broken(obj, p, cycle): 1/0\n"
        "get_ipython().display_formatter.formatters['text/plain'].for_type(int, broken)"
    )
    assert shell.run_cell("6 * 7", store_history=True).success
    seen = capsys.readouterr()
    assert "ZeroDivisionError" in seen.err
    assert seen.out.endswith("Out[1]: 42\n")
    assert shell.user_ns["_"] == 42


@pytest.mark.parametrize(
    ("name", "gives", "said"),
    [
        ("_repr_html_", 3, "text/html: Odd._repr_html_ gave int, not str; it is left out."),
        ("_repr_png_", [], "image/png: Odd._repr_png_ gave list, not bytes or str; it is left out."),
        (
            "_repr_json_",
            "{}",
            "application/json: Odd._repr_json_ gave str, not dict or list; it is left out.",
        ),
        (
            "_repr_mimebundle_",
            [],
            "the MIME bundle of Odd: a list was given, not a dictionary; it is left out.",
        ),
        (
            "_repr_mimebundle_",
            {"text/plain": 3},
            "text/plain of Odd: its MIME bundle has a int, not a str; it is left out.",
        ),
    ],
)
def test_what_cannot_be_a_representation_is_left_out_with_one_warning(
    rich: InteractiveShell, capsys: pytest.CaptureFixture[str], name: str, gives: Any, said: str
) -> None:
    odd = type("Odd", (), {name: lambda self, **_: gives, "__repr__": lambda self: "Odd"})()
    for _ in range(2):
        assert rich.display.format(odd)[0] == {"text/plain": "Odd"}
    assert capsys.readouterr().err == f"ipshell: {said}\n"


def test_ctrl_c_in_a_method_stops_the_cell_and_the_value_is_kept(shell: InteractiveShell) -> None:
    result = shell.run_cell(
        "class Slow:\n    def _repr_pretty_(self, p, cycle): raise KeyboardInterrupt\nSlow()",
        store_history=True,
    )
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    assert shell.user_ns["_1"] is result.result is not None


# -- plugins -----------------------------------------------------------------------


@pytest.fixture
def shell_with() -> Iterator[Callable[[str], InteractiveShell]]:
    """Give what makes a shell with a module as a plugin of the family ``display``."""
    made: list[InteractiveShell] = []

    def make(source: str) -> InteractiveShell:
        module = types.ModuleType("display_plugin")
        exec("from ipcore.hookspecs import hookimpl\n" + textwrap.dedent(source), module.__dict__)
        sys.modules["display_plugin"] = module
        plugin = Declared("display", "example", "display_plugin", "yak", "yak", "1.0")
        shell = InteractiveShell(registry=Registry(builtin=(*BUILTIN, plugin)))
        made.append(shell)
        shell.start()
        return shell

    yield make
    for shell in made:
        shell.close()
    sys.modules.pop("display_plugin", None)


PLUGIN = """
class Formatter:
    def __init__(self, mime): self.mime = mime
    def format(self, value):
        if self.mime == "x/json": return [1], {"deep": True}
        if getattr(value, "bad", False): return 7
        return "plugin"

@hookimpl
def ipshell_formatters(shell):
    return [Formatter("text/html"), Formatter("x/json")]
"""


def test_plugins_come_after_the_users_printers_and_before_the_value(
    shell_with: Callable[[str], InteractiveShell],
) -> None:
    shell = shell_with(PLUGIN)
    shell.display_pub.add(Screen())
    data, metadata = shell.display.format(Bundled())
    assert (data["text/html"], data["text/plain"], data["x/json"]) == ("plugin", "bundle", [1])
    assert metadata["x/json"] == {"deep": True}
    html(shell).for_type(Bundled, lambda obj: "registered")
    assert shell.display.format(Bundled())[0]["text/html"] == "registered"


def test_a_plugin_that_gives_what_cannot_be_is_off_and_the_value_is_shown(
    shell_with: Callable[[str], InteractiveShell], capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_with(PLUGIN)
    shell.display_pub.add(Screen())
    bad = Rich()
    bad.bad = True  # type: ignore[attr-defined]
    data, _ = shell.display.format(bad)
    assert data["text/html"] == "<b>rich</b>"
    assert "x/json" not in data
    assert "formatting text/html: it gave int, not str. It is off" in capsys.readouterr().err


def test_a_plugin_can_replace_the_formatter_of_a_type(shell_with: Callable[[str], InteractiveShell]) -> None:
    shell = shell_with(
        """
        from ipcore.display.formatters import TextFormatter

        class Pretty(TextFormatter):
            def plain(self, obj): return super().plain(obj)
            def by_method(self, obj, methods):
                return super().by_method(obj, methods) or f"pretty {obj!r}"

        @hookimpl
        def ipshell_formatters(shell):
            return [Pretty()]
        """
    )
    assert shell.display.text(Rich()) == "pretty Rich()"
    assert shell.display.text(Bundled()) == "bundle"
    shell.display.formatters["text/plain"].for_type(int, lambda obj, p, cycle: p.text("registered"))
    assert shell.display.text(3) == "registered"


def test_showing_text_imports_neither_rich_display_nor_capture(home: Any) -> None:
    code = "from ipcore.__main__ import main; import sys; main(['-c', '1+1']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    shown, modules = done.stdout.splitlines()
    assert shown == "2"
    names = set(modules.split())
    assert not names & {"ipcore.display.capture", "ipcore.display.functions", "ipcore.display.printer"}
