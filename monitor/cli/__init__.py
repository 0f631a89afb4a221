"""The command line: parses, calls, prints. Errors are one line on stderr; `--debug` adds the traceback."""

from monitor.cli.main import main

__all__ = ["main"]
