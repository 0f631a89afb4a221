"""Visionpath: keeps proving that each vision target still sees."""

__version__ = "0.1.0"
