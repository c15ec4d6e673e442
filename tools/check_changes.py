"""Check the fragments in ``changes/``, and that every changed distribution has one.

    python -m tools.check_changes [BASE]

On a branch: whatever the branch changed under ``packages/FOLDER/src`` or in that folder's
``pyproject.toml`` must come with a fragment that the branch added or changed. On the main branch
itself, or where there is nothing to compare with (a fresh or shallow clone), every distribution
that changed since the last release tag, or without one any distribution, must have a fragment.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.workspace import ROOT, Distribution, distributions

TYPES = ("added", "changed", "fixed", "removed", "packaging")
#: Stands in a fragment's name for what belongs to no distribution: checks, documentation.
PROJECT = "project"

_NAME = re.compile(r"(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)\.(?P<dist>[a-z0-9-]+)\.(?P<type>[a-z]+)\.md")


def check_fragments(folder: Path, names: set[str]) -> Iterator[str]:
    """Yield what is wrong with the fragments themselves.

    :param folder: the folder ``changes``.
    :param names: names of our distributions.
    """
    for path in sorted(folder.iterdir()):
        if path.name == "README.md":
            continue
        match = _NAME.fullmatch(path.name)
        if match is None:
            yield f"changes/{path.name}: the name must be SLUG.DISTRIBUTION.TYPE.md, see changes/README.md"
            continue
        if match["dist"] not in {*names, PROJECT}:
            known = ", ".join(sorted({*names, PROJECT}))
            yield f"changes/{path.name}: there is no distribution {match['dist']}; there are {known}"
        if match["type"] not in TYPES:
            yield f"changes/{path.name}: the type must be one of {', '.join(TYPES)}"
        text = path.read_text(encoding="utf-8").strip()
        if not text.endswith((".", "`")) or text.startswith(("#", "-", "*")):
            yield f"changes/{path.name}: must hold whole sentences, without heading or list"


def fragments_of(name: str, paths: list[str]) -> list[str]:
    """Give those of the paths that are fragments of one distribution."""
    return [path for path in paths if path.startswith("changes/") and f".{name}." in path]


def check_branch(changed: list[str], ours: list[Distribution]) -> Iterator[str]:
    """Yield the distributions that a branch changed without a fragment.

    :param changed: paths that differ from the base, with ``/``.
    """
    for each in ours:
        prefix = f"packages/{each.folder.name}/"
        touched = [
            path for path in changed if path.startswith(prefix + "src/") or path == prefix + "pyproject.toml"
        ]
        if touched and not fragments_of(each.name, changed):
            yield (
                f"{each.name}: {touched[0]} changed and no fragment with it; "
                f"add changes/SLUG.{each.name}.TYPE.md, see changes/README.md"
            )


# -- what authors of plugins use ------------------------------------------------------------


def entries(text: str) -> dict[str, str]:
    """Give the lines of a record of signatures by what they are of, a family's hook or a dotted name."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        # "family (stable): hook(…)", "module.name(…) …", "module.Class.name: type", "module.NAME = value"
        match = re.match(r"(?:[\w.]+(?: \(stable\))?: (?=ipshell_))?([\w.]+)", line)
        if match is not None:
            found[match[1]] = line
    return found


def check_record(path: str, old: str, new: str, fragments: str) -> Iterator[str]:
    """Yield what changed in a record of signatures and is not told, or may not change so.

    :param path: the record, for the report.
    :param old: its text at the base.
    :param new: its text now.
    :param fragments: the texts of the fragments that the branch added or changed.
    """
    before, after = entries(old), entries(new)
    gone = before.keys() - after.keys()
    for name, line in before.items():
        if after.get(name) == line or name.rpartition(".")[0] in gone:
            continue  # of a class that went, its name is enough
        what = "changed" if name in after else "went"
        if " (stable): " in line and not _may_become(line, after.get(name, "")):
            yield f"{path}: {name} {what}, but its family is stable: deprecate it first"
        if not re.search(rf"\b{re.escape(name.rpartition('.')[2])}\b", fragments):
            yield f"{path}: {name} {what} and no fragment names it, see changes/README.md"


def _may_become(old: str, new: str) -> bool:
    """Tell whether a hook of a stable family may change so."""
    if " [" in old:
        return True  # of what was deprecated, the release is checked where it is marked
    plain = re.sub(r" \[.*\]$", "", new)
    head, _, result = old.rpartition(") -> ")
    # Implementations take the arguments they name, so further ones break none.
    return plain.endswith(f") -> {result}") and plain.startswith(head) and plain[len(head)] in "),"


def check_records(since: str, changed: list[str], root: Path = ROOT) -> Iterator[str]:
    """Yield what a branch changed in the records of signatures without telling.

    :param since: the commit to compare with.
    :param changed: paths that differ from it.
    """
    mine = [root / path for path in changed if path.startswith("changes/") and path != "changes/README.md"]
    fragments = "\n".join(path.read_text(encoding="utf-8") for path in mine if path.is_file())
    for path in changed:
        if re.fullmatch(r"packages/\w+/tests/\w+_signatures\.txt", path):
            new = (root / path).read_text(encoding="utf-8") if (root / path).is_file() else ""
            yield from check_record(path, git("show", f"{since}:{path}", root=root), new, fragments)


# -- git -----------------------------------------------------------------------------------


def git(*arguments: str, root: Path = ROOT) -> str:
    """Run git and give what it printed, empty if it failed."""
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def base(root: Path = ROOT) -> str:
    """Give the commit where this branch left the main branch; empty on the main branch itself."""
    head = git("rev-parse", "--verify", "HEAD", root=root)
    for name in ("origin/main", "main"):
        found = git("merge-base", "HEAD", name, root=root)
        if found and found != head:
            return found
    return ""


def changed_since(commit: str, root: Path = ROOT) -> list[str]:
    """Give the paths that differ between a commit and the work tree, new files included."""
    differing = git("diff", "--name-only", commit, root=root).splitlines()
    return [*differing, *git("ls-files", "--others", "--exclude-standard", root=root).splitlines()]


def main(arguments: list[str]) -> int:
    """Print what is wrong.

    :param arguments: a commit to compare with, instead of where the main branch was left.
    :returns: 1 if anything is.
    """
    ours = distributions()
    wrong = list(check_fragments(ROOT / "changes", {each.name for each in ours}))
    since = arguments[0] if arguments else base()
    if since:
        changed = changed_since(since)
        wrong.extend(check_branch(changed, ours))
        wrong.extend(check_records(since, changed))
        told = f"compared with {since[:12]}"
    else:
        tag = git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
        waiting = [f"changes/{path.name}" for path in (ROOT / "changes").iterdir()]
        changed = changed_since(tag) if tag else [f"packages/{each.folder.name}/src/" for each in ours]
        wrong.extend(check_branch([*changed, *waiting], ours))
        told = f"all since {tag or 'the beginning'}"
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"changes: {told}, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
