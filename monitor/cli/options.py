"""Options that several commands share, and where the config comes from."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from monitor.config.load import load
from monitor.config.settings import Config

VARIABLE = "VISIONPATH_CONFIG"
PLACES = (Path("config/monitor.yaml"), Path("/etc/visionpath/monitor.yaml"))
"""Where a config is looked for when neither option nor environment names one."""

Command = Callable[..., Any]


def config_option(command: Command) -> Command:
    """`-c FILE`."""
    return click.option(
        "-c",
        "--config",
        "file",
        type=click.Path(path_type=Path),
        help=f"The config file. Default: ${VARIABLE}, else {PLACES[0]}, else {PLACES[1]}.",
    )(command)


def debug_option(command: Command) -> Command:
    """`--debug`, for the traceback of whatever fails."""
    return click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")(command)


def config_path(file: Path | None) -> Path:
    """The config file to use; one that is named need not be there. click.UsageError when there is none to be found."""
    if file is not None:
        return file
    if named := os.environ.get(VARIABLE):
        return Path(named)
    for place in PLACES:
        if place.exists():
            return place
    raise click.UsageError(f"no config: give -c FILE, or set ${VARIABLE}; neither {PLACES[0]} nor {PLACES[1]} is there")


def loaded(file: Path | None) -> Config:
    """The configuration to run with. ConfigError says everything that is wrong with it."""
    return load(config_path(file), os.environ)
