"""Calls of embed() that open no shell any more, or that end with an error."""

from __future__ import annotations

import re
import sys

import pytest
from test_embedding import Run, run  # noqa: F401

from ipcore.embedded_calls import EmbeddedCall, KillEmbedded, call_of
from ipcore.testing.shells import ShellMaker


def test_a_shell_of_its_own_belongs_to_no_call(make_shell: ShellMaker) -> None:
    assert make_shell().embedded is None


def test_a_call_is_known_by_its_place() -> None:
    here, again = [call_of(sys._getframe()) for _ in range(2)]
    other = call_of(sys._getframe())
    here.kill()
    assert (here.killed, again.killed, other.killed) == (True, True, False)


def test_an_instance_is_known_by_where_it_was_made() -> None:
    frame, made, other = sys._getframe(), ("program.py", 1), ("program.py", 2)
    one, two, three = call_of(frame, made), call_of(frame, other), call_of(frame, made)
    one.kill_instance()
    assert (one.killed, two.killed, three.killed) == (True, False, True)
    alone = EmbeddedCall("other.py", 7)
    alone.kill_instance()
    assert EmbeddedCall("other.py", 7).killed
    assert not EmbeddedCall("other.py", 8).killed


def test_a_call_ends_with_an_error_only_if_asked_to() -> None:
    call = EmbeddedCall("program.py", 7)
    call.ended()
    call.raises = True
    with pytest.raises(KillEmbedded, match=r"program\.py:7"):
        call.ended()


def test_a_killed_call_opens_no_shell_and_others_do(run: Run) -> None:  # noqa: F811
    program = """
        from ipcore import embed
        for number in range(3):
            embed(f"first {number}")
        embed("second")
        print("done")
    """
    done = run(program, "get_ipython().embedded.kill()\nexit\nexit\n")
    assert done.stderr == ""
    assert re.findall(r"first \d|second|done", done.stdout) == ["first 0", "second", "done"]


def test_embed_raises_when_it_was_asked_to_and_the_shell_is_closed(run: Run) -> None:  # noqa: F811
    program = """
        from ipcore import embed, get_ipython
        from ipcore.embedded_calls import KillEmbedded
        try:
            embed()
        except KillEmbedded as error:
            print("raised", error, get_ipython())
    """
    done = run(program, "get_ipython().embedded.raises = True\nexit\n")
    assert done.stderr == ""
    assert "program.py:5 was left by %exit_raise None" in done.stdout


def test_embed_async_knows_its_call_too(run: Run) -> None:  # noqa: F811
    program = """
        import asyncio
        from ipcore import embed_async
        from ipcore.embedded_calls import KillEmbedded
        async def main():
            for number in range(3):
                await embed_async(f"shell {number}")
            try:
                await embed_async("last")
            except KillEmbedded:
                print("raised")
        asyncio.run(main())
    """
    typed = "get_ipython().embedded.kill()\nexit\nget_ipython().embedded.raises = True\nexit\n"
    done = run(program, typed)
    assert done.stderr == ""
    assert re.findall(r"shell \d|last|raised", done.stdout) == ["shell 0", "last", "raised"]
