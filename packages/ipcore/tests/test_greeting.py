"""The banner, its tip, and which notices are shown."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ipcore.application import startup, tips
from ipcore.application.app import IPShellApp
from ipcore.application.command_line import parse
from ipcore.application.options import BY_NAME
from ipcore.errors import UsageError
from ipcore.notices import notice, set_level

Run = Callable[..., subprocess.CompletedProcess[str]]


def banner(*words: str) -> list[str]:
    app = IPShellApp(list(words))
    app.config = app.configuration.config
    return startup.banner(app).splitlines()


def test_the_banner_ends_with_a_tip_unless_told_otherwise(home: Path) -> None:
    assert banner()[-1].startswith("Tip: ")
    assert banner("--no-tip")[-1].startswith("ipshell ")
    assert banner("--no-tip", "--tip")[-1].startswith("Tip: ")
    assert banner("--IPShellApp.banner2=mine")[-1] == "mine"


def test_the_source_date_makes_the_banner_reproducible(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for day in range(len(tips.TIPS)):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(day * 86400 + 5))
        assert banner() == banner()
        seen.add(banner()[-1])
    assert len(seen) == len(tips.TIPS)
    for odd in ("", "yesterday", "-1"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", odd)
        today = {f"Tip: {tips.TIPS[(int(time.time()) // 86400 - back) % len(tips.TIPS)]}" for back in (0, 1)}
        assert banner()[-1] in today


#: A cell or a command line for each tip, and what it prints if the tip is true.
PROOFS: dict[str, tuple[str | list[str], str]] = {
    "_ is the last": ("7\n_, Out[1], In[1]", "(7, 7, '7')"),
    "name? shows": ("def f(): 'says so'\n\nf?\nf??", "says so"),
    "*Error? lists": ("*Error?", "ZeroDivisionError"),
    "!command runs": ("x = !echo one\nx[0]", "'one'"),
    "In !command, $name": ("word = 'one'\n!echo $word {len(word)}", "one 3"),
    "A semicolon": ("6 * 7;\n'after'", "In [1]: In [2]: Out[2]: 'after'"),
    "await works": ("import asyncio\nawait asyncio.sleep(0, 'one'), asyncio.run", "('one', <function run"),
    "%tasks lists": (
        "import asyncio\nt = asyncio.create_task(asyncio.sleep(99), name='one'); await asyncio.sleep(0)\n"
        "%tasks cancel one",
        "cancelled: one",
    ),
    "from ipcore import embed": ("from ipcore import embed; embed('hello')", "hello"),
    "await embed_async()": ("from ipcore import embed_async\nawait embed_async('hello')", "hello"),
    "PYTHONBREAKPOINT=ipcore.embed": ("def f(x):\n    breakpoint()\n\nf('one')\nx", "Out[1]: 'one'"),
    "ipshell plugins list": (["plugins", "list"], "tracebacks"),
    "ipshell config explain": (["config", "explain", "confirm_exit"], "default"),
    "ipshell -i FILE": (["-i", "file.py"], "Out[1]: 'one'"),
    "Python files in the folder startup": (["-i", "-c", "pass"], "started"),
    "ipshell --no-tip": (["--no-tip", "-c", "'one'"], "one"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="its commands are those of a POSIX shell")
@pytest.mark.parametrize("tip", tips.TIPS)
def test_every_tip_is_true(ipcore: Run, home: Path, tmp_path: Path, tip: str) -> None:
    ((what, seen),) = [proof for start, proof in PROOFS.items() if tip.startswith(start)]
    (tmp_path / "work" / "file.py").write_text("name = 'one'\n")
    (home / "profile_default" / "startup").mkdir(parents=True)
    (home / "profile_default" / "startup" / "1.py").write_text("print('started')\n")
    words, typed = (what, "name\n") if isinstance(what, list) else (["--nosep"], what + "\n")
    done = ipcore(*words, typed=typed, PYTHONBREAKPOINT="ipcore.embed")
    assert seen in done.stdout
    for word in tip.replace(",", " ").split():
        assert not word.startswith("--") or word in BY_NAME


def test_a_person_sees_the_tip(home: Path, tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals of this kind are POSIX's")
    from test_embedding import Program

    program = tmp_path / "program.py"
    program.write_text("from ipcore import main\nmain([])\n")
    with Program(program, SOURCE_DATE_EPOCH="0") as shell:
        shell.see(f"Tip: {tips.TIPS[0]}", "", "In [1]:")
        shell.type("import sys; sys.ps1, sys.ps2, sys.ps3\r")
        shell.see("Out[1]: ('In : ', '...: ', 'Out: ')", "", "In [2]:")


# -- notices -----------------------------------------------------------------------


def test_the_level_is_read_from_the_command_line() -> None:
    assert parse([]).log_level == 30
    assert parse(["--quiet"]).log_level == 50
    assert parse(["--debug"]).log_level == 10
    assert parse(["--log-level=error"]).log_level == 40
    assert parse(["--log-level", "7"]).log_level == 7
    assert parse(["--log-level=INFO", "--quiet", "--debug"]).log_level == 20
    with pytest.raises(UsageError, match="--log-level takes a number or one of DEBUG, INFO"):
        _ = parse(["--log-level=loud"]).log_level


@pytest.mark.parametrize(
    ("level", "shown"),
    [(10, "ipshell: text\ndetails\n"), (20, "ipshell: text\n"), (30, "ipshell: text\n"), (40, ""), (50, "")],
)
def test_notices_below_the_level_are_left_out(
    level: int, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_level(level)
    # What was not said may still be said once.
    assert notice("text", once="key", details="details") == bool(shown)
    assert capsys.readouterr().err == shown
    assert notice("the end", level=50)
    set_level(30)
    assert notice("text", once="key") != bool(shown)


def test_quiet_hides_warnings_and_still_tells_why_the_program_ends(ipcore: Run) -> None:
    warned = ("--NoSuch.trait=1", "-c", "print('ran')")
    loud, quiet = ipcore(*warned), ipcore("--quiet", *warned)
    assert "NoSuch" in loud.stderr
    assert (quiet.stdout, quiet.stderr) == ("ran\n", "")
    assert "NoSuch" in ipcore("--log-level=WARNING", *warned).stderr
    assert ipcore("--log-level=ERROR", *warned).stderr == ""
    assert "there is no file" in ipcore("--quiet", "no-such-file").stderr
    assert "ZeroDivisionError" in ipcore("--quiet", "-c", "1/0").stderr
    wrong = ipcore("--log-level=loud", "-c", "pass")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


def test_an_option_of_a_part_that_is_missing_says_so(ipcore: Run) -> None:
    for option in ("--color-info", "--no-color-info"):
        done = ipcore(option, "-c", "pass")
        assert done.returncode == 2
        assert f"{option} needs ipdisplay, which is not installed" in done.stderr


def test_no_tip_is_read_before_there_is_a_banner(ipcore: Run) -> None:
    done = ipcore("-c", "import sys; print('ipcore.application.tips' in sys.modules)", **os.environ)
    assert done.stdout == "False\n"
