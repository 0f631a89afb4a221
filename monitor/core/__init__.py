"""The functional core: standard library only; no clock, no randomness, no I/O."""
