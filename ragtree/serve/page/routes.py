"""All routes of the page."""

from __future__ import annotations

from starlette.routing import Route

from ..guard import ServerAccess
from .browser_conversations import BrowserConversations
from .browsing import browsing_routes
from .conversation_routes import ConversationRoutes
from .document_routes import DocumentRoutes
from .login import login_routes
from .page_images import PageImages
from .static_files import file_routes, static_route


def open_routes(access: ServerAccess) -> list[Route]:
    """What is the same for everybody: the form that takes a token, and the files of the page."""
    return [*login_routes(access), static_route()]


def page_routes(pages: PageImages) -> list[Route]:
    """The page over the collections of one audience. Files come last: any name may be that of a collection."""
    asking, documents = ConversationRoutes(BrowserConversations()), DocumentRoutes(pages)
    return [*browsing_routes(), *asking.routes(), *documents.routes(), *file_routes()]
