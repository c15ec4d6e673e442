"""Distributions for tests: real metadata and modules in a folder, as an installer leaves them."""

from __future__ import annotations

import base64
import hashlib
import importlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    import pytest

#: How a plugin module begins.
HOOKIMPL = "from ipcore.hookspecs import hookimpl\n\n"


class FakeSite:
    """A folder of installed distributions.

    By itself it is only a folder: hand it to discovery, or put it on the ``PYTHONPATH`` of a process.
    That of the fixture ``fake_dist`` is on the module search path.

    :param folder: the folder; made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        #: Called with the ``.dist-info`` folder of whatever was installed.
        self.on_install: Callable[[Path], object] | None = None

    def __str__(self) -> str:
        return str(self.folder)

    def install(
        self,
        name: str,
        version: str = "1.0",
        *,
        entry_points: Mapping[str, Mapping[str, str]] | None = None,
        files: Mapping[str, str] | None = None,
        requires: Iterable[str] = (),
        extras: Iterable[str] = (),
        summary: str = "",
    ) -> Path:
        """Install a distribution; another version of it is removed before.

        :param entry_points: group → key → value; a group without a dot is one of ours, ``ipshell.GROUP``.
        :param files: path → text.
        :param requires: requirements, as in ``Requires-Dist``.
        :param extras: names of extras.
        :returns: the ``.dist-info`` folder.
        """
        self.uninstall(name)
        fields = [("Metadata-Version", "2.1"), ("Name", name), ("Version", version)]
        if summary:
            fields.append(("Summary", summary))
        fields += [("Requires-Dist", text) for text in requires]
        fields += [("Provides-Extra", text) for text in extras]
        stem = name.replace("-", "_")
        info = f"{stem}-{version}.dist-info"
        written = dict(files or {})
        written[f"{info}/METADATA"] = "".join(f"{field}: {value}\n" for field, value in fields)
        written[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        written[f"{info}/INSTALLER"] = "fake\n"
        if entry_points:
            written[f"{info}/entry_points.txt"] = _entry_points(entry_points)
        for path, text in written.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        record = "".join(_record(path, text) for path, text in written.items())
        (self.folder / info / "RECORD").write_text(f"{record}{info}/RECORD,,\n", encoding="utf-8")
        # Written within the same tick of the clock, a new module would not be seen.
        importlib.invalidate_caches()
        if self.on_install is not None:
            self.on_install(self.folder / info)
        return self.folder / info

    def plugin(
        self, name: str, family: str, key: str, code: str, version: str = "1.0", **more: Iterable[str]
    ) -> Path:
        """Install a distribution with one module of its own name, and one plugin in it.

        :param code: the module's text; the import of ``hookimpl`` stands before it.
        :param more: ``requires`` and ``extras``, as for :meth:`install`.
        :returns: the ``.dist-info`` folder.
        """
        module = name.replace("-", "_")
        return self.install(
            name,
            version,
            entry_points={family: {key: module}},
            files={f"{module}.py": HOOKIMPL + code},
            requires=more.get("requires", ()),
            extras=more.get("extras", ()),
        )

    def uninstall(self, name: str) -> None:
        """Remove a distribution with its files; does nothing if it is not there."""
        for info in self.folder.glob(f"{name.replace('-', '_')}-*.dist-info"):
            for line in (info / "RECORD").read_text(encoding="utf-8").splitlines():
                (self.folder / line.partition(",")[0]).unlink(missing_ok=True)
            shutil.rmtree(info, ignore_errors=True)

    def archive(self, file: Path) -> Path:
        """Write everything into a zip file, which can stand on the module search path itself."""
        with ZipFile(file, "w") as archive:
            for path in sorted(self.folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(self.folder).as_posix())
        return file


class FakeDistributions:
    """Installs distributions for one test: what the fixture ``fake_dist`` gives.

    The folder they go to is at the front of the module search path of this process and, by
    ``PYTHONPATH``, of those it starts, from the first use until the end of the test.

    :param folder: where they go to.
    :param monkeypatch: undoes all of it.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch
        self._site: FakeSite | None = None
        self._tell: Callable[[Path], object] | None = None

    @property
    def used(self) -> bool:
        """Whether the folder is there and on the path."""
        return self._site is not None

    @property
    def site(self) -> FakeSite:
        """The folder."""
        if self._site is None:
            self._site = FakeSite(self._folder)
            self._site.on_install = self._tell
            self._monkeypatch.syspath_prepend(str(self._folder))
            self._monkeypatch.setenv("PYTHONPATH", str(self._folder), prepend=os.pathsep)
            # Of a module that is written anew within a second, the old byte code would be taken.
            self._monkeypatch.setattr(sys, "dont_write_bytecode", True)
            self._monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        return self._site

    def __call__(
        self,
        name: str,
        version: str = "1.0",
        *,
        entry_points: Mapping[str, Mapping[str, str]] | None = None,
        files: Mapping[str, str] | None = None,
        requires: Iterable[str] = (),
        extras: Iterable[str] = (),
        summary: str = "",
    ) -> Path:
        """Install a distribution; see :meth:`FakeSite.install`."""
        return self.site.install(
            name,
            version,
            entry_points=entry_points,
            files=files,
            requires=requires,
            extras=extras,
            summary=summary,
        )

    def tell(self, installed: Callable[[Path], object]) -> None:
        """Have a function called with the ``.dist-info`` folder of each that is installed from now on."""
        self._tell = installed
        if self._site is not None:
            self._site.on_install = installed

    def close(self) -> None:
        """Forget the modules that were imported from the folder."""
        if self._site is not None:
            forget_modules(self._folder)


def forget_modules(folder: Path) -> None:
    """Take the modules whose files are in a folder out of ``sys.modules``."""
    for name, module in list(sys.modules.items()):
        try:
            file = module.__file__
        except Exception:  # a lazy module may do anything when it is asked
            continue
        if isinstance(file, str) and Path(file).is_relative_to(folder):
            del sys.modules[name]


def _entry_points(groups: Mapping[str, Mapping[str, str]]) -> str:
    lines = []
    for group, entries in groups.items():
        lines.append(f"[{group if group.startswith('ipshell.') else f'ipshell.{group}'}]")
        lines += [f"{key} = {value}" for key, value in entries.items()]
    return "\n".join(lines) + "\n"


def _record(path: str, text: str) -> str:
    data = text.encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(data)}\n"
