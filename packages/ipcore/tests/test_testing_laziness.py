"""An import that should not be there is found, with those that it goes back to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ipcore.testing import FakeDistributions, assert_lazy
from ipcore.testing.distributions import HOOKIMPL

EAGER = HOOKIMPL + (
    "import colorsys\n"
    "@hookimpl\ndef ipshell_line_magic(shell, name):\n    return lambda line: print(colorsys.__name__)\n"
)


def failure(what: str | list[str], without: str | list[str], **options: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_lazy(what, without, **options)
    return str(caught.value)


def test_what_is_not_imported_passes_and_gives_the_process() -> None:
    done = assert_lazy("print('ran'); import sys; sys.exit(3)", ["colorsys", "chunk"], status=3)
    assert (done.stdout, done.returncode) == ("ran\n", 3)


def test_an_import_is_named_with_its_line_and_those_it_goes_back_to(
    fake_dist: FakeDistributions,
) -> None:
    fake_dist("greeter", entry_points={"line_magics": {"hi": "greeter"}}, files={"greeter.py": EAGER})
    lines = failure(["-c", "%hi"], "colorsys").splitlines()
    assert lines[0] == "ipshell -c %hi imports colorsys:"
    assert lines[1] == f"  {fake_dist.site.folder / 'greeter.py'}:3 in <module>: import colorsys"
    assert lines[2].startswith("  from ")
    assert "registry.py" in lines[2]


def test_listing_and_blocking_import_nothing_of_a_plugin(fake_dist: FakeDistributions) -> None:
    fake_dist("greeter", entry_points={"line_magics": {"hi": "greeter"}}, files={"greeter.py": EAGER})
    done = assert_lazy(["plugins", "list"], ["greeter", "colorsys"])
    assert "hi" in done.stdout
    assert_lazy(["-p", "no:hi", "-c", "%hi"], ["greeter", "colorsys"], status=1)


def test_code_is_dedented_and_submodules_count_with_their_packages() -> None:
    text = failure(
        """
        if True:
            import xml.dom.minidom
        """,
        ["xml", "xml.dom.minidom", "xml.sax"],
    )
    assert text.splitlines()[0] == "the code imports xml:"
    assert "the code imports xml.dom.minidom:" in text
    assert "xml.sax" not in text


def test_an_import_that_fails_counts_and_a_mere_question_does_not() -> None:
    assert "imports nowhere_there" in failure(
        "try:\n    import nowhere_there\nexcept ImportError: pass", "nowhere_there"
    )
    assert_lazy("import importlib.util; importlib.util.find_spec('colorsys')", "colorsys")


@pytest.mark.parametrize("end", ["import os; os._exit(0)", "1/0", "raise SystemExit(7)"])
def test_an_import_is_found_however_the_process_ends(end: str) -> None:
    assert failure(f"import colorsys\n{end}", "colorsys").startswith("the code imports colorsys:")


def test_what_python_itself_imports_is_no_answer() -> None:
    assert "sys is imported by the start of Python itself" in failure("1", "sys")


def test_another_end_than_expected_is_no_answer() -> None:
    text = failure("print('so far'); 1/0", "colorsys")
    assert text.startswith("print('so far'); 1/0 ended with status 1, so it shows nothing\n")
    assert "ZeroDivisionError" in text
    assert text.endswith("-- standard output:\n    so far")
    assert "did not end within 5 s" in failure("import threading; threading.Event().wait()", "x", timeout=5)


def test_the_users_own_configuration_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IPSHELL_HOME", raising=False)
    code = "import os; print(os.environ['IPSHELL_HOME'])"
    assert "ipshell-lazy-" in assert_lazy(["-c", code], "colorsys").stdout
    done = assert_lazy(["-c", code], "colorsys", IPSHELL_HOME=str(tmp_path))
    assert done.stdout == f"{tmp_path}\n"
