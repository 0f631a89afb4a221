"""The composition root: builds everything once, starts it, applies new configs to it, and stops it in reverse order."""

from monitor.daemon.clock import utc_now
from monitor.daemon.fleet import Source
from monitor.daemon.run import run, sandbox
from monitor.daemon.serving import CannotStart, Life

__all__ = ["CannotStart", "Life", "Source", "run", "sandbox", "utc_now"]
