"""The models served, by name. A reload replaces them without a dropped request."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from classifier.artefact import info, load
from classifier.errors import ArtefactError, ModelNotFoundError, near_miss
from classifier.model import TopicClassifier
from classifier.taxonomy import Taxonomy

log = logging.getLogger("classifier.service")


class UnknownModelError(LookupError):
    """A request names a model that is not served."""


@dataclass(frozen=True, slots=True, eq=False)
class ServedModel:
    """A model under the name by which requests call it.

    Attributes
    ----------
    identity : name, version and digest, as every answer carries them
    """

    name: str
    model: TopicClassifier
    taxonomy: Taxonomy
    identity: Mapping[str, str]

    @classmethod
    def load(cls, name: str, path: str) -> "ServedModel":
        """Load a model and run it once, so that the first request finds it warm."""
        model = load(path)
        model.classify("预热")
        identity = {"name": name, "version": model.version, "digest": model.digest}
        return cls(name, model, Taxonomy(model.topics), identity)


class Registry:
    """The models of a service.

    Parameters
    ----------
    models : name in requests, and path or shipped name; the first is the default

    Notes
    -----
    Requests read ``self._served`` once and keep what they got; a reload builds new models aside and
    swaps them in by one assignment.
    """

    def __init__(self, models: tuple[tuple[str, str], ...]) -> None:
        self._paths = dict(models)
        self._served: dict[str, ServedModel] = {}
        self._reloading = threading.Lock()
        self.n_reloads = {"done": 0, "refused": 0}

    @property
    def ready(self) -> bool:
        """Whether the models are loaded."""
        return bool(self._served)

    def load(self) -> None:
        """Load every model; all or none.

        Raises
        ------
        ModelNotFoundError, ArtefactError
            One of them cannot be loaded.
        """
        self._served = {name: ServedModel.load(name, path) for name, path in self._paths.items()}

    def reload(self) -> None:
        """Load again every model whose files changed; one that is broken stays as it was."""
        with self._reloading:
            served = dict(self._served)
            for name, path in self._paths.items():
                outcome = self._reload_one(served, name, path)
                self.n_reloads["done" if outcome else "refused"] += 1
            self._served = served

    def _reload_one(self, served: dict[str, ServedModel], name: str, path: str) -> bool:
        try:
            if name in served and info(path).digest == served[name].identity["digest"]:
                log.info("model %s: unchanged, %s", name, served[name].identity["digest"][:12])
                return True
            served[name] = ServedModel.load(name, path)
        except (ArtefactError, ModelNotFoundError, OSError) as error:
            # Its message says all; a stack trace would hide it.
            log.error(  # noqa: TRY400
                "model %s: the new one is refused, the old one goes on: %s", name, error
            )
            return False
        log.info("model %s: reloaded, %s", name, served[name].identity["digest"][:12])
        return True

    def get(self, name: str | None) -> ServedModel:
        """Return the model of this name, or the default.

        Raises
        ------
        UnknownModelError
            No model is served under this name.
        """
        served = self._served
        found = next(iter(served.values())) if name is None else served.get(name)
        if found is None:
            known = ", ".join(served)
            raise UnknownModelError(
                f"no model {name!r} is served here; served: {known}{near_miss(name or '', served)}"
            )
        return found

    def all(self) -> tuple[ServedModel, ...]:
        """Return the models, the default first."""
        return tuple(self._served.values())
