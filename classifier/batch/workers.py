"""Tagging in several processes: each loads the model once, results come back in order.

Processes are spawned, the one way that every system has.
Texts go to them in chunks and arrays come back; at most two chunks a process are under way. A
process that loses its parent, by ``kill -9`` say, ends itself.
"""

import contextlib
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from classifier.artefact import find, load
from classifier.errors import ClassifierError
from classifier.model import Options, Tags, TopicClassifier

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

# What makes processes is imported where one is made, since a short list starts none.
# Rows tagged before other processes are started, which takes each a second or so.
ROWS_ALONE = 50_000

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Work(Generic[Item]):
    """Some texts to tag.

    Attributes
    ----------
    item : what they belong to; stays in this process
    texts : the texts
    tags : of the texts, if they are known already
    """

    item: Item
    texts: Sequence[str]
    tags: Tags | None = None


class Tagger:
    """Tags chunks of texts, here or in several processes; a context manager that ends them.

    Parameters
    ----------
    model : name or folder of a model
    options : as for `TopicClassifier.predict`; may be set later, until the first text is tagged
    jobs : processes; 1 tags in this one
    rows_alone : rows tagged in this process before others are started

    Attributes
    ----------
    model : the model, loaded

    Raises
    ------
    ModelNotFoundError, ArtefactError
        As for `classifier.load`.
    ValueError
        `jobs` is less than 1.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        options: Options | None = None,
        *,
        jobs: int = 1,
        rows_alone: int = ROWS_ALONE,
    ) -> None:
        if jobs < 1:
            raise ValueError(f"jobs must be at least 1, got {jobs!r}")
        self._folder = str(find(model))
        self.model: TopicClassifier = load(self._folder)
        self.options = options
        self._jobs = jobs
        self._rows_left = rows_alone
        self._pool: ProcessPoolExecutor | None = None

    def tag(self, works: Iterable[Work[Item]]) -> Iterator[tuple[Work[Item], Tags]]:
        """Yield each piece of work with its tags, in order, reading few pieces ahead.

        Raises
        ------
        ClassifierError
            A process was ended from outside, as a system does that is out of memory.
        """
        waiting: deque[tuple[Work[Item], Tags | Future[Tags]]] = deque()
        for work in works:
            waiting.append((work, self._begin(work)))
            ahead = 2 * self._jobs if self._pool is not None else 0
            while len(waiting) > ahead:
                yield _finish(*waiting.popleft())
        while waiting:
            yield _finish(*waiting.popleft())

    def _begin(self, work: Work[Item]) -> "Tags | Future[Tags]":
        if work.tags is not None:
            return work.tags
        if self._jobs == 1 or self._rows_left > 0:
            self._rows_left -= len(work.texts)
            return self.model.tags(work.texts, self.options)
        return self._submit(_tag, list(work.texts))

    def map(
        self,
        function: Callable[[TopicClassifier, Options | None, Item], Result],
        items: Iterable[Item],
    ) -> Iterator[tuple[Item, Result]]:
        """Yield each item with what a function of the model, the options and it returns, in order.

        Parameters
        ----------
        function : of a module, since it is sent to the processes by its name
        items : read few ahead

        Raises
        ------
        ClassifierError
            As for `tag`.
        """
        if self._jobs == 1:
            yield from ((item, function(self.model, self.options, item)) for item in items)
            return
        waiting: deque[tuple[Item, Future[Result]]] = deque()
        for item in items:
            waiting.append((item, self._submit(_apply, function, item)))
            if len(waiting) > 8 * self._jobs:
                item, future = waiting.popleft()
                yield item, _result(future)
        for item, future in waiting:
            yield item, _result(future)

    def _submit(self, function: Callable[..., Result], *args: object) -> "Future[Result]":
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool

        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._jobs,
                multiprocessing.get_context("spawn"),
                initializer=_start,
                initargs=(self._folder, self.model.digest, self.options),
            )
        try:
            return self._pool.submit(function, *args)
        except BrokenProcessPool as error:
            raise _ended_from_outside() from error

    def close(self) -> None:
        """End the processes; what they have begun they finish first."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _finish(work: Work[Item], tags: "Tags | Future[Tags]") -> tuple[Work[Item], Tags]:
    return work, tags if isinstance(tags, Tags) else _result(tags)


def _result(future: "Future[Result]") -> Result:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool as error:
        raise _ended_from_outside() from error


def _ended_from_outside() -> ClassifierError:
    return ClassifierError(
        "a tagging process could not start or was ended from outside, perhaps for want of memory; "
        "try again with --jobs 1"
    )


# ---- in a process ----

_served: tuple[TopicClassifier, Options | None] | None = None


def _start(folder: str, digest: str, options: Options | None) -> None:  # pragma: no cover
    global _served  # a process of a pool has no other place for it
    # Ctrl-C goes to all processes of a terminal; the parent alone decides what it means.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    model = load(folder)
    if model.digest != digest:
        raise ClassifierError(f"{folder}: the model was replaced while tagging; begin anew")
    _served = model, options


def _end_with_parent() -> None:  # pragma: no cover
    import multiprocessing.connection

    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _apply(
    function: Callable[[TopicClassifier, Options | None, Item], Result], item: Item
) -> Result:  # pragma: no cover
    assert _served is not None  # by _start
    return function(*_served, item)


def _tag(texts: list[str]) -> Tags:  # pragma: no cover
    assert _served is not None  # by _start
    model, options = _served
    return model.tags(texts, options)
