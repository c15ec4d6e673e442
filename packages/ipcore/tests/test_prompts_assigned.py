"""Prompts that a user puts into ``shell.prompts``: IPython's objects, and those of the family."""

from __future__ import annotations

from typing import Any

import pytest

from ipcore.testing import TestedShell


class Theirs:
    """As IPython's objects are; tokens of Pygments are written like this."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    def in_prompt_tokens(self) -> list[tuple[str, str]]:
        number = str(self.shell.execution_count)
        return [("Token", "~/code "), ("Token.PromptNum", number), ("Token.Keyword.Type", "> ")]

    def continuation_prompt_tokens(
        self, width: int | None = None, *, lineno: int | None = None, wrap_count: int | None = None
    ) -> list[tuple[str, str]]:
        return [("Token.Prompt.Continuation.L1", ".".rjust(width or 0))]

    def rewrite_prompt_tokens(self) -> list[tuple[str, str]]:
        return [("Token.Prompt", "-> ")]

    def out_prompt_tokens(self) -> list[tuple[str, str]]:
        return [("Token.OutPrompt", "= "), ("prompt.time", "")]


class Old(Theirs):
    """As they were before IPython 7."""

    def in_prompt_tokens(self, cli: object = None) -> list[tuple[str, str]]:
        return [("Token.Prompt", "old ")]

    def continuation_prompt_tokens(  # type: ignore[override]
        self, cli: object, width: int | None = None
    ) -> list[tuple[str, str]]:
        return [("Token.Prompt", ":".rjust(width or 0))]


class Some:
    """Of the family ``prompts``, with some of its methods."""

    def input(self, number: int) -> str:
        return f"{number} » "

    def toolbar(self) -> list[tuple[str, str]]:
        return [("toolbar", "below")]


def test_ipythons_objects_can_be_put_in(shell: TestedShell) -> None:
    shell.prompts = Theirs(shell)
    assert shell.prompts.styled("input", 1) == [
        ("prompt", "~/code "),
        ("prompt.number", "1"),
        ("code.keyword", "> "),
    ]
    assert shell.prompts.styled("continuation", 1) == [("prompt.continuation", ".".rjust(10))]
    assert shell.prompts.rewrite(1) == "-> "
    assert shell.prompts.output(1) == "= "
    assert list(shell.prompts.right(1)) == list(shell.prompts.toolbar()) == []


@pytest.mark.parametrize(
    ("prompt", "columns"),
    [("a> ", 3), ("日本> ", 6), ("first\n日> ", 4), ("e\u0301> ", 3), ("😀 ", 3), ("", 0)],
)
def test_what_stands_below_a_prompt_is_as_wide_as_that_on_the_screen(
    shell: TestedShell, prompt: str, columns: int
) -> None:
    class Wide(Theirs):
        def in_prompt_tokens(self) -> list[tuple[str, str]]:
            return [("Token.Prompt", prompt)]

    class Alone:
        def input(self, number: int) -> str:
            return prompt

    shell.prompts = Wide(shell)
    assert shell.prompts.continuation(1) == ".".rjust(columns)
    shell.prompts = Alone()
    assert shell.prompts.continuation(1) == "...: ".rjust(columns)


def test_a_clock_in_the_prompt_is_asked_once(shell: TestedShell) -> None:
    class Clock(Theirs):
        ticks = 0

        def in_prompt_tokens(self) -> list[tuple[str, str]]:
            self.ticks += 1
            return [("Token.Prompt", "#" * self.ticks)]

    shell.prompts = Clock(shell)
    assert shell.prompts.styled("input", 1) == [("prompt", "#")]
    assert shell.prompts.continuation(1) == "."
    assert shell.prompts.input(2) == "##"
    assert shell.prompts.continuation(2) == " ."


def test_older_ones_may_take_fewer_arguments(shell: TestedShell) -> None:
    shell.prompts = Old(shell)
    assert shell.prompts.input(1) == "old "
    assert shell.prompts.continuation(1) == "   :"


def test_what_is_not_there_is_as_plain_prompts_are(shell: TestedShell) -> None:
    shell.prompts = Some()
    assert shell.prompts.input(12) == "12 » "
    assert shell.prompts.continuation(12) == "...: "
    assert shell.prompts.output(12) == "Out[12]: "
    assert shell.prompts.toolbar() == [("toolbar", "below")]


def test_what_has_been_read_can_be_put_back(shell: TestedShell) -> None:
    before = shell.prompts
    shell.prompts = Some()
    shell.prompts = before
    assert shell.prompts.input(1) == "In [1]: "
    shell.prompts = Some()
    shell.prompts_name = "classic"
    assert shell.prompts.input(1) == ">>> "


def test_what_fails_is_told_once_and_the_plain_prompt_takes_its_place(
    shell: TestedShell, capfd: pytest.CaptureFixture[str]
) -> None:
    class Broken(Theirs):
        def in_prompt_tokens(self) -> list[tuple[str, str]]:
            raise OSError("the folder is gone")

        def out_prompt_tokens(self) -> Any:
            return [("Token", 3)]

    shell.prompts = Broken(shell)
    assert [shell.prompts.input(1) for _ in range(3)] == ["In [1]: "] * 3
    assert [shell.prompts.output(1) for _ in range(2)] == ["Out[1]: "] * 2
    assert shell.prompts.rewrite(1) == "-> "
    told = capfd.readouterr().err.splitlines()
    assert [line.partition(";")[0] for line in told] == [
        "ipshell: Broken.in_prompt_tokens(): OSError: the folder is gone",
        "ipshell: Broken.out_prompt_tokens(): TypeError: it gave int for a text",
    ]


def test_methods_of_ipythons_base_class_are_not_asked(shell: TestedShell) -> None:
    class Prompts(Theirs):
        def out_prompt_tokens(self) -> list[tuple[str, str]]:
            raise AttributeError("IPython's terminal is not here")

    Prompts.out_prompt_tokens.__module__ = "IPython.terminal.prompts"
    Prompts.out_prompt_tokens.__qualname__ = "Prompts.out_prompt_tokens"
    shell.prompts = Prompts(shell)
    assert shell.prompts.output(1) == "Out[1]: "


def test_what_is_no_prompt_is_refused(shell: TestedShell) -> None:
    with pytest.raises(TypeError, match=r"in_prompt_tokens\(\) or input\(\), not str"):
        shell.prompts = "> "
    assert shell.prompts.input(1) == "In [1]: "


def test_none_gives_back_those_that_have_a_name(shell: TestedShell) -> None:
    plain = shell.prompts.input(1)
    shell.prompts = Some()
    shell.prompts = None
    assert shell.prompts.input(1) == plain
