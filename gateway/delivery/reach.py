"""Which addresses the gateway calls on a client's word: a status callback must be no way to what its host can reach.

Judged is the address that a connection is made to, when it is made: a name that is looked up, judged, and looked up
again could answer differently the second time.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from gateway.telemetry import log

Network = IPv4Network | IPv6Network

# Whatever an operator allows. Link-local is where clouds hand out credentials; some do so elsewhere.
NEVER: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # "this host"
            "169.254.0.0/16",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "100.100.100.200/32",  # metadata of Alibaba Cloud
            "168.63.129.16/32",  # of Azure's hosts
            "192.0.0.192/32",  # of Oracle Cloud, classic
            "::/128",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
            "fd00:ec2::/32",  # metadata of AWS
            "fd20:ce::254/128",  # of Google Cloud
        ),
    )
)
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))  # NAT64: IPv4 in the last 32 bits


@dataclass(frozen=True, slots=True)
class Reach:
    """Public addresses, and of the others those that are `allowed`; never a `closed` port of one that is not public."""

    allowed: Sequence[Network]
    closed: frozenset[int] = frozenset()  # the gateway's own listeners that ask for no password

    def why_not(self, host: str, port: int) -> str:
        """Why this address is not called; empty where it is."""
        address = _meant(ip_address(host))
        if _within(address, NEVER):
            return f"{address} is link-local, multicast or a cloud's metadata service: never called"
        if address.is_global and not address.is_reserved:
            return ""
        if port in self.closed:
            return f"port {port} is the gateway's own"
        return "" if _within(address, self.allowed) else f"{address} is not public; see callbacks.allow"

    def socket_for(self, info: tuple[Any, ...]) -> socket.socket:
        """For a connection to this address, as getaddrinfo gives it. Raises OSError where it is out of reach."""
        family, kind, protocol, _, (host, port, *_) = info
        if why := self.why_not(host, port):
            log.warning("a client's callback is not made", why=why)
            raise PermissionError(why)
        return socket.socket(family, kind, protocol)


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if _within(address, _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _within(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
