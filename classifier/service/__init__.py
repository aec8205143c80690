"""The HTTP service and its page: a thin door to what the Python API does.

    app.py          the application factory
    server.py       the factory's application on uvicorn
    protocol.py     connections: heads that come too slowly, or are none
    settings.py     what a person may set; limits
    schemas.py      requests and answers, as OpenAPI publishes them
    api.py          /v1/tag, article, split, explain, topics, models, corrections, read, export
    answers.py      predictions to answers
    shortcut.py     the short way to what is asked most
    strict.py       bodies: JSON in UTF-8 or an error that says what it is
    together.py     short requests of one moment, tagged in one call
    guard.py        around every request: id, host, token, sizes, time, headers, log
    services.py     what every request finds: models, corrections, settings, workers
    problems.py     errors as application/problem+json
    registry.py     the models served, and their reloading
    corrections.py  what people corrected, in SQLite
    files.py        dropped files to texts, results to files
    health.py       /livez, /readyz, /metrics
    monitor.py      the figures that /metrics shows
    page.py         /, /docs and their static files
    openapi.py      the published description

It can tag, not train.
"""
