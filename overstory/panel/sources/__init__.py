"""What a panel reads: a facts table from a file, a folder or a database, checked row by row."""

from overstory.panel.sources.opening import open_source
from overstory.panel.sources.source import Source, SourceError

__all__ = ["Source", "SourceError", "open_source"]
