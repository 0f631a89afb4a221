"""`python -m monitor` and the command `visionpath`: runs the command line and turns faults into one line and a code."""

from __future__ import annotations

from monitor.cli import main

if __name__ == "__main__":
    main()
