"""What is proposed at many places: the cases stand in ``golden/*.toml``, by area.

A case gives a text with the cursor in it, and what of the proposals matters::

    [[case]]
    about = "a nested key"
    setup = "d = {'a': {'bee': 1}}"
    text = "d['a']['b|"
    top = ["bee"]

=============  =====================================================================================
``about``      what the case shows; unique in its area
``text``       the cell; ``|`` is the cursor, or ``¦`` where the text itself has a ``|``
``setup``      run in the shell before; optional, as is all below
``top``        the texts of the first proposals, in order; there may be more
``also``       texts that have to be among the proposals
``never``      texts that must not be
``exactly``    whether ``top`` is all there is
``source``     which provider proposes the first of ``top``
``type``       its type
``signature``  its signature
``replaces``   the piece of the text in whose place it may stand
``files``      files to be made in the working directory, path to text; a path that ends in ``/`` is a folder
``programs``   files that can be run, to be made there; a list of paths
``variables``  of the environment; ``{here}`` in a value is the working directory
``config``     configuration of the shell, ``{ Section = { trait = value } }``
``needs``      modules without which there is nothing to see; the case is skipped
``posix``      whether the case is of POSIX systems alone
=============  =====================================================================================
"""

from __future__ import annotations

import importlib.util
import os
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ipcore.types.completion import Completion

FOLDER: Final = Path(__file__).with_name("golden")
FIELDS: Final = frozenset(
    "about text setup top also never exactly source type signature replaces files programs variables config "
    "needs posix".split()
)

#: Providers that do not answer at once, or not the same everywhere.
LATE: Final = ("jedi",)


def cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.toml")):
        for number, case in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["case"], 1):
            about = case.get("about", str(number))
            yield pytest.param(case, id=f"{path.stem}: {about}")


@pytest.mark.parametrize("case", tuple(cases()))
def test_golden(
    case: dict[str, Any],
    make_completing: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    __tracebackhide__ = True
    unknown = case.keys() - FIELDS
    assert not unknown, f"a case has no {', '.join(sorted(unknown))}"
    assert case.keys() & {"top", "also", "never"} or case.get("exactly"), "the case asks for nothing"
    for module in case.get("needs", ()):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    if case.get("posix") and os.name != "posix":
        pytest.skip("of POSIX systems")
    here = tmp_path / "golden"
    _make_files(here, case.get("files", {}), case.get("programs", []))
    monkeypatch.chdir(here)
    monkeypatch.syspath_prepend(str(here))
    for name, value in case.get("variables", {}).items():
        monkeypatch.setenv(name, value.replace("{here}", str(here)))
    text, cursor = _split(case["text"])
    shell = make_completing(case.get("config", {}))
    if setup := case.get("setup"):
        shell.run_cell(setup).assert_ok()
    _only_ours(shell)
    found = shell.completer.completions(text, cursor, trigger="tab", timeout=60)
    failures = shell.registry.failures
    assert not failures, "\n".join(f"{each}\n{each.traceback}" for each in failures)
    differences = list(_differences(case, text, found))
    if differences:
        pytest.fail(_told(case, differences, found), pytrace=False)


def _split(text: str) -> tuple[str, int]:
    mark = "¦" if "¦" in text else "|"
    assert text.count(mark) == 1, f"the cursor stands {text.count(mark)} times in {text!r}"
    return text.replace(mark, ""), text.index(mark)


def _make_files(folder: Path, files: dict[str, str], programs: list[str]) -> None:
    folder.mkdir()
    for name, content in {**files, **dict.fromkeys(programs, "")}.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    for name in programs:
        (folder / name).chmod(0o755)


def _only_ours(shell: Any) -> None:
    """Switch off what is late, and the plain providers where ours stand beside them."""
    sources = shell.completer.sources
    off = [name for name in sources if any(each.startswith(f"{name} of ") for each in sources)]
    shell.completer.off = [*off, *(name for name in LATE if name in sources)]


def _source(completion: Completion) -> str:
    return completion.source.partition(" of ")[0]


def _differences(case: dict[str, Any], text: str, found: list[Completion]) -> Iterator[str]:
    texts = [each.text for each in found]
    top = case.get("top", [])
    if case.get("exactly") and texts != top:
        yield f"exactly {top} is wanted"
    elif texts[: len(top)] != top:
        yield f"{top} is wanted at the top"
    for wanted in case.get("also", ()):
        if wanted not in texts:
            yield f"{wanted!r} is missing"
    for unwanted in case.get("never", ()):
        if unwanted in texts:
            yield f"{unwanted!r} is proposed, by {_source(found[texts.index(unwanted)])}"
    if not top or not found or texts[0] != top[0]:
        return
    first = found[0]
    shown = {
        "source": _source(first),
        "type": first.type,
        "signature": first.signature,
        "replaces": text[first.start : first.end],
    }
    for name, value in shown.items():
        if name in case and value != case[name]:
            yield f"the {name} of {first.text!r} is {value!r}, not {case[name]!r}"


def _told(case: dict[str, Any], differences: list[str], found: list[Completion]) -> str:
    lines = [f"{case['about']}: {case['text']!r}", *(f"  {each}" for each in differences)]
    lines.append(f"  {len(found)} proposals:" if found else "  nothing is proposed")
    lines += [f"    {each.text}  ({_source(each)}, {each.type or 'no type'})" for each in found[:12]]
    return "\n".join(lines + (["    ..."] if len(found) > 12 else []))


def test_no_two_cases_are_called_the_same() -> None:
    names = [parameter.id for parameter in cases()]
    assert len(names) == len(set(names))
