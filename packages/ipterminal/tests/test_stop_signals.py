"""Who handles Ctrl-Z and Ctrl-\\ while a cell runs, and behind it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ipterminal.stop_signals import SystemHandlers

if SystemHandlers.found() is None:
    pytest.skip("here the signals are left alone, so that they work in any state", allow_module_level=True)

PROGRAM = """
import faulthandler, os, signal, sys
from ipterminal.stop_signals import StopSignals

stops = StopSignals(lambda: lambda: None)
{before}
stops.handle()
{within}
stops.let_be()
stops.handle()
os.kill(os.getpid(), signal.SIGQUIT)
stops.let_be()
os.kill(os.getpid(), signal.SIGQUIT)
print("lives")
"""


@pytest.mark.parametrize("when", ["before", "within"])
def test_a_handler_that_is_not_pythons_stays(when: str) -> None:
    lines = {"before": "", "within": "", when: "faulthandler.register(signal.SIGQUIT)"}
    command = [sys.executable, "-c", PROGRAM.format(**lines)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "lives\n"
    assert done.stderr.count("(most recent call first)") == 2
