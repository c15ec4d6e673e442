"""breakpoint() wherever a program may stand: it opens a shell, or the standard debugger in a shell's cell."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals of this kind are POSIX's", allow_module_level=True)

from test_embedding import Program

from ipcore.testing import Terminals

#: Modules whose run() stops in a place of one kind.
PLACES = {
    "function": """
def place(n):
    breakpoint()
    print("given back", n)
def run():
    place(1)
""",
    "asyncio": """
import asyncio
async def place(n):
    breakpoint()
    await asyncio.sleep(0)
    print("given back", n)
def run():
    asyncio.run(place(1))
""",
    "task": """
import asyncio
async def place(n):
    breakpoint()
    await asyncio.sleep(0)
    print("given back", n)
async def main():
    await asyncio.gather(asyncio.sleep(0.01), asyncio.create_task(place(1)))
def run():
    asyncio.run(main())
""",
    "trio": """
import trio
async def place(n):
    breakpoint()
    await trio.sleep(0)
    print("given back", n)
async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(place, 1)
def run():
    trio.run(main)
""",
    "thread": """
import threading
def place(n):
    breakpoint()
    print("given back", n)
def run():
    thread = threading.Thread(target=place, args=(1,))
    thread.start()
    thread.join()
""",
    "thread of asyncio": """
import asyncio
def place(n):
    breakpoint()
    print("given back", n)
def run():
    asyncio.run(asyncio.to_thread(place, 1))
""",
}
EVERYWHERE = pytest.mark.parametrize("text", PLACES.values(), ids=list(PLACES))


@EVERYWHERE
def test_it_opens_a_shell_if_the_environment_says_so(home: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "program.py").write_text(text + "run()\n")
    with Program(tmp_path / "program.py", PYTHONBREAKPOINT="ipcore.embed") as shell:
        shell.see("In [1]:")
        shell.type("[n + x for x in range(2)]\r")
        shell.see("Out[1]: [1, 2]", "", "In [2]:")
        shell.type("import asyncio; await asyncio.sleep(0, n)\r")
        shell.see("Out[2]: 1", "", "In [3]:")
        shell.type("n = 5\r")
        shell.see("In [4]:")
        shell.type("exit\r")
        shell.see("In [4]: exit", "given back 5")


@EVERYWHERE
def test_the_standard_debugger_works_in_a_cell(terminal: Terminals, tmp_path: Path, text: str) -> None:
    (tmp_path / "program.py").write_text(text)
    shell = terminal("--nosep", "--no-banner", cwd=tmp_path, rows=40)

    def see(*ends: str) -> None:
        def met(lines: list[str]) -> bool:
            # The question of a thread says which one asks.
            shown = [re.sub(r"^Thread '.*' asks: ", "", line) for line in lines[-len(ends) :]]
            return tuple(shown) == ends

        shell.wait_for(met, str(ends))

    shell.wait_for_prompt(1)
    shell.type("import program\r")
    shell.wait_for_prompt(2)
    shell.type("program.run()\r")
    see("(Pdb)")
    shell.type("p n + 41\r")
    see("42", "(Pdb)")
    shell.type("!n = 5\r")
    see("(Pdb) !n = 5", "(Pdb)")
    shell.type("c\r")
    see("(Pdb) c", "given back 5", "In [3]:")
    shell.type("import asyncio; await asyncio.sleep(0, 'usable')\r")
    see("Out[3]: 'usable'", "In [4]:")
