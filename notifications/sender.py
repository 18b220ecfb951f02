"""Whether others will trust our mail: what DNS says about the sender's domain, and what the relay offers.

Each finding is a sentence for an operator, and where something lacks what to ask of whoever runs mail and DNS.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer

from notifications.address import server_of
from notifications.message import mailbox
from notifications.postbox import Offers, Postbox

LARGEST = 1_000_000  # bytes; our letters with their attachments stay well below
NEAR = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `advice`: it works, and could be better."""

    about: str
    verdict: Literal["ok", "advice", "fault"]
    says: str


class Silent(Exception):  # noqa: N818
    """DNS gave no answer, which is not the same as an answer that there is nothing."""


async def findings(
    mail_from: str, smtp_url: str, selector: str, resolver: Resolver | None = None, seconds: float = 5.0
) -> list[Finding]:
    """Everything about a sender and its relay. Raises ValueError when one of the two cannot be read."""
    domain, dns = mailbox(mail_from).domain.lower(), resolver or Resolver()
    dns.lifetime = seconds
    found: list[Finding] = []
    for about, look in (("From", _receives), ("SPF", _spf), ("DMARC", _dmarc)):
        try:
            found.append(await look(dns, domain))
        except Silent as fault:
            found.append(Finding(about, "fault", f"DNS does not answer about {domain}: {fault}. Try again later."))
    try:
        found.insert(2, await _dkim(dns, domain, selector))
    except Silent as fault:
        found.insert(2, Finding("DKIM", "fault", f"DNS does not answer about {domain}: {fault}. Try again later."))
    async with Postbox(smtp_url, timeout=seconds) as box:
        return [*found, *_relay(server_of(smtp_url).tls, server_of(smtp_url).host, await box.offers())]


async def _ask(dns: Resolver, name: str, kind: str) -> list[str] | None:
    """The records; None when the name does not exist at all. Raises Silent."""
    try:
        answer = await dns.resolve(name, kind)
    except NXDOMAIN:
        return None
    except NoAnswer:
        return []
    except DNSException as fault:
        raise Silent(type(fault).__name__) from fault
    if kind != "TXT":
        return [record.to_text() for record in answer]
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


async def _receives(dns: Resolver, domain: str) -> Finding:
    exchanges = await _ask(dns, domain, "MX")
    if exchanges is None:
        return Finding("From", "fault", f"the domain {domain} does not exist. Correct STADSVRAAG_MAIL_FROM.")
    hosts = [one.split()[-1] for one in exchanges]
    if hosts == ["."] or not (hosts or await _ask(dns, domain, "A") or await _ask(dns, domain, "AAAA")):
        ask = "Ask for an MX record, or send from a domain that has one."
        return Finding("From", "fault", f"nothing takes mail for {domain}: bounces and answers get lost. {ask}")
    return Finding("From", "ok", f"mail to {domain} is taken by {', '.join(hosts) or domain}.")


async def _spf(dns: Resolver, domain: str) -> Finding:
    texts = await _ask(dns, domain, "TXT") or []
    records = [one for one in texts if re.match(r"v=spf1(\s|$)", one, re.IGNORECASE)]
    said = f"the SPF record of {domain} ({' | '.join(records)})"
    terms = records[0].lower().split()[1:] if records else []
    if not records:
        ask = f'Ask the DNS administrator for: {domain}. TXT "v=spf1 include:… -all", which names your relay.'
        return Finding("SPF", "fault", f"{domain} has no SPF record, so anybody can send in its name. {ask}")
    if len(records) > 1:
        return Finding(
            "SPF", "fault", f"{domain} has {len(records)} SPF records; receivers then use none. Ask for one."
        )
    if {"all", "+all"} & set(terms):
        return Finding("SPF", "fault", f"{said} allows the whole world. Ask for -all.")
    if not {"-all", "~all"} & set(terms) and not any(one.startswith("redirect=") for one in terms):
        return Finding("SPF", "advice", f"{said} forbids nobody. Ask for ~all or -all.")
    return Finding("SPF", "ok", f"{said} is there. Ask whether it names the addresses that your relay sends from.")


async def _dkim(dns: Resolver, domain: str, selector: str) -> Finding:
    if not selector:
        ask = f"Ask the mail administrator whether the relay signs mail from {domain}, and for the selector of the key"
        return Finding("DKIM", "advice", f"not looked at. {ask}; set it as STADSVRAAG_MAIL_DKIM_SELECTOR.")
    name = f"{selector}._domainkey.{domain}"
    keys = [one for one in await _ask(dns, name, "TXT") or [] if "p=" in one]
    if not keys:
        ask = f"Ask the mail administrator to let the relay sign mail from {domain}, and to publish the key there."
        return Finding("DKIM", "fault", f"there is no key at {name}. {ask}")
    if not re.search(r"p=\s*[A-Za-z0-9+/]", keys[0]):
        return Finding("DKIM", "fault", f"the key at {name} was withdrawn (p= is empty). Ask for the present selector.")
    return Finding("DKIM", "ok", f"a key is published at {name}. Ask whether the relay signs with it.")


async def _dmarc(dns: Resolver, domain: str) -> Finding:
    for parent in _upwards(domain):
        records = [one for one in await _ask(dns, f"_dmarc.{parent}", "TXT") or [] if one.startswith("v=DMARC1")]
        if records:
            policy = re.search(r"[;\s]p\s*=\s*(\w+)", records[0])
            if policy and policy[1].lower() in ("quarantine", "reject"):
                return Finding("DMARC", "ok", f"{parent} asks receivers to {policy[1].lower()} what is not from it.")
            ask = "Ask for p=quarantine or p=reject once SPF and DKIM are right."
            return Finding("DMARC", "advice", f"{parent} has a policy that only watches ({records[0]}). {ask}")
    ask = f'Ask the DNS administrator for: _dmarc.{domain}. TXT "v=DMARC1; p=quarantine; rua=mailto:…".'
    return Finding("DMARC", "fault", f"{domain} has no DMARC record; many receivers then trust its mail less. {ask}")


def _upwards(domain: str) -> Iterator[str]:
    """The domain and those above it, up to the last but one label: where receivers look for a policy."""
    labels = domain.split(".")
    yield from (".".join(labels[n:]) for n in range(max(1, len(labels) - 1)))


def _relay(mode: str, host: str, offers: Offers | str) -> Iterator[Finding]:
    if isinstance(offers, str):
        yield Finding("relay", "fault", f"{host} cannot be used: {offers}. Check STADSVRAAG_SMTP_URL.")
        return
    if mode != "none":
        yield Finding("TLS", "ok", f"the way to {host} is encrypted ({offers.tls}), and its certificate was checked.")
    elif host in NEAR:
        yield Finding("TLS", "ok", f"{host} is this machine: letters do not cross a network.")
    elif offers.starttls:
        mend = "Put ?tls=starttls in STADSVRAAG_SMTP_URL."
        yield Finding("TLS", "fault", f"{host} offers encryption and we do not use it. {mend}")
    else:
        yield Finding("TLS", "fault", f"letters go to {host} unencrypted. Ask the mail administrator for STARTTLS.")
    limit = f"at most {offers.size} bytes" if offers.size else "letters of any size"
    if offers.size and offers.size < LARGEST:
        yield Finding("size", "advice", f"{host} takes {limit}. Ask for at least {LARGEST}.")
    else:
        yield Finding("size", "ok", f"{host} takes {limit}.")
