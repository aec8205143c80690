"""The application factory."""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import anyio
from anyio import to_thread
from fastapi import FastAPI
from starlette.types import ASGIApp

from classifier import __version__
from classifier.errors import ClassifierError
from classifier.service import api, health, page
from classifier.service.corrections import Corrections
from classifier.service.guard import Guard
from classifier.service.monitor import Monitor
from classifier.service.openapi import describe
from classifier.service.problems import add_handlers
from classifier.service.registry import Registry
from classifier.service.services import Services, State
from classifier.service.settings import Settings
from classifier.service.shortcut import ShortCut

_ROUTERS = (api.router, api.with_query, health.router, page.router)
log = logging.getLogger("classifier.service")


def create_app(
    settings: Settings | None = None,
    *,
    registry: Registry | None = None,
    on_failure: Callable[[Exception], None] | None = None,
) -> ASGIApp:
    """Return the application: FastAPI's, behind the guard.

    Parameters
    ----------
    settings : by default the shipped model, no token, no corrections
    registry : models, if they are loaded already; by default they are loaded once the service runs,
        and ``/readyz`` is 503 until then
    on_failure : called with the error if they cannot be loaded; by default it is logged

    Raises
    ------
    CorrectionsError
        On start: the file of corrections cannot be used.
    """
    settings = settings or Settings()
    models = registry or Registry(settings.models)
    monitor = Monitor()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        store = None if settings.corrections is None else Corrections(settings.corrections)
        workers = anyio.CapacityLimiter(max(2, os.cpu_count() or 1))
        loading = asyncio.create_task(_load(models, on_failure))
        try:
            with reload_on_hangup(models):
                yield {"services": Services(settings, models, store, monitor, workers)}
        finally:
            loading.cancel()
            if store is not None:
                store.close()

    app = FastAPI(
        title="headline-classifier",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        # In one list: each nested router would look through its own for every request.
        routes=[route for router in _ROUTERS for route in router.routes],
    )
    add_handlers(app)
    describe(app, settings, models)
    page.mount_static(app)
    return Guard(ShortCut(app, api.router.routes), settings, monitor)


async def _load(models: Registry, on_failure: Callable[[Exception], None] | None) -> None:
    if models.ready:
        return
    try:
        await to_thread.run_sync(models.load)
    except Exception as error:  # nobody waits for this task: what is not told here never is
        if isinstance(error, ClassifierError):
            log.error("%s", error)  # noqa: TRY400 - the message says all
        else:
            log.exception("the models cannot be loaded")
        if on_failure is not None:
            on_failure(error)
    else:
        for served in models.all():
            log.info("model %s: loaded, %s", served.name, served.identity["digest"][:12])


@contextlib.contextmanager
def reload_on_hangup(models: Registry) -> Iterator[None]:
    """Reload the models on SIGHUP, where there is one and this thread may listen for it."""
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "SIGHUP"):
        yield
        return

    def reload(*_: object) -> None:
        threading.Thread(target=models.reload, name="reload", daemon=True).start()

    before = signal.signal(signal.SIGHUP, reload)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
