"""The distributions of this workspace, as their ``pyproject.toml`` files tell them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Distribution:
    """One folder of ``packages/``."""

    folder: Path
    name: str
    """Name of the distribution, which need not be that of the folder."""
    version: str
    package: str
    """Name it is imported by."""
    requires: tuple[Requirement, ...]
    """What it declares to need, siblings included, extras not."""
    extras: dict[str, tuple[Requirement, ...]]
    test_requires: tuple[str, ...]
    """What its own tests need beside it."""

    @property
    def tests(self) -> Path:
        """Folder of its own tests."""
        return self.folder / "tests"

    @property
    def wheel(self) -> str:
        """File name of its wheel."""
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


def distributions(root: Path = ROOT) -> list[Distribution]:
    """Read all distributions, sorted by folder.

    :param root: root of the workspace.
    """
    return [_read(path.parent) for path in sorted(root.glob("packages/*/pyproject.toml"))]


def third_party(requirements: tuple[Requirement, ...]) -> list[Requirement]:
    """Give those of the requirements that are none of our own distributions."""
    ours = {canonicalize_name(each.name) for each in distributions()}
    return [each for each in requirements if canonicalize_name(each.name) not in ours]


def lowest(requirement: Requirement) -> str:
    """Pin a requirement to the lowest version it admits.

    :raises ValueError: if it names no lowest version; ours have to.
    """
    for specifier in requirement.specifier:
        if specifier.operator in {">=", "~=", "=="}:
            return f"{requirement.name}=={specifier.version}"
    raise ValueError(f"the requirement {requirement} has no lower bound")


def _read(folder: Path) -> Distribution:
    content = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    project = content["project"]
    (package,) = content["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    extras = project.get("optional-dependencies", {})
    return Distribution(
        folder=folder,
        name=project["name"],
        version=project["version"],
        package=Path(package).name,
        requires=tuple(Requirement(text) for text in project.get("dependencies", ())),
        extras={name: tuple(Requirement(text) for text in texts) for name, texts in extras.items()},
        test_requires=tuple(content.get("dependency-groups", {}).get("test", ())),
    )
