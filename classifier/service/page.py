"""The page for people, and the documentation; every file comes from here, none from elsewhere."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
router = APIRouter(include_in_schema=False)


@router.get("/")
async def index() -> FileResponse:
    """Return the page."""
    return _html("index.html")


@router.get("/docs")
async def docs() -> FileResponse:
    """Return the documentation of the API."""
    return _html("docs.html")


def _html(name: str) -> FileResponse:
    return FileResponse(
        STATIC / name, media_type="text/html", headers={"Cache-Control": "no-cache"}
    )


def mount_static(app: Starlette) -> None:
    """Serve the page's files and Swagger UI's."""
    swagger = Path(str(files("fastapi_offline") / "static"))
    app.mount("/static", _Static(directory=STATIC), name="static")
    app.mount("/docs/assets", _Static(directory=swagger), name="docs-assets")


class _Static(StaticFiles):
    """Files that a browser keeps, but asks about: an upgrade is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response
