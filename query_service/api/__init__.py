"""Requests to replies: the same reads as JSON (`queries`) and as pages (`pages`)."""

from aiohttp import web

from query_service.api import pages, queries

# What matches first answers: pages end with the one for every other address.
routes: list[web.AbstractRouteDef] = [*queries.routes, *pages.routes]
