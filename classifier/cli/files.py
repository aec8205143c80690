"""Writing a whole file from the shell door: aside first, then renamed."""

import os
import tempfile
from pathlib import Path


def write_text(path: str, text: str) -> None:
    """Write `text` to `path`, so that no half of it is ever seen."""
    target = Path(path)
    handle, aside = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(aside).replace(target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
