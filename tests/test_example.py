"""``examples/plugin-template`` is what ``ipshell plugins new`` writes; ``nox -s template`` tries it."""

from __future__ import annotations

from ipcore.plugins.new_project import PIECES, names_for, project_files
from tools.check_names import tracked
from tools.workspace import ROOT

EXAMPLE = ROOT / "examples" / "plugin-template"
RENEW = (
    "write it anew: rm -r examples/plugin-template && "
    "python -m ipcore plugins new plugin-template examples/plugin-template"
)


def test_the_example_is_what_plugins_new_writes() -> None:
    written = project_files(names_for("plugin-template"), PIECES)
    there = {
        path.relative_to(EXAMPLE).as_posix(): path.read_text(encoding="utf-8")
        for path in tracked()
        if path.is_relative_to(EXAMPLE)
    }
    assert sorted(there) == sorted(written), RENEW
    for path, text in written.items():
        assert there[path] == text, f"{path} differs; {RENEW}"
