"""Results as plain values that `json` can write: no arrays, no numpy numbers, no NaN."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def as_plain(value: object) -> Any:
    """Return `value` as dicts, lists, strings, numbers and None.

    Parameters
    ----------
    value : a frozen dataclass, array, mapping, sequence or scalar, nested at will

    Returns
    -------
    Dataclasses and mappings become dicts in their own order, arrays, tuples and lists become lists,
    numpy scalars become Python's. An infinite or undefined number becomes None, for JSON has
    neither.

    Raises
    ------
    TypeError
        If a value is of another kind.

    Examples
    --------
    >>> as_plain({"f1": np.float64(0.5), "accept": np.array([0.75, np.inf])})
    {'f1': 0.5, 'accept': [0.75, None]}
    """
    if isinstance(value, np.generic | np.ndarray):
        return as_plain(value.tolist())
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    raise TypeError(f"a {type(value).__name__} cannot be written as plain data; got {value!r}")
