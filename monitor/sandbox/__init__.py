"""A reference vision gateway that really reads the pixels, in every dialect, with named faults."""

from __future__ import annotations

from monitor.sandbox.app import create_app

__all__ = ["create_app"]
