"""Which addresses are public: IANA's special ones, and IPv4 in all its disguises."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmill.addresses import is_public

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1",
    "192.0.1.1", "198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:2800:220:1:248:1893:25c8:1946",
    "2001:4860:4860::8888", "2a00:1450:4001::1", "2001:4860:4860::5eff:a00:1", "::ffff:8.8.8.8", "64:ff9b::808:808",
]  # fmt: skip
NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
    "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.9",
    "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::2", "fe80::1", "fe80::1%1", "2001:4860:4860::8888%1", "fec0::1", "fc00::1", "fd00:ec2::254",
    "fd12:3456::1", "ff02::1", "ff0e::1", "100::1", "2001:db8::1", "3fff::1", "5f00::1", "2001:2::1", "2001:10::1",
    "2001:20::1", "4000::1",
    # IPv4 inside: mapped, compatible, translated, NAT64 and its local prefix, 6to4, Teredo, ISATAP
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::ffff:224.0.0.1", "::127.0.0.1", "::8.8.8.8",
    "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a00:1",
    "64:ff9b:1::808:808", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:808:808::1", "2002:a9fe:a9fe::1",
    "2002:c0a8:1::1", "2002:e000:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:7f00:1::",
    "2001:4860:4860::5efe:a00:1", "2001:4860:4860::200:5efe:808:808",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_any_other_is_not_in_whatever_form(address: str) -> None:
    assert not is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_the_forms_that_lead_to_an_ipv4_address_are_as_public_as_it_is(address: object) -> None:
    inside = int(ip_address(str(address)))

    for carrier in (0xFFFF << 32, 0x64FF9B << 96):
        assert is_public(ip_address((carrier | inside).to_bytes(16))) == is_public(ip_address(inside))


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6, network="2000::/3"))
def test_no_address_is_public_that_python_holds_for_private_or_multicast(address: object) -> None:
    one = ip_address(str(address))

    assert not is_public(one) or not (one.is_private or one.is_multicast or one.is_reserved)
