"""URLs that want to go where nobody may go, each with the code that ends it; and names that lead there."""

PUBLIC = "93.184.216.34"
BAD, BARRED, PLAIN = "bad-url", "address-not-allowed", "https-only"

NAMES = {
    "metadata.google.internal": ["169.254.169.254"],
    "metadata": ["169.254.169.254"],
    "instance-data.ec2.internal": ["169.254.169.254"],
    "metadata.azure.example": ["168.63.129.16"],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.localdomain": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "app.localhost": ["127.0.0.1"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "0.example": ["0.0.0.0"],
    "inside.example": ["10.0.0.5"],
    "home.example": ["192.168.0.1"],
    "office.example": ["172.16.5.5"],
    "carrier.example": ["100.64.0.1"],
    "ula.example": ["fd12:3456::1"],
    "link.example": ["fe80::1"],
    "mapped.example": ["::ffff:10.0.0.5"],
    "nat64.example": ["64:ff9b::a00:5"],
    "sixtofour.example": ["2002:a00:5::1"],
    "teredo.example": ["2001:0:4136:e378:8000:63bf:f5ff:fffa"],
    "isatap.example": ["2606:2800:220:1:0:5efe:a00:5"],
    "multicast.example": ["239.255.255.250"],
    "mixed.example": [PUBLIC, "10.0.0.5"],
    "mixed6.example": [PUBLIC, "::1"],
    "late.example": [PUBLIC, "93.184.216.35", "93.184.216.36", "93.184.216.37", "127.0.0.1"],
    "xn--inside-4oa.example": ["10.0.0.5"],
}  # fmt: skip

# Forms of 127.0.0.1 and its like that some reader of URLs takes for it.
_IPV4 = [
    (BARRED, "127.0.0.1", "127.0.0.1.", "127.255.255.254", "0.0.0.0", "10.0.0.5", "172.16.0.1",
     "172.31.255.255",
     "192.168.1.1", "100.64.0.1", "100.100.100.200", "169.254.0.1", "169.254.169.254", "169.254.170.2",
     "192.0.0.192",
     "192.88.99.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
     "168.63.129.16",
     "１２７.0.0.1", "127。0。0。1", "127｡0｡0｡1", "127．0．0．1", "𝟏𝟐𝟕.0.0.1", "①②⑦.⓪.⓪.①"),
    (BAD, "2130706433", "017700000001", "0x7f000001", "0X7F000001", "0177.0.0.1", "0177.0.0.01",
     "00000177.0.0.1",
     "0x7f.0.0.1", "0x7f.0x0.0x0.0x1", "127.0.0.0x1", "127.1", "127.0.1", "0", "0.0", "127.0.0.1.1",
     "127.0.0.256",
     "127.0.0.01", "127..0.0.1", "127.0.0.1..", "127.0.0.-1", "2852039166", "0xa9fea9fe",
     "0xa9.0xfe.0xa9.0xfe",
     "169.254.43518", "4294967297", "127.0.0.1%00", "127.0.0.1%2f", "%31%32%37.0.0.1", "১২৭.0.0.1",
     "١٢٧.0.0.1"),
]  # fmt: skip
_IPV6 = [
    (BARRED, "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
     "[::FFFF:169.254.169.254]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[::127.0.0.1]", "[::7f00:1]", "[::8.8.8.8]",
     "[::ffff:0:127.0.0.1]", "[::ffff:0:a00:5]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]",
     "[64:ff9b:1::808:808]", "[64:ff9b:1::10.0.0.5]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]",
     "[2002:808:808::1]",
     "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:0:7f00:1::]", "[2001:4860:4860::5efe:10.0.0.5]",
     "[2001:4860:4860::200:5efe:127.0.0.1]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]",
     "[fd00:ec2::23]",
     "[ff02::1]", "[100::1]", "[2001:db8::1]", "[3fff::1]", "[5f00::1]", "[2001:2::1]", "[2001:20::1]"),
    (BAD, "[::1%25eth0]", "[fe80::1%eth0]", "[fe80::1%251]", "[::1", "::1", "::1]", "[127.0.0.1]", "[]",
     "[::127.1]",
     "[::ffff:0x7f.0.0.1]", "[::ffff:2130706433]", "[::1]]", "[[::1]]", "[::1].example", "[v1.127]",
     "[localhost]"),
]  # fmt: skip
_NAMED = [
    (BARRED, *NAMES, "LOCALHOST", "localhost.", "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "loc\u00adalhost",
     "metadata。google。internal",
     "METADATA.GOOGLE.INTERNAL."),
    (BAD, "", ".", "..", ".localhost", "local host", "localhost\t", "local\nhost", "localhost\r\nX-Header: 1",
     "localhost\x00.example", "localhost\\", "localhost\u2028", "a..b", "*.example", "exa%6dple.example",
     "ℍ℀.example",
     "local\u200bhost\u202e", "xn--\u00fc.example", "-a.example", "[example]", "a" * 64 + ".example",
     "\ud800.example"),
]  # fmt: skip
# Whole authorities: who is asked, and who is only said to be.
_AUTHORITIES = [
    (BAD, "example.com@127.0.0.1", "user:word@127.0.0.1", "user@example.com", "@127.0.0.1", ":@127.0.0.1",
     "a@b@127.0.0.1",
     "example.com%40127.0.0.1@10.0.0.5", "127.0.0.1\\@example.com", "example.com\\@127.0.0.1",
     "example.com\\.inside.example",
     "example.com;@127.0.0.1", "127.0.0.1:80@example.com:443", "example.com＠127.0.0.1",
     "127.0.0.1／@example.com",
     "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:080808", "127.0.0.1:8a", "127.0.0.1:-1",
     "127.0.0.1:80:80",
     "127.0.0.1:443:@example.com", "127.0.0.1：443", "127.0.0.1:٤٤٣", "[::1]:x", "[::1]443", "::1:443",
     "127.0.0.1 example.com", "127.0.0.1\texample.com", "example.com,127.0.0.1"),
    (BARRED, "127.0.0.1:443", "127.0.0.1:22", "127.0.0.1:9001", "localhost:6379", "[::1]:11211",
     "169.254.169.254:80",
     "inside.example:65535", "127.0.0.1?@example.com", "127.0.0.1#@example.com", "localhost#.example.com"),
]  # fmt: skip
_WHOLE = [
    (BAD, "", "localhost", "//127.0.0.1/a.png", "///127.0.0.1/", "file:///etc/passwd",
     "file://127.0.0.1/etc/passwd",
     "ftp://127.0.0.1/a.png", "gopher://127.0.0.1:6379/_FLUSHALL", "data:image/png;base64,iVBORw0KGgo=",
     "javascript:alert(1)", "jar:https://127.0.0.1!/a.png", "dict://127.0.0.1:11211/stat",
     "ldap://127.0.0.1/",
     "tftp://127.0.0.1/a", "ws://127.0.0.1/", "netdoc:///etc/passwd",
     "http+unix://%2Fvar%2Frun%2Fdocker.sock/a",
     "s3://bucket/key", "about:blank", "https:127.0.0.1", "https:/127.0.0.1/", "https:///127.0.0.1/",
     "https:\\\\127.0.0.1\\",
     "https://\\127.0.0.1/", " https://127.0.0.1/", "https://127.0.0.1/ ", "ht\ntps://127.0.0.1/",
     "https\t://127.0.0.1/",
     "\x00https://127.0.0.1/", "ｈttps://127.0.0.1/", "https：//127.0.0.1/", "https://?@127.0.0.1/",
     "https://#@127.0.0.1/",
     "url:https://127.0.0.1/", "https://https://127.0.0.1/", "https://127.0.0.1/\r\nHost: example.com",
     "h\u202ettps://127.0.0.1/",
     "https://127.0.0.1/" + "a" * 2_000),
    (PLAIN, "http://127.0.0.1/", "http://example.com/", "HTTP://169.254.169.254/latest/meta-data/",
     "http://[fd00:ec2::254]/latest/api/token", "http://metadata.google.internal/computeMetadata/v1/",
     "http://localhost:9001/"),
    (BARRED, "https://127.0.0.1/../../a.png", "https://127.0.0.1//example.com/",
     "https://169.254.169.254/latest/meta-data/",
     "https://localhost/%2e%2e/%00.png", "HTTPS://127.0.0.1/", "https://inside.example/@example.com",
     "https://127.0.0.1/a\u00e9.png"),
]  # fmt: skip


def _urls() -> dict[str, str]:
    urls = {f"https://{host}/a.png": code for rows in (_IPV4, _IPV6, _NAMED) for code, *hosts in rows for host in hosts}
    urls |= {f"https://{authority}/a.png": code for code, *rest in _AUTHORITIES for authority in rest}
    return urls | {url: code for code, *rest in _WHOLE for url in rest}


URLS = _urls()
