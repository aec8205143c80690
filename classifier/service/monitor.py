"""Figures for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from classifier.service.registry import Registry

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Monitor:
    """The counters of one application; Prometheus's own registry would be shared by all."""

    def __init__(self) -> None:
        self.collectors = CollectorRegistry()
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._requests = Counter(
            "classifier_requests",
            "Requests answered",
            ("path", "method", "status"),
            registry=self.collectors,
        )
        self._seconds = Histogram(
            "classifier_request_seconds",
            "Time from a request's head to the end of its answer",
            ("path",),
            buckets=_BUCKETS,
            registry=self.collectors,
        )
        self.texts = Counter("classifier_texts", "Texts tagged", registry=self.collectors)
        self.corrections = Counter(
            "classifier_corrections", "Corrections kept", registry=self.collectors
        )
        self._models = Gauge(
            "classifier_model",
            "The models served; always 1",
            ("name", "version", "digest"),
            registry=self.collectors,
        )
        self._reloads = Gauge(
            "classifier_model_reloads",
            "Models reloaded, or refused when they were to be",
            ("outcome",),
            registry=self.collectors,
        )

    def count(self, path: str, method: str, status: int, seconds: float) -> None:
        """Note an answered request under its route's path; what a client typed could be endless."""
        key = (path, method if method in _METHODS else "other", status)
        if key not in self._known:  # `labels` looks at its labels and at the environment each time
            self._known[key] = (
                self._requests.labels(path, key[1], str(status)),
                self._seconds.labels(path),
            )
        counter, histogram = self._known[key]
        counter.inc()
        histogram.observe(seconds)

    def show(self, registry: Registry) -> bytes:
        """Return all figures in Prometheus's text format."""
        self._models.clear()
        for served in registry.all():
            self._models.labels(*served.identity.values()).set(1)
        for outcome, n_models in registry.n_reloads.items():
            self._reloads.labels(outcome).set(n_models)
        shown: bytes = generate_latest(self.collectors)
        return shown
