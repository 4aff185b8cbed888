"""How often one address, and one account, may try to sign in or up.

A module of its own, since only routes that check passwords need it. The counts are kept in memory, by each replica for itself: they slow
guessing down, and bcrypt slows it down further; a count that replicas share would put a database before every sign-in.
"""

import hashlib
import ipaddress
import math
import time
from collections.abc import Iterable

from aiohttp import web
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from servicekit.problems import Rejected
from servicekit.settings import Network, Settings

_IPV6_HOME = 64  # bits that one household or server has: what follows them its owner chooses freely


class Rates:
    """Counts attempts. An account's count begins anew with each that succeeds, so that only wrong passwords add up."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._address_rate = parse(settings.address_rate)
        self._account_rate = parse(settings.account_rate)
        self._trusted = settings.trusted_proxies
        self._trusted_hops = settings.trusted_hops

    async def attempt(self, request: web.Request, *, account: str | None = None) -> None:
        """Count an attempt, on an account where it names one. Raises Rejected (429) where there were too many.

        `account` is what was typed, in its normal form; an account that does not exist counts like any other, which tells nobody.
        """
        await self._hit(self._address_rate, "address", client_address(request, self._trusted, self._trusted_hops), "your address")
        if account is not None:
            await self._hit(self._account_rate, "account", _key(account), "this account")

    async def succeeded(self, account: str) -> None:
        """Forget the failed attempts on an account."""
        await self._limiter.clear(self._account_rate, "account", _key(account))

    async def _hit(self, rate: RateLimitItem, kind: str, key: str, whose: str) -> None:
        if await self._limiter.hit(rate, kind, key):
            return
        window = await self._limiter.get_window_stats(rate, kind, key)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        detail = f"there were too many attempts from {whose}" if kind == "address" else f"there were too many attempts on {whose}"
        raise Rejected(429, "rate-limited", f"{detail}; the next one is welcome in {seconds} s", {"Retry-After": str(seconds)})


RATES: web.AppKey[Rates] = web.AppKey("RATES", Rates)


def client_address(request: web.Request, trusted: Iterable[Network] = (), hops: int = 1) -> str:
    """Tell from where the request comes: the last hop of X-Forwarded-For if a trusted door sent it, else the peer.

    Only the last hop was written by the door; those before it are whatever the client sent. Of a door that writes more than one (the
    client's address, then its own) the first of them counts. An IPv6 address stands for its network.
    """
    peer = _address(request.remote or "")
    if peer is None or not (peer.is_loopback or any(peer in network for network in trusted)):
        return _name(peer)
    written = ",".join(request.headers.getall("X-Forwarded-For", [])).rsplit(",", hops)
    return _name(_address(written[-min(hops, len(written))].strip()) or peer)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def _name(address: _Address | None) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), _IPV6_HOME), strict=False))
    return str(address)


def _key(account: str) -> str:
    """Stand for an account in memory without keeping what was typed."""
    return hashlib.sha256(account.encode(errors="surrogatepass")).hexdigest()
