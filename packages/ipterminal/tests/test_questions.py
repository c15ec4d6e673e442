"""Questions of threads to an editor that ends."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest

if sys.platform == "win32":
    pytest.skip("the editor of this test has a pseudo-terminal of POSIX", allow_module_level=True)

from resting_editor import resting_editor

if TYPE_CHECKING:
    from ipcore.testing.shells import ShellMaker


def test_a_question_is_refused_however_it_meets_the_end_of_the_editor(make_shell: ShellMaker) -> None:
    refused = []
    with resting_editor(make_shell()) as editor:

        def ask() -> None:
            try:
                editor.ask("Name: ")
            except EOFError:
                refused.append(True)

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(20)]
        for at, thread in enumerate(threads):
            thread.start()
            if at == 10:
                editor.questions.close()
        for thread in threads:
            thread.join(10)
    assert len(refused) == len(threads)
