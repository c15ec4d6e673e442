"""Running cells side by side with IPython 9.18: what comes of each, and who is told.

The answers of IPython stand in ``execution_ipython.json``. A Python that has IPython records them
anew: ``python test_execution_table.py``. Where the shell answers otherwise, ``JUDGED`` says why.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

RECORD = Path(__file__).with_name("execution_ipython.json")

Cell = tuple[str, dict[str, Any]]


def typed(*cells: str, **more: Any) -> list[Cell]:
    """Give cells as if typed at the prompt."""
    return [(cell, {"store_history": True, **more}) for cell in cells]


#: Name → the cells of one session, each with what ``run_cell`` is called with.
SESSIONS: dict[str, list[Cell]] = {
    "nothing": [("", {}), ("  \n\t\n", {}), *typed("", " \n ", "\n\n"), ("", {"silent": True})],
    "only a comment": typed("# why", "1"),
    "counted": [
        *typed("a = 1"),
        ("a = 2", {}),
        *typed("1/0", "a", "a +"),
        ("a", {"silent": True}),
        *typed("a"),
    ],
    "silent": [("a = 5", {"silent": True}), ("a", {"silent": True}), ("1/0", {"silent": True}), ("a", {})],
    "silent and stored": [("7", {"silent": True, "store_history": True}), *typed("8")],
    "syntax error": typed("a = ", "a = 1\n)", "if 1:\nx", "'abc", "return 1", "x = 1"),
    "indentation": typed("if 1:\n  a = 1\n b = 2", "a"),
    "null byte": typed("a = 1\0", "a = 2"),
    "too large": typed("1" * 5000, "a = 2"),
    "too deep": typed("(" * 300 + ")" * 300, "a = 2"),
    "assert in a comprehension": typed("(x = 1)", "[a for a in 1, 2]"),
    "stops at the first error": typed("a = 1\nb = 1/0\nc = 3", "a", "'b' in dir(), 'c' in dir()"),
    "stops in the last expression": typed("a = 1\na / 0", "a"),
    "name error": typed("nobody", "nobody = 1", "nobody"),
    "several values": typed("1\n2\n3", "1; 2; 3", "if 1:\n    4", "for i in (1, 2): i"),
    "none": typed("None", "x = None", "print()", "1"),
    "semicolon": typed("5;", "5 ;", "5; # why", "5 # ;", "5 #;", "';'", "'a;' # ;", "x = 5;", "5;\n", "5;;"),
    "semicolon alone": typed("5\n;", ";"),
    "semicolon after more": typed(
        "1\n2;", "1;\n2", "(1,\n2);", "'''\n;'''", "'''a''';", "f = lambda: 1\nf();"
    ),
    "semicolon and a comment line": typed("5;\n# why", "5\n# why;", "5; # one; two", "x = 1; x", "x = 1; x;"),
    "future": typed("from __future__ import annotations", "def f(a: nobody): pass", "f.__annotations__"),
    "future apart": [
        *typed("from __future__ import annotations", shell_futures=False),
        *typed("def f(a: int): pass", "f.__annotations__['a'] is int"),
    ],
    "future shared, then apart": [
        *typed("from __future__ import annotations"),
        *typed("def f(a: int): pass", shell_futures=False),
        *typed("f.__annotations__['a'] is int", "def g(a: int): pass", "g.__annotations__"),
    ],
    "future in its own cell": typed(
        "from __future__ import annotations\ndef f(a: nobody): pass\nf.__annotations__", shell_futures=False
    ),
    "late future": typed("a = 1\nfrom __future__ import annotations"),
    "with id": typed("a = 1", cell_id="c-17", cell_meta={"tags": ["x"]}),
    "system exit": typed("raise SystemExit", "raise SystemExit(3)", "import sys; sys.exit('why')", "1"),
    "keyboard interrupt": typed("raise KeyboardInterrupt", "1"),
    "generator exit": typed("raise GeneratorExit", "class E(BaseException): pass\nraise E", "1"),
    "escapes": typed("%lsmagic?x", "x = !echo hi", "x"),
    "underscores": typed("11", "_ + 1", "_ + __", "_ = 5", "_", "6", "_"),
    "in and out": typed("'a'", "len(In), Out", "_1, _i1", "In[1]"),
    "unstored value": [("3", {}), *typed("4"), ("5", {}), *typed("6")],
    "open": typed("open(0)", "open(1)", "open(2)", "open(True)", "open('/nowhere/at/all')"),
    "open that closes nothing": typed("open(1, 'w', closefd=False).fileno()"),
    "open is a builtin's": typed(
        "import builtins; open is builtins.open", "open.__name__", "builtins.open(99)"
    ),
    "await": typed("import asyncio", "await asyncio.sleep(0, 5)", "await asyncio.sleep(0, 6);", "1"),
    "deleted": typed("del In", "1", "del Out", "2", "3"),
    "classes": typed("class A: pass", "A.__module__, __name__", "A.__qualname__"),
    "pasted": typed(">>> a = 1\n... \n>>> a", "  b = 2\n  b", "In [3]: c = 3\n   ...: c"),
}

#: The values of ``ast_node_interactivity``.
MODES = ("all", "last", "last_expr", "none", "last_expr_or_assign")
MODE_CELLS = typed(
    "1\na = 2\n3", "a = 4", "a: int = 5", "a += 1", "a = b = 7", "a, b = 8, 9", "a = 1\nif a: a",
    "for i in (1, 2): i", "a = None", "if 1: a = 10", "a = 11;", "def f(): 1", "a.b = 1",
    "l = [1]; l[0] = 2", "1;\n2", "import io", "(c := 3)", "with io.StringIO() as z: z.closed",
    "x = 1\ny = 2", "(d) = 5", "1; e = 2",
)  # fmt: skip


def run(shell: Any, cells: list[Cell]) -> list[dict[str, Any]]:
    """Give what comes of each cell."""
    told: list[str] = []
    info: list[Any] = []
    for event in ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell"):
        shell.events.register(event, _teller(told, info, event))
    answers = []
    for cell, more in cells:
        told.clear()
        info.clear()
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            result = shell.run_cell(cell, **more)
        before, during = result.error_before_exec, result.error_in_exec
        answers.append(
            {
                "before": type(before).__name__ if before is not None else "",
                "during": type(during).__name__ if during is not None else "",
                "success": result.success,
                "result": _plain(result.result),
                "shown": [line for line in printed.getvalue().splitlines() if line.startswith("Out[")],
                "count": [result.execution_count, shell.execution_count],
                "out": sorted(shell.user_ns.get("_oh", {})),
                "in": len(shell.user_ns.get("_ih", [])),
                "told": " ".join(told),
                "info": list(info),
            }
        )
    return answers


def _teller(told: list[str], info: list[Any], event: str) -> Any:
    def pre_run_cell(given: Any) -> None:
        told.append(event)
        info[:] = given.transformed_cell, given.store_history, given.silent
        info.extend((given.shell_futures, given.cell_id, given.cell_meta))

    def other(*given: Any) -> None:
        told.append(event)

    return pre_run_cell if event == "pre_run_cell" else other


def _plain(value: object) -> str:
    return "" if value is None else repr(value).partition(" at 0x")[0].partition("<ipython")[0]


def sessions() -> dict[str, tuple[str, list[Cell]]]:
    """Give every session with the value of ``ast_node_interactivity`` it runs at."""
    found = {name: ("last_expr", cells) for name, cells in SESSIONS.items()}
    found.update((f"interactivity {mode}", (mode, MODE_CELLS)) for mode in MODES)
    found["interactivity declared"] = "last_expr_or_assign", typed("a = 1", "a: int")
    return found


def record() -> None:
    import subprocess

    answers = {}
    for name in sessions():
        done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        answers[name] = json.loads(done.stdout.splitlines()[-1])
    text = ",\n".join(f"{json.dumps(name)}: {json.dumps(given)}" for name, given in answers.items())
    RECORD.write_text("{" + text + "}\n", encoding="utf-8")


def record_one(name: str) -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance(history_load_length=0)
    shell.history_manager.enabled = True
    shell.ast_node_interactivity, cells = sessions()[name]
    print(json.dumps(run(shell, cells)))


def ours(name: str) -> list[dict[str, Any]]:
    from ipcore.shell import InteractiveShell

    shell = InteractiveShell()
    shell.start()
    try:
        shell.ast_node_interactivity, cells = sessions()[name]
        return run(shell, cells)
    finally:
        shell.close()


def _failed(error: str, info: list[Any] | None = None) -> dict[str, Any]:
    """Give what differs where a cell runs in IPython, and is refused here."""
    found: dict[str, Any] = {"before": error, "success": False, "shown": [], "result": "", "out": []}
    return found if info is None else {**found, "info": info}


#: Why a cell comes out otherwise than in IPython: session and cell, and what differs.
JUDGED: dict[str, dict[tuple[str, int], dict[str, Any]]] = {
    "transformed text always ends with a newline": {
        ("indentation", 0): {"info": ["if 1:\n  a = 1\n b = 2\n", True, False, True, None, None]}
    },
    "a semicolon without anything to call is a mistake": {
        ("semicolon alone", 0): _failed("SyntaxError", ["5\n;\n", True, False, True, None, None]),
        ("semicolon alone", 1): _failed("SyntaxError", [";\n", True, False, True, None, None]),
    },
    "a cell is compiled before any of it runs, as a file is": {
        ("late future", 0): _failed("SyntaxError"),
    },
    "a value that is not stored has its cell's number, and is not in Out": {
        ("silent", 3): {"shown": ["Out[1]: 5"], "out": []},
        ("unstored value", 0): {"shown": ["Out[1]: 3"], "out": []},
        ("unstored value", 1): {"out": [1]},
        ("unstored value", 2): {"shown": ["Out[2]: 5"], "out": [1]},
        ("unstored value", 3): {"out": [1, 2]},
    },
    "a stream that does not close the descriptor does no harm": {
        ("open that closes nothing", 0): {
            "during": "",
            "success": True,
            "shown": ["Out[1]: 1"],
            "out": [1],
            "result": "1",
        },
    },
    "a declaration assigns nothing": {
        ("interactivity declared", 1): {"result": "", "shown": [], "out": [1]},
    },
}


def _comparable(cell: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the shell says on purpose and IPython does not.

    A blank cell has a number here, and a value that is hidden can be had from the result.
    """
    kept = dict(answer)
    if not cell.strip():
        kept["count"] = answer["count"][1:]
    if not answer["shown"]:
        del kept["result"]
    return kept


def test_cells_come_out_as_in_ipython_but_for_the_judged_ones() -> None:
    recorded: dict[str, list[dict[str, Any]]] = json.loads(RECORD.read_text(encoding="utf-8"))
    judged = {place: answer for places in JUDGED.values() for place, answer in places.items()}
    wrong: dict[str, Any] = {}
    needless = set(judged)
    for name, (_, cells) in sessions().items():
        for at, found in enumerate(ours(name)):
            cell = cells[at][0]
            theirs = recorded[name][at]
            wanted = {**theirs, **judged.get((name, at), {})}
            if name == "null byte" and sys.version_info >= (3, 12):  # the record is that of a Python 3.11
                wanted["before"] = wanted["before"].replace("ValueError", "SyntaxError")
            if _comparable(cell, found) != _comparable(cell, theirs):
                needless.discard((name, at))
            if _comparable(cell, found) != _comparable(cell, wanted):
                wrong[f"{name}, cell {at}: {cell!r}"] = found, wanted
    assert wrong == {}
    assert needless == set(), "these need no judgement"
    assert sum(len(cells) for _, cells in sessions().values()) > 200


if __name__ == "__main__":
    record_one(sys.argv[1]) if len(sys.argv) > 1 else record()
    raise SystemExit
