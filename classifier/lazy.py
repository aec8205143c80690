"""Names of a package that are fetched on first use, so that a quick command starts quickly."""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def fetch_on_use(package: str, home: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Return what a package's module takes as its ``__getattr__`` (PEP 562).

    Parameters
    ----------
    package : the ``__name__`` of the module
    home : names, by the submodule of `package` that holds them

    Examples
    --------
    >>> get = fetch_on_use("classifier", {"text": ["fold"]})
    >>> get("fold")("ＡＩ")
    'ai'
    >>> get("flod")
    Traceback (most recent call last):
    AttributeError: module 'classifier' has no attribute 'flod'
    """
    module_of = {name: module for module, names in home.items() for name in names}

    def fetch(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{module_of[name]}"), name)
        setattr(sys.modules[package], name, value)  # found at once from now on
        return value

    return fetch
