"""Writing a whole file from the shell door."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from classifier.tables.sinks import Sink


@contextmanager
def open_whole(path: str, *, force: bool) -> Iterator[Callable[[str], None]]:
    """Open a file before the work that fills it; it gets its name when all of that is done.

    Yields
    ------
    write : writes some text

    Raises
    ------
    OutputExistsError, DataError
        As for `Sink`; also where the disk is full.
    """
    sink = Sink(path, force=force)

    def write(text: str) -> None:
        with sink.errors_told():
            sink.stream.write(text.encode("utf-8"))

    try:
        yield write
        with sink.errors_told():
            sink.commit()
    except BaseException:
        sink.abort()
        raise
