"""What speed is measured on: processor, system, libraries, memory."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self

from classifier import __version__

_LIBRARIES = ("numpy", "rjieba", "jieba", "opencc")


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and what runs on it.

    Attributes
    ----------
    processor : its name, or its kind where the system tells no name
    cores : how many, None where the system does not tell
    system, python, package : name and release; versions of Python and of this package
    libraries : version of each library that takes part, those that are installed
    """

    processor: str
    cores: int | None
    system: str
    python: str
    package: str
    libraries: Mapping[str, str]

    @classmethod
    def here(cls) -> Self:
        """Return this machine."""
        return cls(
            processor=_processor(),
            cores=os.cpu_count(),
            system=f"{platform.system()} {platform.release()}",
            python=platform.python_version(),
            package=__version__,
            libraries={name: found for name in _LIBRARIES if (found := _version(name))},
        )


def resident_mb() -> float | None:
    """Return the memory that this process holds, in megabytes of 10^6 bytes.

    Where the system tells only the most it has held until now (macOS), that; where it tells neither
    without a further library (Windows), None.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError, AttributeError):
        pass
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024) / 1e6


def _processor() -> str:
    """Return the processor's name; Python knows only its kind on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
