"""What others think of our mail: read over real DNS from a stub on this machine, told in sentences that help."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from dns.asyncresolver import Resolver

from notifications.sender import Finding, findings
from tests.notifications.mailserver import Fault, mail_server

pytestmark = pytest.mark.anyio
Zone = Mapping[tuple[str, str], list[str]]
GOOD: Zone = {
    ("stad.example.org.", "MX"): ["10 mx.example.org."],
    ("stad.example.org.", "TXT"): ['"v=spf1 include:_spf." "example.org -all"', '"something else"'],
    ("s1._domainkey.stad.example.org.", "TXT"): ['"v=DKIM1; k=rsa; p=MIIBIjANBg"'],
    ("_dmarc.example.org.", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:x@example.org"'],
}


class Stub(asyncio.DatagramProtocol):
    """A name server for one zone; a name without records does not exist. `dumb`: it never answers."""

    def __init__(self, zone: Zone, dumb: bool) -> None:
        self.zone, self.dumb = zone, dumb

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        asked, answer = query.question[0], dns.message.make_response(query)
        name, kind = asked.name.to_text(), dns.rdatatype.to_text(asked.rdtype)
        answer.flags |= dns.flags.RA
        if found := self.zone.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *found))
        elif name not in {known for known, _ in self.zone}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        if not self.dumb:
            self.transport.sendto(answer.to_wire(), address)  # type: ignore[attr-defined]


@asynccontextmanager
async def resolver(zone: Zone, dumb: bool = False) -> AsyncIterator[Resolver]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Stub(zone, dumb), local_addr=("127.0.0.1", 0)
    )
    found = Resolver(configure=False)
    found.nameservers, found.port = ["127.0.0.1"], transport.get_extra_info("sockname")[1]
    try:
        yield found
    finally:
        transport.close()


async def look(
    zone: Zone, mail_from: str = "Stadsvraag <post@stad.example.org>", selector: str = "s1", **options: object
) -> dict[str, Finding]:
    async with resolver(zone) as stub, mail_server(**options) as (port, _):  # type: ignore[arg-type]
        found = await findings(mail_from, f"smtp://127.0.0.1:{port}?tls=none", selector, stub)
    return {one.about: one for one in found}


async def test_all_is_well() -> None:
    found = await look(GOOD)
    assert [*found] == ["From", "SPF", "DKIM", "DMARC", "TLS", "size"]
    assert {one.verdict for one in found.values()} == {"ok"}
    assert "v=spf1 include:_spf.example.org -all" in found["SPF"].says
    assert "example.org asks receivers to reject" in found["DMARC"].says


async def test_nothing_is_there() -> None:
    found = await look({})
    assert {name: one.verdict for name, one in found.items() if name not in ("TLS", "size")} == dict.fromkeys(
        ("From", "SPF", "DKIM", "DMARC"), "fault"
    )
    assert "does not exist" in found["From"].says
    assert '_dmarc.stad.example.org. TXT "v=DMARC1' in found["DMARC"].says


@pytest.mark.parametrize(
    ("about", "name", "kind", "records", "verdict", "says"),
    [
        ("From", "stad.example.org.", "MX", ["0 ."], "fault", "nothing takes mail"),
        ("SPF", "stad.example.org.", "TXT", ['"v=spf1 +all"'], "fault", "the whole world"),
        ("SPF", "stad.example.org.", "TXT", ['"v=spf1 a"'], "advice", "forbids nobody"),
        ("SPF", "stad.example.org.", "TXT", ['"v=spf1 -all"', '"v=spf1 a -all"'], "fault", "2 SPF records"),
        ("SPF", "stad.example.org.", "TXT", ['"v=spf10 -all"'], "fault", "no SPF record"),
        ("SPF", "stad.example.org.", "TXT", ['"v=spf1 redirect=_spf.example.org"'], "ok", "redirect"),
        ("DKIM", "s1._domainkey.stad.example.org.", "TXT", ['"v=DKIM1; p="'], "fault", "withdrawn"),
        ("DMARC", "_dmarc.stad.example.org.", "TXT", ['"v=DMARC1; p=none"'], "advice", "only watches"),
        ("DMARC", "_dmarc.stad.example.org.", "TXT", ['"v=DMARC1; sp=reject; p=none"'], "advice", "only watches"),
    ],
)
async def test_what_is_not_right_is_told(
    about: str, name: str, kind: str, records: list[str], verdict: str, says: str
) -> None:
    found = (await look({**GOOD, (name, kind): records}))[about]
    assert found.verdict == verdict
    assert says in found.says


async def test_without_a_selector_the_key_is_not_looked_for() -> None:
    assert (await look(GOOD, selector=""))["DKIM"].verdict == "advice"


async def test_a_small_relay_and_one_that_does_not_answer() -> None:
    assert (await look(GOOD, data_size_limit=5000))["size"].verdict == "advice"
    assert (await look(GOOD, fault=Fault("greeting", "450")))["relay"].verdict == "fault"


async def test_dns_that_is_silent_is_not_taken_for_an_answer() -> None:
    async with resolver(GOOD, dumb=True) as stub, mail_server() as (port, _):
        found = await findings("a@stad.example.org", f"smtp://127.0.0.1:{port}?tls=none", "s1", stub, seconds=0.3)
    assert [one.verdict for one in found[:4]] == ["fault"] * 4
    assert all("does not answer" in one.says for one in found[:4])


async def test_a_sender_that_is_none_is_said() -> None:
    with pytest.raises(ValueError, match="no address"):
        await look(GOOD, mail_from="nobody")
