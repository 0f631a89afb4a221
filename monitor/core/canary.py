"""The fetch witness: who fetched the test image of a probe that hands out a URL, and what that tells of the media path.

A fetch proves that somebody took the bytes, never that somebody looked at them. Pure: addresses in, words out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from uuid import UUID

from monitor.core.types import utc

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

GRACE = timedelta(minutes=3)
"""How long after a probe's deadline its URL still answers, so that late fetches are seen for what they are."""
LONGEST_ADDRESS = 64
"""Characters; an IPv6 address with zone, brackets and port has fewer."""
_MAPPED_BITS = 96
"""Bits before the IPv4 address in `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2)."""


class Fetcher(StrEnum):
    """Whose address a fetch came from, by the config's `canary.networks`."""

    GATEWAY = "gateway"
    UPSTREAM = "upstream"
    UNKNOWN = "unknown"


class MediaPath(StrEnum):
    """Who fetched the image of a probe by URL. UNKNOWN: somebody did, from an address of neither network."""

    NOBODY = "nobody"
    GATEWAY = "gateway"
    UPSTREAM = "upstream"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Networks:
    """The networks that fetches of the gateway and of the model's provider come from."""

    gateway: tuple[Network, ...] = ()
    upstream: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request for the image of a probe. `number` counts those of the probe from 1, so that a fetch stored twice is
    stored once.

    `address` is the client's behind trusted proxies, None when it could not be known. `agent` is its own word, cut to a
    bounded length. `bytes_sent` of the image were handed to the network, 0 for HEAD and while the answer is under way.
    """

    probe_id: UUID
    number: int
    target_id: str
    at: datetime
    address: str | None
    fetcher: Fetcher
    agent: str | None
    method: str
    status: int
    bytes_sent: int

    def __post_init__(self) -> None:
        utc(self.at)

    @property
    def takes_image(self) -> bool:
        """Whether it asked for the image itself; HEAD only asks what it would be."""
        return self.method == "GET" and self.status == 200


def live_until(sent_at: datetime, timeout: timedelta) -> datetime:
    """Until when the URL of a probe that is sent then and may take `timeout` shall answer."""
    return sent_at + timeout + GRACE


def media_path(fetches: Iterable[Fetch]) -> MediaPath:
    """Who fetched the image, of everybody who asked for its URL.

    UPSTREAM if the upstream did, whoever else looked: the URL reached the model's provider. GATEWAY only if nobody but
    the gateway did: a fetch from elsewhere beside it may be a provider's of whose network we were not told.
    """
    fetchers = {fetch.fetcher for fetch in fetches if fetch.takes_image}
    if not fetchers:
        return MediaPath.NOBODY
    if Fetcher.UPSTREAM in fetchers:
        return MediaPath.UPSTREAM
    return MediaPath.GATEWAY if fetchers == {Fetcher.GATEWAY} else MediaPath.UNKNOWN


def classify(address: Address | None, networks: Networks) -> Fetcher:
    """Whose `address` is: the narrowest network that holds it decides; of two equal ones the gateway's."""
    if address is None:
        return Fetcher.UNKNOWN
    named = ((Fetcher.GATEWAY, networks.gateway), (Fetcher.UPSTREAM, networks.upstream))
    holding = [(network.prefixlen, fetcher) for fetcher, own in named for network in own if address in network]
    return max(holding, key=lambda held: held[0], default=(0, Fetcher.UNKNOWN))[1]


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """The client behind trusted proxies: the last hop that is not one of them. None if that hop is no address.

    `peer` is who opened the connection, `forwarded_for` the values of the X-Forwarded-For headers in their order, to
    which each proxy appends whom it heard. What stands left of the first untrusted hop is that client's own word and is
    not read. If all hops are trusted the first is the client.
    """
    client = parse_address(peer or "")
    hops = [hop for value in forwarded_for for hop in value.split(",") if hop.strip()]
    while hops and client is not None and is_within(client, trusted):
        client = parse_address(hops.pop())
    return client


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether one of the networks holds the address."""
    return any(address in network for network in networks)


def parse_address(text: str) -> Address | None:
    """The address in `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`; None in any other.

    An IPv4 address mapped into IPv6, as sockets for both report it, is the IPv4 address; a zone (`%eth0`) is dropped.
    """
    bare = _without_port(text.strip()) if len(text) <= LONGEST_ADDRESS else ""
    try:
        address = ip_address(bare.partition("%")[0] if ":" in bare else bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _without_port(text: str) -> str:
    if text.startswith("["):
        inner, bracket, port = text[1:].partition("]")
        return inner if bracket and (not port or _is_port(port)) else ""
    host, colon, port = text.partition(":")
    return host if "." in host and _is_port(colon + port) else text


def _is_port(text: str) -> bool:
    return text.startswith(":") and text[1:].isascii() and text[1:].isdecimal()


def parse_network(text: str) -> Network:
    """The network in `10.0.0.0/8` or `2001:db8::/32`; a bare address is a network of one. ValueError for any other."""
    network = ip_network(text)
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED_BITS:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    return network
