"""What a person may set, and the limits that the schema publishes."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from classifier.errors import DataError

MAX_TEXTS = 2_000  # texts a request
MAX_CHARS = 10_000  # code points a text
MAX_PAGE_CHARS = 1_000_000  # code points of an article page or a scraped line
MAX_TOPICS = 1_000  # topics an option or a correction may name
MAX_CORRECTIONS = 1_000  # corrections a request
MAX_ROWS = 100_000  # rows of a dropped file, and of an exported one
# What comes back from a file of the largest size, to be written: its texts with their topics.
_EXPORT_FACTOR = 8
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
TOKEN_VARIABLE = "CLASSIFIER_TOKEN"  # noqa: S105 - the variable's name, no token
_SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a service.

    Attributes
    ----------
    models : name in requests, and path or shipped name; the first is the default
    token : what a client must send as bearer token; None asks for none
    corrections : SQLite file in which corrections are kept; None keeps none
    max_body_bytes : largest body of a request, but for results that are to be written to a file
    timeout_s : seconds for a request, its body's arrival included; and as many for its head
    hosts : names by which the service may be called, without port; None allows any. The default
        stops a web page elsewhere from reaching a local service by a name of its own that it
        points to 127.0.0.1 (DNS rebinding)
    """

    models: tuple[tuple[str, str], ...] = (("public-affairs", "public-affairs"),)
    token: str | None = field(default=None, repr=False)
    corrections: Path | None = None
    max_body_bytes: int = 8 << 20
    timeout_s: float = 30.0
    hosts: tuple[str, ...] | None = LOOPBACK

    def __post_init__(self) -> None:
        names = [name for name, _ in self.models]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"models need a name each, and there must be one, got {names}")
        if self.max_body_bytes < 1 or self.timeout_s <= 0:
            raise ValueError("max_body_bytes and timeout_s must be above 0")

    @property
    def max_export_bytes(self) -> int:
        """Largest body of results to write: by default, `MAX_ROWS` of 670 bytes each."""
        return _EXPORT_FACTOR * self.max_body_bytes


def read_token(file: Path | None) -> str | None:
    """Return the token of a file, else of the environment, else None.

    Raises
    ------
    DataError
        The file cannot be read, or the token is too short or not plain ASCII.
    """
    if file is not None:
        where = str(file)
        try:
            token = file.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{file}: the token cannot be read: {error}") from error
    else:
        where = TOKEN_VARIABLE
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        if not token:
            return None
    if len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
        raise DataError(
            f"{where}: a token is at least {_SHORTEST_TOKEN} printable ASCII characters, "
            f"got {len(token)}; make one with: openssl rand -hex 32"
        )
    return token
