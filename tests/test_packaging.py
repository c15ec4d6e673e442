"""What is in the wheels, what they require, and that nothing of ours can come from an index."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tarfile
import tomllib
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import clean_environment
from tools.check_names import STRANGERS
from tools.workspace import ROOT, Distribution, distributions, third_party

OURS = {each.name for each in distributions()}
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def metadata_of(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode())


# -- wheels --------------------------------------------------------------------------------


def test_a_wheel_holds_its_package_typed_and_its_licence(built: Path, distribution: Distribution) -> None:
    with ZipFile(built / distribution.wheel) as archive:
        names = archive.namelist()
        licence = next(name for name in names if name.endswith(".dist-info/licenses/LICENSE"))
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()
    assert f"{distribution.package}/py.typed" in names
    tops = {name.split("/")[0] for name in names}
    info = f"{distribution.name.replace('-', '_')}-{distribution.version}.dist-info"
    assert tops == {distribution.package, info}


def test_a_wheel_holds_every_module_of_its_source(built: Path, distribution: Distribution) -> None:
    source = distribution.folder / "src"
    expected = {path.relative_to(source).as_posix() for path in source.rglob("*.py")}
    with ZipFile(built / distribution.wheel) as archive:
        found = {name for name in archive.namelist() if name.endswith(".py")}
    assert found == expected


def test_a_wheel_describes_itself_with_its_readme(built: Path, distribution: Distribution) -> None:
    metadata = metadata_of(built / distribution.wheel)
    readme = (distribution.folder / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# {distribution.name}\n")
    assert str(metadata.get_payload()).strip() == readme.strip()
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert metadata["Requires-Python"] == ">=3.11"


def test_no_wheel_loads_itself_into_pytest(built: Path, distribution: Distribution) -> None:
    with ZipFile(built / distribution.wheel) as archive:
        tables = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert not [name for name in tables if "pytest11" in archive.read(name).decode()]


def test_no_wheel_requires_a_distribution_of_strangers(built: Path, distribution: Distribution) -> None:
    metadata = metadata_of(built / distribution.wheel)
    required = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    assert not {canonicalize_name(each.name) for each in required} & STRANGERS
    assert not [each for each in required if each.url]


def test_a_source_archive_holds_the_tests(built: Path, distribution: Distribution) -> None:
    stem = f"{distribution.name.replace('-', '_')}-{distribution.version}"
    with tarfile.open(built / f"{stem}.tar.gz") as archive:
        names = set(archive.getnames())
    wanted = {"pyproject.toml", "README.md", "LICENSE"}
    wanted |= {f"tests/{path.name}" for path in distribution.tests.glob("*.py")}
    assert {f"{stem}/{name}" for name in wanted} <= names


# -- versions and requirements -------------------------------------------------------------


def test_the_package_knows_the_version_of_its_distribution(distribution: Distribution) -> None:
    assert importlib.import_module(distribution.package).__version__ == distribution.version


def test_all_distributions_carry_the_same_version() -> None:
    assert len({each.version for each in distributions()}) == 1


def test_of_its_siblings_a_part_requires_only_the_core(distribution: Distribution) -> None:
    siblings = [each for each in distribution.requires if each.name in OURS]
    if distribution.name == "ipshell":
        # Assembled parts are tested together, so they are required exactly as tested.
        assert {str(each.specifier) for each in siblings} == {f"=={distribution.version}"}
    else:
        assert {each.name for each in siblings} <= {"ipshell-core"}


def test_every_requirement_has_a_lower_bound(distribution: Distribution) -> None:
    every = [*distribution.requires, *(one for extra in distribution.extras.values() for one in extra)]
    unbound = [
        str(one) for one in every if not any(part.operator in {">=", "==", "~="} for part in one.specifier)
    ]
    assert unbound == []


def test_the_workspace_knows_every_distribution(distribution: Distribution) -> None:
    tool = SETTINGS["tool"]
    source = f"packages/{distribution.folder.name}/src"
    assert tool["uv"]["sources"][distribution.name] == {"workspace": True}
    assert source in tool["mypy"]["mypy_path"]
    assert distribution.package in tool["ruff"]["lint"]["isort"]["known-first-party"]
    assert distribution.package in tool["coverage"]["run"]["source_pkgs"]
    assert f"{source}/{distribution.package}" in tool["coverage"]["paths"][distribution.package]
    assert distribution.package in tool["importlinter"]["root_packages"]
    layers = " ".join(tool["importlinter"]["contracts"][0]["layers"])
    assert re.search(rf"\b{distribution.package}\b", layers)


# -- constraints.txt -----------------------------------------------------------------------


def constraints() -> list[Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_constraints_are_plain_pins() -> None:
    for pin in constraints():
        assert pin.url is None
        assert not pin.extras
        assert [part.operator for part in pin.specifier] == ["=="], pin
        assert canonicalize_name(pin.name) not in OURS


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_constraints_pin_all_that_the_checks_install(python: str) -> None:
    place = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": "linux",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    wanted = [Requirement(text) for group in SETTINGS["dependency-groups"].values() for text in group]
    for each in distributions():
        wanted += third_party(each.requires)
        wanted += [Requirement(text) for text in each.test_requires]
    pins = {
        canonicalize_name(pin.name): Version(next(iter(pin.specifier)).version)
        for pin in constraints()
        if pin.marker is None or pin.marker.evaluate(place)
    }
    for requirement in wanted:
        pinned = pins.get(canonicalize_name(requirement.name))
        assert pinned is not None, f"{requirement} is not pinned for Python {python}"
        assert pinned in requirement.specifier, f"{requirement} is pinned to {pinned}"


# -- contracts -----------------------------------------------------------------------------


def test_the_public_contracts_import_pluggy_and_nothing_else() -> None:
    code = """if True:
        import importlib, pkgutil, sys
        before = set(sys.modules)
        import ipcore.hookspecs, ipcore.types
        for package in (ipcore.hookspecs, ipcore.types):
            for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                importlib.import_module(module.name)
        print(*sorted(set(sys.modules) - before))
        """
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env=clean_environment(),
    )
    loaded = done.stdout.split()
    assert "ipcore.hookspecs.lifecycle" in loaded
    allowed = re.compile(r"ipcore(\.hookspecs(\..*)?|\.types(\..*)?)?|pluggy(\..*)?")
    foreign = [
        name
        for name in loaded
        if not allowed.fullmatch(name) and name.split(".")[0] not in sys.stdlib_module_names
    ]
    assert foreign == []
