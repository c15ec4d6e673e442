"""``ipshell weather``."""

from __future__ import annotations

import argparse
from pathlib import Path

from ipcore.application.app import IPShellApp
from ipcore.errors import UserError
from ipcore.hookspecs import hookimpl
from ipcore.notices import notice
from ipcore.types.commands import Command


class WeatherCommand:
    summary = "tell the weather"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("place")

    def run(self, arguments: argparse.Namespace, app: IPShellApp) -> int:
        place: str = arguments.place
        if not place:
            raise UserError("weather where?", status=2)
        folder: Path = app.profile.config_dir
        plugins: list[str] = [each.id for each in app.registry.declared("commands")]
        notice(f"{place}: fair", once="weather")
        print(folder, plugins)
        return 0


@hookimpl
def ipshell_command(name: str) -> Command:
    return WeatherCommand()
