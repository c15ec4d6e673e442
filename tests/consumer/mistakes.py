"""Mistakes that type checkers must tell an author of: each marked line, and no other one.

``# wrong`` means that both checkers report the line, ``# wrong: mypy`` or ``# wrong: pyright`` that one does.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Callable, Iterable

from ipcore import Component, InteractiveShell, embed, get_ipython, start_engine  # wrong
from ipcore.application.app import IPShellApp
from ipcore.display import MimeFormatter, capture_output, display
from ipcore.hookspecs import FAMILIES, Family, hookimp, hookimpl  # wrong
from ipcore.magics import Magics, argument, line_magic, magics_class, parse_options, register_line_magic
from ipcore.testing import TestedShell, TmpPlugin, TmpPlugins, assert_lazy  # wrong
from ipcore.testing.contracts import LineMagicContract
from ipcore.types.cells import Cell, CellResult
from ipcore.types.clipboards import Clipboard
from ipcore.types.commands import Command
from ipcore.types.completion import Completion, CompletionProvider, CompletionRequest
from ipcore.types.display import Formatter, Output, Publisher
from ipcore.types.editors import Editor
from ipcore.types.frontends import Frontend
from ipcore.types.highlighters import Highlighter
from ipcore.types.history import History
from ipcore.types.input import AstTransformer, InputTransformer
from ipcore.types.inputhooks import InputContext, InputHook
from ipcore.types.key_bindings import CellEditor, KeyBinding
from ipcore.types.pagers import Pager
from ipcore.types.policies import Decision, Policy, Request, refuse
from ipcore.types.prompts import Prompts
from ipcore.types.themes import Background, Style, Theme
from ipcore.types.tracebacks import Tracebacks

# -- lifecycle, records ------------------------------------------------------------


@hookimpl
def ipshell_cell_finished(result: CellResult) -> None:
    number: str = result.execution_count  # wrong
    result.cell.source = "other"  # wrong
    print(number, result.sucess)  # wrong


def records() -> Cell:
    print(Cell("1", 1))  # wrong
    return Cell("1", "1", "Cell In[1]")  # wrong


def callbacks(shell: InteractiveShell) -> None:
    shell.events.register("post_run_cell")  # wrong
    shell.events.register(ipshell_cell_finished, "post_run_cell")  # wrong


ipshell_cell_finished(3)  # wrong

# -- policies ----------------------------------------------------------------------


class Shrug:
    name = "shrug"

    def decide(self, request: Request) -> bool:
        return request.kind == "shell"  # wrong


def shrugs() -> list[Policy]:
    return [Shrug()]  # wrong


def decisions() -> Decision:
    refuse()  # wrong
    return Decision("maybe", "who knows")  # wrong


# -- input -------------------------------------------------------------------------


class Late:
    name = "late"
    stage = "afterwards"

    def applies(self, source: str) -> bool:
        return bool(source)

    def transform(self, lines: list[str]) -> list[str]:
        return lines


class Joined:
    name = "joined"
    stage = "cleanup"

    def applies(self, source: str) -> bool:
        return bool(source)

    def transform(self, lines: list[str]) -> str:
        return "".join(lines)


class Unvisiting:
    def transform(self, tree: ast.Module) -> ast.Module:
        return tree


@hookimpl
def ipshell_input_transformers(shell: InteractiveShell) -> Iterable[InputTransformer]:
    yield Late()  # wrong
    yield Joined()  # wrong


@hookimpl
def ipshell_ast_transformers(shell: InteractiveShell) -> Iterable[AstTransformer]:
    return [Unvisiting()]  # wrong


# -- magics ------------------------------------------------------------------------


@magics_class  # wrong: pyright
class NoMagics:  # wrong: mypy
    pass


class Numbered(Magics):
    @line_magic(3)  # wrong
    def three(self, line: str) -> int:
        return len(line)

    @line_magic
    def four(self, line: str) -> int:
        self.parse_options(line, "n:", mod="list")  # wrong
        return len(line)


def calls(magics: Numbered) -> str:
    parse_options("line")  # wrong
    argument(3)  # wrong
    register_line_magic(name="x")  # wrong
    return magics.four("line")  # wrong


@hookimpl
def ipshell_line_magic(name: str, shell: InteractiveShell) -> Callable[[str], object]:
    def both(line: str, cell: str) -> int:
        return len(line) + len(cell)

    return both  # wrong


@hookimpl
def ipshell_cell_magic(name: str, shell: InteractiveShell) -> Callable[[str, str], object]:
    instance: Component = shell.magics.instance(Numbered)  # wrong
    print(instance)
    return shell.magics.instance(Numbered).four  # wrong


# -- prompts, front ends -----------------------------------------------------------


class NoNumbers:
    def input(self) -> str:
        return "> "

    def continuation(self, number: int) -> str:
        return ". "

    def output(self, number: int) -> str:
        return "< "


class Endless:
    def run(self) -> None:
        pass


@hookimpl
def ipshell_prompts(name: str, shell: InteractiveShell) -> Prompts:
    return NoNumbers()  # wrong


@hookimpl
def ipshell_frontend(name: str, shell: InteractiveShell) -> Frontend:
    return Endless()  # wrong


# -- editors, pagers, clipboards, highlighters --------------------------------------


class OneWord:
    def arguments(self, filename: str, line: int, wait: bool) -> list[str]:
        return [filename]


class Everything:
    def show(self, text: str) -> None:
        print(text)


class WriteOnly:
    def write(self, text: str) -> None:
        pass


class Tokens:
    def fragments(self, text: str, language: str) -> list[str]:
        return text.split()


@hookimpl
def ipshell_editor(name: str, shell: InteractiveShell) -> Editor:
    return OneWord()  # wrong


@hookimpl
def ipshell_pager(name: str, shell: InteractiveShell) -> Pager:
    return Everything()  # wrong


@hookimpl
def ipshell_clipboard(name: str, shell: InteractiveShell) -> Clipboard:
    return WriteOnly()  # wrong


@hookimpl
def ipshell_highlighter(name: str, shell: InteractiveShell) -> Highlighter:
    return Tokens()  # wrong


# -- themes ------------------------------------------------------------------------


@hookimpl
def ipshell_theme(name: str, background: Background, shell: InteractiveShell) -> Theme:
    if background == "grey":  # wrong
        pass
    shell.theme.paint("x")  # wrong
    shell.theme.background = "bright"  # wrong
    return Theme(name, "gray", {"code": Style(bold="yes")})  # wrong


# -- display -----------------------------------------------------------------------


class Nameless:
    def format(self, value: object) -> str:
        return str(value)


class Deaf:
    types = ("text/html",)

    def publish(self, output: Output) -> bool:
        return output.update

    def clear(self) -> bool:
        return False


@hookimpl
def ipshell_formatters(shell: InteractiveShell) -> Iterable[Formatter | MimeFormatter]:
    return [Nameless()]  # wrong


@hookimpl
def ipshell_publishers(shell: InteractiveShell) -> list[Publisher]:
    return [Deaf()]  # wrong


def showing() -> None:
    display(1, mime="text/plain")  # wrong
    with capture_output(colour=False) as captured:  # wrong
        pass
    print(captured.output)  # wrong


# -- tracebacks, event loops, commands ---------------------------------------------


class OneText(Component):
    def format(self, error: BaseException) -> str:
        return str(error)


@hookimpl
def ipshell_tracebacks(shell: InteractiveShell) -> Tracebacks:
    return OneText(parent=shell)  # wrong


class Forgetful(Component):
    def store_inputs(self, line_num: int, source: str) -> None: ...

    def store_result(self, result: CellResult) -> None: ...


@hookimpl
def ipshell_history(shell: InteractiveShell) -> History:
    return Forgetful(parent=shell)  # wrong


def waiting(context: InputContext, seconds: float) -> None:
    context.ready()  # wrong


@hookimpl
def ipshell_inputhook(name: str, shell: InteractiveShell) -> InputHook:
    return waiting  # wrong


class Silent:
    summary = "say nothing"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("what")

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> None:
        print(app.profile.folder)  # wrong


@hookimpl
def ipshell_command(name: str) -> Command:
    return Silent()  # wrong


# -- the shell, embedding, families ------------------------------------------------


def misuse() -> None:
    get_ipython().run_cell("1")  # wrong
    shell = InteractiveShell()
    shell.run_cel("1")  # wrong
    shell.run_cell(1)  # wrong
    shell.run_cell("1", store=True)  # wrong
    shell.push({"a": 1}, interactiv=False)  # wrong
    shell.find_magic(3)  # wrong
    shell.set_hook("editor", 3)  # wrong
    shell.check_complete()  # wrong
    shell.magics = None  # wrong
    embed("hello", {1: 2})  # wrong
    family: str = FAMILIES["input"]  # wrong
    print(family, Family("mine"))  # wrong


@hookimpl(first=True)  # wrong
def ipshell_shell_created(shell: InteractiveShell) -> None:
    shell.user_names = []  # wrong


# -- completion --------------------------------------------------------------------


class Shouting:
    def complete(self, request: CompletionRequest) -> list[str]:
        return [request.text.upper()]


@hookimpl
def ipshell_completion_providers(shell: InteractiveShell) -> Iterable[CompletionProvider]:
    print(Completion("a", 1, "text"))  # wrong
    return [Shouting()]  # wrong


# -- the test kit ------------------------------------------------------------------


class TestWind(LineMagicContract):
    plugin = 3  # wrong
    key = "wind"
    distribution = "weather"
    examples = ["here"]  # wrong


def test_wind(shell: TestedShell, tmp_plugin: TmpPlugins) -> None:
    shell.run_cell("1").assert_fine()  # wrong
    shell.run_cell("1").assert_error()  # wrong
    tmp_plugin("line_magics")  # wrong
    assert_lazy()  # wrong


# -- keys --------------------------------------------------------------------------


def loud(cell: CellEditor) -> None:
    cell.text = cell.text.upper()  # wrong
    cell.replace(cell.text.upper(), "end")  # wrong


@hookimpl
def ipshell_key_bindings(shell: InteractiveShell) -> Iterable[KeyBinding]:
    return [KeyBinding("letters.loud", loud, "Capitals.", keys=["c-x", "u"])]  # wrong
