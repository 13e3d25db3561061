"""All routes of the page."""

from __future__ import annotations

from starlette.routing import Route

from ..guard import Access
from .asking import Asking
from .browsing import browsing_routes
from .conversations import Conversations
from .documents import Documents
from .files import file_routes, static_route
from .login import login_routes
from .page_images import PageImages


def open_routes(access: Access) -> list[Route]:
    """What is the same for everybody: the form that takes a token, and the files of the page."""
    return [*login_routes(access), static_route()]


def page_routes(pages: PageImages) -> list[Route]:
    """The page over the collections of one audience. Files come last: any name may be that of a collection."""
    asking, documents = Asking(Conversations()), Documents(pages)
    return [*browsing_routes(), *asking.routes(), *documents.routes(), *file_routes()]
