"""The command line: one file a command."""

from .entry import main

__all__ = ["main"]
