"""Tagging in several processes: each has the model once, results come back in order.

Processes are forked where that is safe, on Linux while no other thread lives that could hold a lock
for ever in the copy: they are there at once and share the model's memory. Elsewhere they are
spawned, and each loads the model for itself. This process is one of them: it reads, writes, and
tags whatever the others are not free for, while they start and afterwards. Texts go to them in
chunks and arrays come back; few chunks a process are under way, which bounds what is held. A
process that loses its parent, by ``kill -9`` say, ends itself.
"""

import contextlib
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from classifier.artefact import find, load
from classifier.errors import ClassifierError
from classifier.model import Options, Tags, TopicClassifier

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

# What makes processes is imported where one is made, since a short list starts none.

# Texts tagged before other processes are started, where nobody knows how many there are (a process
# that is spawned takes half a second or more of a core); and how many are worth it, where somebody
# does.
ROWS_ALONE = 50_000
WORTH_PROCESSES = 2 * ROWS_ALONE
# Texts handed over at a time. More of them leave less to be shared out at the end, and are held.
CHUNK_ROWS = 4096
# Chunks, and pages, that wait at a process, so that it has work while this one reads and writes.
_CHUNKS_WAITING = 4
_PAGES_WAITING = 8

# Tagged before processes are forked, so that what first texts load is loaded once for all.
_FIRST_TEXTS = ("修通水渠", "村里通路")

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
    jobs : processes, this one among them
    rows_alone : texts tagged here before other processes are started, unless `expect` says sooner

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
        self._is_ready: Future[None] | None = None
        self._under_way: list[Future[Any]] = []

    def tag(self, works: Iterable[Work[Item]]) -> Iterator[tuple[Work[Item], Tags]]:
        """Yield each piece of work with its tags, in order, reading few pieces ahead.

        Raises
        ------
        ClassifierError
            A process was ended from outside, as a system does that is out of memory.
        """
        begun = ((work, self._begin_tags(work)) for work in works)
        yield from self._in_order(begun, _CHUNKS_WAITING)

    def _begin_tags(self, work: Work[Item]) -> "_Begun[Tags]":
        if work.tags is not None:
            return _Begun(work.tags)
        alone = self._rows_left > 0
        self._rows_left -= len(work.texts)
        return self._begin(_tag, list(work.texts), 0 if alone else _CHUNKS_WAITING)

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
        begun = ((item, self._begin(function, item, _PAGES_WAITING)) for item in items)
        yield from self._in_order(begun, _PAGES_WAITING)

    def start(self) -> None:
        """Start the other processes now, and wait until one can tag.

        Raises
        ------
        ClassifierError
            As for `tag`.
        """
        if self._jobs > 1:
            self._start_processes()
            assert self._is_ready is not None  # they were started
            _result(self._is_ready)

    def expect(self, n_texts: int) -> None:
        """Start the other processes now, if so many texts are worth it.

        Parameters
        ----------
        n_texts : about how many are still to come
        """
        if self._jobs > 1 and n_texts >= WORTH_PROCESSES:
            self._rows_left = 0
            self._start_processes()

    def _in_order(
        self, begun: "Iterable[tuple[Item, _Begun[Result]]]", at_most: int
    ) -> Iterator[tuple[Item, Result]]:
        """Yield what was begun, in order, going on while at most so many a process wait."""
        waiting: deque[tuple[Item, _Begun[Result]]] = deque()
        for item, one in begun:
            waiting.append((item, one))
            while waiting and (waiting[0][1].is_done() or len(waiting) > at_most * self._jobs):
                item, one = waiting.popleft()
                yield item, one.result()
        for item, one in waiting:
            yield item, one.result()

    def _begin(
        self,
        function: Callable[[TopicClassifier, Options | None, Item], Result],
        item: Item,
        at_most: int,
    ) -> "_Begun[Result]":
        """Send work to another process if at most so many wait at each; else do it here."""
        if self._jobs > 1 and at_most and self._is_free(at_most):
            future = self._submit(_apply, function, item)
            self._under_way.append(future)
            return _Begun(future=future)
        return _Begun(function(self.model, self.options, item))

    def _is_free(self, at_most: int) -> bool:
        self._start_processes()
        self._under_way = [future for future in self._under_way if not future.done()]
        return (
            self._is_ready is not None
            and self._is_ready.done()
            and len(self._under_way) < at_most * (self._jobs - 1)
        )

    def _start_processes(self) -> None:
        if self._pool is None:
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            if _has_one_thread():
                self.model.tags(_FIRST_TEXTS)
                method, begin = "fork", partial(_serve, self.model, self.options)
            else:
                about = self._folder, self.model.digest, self.options
                method, begin = "spawn", partial(_load_and_serve, *about)
            self._pool = ProcessPoolExecutor(
                self._jobs - 1, multiprocessing.get_context(method), initializer=begin
            )
            self._is_ready = self._submit(_nothing)
            if method == "fork":
                _result(self._is_ready)  # it is there at once, in time for the first texts

    def _submit(self, function: "Callable[..., Result]", *args: object) -> "Future[Result]":
        from concurrent.futures.process import BrokenProcessPool

        assert self._pool is not None  # by _start_processes
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


@dataclass(frozen=True, slots=True)
class _Begun(Generic[Result]):
    """Work that is done already, or under way in another process."""

    value: Result | None = None
    future: "Future[Result] | None" = None

    def is_done(self) -> bool:
        return self.future is None or self.future.done()

    def result(self) -> Result:
        if self.future is None:
            return self.value  # type: ignore[return-value]  # done, so it is one
        return _result(self.future)


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


def _has_one_thread() -> bool:
    """Whether nothing else runs in this process, be it of a library's; False if nobody can tell."""
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir()) == 1
    except OSError:
        return False


def _tag(model: TopicClassifier, options: Options | None, texts: list[str]) -> Tags:
    return model.tags(texts, options)


# ---- in a process ----

_served: tuple[TopicClassifier, Options | None] | None = None


def _serve(model: TopicClassifier, options: Options | None) -> None:  # pragma: no cover
    global _served  # a process of a pool has no other place for it
    # Ctrl-C goes to all processes of a terminal; the parent alone decides what it means.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _served = model, options


def _load_and_serve(folder: str, digest: str, options: Options | None) -> None:  # pragma: no cover
    model = load(folder)
    if model.digest != digest:
        raise ClassifierError(f"{folder}: the model was replaced while tagging; begin anew")
    _serve(model, options)


def _end_with_parent() -> None:  # pragma: no cover
    import multiprocessing.connection

    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _apply(
    function: Callable[[TopicClassifier, Options | None, Item], Result], item: Item
) -> Result:  # pragma: no cover
    assert _served is not None  # by _serve
    return function(*_served, item)


def _nothing() -> None:  # pragma: no cover
    """Show that a process has started."""
