"""Distributions for tests: real metadata and modules in a folder, as an installer leaves them."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from zipfile import ZipFile

#: How a plugin module begins.
HOOKIMPL = "from ipcore.hookspecs import hookimpl\n\n"


class Site:
    """A folder of installed distributions.

    Hand :attr:`folder` to discovery, or put it on the ``PYTHONPATH`` of a process.

    :param folder: the folder; made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

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
