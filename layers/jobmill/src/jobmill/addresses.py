"""Whether an IP address is a public one. Pure: whoever connects to addresses asks here, just before it does.

`ipaddress.is_global` alone is wrong for this: it says yes to multicast, to relays, and to IPv6 addresses that carry a
private IPv4 address inside, to which a gateway on the way (NAT64) or the kernel itself (mapped) would connect.
Sources: IANA's registries of special-purpose IPv4 and IPv6 addresses, RFC 6890, RFC 6052 and RFC 8215 (NAT64).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

type Address = IPv4Address | IPv6Address

# Beside what `is_global` refuses, in any version of Python.
_NOT_PUBLIC_V4 = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # shared by carriers
    IPv4Network("168.63.129.16/32"),  # inside Azure, its machines' own agent
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("198.18.0.0/15"),  # benchmarks
    IPv4Network("224.0.0.0/3"),  # multicast, reserved, broadcast
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = (
    IPv6Network("2001::/23"),  # protocol assignments, Teredo among them
    IPv6Network("2002::/16"),  # 6to4, given up by RFC 7526
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("3fff::/20"),
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
# The last 64 bits of an ISATAP address (RFC 5214, 6.1): 0:5efe or 200:5efe, and the IPv4 address to tunnel to.
_ISATAP = 0x0000_5EFE
_ISATAP_MASK = 0xFDFF_FFFF


def is_public(address: Address) -> bool:
    """Whether the address is one of the public internet, and so is the IPv4 address that it carries, if it does.

    What only ever tunnelled is never public: 6to4, Teredo, ISATAP, IPv4-compatible and -translated addresses; nor is
    NAT64's local prefix (64:ff9b:1::/48).
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id is not None or int(address) >> 32 & _ISATAP_MASK == _ISATAP:
        return False
    carried = _carried(address)
    if carried is not None:
        return is_public(carried)
    return (
        address in _GLOBAL_UNICAST and address.is_global and not any(address in network for network in _NOT_PUBLIC_V6)
    )


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside, of the forms that lead to it."""
    if address in _MAPPED or address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
