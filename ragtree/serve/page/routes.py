"""All routes of the page."""

from __future__ import annotations

from starlette.routing import Route

from ..guard import Access
from .asking import Asking
from .browsing import browsing_routes
from .conversations import Conversations
from .documents import Documents
from .files import file_routes
from .login import login_routes
from .page_images import PageImages


def page_routes(access: Access, pages: PageImages) -> list[Route]:
    """The routes, in the order in which they are tried: any name may be that of a collection, so files come last."""
    asking, documents = Asking(Conversations()), Documents(pages)
    return [*login_routes(access), *browsing_routes(), *asking.routes(), *documents.routes(), *file_routes()]
