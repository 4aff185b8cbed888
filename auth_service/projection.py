"""The views of auth_service: the state of every account, name and session, as decisions and requests need it. Pure."""

from auth_service.domain import Account, Name, Session, Site, evolve_account, evolve_name, evolve_session, evolve_site
from eventlog.projection import Aggregate, Projection

USERS = Aggregate(kind="user", view="users", state=Account, evolve=evolve_account)
HANDLES = Aggregate(kind="handle", view="handles", state=Name, evolve=evolve_name)
EMAILS = Aggregate(kind="email", view="emails", state=Name, evolve=evolve_name)
SITE = Aggregate(kind="site", view="site", state=Site, evolve=evolve_site)
SESSIONS = Aggregate(kind="session", view="sessions", state=Session, evolve=evolve_session)

AGGREGATES: tuple[Aggregate, ...] = (USERS, HANDLES, EMAILS, SITE, SESSIONS)

PROJECTION = Projection(
    name="auth", version=1, topics=("accounts", "sessions"), views=tuple(aggregate.decision_view() for aggregate in AGGREGATES)
)
