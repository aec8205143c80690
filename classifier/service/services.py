"""What every request finds: the models, the corrections, the settings, the workers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypedDict, TypeVar

import anyio
import anyio.to_thread
from fastapi import Request

from classifier.errors import UnknownTopicError
from classifier.model import Options, Prediction
from classifier.service.corrections import Corrections
from classifier.service.monitor import Monitor
from classifier.service.problems import Problem
from classifier.service.registry import Registry, ServedModel, UnknownModelError
from classifier.service.schemas import OptionsRequest
from classifier.service.settings import Settings
from classifier.service.together import Together

Result = TypeVar("Result")

# Work on this much takes about a millisecond, less than a thread's hand-over and its wait for the
# interpreter under load; more would hold up other requests.
_INLINE_CHARS = 1_000
_TOGETHER_CHARS = 250  # of a request that shares its call with up to 63 others
MANY_TEXTS = 50  # whose answer is written in a thread as well


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """What the lifespan makes once and every request shares."""

    settings: Settings
    registry: Registry
    corrections: Corrections | None
    monitor: Monitor
    workers: anyio.CapacityLimiter
    together: Together = field(default_factory=Together)

    def model(self, name: str | None) -> ServedModel:
        """Return a served model, or refuse: 503 before one is loaded, 422 if there is none."""
        if not self.registry.ready:
            raise Problem(503, "the model is not loaded yet; ask /readyz, then try again")
        try:
            return self.registry.get(name)
        except UnknownModelError as error:
            raise Problem(422, f"model: {error}") from error

    async def predict(
        self, served: ServedModel, texts: list[str], options: Options | None
    ) -> list[Prediction]:
        """Tag texts: a few short ones with those of other requests, many in a worker thread."""
        if len(texts) <= MANY_TEXTS and sum(map(len, texts)) <= _TOGETHER_CHARS:
            return await self.together.predict(served, texts, options)
        return await self.wait(lambda: served.model.predict(texts, options))

    async def work(self, n_chars: int, task: Callable[[], Result]) -> Result:
        """Run what keeps a CPU busy: here if it is short, else in a worker thread."""
        return task() if n_chars <= _INLINE_CHARS else await self.wait(task)

    async def wait(self, task: Callable[[], Result]) -> Result:
        """Run in a worker thread what keeps a CPU or a disk busy."""
        # Once a client has its 503, the thread ends its work alone and keeps its place until then.
        return await anyio.to_thread.run_sync(task, limiter=self.workers, abandon_on_cancel=True)


class State(TypedDict):
    """The lifespan's state."""

    services: Services


def services_of(request: Request) -> Services:
    """Return the services that the lifespan made."""
    found = request.scope["state"]["services"]
    assert isinstance(found, Services)
    return found


def read_options(served: ServedModel, body: OptionsRequest) -> Options | None:
    """Return the options of a request, if it has any; topics by id or by name.

    Raises
    ------
    Problem
        422 if the model has no such topic.
    """
    options = Options(
        topics=None if body.topics is None else resolve(served, body.topics, "topics"),
        exclude_topics=resolve(served, body.exclude_topics, "exclude_topics"),
        min_probability=body.min_probability,
        max_topics=body.max_topics,
    )
    return None if options == Options() else options


def resolve(served: ServedModel, names: list[str], where: str) -> tuple[str, ...]:
    """Return the ids of topics, each once, in the order given.

    Raises
    ------
    Problem
        422 if the model has no such topic.
    """
    try:
        return tuple(dict.fromkeys(served.taxonomy.resolve(name) for name in names))
    except UnknownTopicError as error:
        raise Problem(422, f"{where}: {error}") from error
