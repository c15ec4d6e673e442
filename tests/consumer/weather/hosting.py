"""A program that opens a shell, runs cells in one, and asks what hooks there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipcore import InteractiveShell, __version__, embed, embed_async, get_ipython, main, start_ipshell
from ipcore.display import MimeFormatter
from ipcore.hookspecs import API_VERSION, FAMILIES, HOOK_PREFIX, STABLE, Family
from ipcore.hosts.main_thread import MainThread
from ipcore.system.slist import SList
from ipcore.types.cells import CellResult


def talk() -> None:
    embed("hello", user_ns={"n": 1}, confirm_exit=False)


async def talk_on() -> None:
    await embed_async(exit_msg="bye")


def run() -> int:
    if len(__version__) == 1:
        start_ipshell(["--no-banner"])
        return main(["-c", "1"])
    shell = InteractiveShell()
    shell.start()
    try:
        result: CellResult = shell.run_cell("1 + 1", store_history=True)
        value: object = result.result
        line: object = shell.run_line_magic("tasks", "")
        body: object = shell.run_cell_magic("measured", "", "a\n")
        lines: Any = shell.getoutput("echo fair")
        shell.system("echo fair")
        shell.push({"value": value})
        shell.user_ns.setdefault("line", line)
        shell.db["weather"] = body
        counted: int = shell.execution_count
        text, matches = shell.complete("val")
        shell.set_next_input(text)
        return counted + len(matches) + len(lines)
    finally:
        shell.close()


def edit(shell: InteractiveShell, filename: str, linenum: int | None = None, wait: bool = True) -> None:
    print(filename, linenum, wait)


def use(shell: InteractiveShell) -> None:
    """Use what extensions use."""
    output = shell.getoutput("ls -l")
    sizes: list[str] = output.grep("weather").get_list() if isinstance(output, SList) else []
    shell.alias_manager.define_alias("fair", "echo fair")
    shell.set_hook("editor", edit, priority=10)
    told: str | None = shell.extension_manager.load_extension("weather")
    value: object = shell.ev("1 + 1")
    complete, indent = shell.check_complete("if 1:")
    parts: dict[str, object] = shell.object_inspect("value")
    code: str = shell.find_user_code("1-3", raw=False)
    if shell.ask_yes_no("really?", default="n"):
        shell.reset_selective("weather.*")
    shell.register_magic_function(len, "line", "length")
    found = shell.find_line_magic("length")
    if found is not None:
        print(found("four"))
    shell.display.register_formatter(MimeFormatter("text/x-weather", "_repr_weather_"))
    plain = shell.display.formatters["text/plain"]
    plain.for_type(complex, str)
    shell.replace_part("history", None)
    shell.user_ns_hidden.update(sizes, [told or "", complete, indent, code])
    shell.enable_gui("asyncio")
    shell.run_code("1", "a label")
    print(value, parts, shell.keyboard.ask("who? "), shell.user_names())


def converse(front_end: Callable[[MainThread], int], shell: InteractiveShell) -> int:
    """Run a front end beside the thread of the cells."""
    with MainThread(shell) as main_thread:
        future = main_thread.run_cell("1 + 1")
        main_thread.interrupt()
        if future.cancel():
            return main_thread.run(front_end)
        result: CellResult = future.result(1.0)
        return int(result.success)


def families() -> list[str]:
    known: dict[str, Family] = FAMILIES
    stable = [name for name, family in known.items() if family.stability == STABLE]
    return [API_VERSION, HOOK_PREFIX, *stable, *(family.group for family in known.values())]


def running() -> InteractiveShell | None:
    return get_ipython()
