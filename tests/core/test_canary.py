"""Who fetched, from addresses alone: forged chains are not believed, the narrowest network decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.canary import (
    GRACE,
    Fetch,
    Fetcher,
    MediaPath,
    Network,
    Networks,
    classify,
    client_address,
    live_until,
    media_path,
    parse_address,
    parse_network,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NETWORKS = Networks(
    gateway=(ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48")),
    upstream=(ip_network("203.0.113.0/24"), ip_network("10.9.0.0/16"), ip_network("2001:db8::/32")),
)
PROXIES: tuple[Network, ...] = (ip_network("192.0.2.0/24"), ip_network("fd00::/8"))


def fetch(fetcher: Fetcher, method: str = "GET", status: int = 200) -> Fetch:
    return Fetch(UUID(int=1), 1, "box/one", NOW, None, fetcher, None, method, status, 0)


# --- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        (" 198.51.100.7 ", "198.51.100.7"),
        ("198.51.100.7:4711", "198.51.100.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("[::ffff:198.51.100.7]:80", "198.51.100.7"),
        ("fe80::7%eth0", "fe80::7"),
        ("[fe80::7%eth0]:80", "fe80::7"),
    ],
)
def test_an_address_is_read_in_every_spelling(text: str, address: str) -> None:
    assert str(parse_address(text)) == address


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "unknown", "_hidden", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:٤", "1.2.3.4/8",
        "1.2.3.4%eth0", "[1.2.3.4", "1.2.3.4]", "[]", "[::1]x", "[::1]:", "::1]:80", "01.2.3.4", "1,2", "::" + "0" * 80,
    ],
)  # fmt: skip
def test_what_is_no_address_is_none(text: str) -> None:
    assert parse_address(text) is None


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_none(text: str) -> None:
    address = parse_address(text)
    assert address is None or parse_address(str(address)) == address


@given(st.ip_addresses(), st.integers(0, 65_535))
def test_a_port_changes_no_address(address: IPv4Address | IPv6Address, port: int) -> None:
    text = f"[{address}]" if address.version == 6 else str(address)
    assert parse_address(f"{text}:{port}") == parse_address(str(address))


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_the_address(address: IPv4Address) -> None:
    assert parse_address(f"::ffff:{address}") == address


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("203.0.113.7", "203.0.113.7/32"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::/0", "::/0"),
    ],
)
def test_a_network_is_read(text: str, network: str) -> None:
    assert str(parse_network(text)) == network


@pytest.mark.parametrize("text", ["", "10.0.0.1/8", "10.0.0.0/33", "example.com", "10.*"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_network(text)


# --- the client behind proxies ------------------------------------------------------------------------------------

CHAINS: list[tuple[str | None, list[str], str | None]] = [
    ("198.51.100.7", [], "198.51.100.7"),
    ("198.51.100.7", ["10.0.0.1"], "198.51.100.7"),
    ("198.51.100.7", ["10.0.0.1, 192.0.2.1"], "198.51.100.7"),
    ("192.0.2.1", [], "192.0.2.1"),
    ("192.0.2.1", ["198.51.100.7"], "198.51.100.7"),
    ("192.0.2.1", ["10.0.0.1, 198.51.100.7"], "198.51.100.7"),
    ("192.0.2.1", ["10.0.0.1", "198.51.100.7"], "198.51.100.7"),
    ("192.0.2.1", ["10.0.0.1, 198.51.100.7, 192.0.2.9"], "198.51.100.7"),
    ("192.0.2.1", ["192.0.2.7,192.0.2.8"], "192.0.2.7"),
    ("fd00::1", ["[2001:db8::7]:443"], "2001:db8::7"),
    ("::ffff:192.0.2.1", ["198.51.100.7"], "198.51.100.7"),
    ("192.0.2.1", ["198.51.100.7, "], "198.51.100.7"),
    ("192.0.2.1", [""], "192.0.2.1"),
    ("192.0.2.1", ["10.0.0.1, unknown"], None),
    ("192.0.2.1", ["10.0.0.1, evil\x00"], None),
    (None, ["10.0.0.1"], None),
    ("unix:", ["10.0.0.1"], None),
]


@pytest.mark.parametrize(("peer", "forwarded", "client"), CHAINS)
def test_the_client_is_the_last_hop_that_is_no_trusted_proxy(
    peer: str | None, forwarded: list[str], client: str | None
) -> None:
    address = client_address(peer, forwarded, PROXIES)
    assert (None if address is None else str(address)) == client


@given(st.lists(st.text(max_size=60), max_size=5))
def test_nothing_that_a_stranger_forwards_changes_who_it_is(forwarded: list[str]) -> None:
    assert client_address("198.51.100.7", forwarded, PROXIES) == ip_address("198.51.100.7")


@given(st.lists(st.text(max_size=60), max_size=5))
def test_what_a_stranger_forged_before_a_proxy_named_it_is_not_read(forged: list[str]) -> None:
    chain = [*forged, "198.51.100.7"]
    assert client_address("192.0.2.1", chain, PROXIES) == ip_address("198.51.100.7")
    assert client_address("192.0.2.1", [",".join(chain)], PROXIES) == ip_address("198.51.100.7")


# --- whose it is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "fetcher"),
    [
        ("10.1.2.3", Fetcher.GATEWAY),
        ("10.9.2.3", Fetcher.UPSTREAM),
        ("203.0.113.255", Fetcher.UPSTREAM),
        ("203.0.114.0", Fetcher.UNKNOWN),
        ("2001:db8:1::5", Fetcher.GATEWAY),
        ("2001:db8:2::5", Fetcher.UPSTREAM),
        ("::a01:203", Fetcher.UNKNOWN),
    ],
)
def test_the_narrowest_network_says_whose_an_address_is(address: str, fetcher: Fetcher) -> None:
    assert classify(ip_address(address), NETWORKS) is fetcher


def test_an_address_that_is_not_known_is_nobodys() -> None:
    everywhere = Networks((ip_network("0.0.0.0/0"), IPv6Network("::/0")))
    assert classify(None, everywhere) is Fetcher.UNKNOWN


@given(st.ip_addresses())
def test_without_networks_everybody_is_unknown(address: IPv4Address | IPv6Address) -> None:
    assert classify(address, Networks()) is Fetcher.UNKNOWN


@given(st.ip_addresses(), st.data())
def test_a_network_of_one_address_beats_all_wider_ones(address: IPv4Address | IPv6Address, data: st.DataObject) -> None:
    bits = address.max_prefixlen
    wider = data.draw(st.lists(st.integers(0, bits - 1)))
    networks = Networks(tuple(ip_network((address, width), strict=False) for width in wider), (ip_network(address),))
    assert classify(address, networks) is Fetcher.UPSTREAM


# --- the media path -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fetchers", "path"),
    [
        ([], MediaPath.NOBODY),
        ([Fetcher.GATEWAY], MediaPath.GATEWAY),
        ([Fetcher.GATEWAY, Fetcher.GATEWAY], MediaPath.GATEWAY),
        ([Fetcher.UPSTREAM], MediaPath.UPSTREAM),
        ([Fetcher.GATEWAY, Fetcher.UPSTREAM], MediaPath.UPSTREAM),
        ([Fetcher.UNKNOWN, Fetcher.UPSTREAM], MediaPath.UPSTREAM),
        ([Fetcher.UNKNOWN], MediaPath.UNKNOWN),
        ([Fetcher.GATEWAY, Fetcher.UNKNOWN], MediaPath.UNKNOWN),
    ],
)
def test_the_media_path_is_told_by_who_fetched(fetchers: list[Fetcher], path: MediaPath) -> None:
    assert media_path(map(fetch, fetchers)) is path
    assert media_path(map(fetch, reversed(fetchers))) is path


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 302)])
def test_who_only_asked_what_it_is_has_not_fetched_it(method: str, status: int) -> None:
    asked = fetch(Fetcher.UPSTREAM, method, status)
    assert media_path([asked]) is MediaPath.NOBODY
    assert media_path([asked, fetch(Fetcher.GATEWAY)]) is MediaPath.GATEWAY


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        Fetch(UUID(int=1), 1, "box/one", NOW.replace(tzinfo=None), None, Fetcher.UNKNOWN, None, "GET", 200, 0)


def test_a_url_lives_past_the_deadline_of_its_probe() -> None:
    assert live_until(NOW, timedelta(seconds=30)) == NOW + timedelta(seconds=30) + GRACE
