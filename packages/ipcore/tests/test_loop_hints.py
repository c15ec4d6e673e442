"""What a cell is told that looks for a running event loop where it has none."""

from __future__ import annotations

import pytest

from ipcore.testing import TestedShell

HINT = "ipshell: a cell has a running event loop where it awaits something."


@pytest.mark.parametrize(
    "cell",
    [
        "import asyncio\nasyncio.get_running_loop()",
        "import asyncio\nwork = asyncio.sleep(0)\n"
        "try:\n    asyncio.create_task(work)\nfinally:\n    work.close()",
    ],
)
def test_a_cell_that_looks_for_a_running_loop_is_told_when_it_has_one(shell: TestedShell, cell: str) -> None:
    for _ in range(2):
        outcome = shell.run_cell(cell)
        assert type(outcome.error) is RuntimeError
        lines = outcome.stderr.splitlines()
        assert lines[-2] == "RuntimeError: no running event loop"
        assert lines[-1].startswith(HINT)
    assert "await asyncio.sleep(0)" in lines[-1]
    shell.run_cell(f"{cell}\nawait asyncio.sleep(0)").assert_ok()


@pytest.mark.parametrize(
    "cell",
    [
        "import asyncio\ndef f():\n    asyncio.get_running_loop()\nf()",
        "raise ValueError('no running event loop')",
        "class Own(RuntimeError): pass\nraise Own('no running event loop')",
        "raise RuntimeError('no loop is running')",
        "raise RuntimeError(Exception('no running event loop'))",
        "raise RuntimeError",
        "from json import loads\ndef no(pairs): raise RuntimeError('no running event loop')\n"
        "loads('{}', object_pairs_hook=no)",
    ],
)
def test_nothing_is_told_of_loops_where_the_error_has_other_reasons(shell: TestedShell, cell: str) -> None:
    outcome = shell.run_cell(cell)
    assert outcome.error is not None
    assert HINT not in outcome.stderr
