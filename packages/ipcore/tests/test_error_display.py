"""Errors shown the way extensions want them: set_custom_exc, showtraceback and what stands in its place."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

import pytest

from ipcore.errors import UsageError
from ipcore.shell import InteractiveShell

Shown = list[tuple[Any, ...]]


def handler_noting(shown: Shown, answer: object = None) -> Any:
    def handler(self: Any, etype: Any, value: Any, tb: Any, tb_offset: Any = None) -> object:
        shown.append((self, etype, value, tb, tb_offset))
        return answer

    return handler


# -- set_custom_exc ----------------------------------------------------------------


@pytest.mark.parametrize("classes", [ValueError, [ValueError], None, (1,), (ValueError(),), (int,)])
def test_the_exceptions_of_a_handler_are_a_tuple_of_classes(shell: InteractiveShell, classes: Any) -> None:
    with pytest.raises(TypeError):
        shell.set_custom_exc(classes, lambda *a, **k: None)
    assert shell.custom_exceptions == ()


@pytest.mark.parametrize("answer", [None, "a line", ["two", "lines"]])
def test_a_handler_takes_the_place_of_the_traceback(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], answer: object
) -> None:
    shown: Shown = []
    shell.set_custom_exc((LookupError, ZeroDivisionError), handler_noting(shown, answer))
    result = shell.run_cell("def f(): {}['key']\nf()")
    shell.run_cell("1/0")
    assert isinstance(result.error_in_exec, KeyError)
    assert [each[:2] for each in shown] == [(shell, KeyError), (shell, ZeroDivisionError)]
    assert shown[0][2] is result.error_in_exec
    assert sys.last_value is shown[1][2]
    assert capsys.readouterr().err == ""
    shell.run_cell("int('x')")
    assert len(shown) == 2
    assert "ValueError" in capsys.readouterr().err


def test_a_handlers_traceback_begins_with_one_frame_of_the_shell(shell: InteractiveShell) -> None:
    frames: list[str] = []

    def handler(self: Any, etype: Any, value: Any, tb: TracebackType | None, tb_offset: Any = None) -> None:
        assert sys.exc_info()[1] is value
        while tb is not None:
            frames.append(tb.tb_frame.f_code.co_name)
            tb = tb.tb_next

    shell.set_custom_exc((Exception,), handler)
    shell.run_cell("def f(): 1/0\nf()")
    assert frames[1:] == ["<module>", "f"]


def test_a_handler_can_show_the_traceback_itself(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def handler(self: Any, etype: Any, value: Any, tb: Any, tb_offset: Any = None) -> list[str]:
        print("before")
        self.showtraceback((etype, value, tb), tb_offset=tb_offset)
        return list(self.InteractiveTB.structured_traceback(etype, value, tb))

    shell.set_custom_exc((Exception,), handler)
    shell.run_cell("1/0")
    out, err = capsys.readouterr()
    assert out == "before\n"
    assert err.count("ZeroDivisionError") == 1
    assert err.splitlines()[:2] == ["Traceback (most recent call last):", "  Cell In[1], line 1"]


def test_a_cell_that_is_no_python_and_one_that_leaves_go_past_the_handler(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: Shown = []
    shell.set_custom_exc((BaseException,), handler_noting(shown))
    shell.run_cell("1 +")
    shell.run_cell("raise SystemExit(3)")
    shell.run_cell("1/0", silent=True)
    assert shown == []
    assert "SyntaxError" in capsys.readouterr().err
    shell.run_cell("raise KeyboardInterrupt")
    assert len(shown) == 1


def failing(self: Any, *_: Any, **__: Any) -> None:
    raise LookupError("the handler's own")


def leaving(self: Any, *_: Any, **__: Any) -> None:
    raise SystemExit(5)


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        (failing, "LookupError: the handler's own"),
        (leaving, "SystemExit: 5"),
        (lambda *a, **k: 3, "not int"),
        (lambda *a, **k: ["text", 3], "list of strings"),
        (lambda: None, "TypeError"),
    ],
)
def test_a_handler_that_fails_is_removed_and_both_errors_are_shown(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], handler: Any, told: str
) -> None:
    shell.set_custom_exc((ZeroDivisionError,), handler)
    result = shell.run_cell("1/0")
    err = capsys.readouterr().err
    assert told in err
    assert err.count("ZeroDivisionError") == 1
    assert "was removed" in err.splitlines()[0]
    assert err.splitlines()[-1] == "ZeroDivisionError: division by zero"
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert shell.custom_exceptions == ()
    shell.run_cell("1/0")
    assert "removed" not in capsys.readouterr().err


def test_a_handler_may_run_cells_that_fail(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    called: list[object] = []

    def handler(self: Any, etype: Any, value: Any, tb: Any, tb_offset: Any = None) -> None:
        called.append(value)
        self.run_cell("2/0")

    shell.set_custom_exc((ZeroDivisionError,), handler)
    shell.run_cell("1/0")
    assert len(called) == 1
    assert "2/0" in capsys.readouterr().err
    assert shell.custom_exceptions == (ZeroDivisionError,)


def test_ctrl_c_in_a_handler_ends_it_and_not_the_shell(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    shell.set_custom_exc((ZeroDivisionError,), interrupted)
    shell.run_cell("1/0")
    shell.showtraceback = interrupted
    shell.run_cell("int('x')")
    err = capsys.readouterr().err
    assert err.count("was interrupted") == 2
    assert "ZeroDivisionError: division by zero" in err
    assert "ValueError: invalid literal" in err
    assert shell.custom_exceptions == (ZeroDivisionError,)


def test_an_error_that_a_handler_has_shown_is_let_go(shell: InteractiveShell) -> None:
    import gc
    import weakref

    class Noted(Exception):
        pass

    shell.push({"Noted": Noted})
    shell.set_custom_exc((Noted,), failing)
    shell._showtraceback = lambda etype, evalue, stb: None
    gone: list[weakref.ref[BaseException]] = []
    gc.disable()
    try:
        for cell in ("raise Noted", "raise Noted('again')"):
            error = shell.run_cell(cell).error_in_exec
            assert error is not None
            gone.append(weakref.ref(error))
            del error
        shell.run_cell("1")
        shell.run_cell("2")
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()


def test_the_error_is_left_as_it_was(shell: InteractiveShell) -> None:
    shell.set_custom_exc((Exception,), lambda *a, **k: None)
    cell = "error = None\ntry:\n    try: 1/0\n    finally: {}['x']\nexcept KeyError as e: error = e; raise"
    error = shell.run_cell(cell).error_in_exec
    assert error is not None
    assert isinstance(error.__context__, ZeroDivisionError)
    names = []
    tb = error.__traceback__
    while tb is not None:
        names.append(tb.tb_frame.f_code.co_name)
        tb = tb.tb_next
    assert names[-1] == "<module>"
    assert "call_custom" not in names


def test_a_handler_sees_the_errors_own_context_whatever_is_being_handled(shell: InteractiveShell) -> None:
    contexts: list[object] = []
    shell.set_custom_exc(
        (ValueError,), lambda self, etype, value, tb, **_: contexts.append(value.__context__)
    )
    error = ValueError("its own")
    error.__context__ = KeyError("x")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        shell.show_error(error, raised_in_cell=True)
    assert [type(each) for each in contexts] == [KeyError]
    assert isinstance(error.__context__, KeyError)


def test_no_handler_is_asked_for_and_the_simple_one_prints(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.set_custom_exc((ValueError,), None)
    shell.run_cell("raise ValueError('this')")
    assert capsys.readouterr().err == "ValueError: this\n"
    shell.set_custom_exc((), None)
    shell.run_cell("raise ValueError('this')")
    assert "Traceback" in capsys.readouterr().err


# -- showtraceback and its like ----------------------------------------------------


def test_the_error_being_handled_is_shown(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = (
        "ip = get_ipython()\ntry: 1/0\n"
        "except ZeroDivisionError: ip.showtraceback(); only = ip.get_exception_only()"
    )
    assert shell.run_cell(cell).success
    err = capsys.readouterr().err
    assert err.splitlines()[1] == "  Cell In[1], line 2"
    assert shell.user_ns["only"] == "ZeroDivisionError: division by zero\n"


def test_the_last_error_is_shown_where_none_is_handled(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run_cell("1/0")
    first = capsys.readouterr().err
    shell.showtraceback()
    assert capsys.readouterr().err == first
    shell.showtraceback(exception_only=True)
    shown = capsys.readouterr().err.splitlines()
    assert shown[-1] == "ZeroDivisionError: division by zero"
    assert "%tb" in shown[0]
    assert len(shown) == 2
    for name in ("last_value", "last_type", "last_traceback", "last_exc"):
        monkeypatch.delattr(sys, name, raising=False)
    shell.showtraceback()
    assert capsys.readouterr().err == "No traceback available to show.\n"
    with pytest.raises(ValueError, match="No exception"):
        shell.get_exception_only()


def test_frames_can_be_left_out(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    error = shell.run_cell("def f(): 1/0\ndef g(): f()\ng()", silent=True).error_in_exec
    assert error is not None
    tb = error.__traceback__
    while tb is not None and "<ipshell" not in tb.tb_frame.f_code.co_filename:
        tb = tb.tb_next
    whole = error.__traceback__
    shell.showtraceback((type(error), error, tb), tb_offset=1)
    err = capsys.readouterr().err
    assert "line 2, in g" in err
    assert "line 3" not in err
    assert error.__traceback__ is whole


def test_a_syntax_error_is_shown_with_the_file_that_is_named(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        compile("1 +", "<string>", "exec")
    except SyntaxError:
        shell.showsyntaxerror("their_file.py")
    err = capsys.readouterr().err
    assert 'File "their_file.py", line 1' in err
    assert err.endswith("SyntaxError: invalid syntax\n")


def test_a_usage_error_is_one_line(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.show_usage_error(UsageError("this way"))
    assert capsys.readouterr().err == "UsageError: this way\n"


def test_the_hook_for_uncaught_exceptions_shows_them(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ValueError("uncaught")
    shell.excepthook(type(error), error, None)
    assert capsys.readouterr().err.endswith("ValueError: uncaught\n")


def test_interactive_tb_formats_as_the_shell_does(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    error = shell.run_cell("1/0").error_in_exec
    assert error is not None
    shown = capsys.readouterr().err
    formatter = shell.InteractiveTB
    assert formatter.stb2text(["a\n", "b"]) == "a\nb"
    assert formatter.text(type(error), error, error.__traceback__) + "\n" == shown
    formatter(type(error), error, error.__traceback__)
    assert capsys.readouterr().err == shown


# -- what extensions put in their place --------------------------------------------


def test_what_stands_for_showtraceback_shows_errors_of_cells(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = shell.showtraceback
    seen: list[Any] = []

    def show(*arguments: Any, **named: Any) -> None:
        seen.append((arguments, named, sys.exc_info()[0]))
        ours(*arguments, **named)

    shell.showtraceback = show
    shell.run_cell("1/0")
    assert seen == [((), {"running_compiled_code": True}, ZeroDivisionError)]
    assert capsys.readouterr().err.count("ZeroDivisionError: division by zero") == 1
    shell.showtraceback = ours
    shell.run_cell("1/0")
    assert len(seen) == 1


def test_what_stands_for_the_inner_showtraceback_gets_the_lines(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: Shown = []
    shell._showtraceback = lambda etype, evalue, stb: shown.append((etype, str(evalue), stb))
    shell.run_cell("1/0")
    shell.run_cell("1 +")
    assert capsys.readouterr().err == ""
    assert shown[0][:2] == (ZeroDivisionError, "division by zero")
    assert shown[0][2][:2] == ["Traceback (most recent call last):", "  Cell In[1], line 1"]
    assert shown[1][0] is SyntaxError
    del shell._showtraceback
    shell.run_cell("1/0")
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_formatter_of_somebody_else_formats(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    class Loud:
        def structured_traceback(self, etype: Any, evalue: Any, etb: Any, tb_offset: int = 0) -> list[str]:
            return [f"!!! {etype.__name__} !!!"]

    shell.InteractiveTB = Loud()
    shell.run_cell("1/0")
    assert capsys.readouterr().err == "!!! ZeroDivisionError !!!\n"


@pytest.mark.parametrize("name", ["showtraceback", "_showtraceback", "showsyntaxerror", "InteractiveTB"])
def test_one_that_fails_hides_no_error(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    setattr(shell, name, failing)
    for cell, error in (
        ("1/0", "ZeroDivisionError: division by zero"),
        ("1 +", "SyntaxError: invalid syntax"),
    ):
        shell.run_cell(cell)
        err = capsys.readouterr().err
        assert err.splitlines()[-1] == error
        assert err.count(error) == 1


def test_a_shell_nobody_changed_loads_none_of_this(home: object) -> None:
    import subprocess

    code = (
        "import sys\nfrom ipcore.shell import InteractiveShell\nshell = InteractiveShell()\nshell.start()\n"
        "shell.run_cell('1/0')\nassert 'ipcore.error_display' not in sys.modules\n"
        "assert 'ipcore.variables' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True)
