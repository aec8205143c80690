"""Texts of requests that come at the same time, tagged together.

A model works on one text for as long as on a dozen: numpy's overhead is by the call. Under load the
requests that two turns of the event loop bring share a call; an idle service loses no time by it.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice

from classifier.model import Options, Prediction
from classifier.service.registry import ServedModel

_MOST = 64  # requests a call, so that no turn of the event loop is long

_Key = tuple[ServedModel, Options | None]
_Waiting = list[tuple[Sequence[str], asyncio.Future[list[Prediction]]]]


class Together:
    """Requests that wait for the next turn of the event loop."""

    def __init__(self) -> None:
        self._waiting: dict[_Key, _Waiting] = {}

    async def predict(
        self, served: ServedModel, texts: Sequence[str], options: Options | None
    ) -> list[Prediction]:
        """Return the predictions of a few short texts; takes and raises what `predict` does."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Prediction]] = loop.create_future()
        key = (served, options)
        if key not in self._waiting:
            self._waiting[key] = []
            # One turn more: what clients sent while the last answers went out is then read as well.
            loop.call_soon(loop.call_soon, self._flush, key)
        self._waiting[key].append((texts, future))
        return await future

    def _flush(self, key: _Key) -> None:
        waiting = self._waiting.pop(key)
        if len(waiting) > _MOST:
            self._waiting[key] = waiting[_MOST:]
            asyncio.get_running_loop().call_soon(self._flush, key)
        now = waiting[:_MOST]
        served, options = key
        try:
            together = [text for texts, _ in now for text in texts]
            found = iter(served.model.predict(together, options))
        except Exception as error:  # each request answers with it as if it had been alone
            for _, future in now:
                if not future.done():
                    future.set_exception(error)
            return
        for texts, future in now:
            mine = list(islice(found, len(texts)))
            if not future.done():  # its client may have left
                future.set_result(mine)
