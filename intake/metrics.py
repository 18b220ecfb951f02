"""Figures for Prometheus: what is in the database, the same from every process, and how long this process took."""

import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from intake.tally import Kept
from schemas.database import UNREACHABLE
from schemas.figures import Figures, figures
from schemas.settings import settings

router = APIRouter()
FRESH = 10.0  # seconds that counted figures are used again, however often they are asked for
SLOWNESS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
OURS = CollectorRegistry()
ProcessCollector(registry=OURS)
POSTS = Histogram("stadsvraag_post_seconds", "Time to answer a POST, by route.", ("route",), buckets=SLOWNESS,
                  registry=OURS)  # fmt: skip
ANSWERS = Counter("stadsvraag_answers", "Answers of this process.", ("method", "status"), registry=OURS)
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def seen(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer."""
    ANSWERS.labels(method if method in ("GET", "POST", "HEAD") else "other", f"{status // 100}xx").inc()
    if method == "POST":
        POSTS.labels(route).observe(seconds)


class Counted(Collector):
    """What was counted in the database, or that it could not be."""

    def __init__(self, found: Figures | None) -> None:
        self._found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each kind of figure."""
        yield GaugeMetricFamily("stadsvraag_database_up", "Whether the database answers.", self._found is not None)
        for name, (said, label, values) in (self._found or {}).items():
            family = GaugeMetricFamily(f"stadsvraag_{name}", said, labels=[label] if label else [])
            for key, value in values.items():
                family.add_metric([key] if label else [], value)
            yield family


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """For whoever has the token; without one set, for this machine only. Others do not learn that it is here."""
    if not _may(request):
        return PlainTextResponse("Not found", 404)
    registry = CollectorRegistry()
    registry.register(Counted(await _figures(request)))
    text = generate_latest(registry) + generate_latest(OURS)
    return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _may(request: Request) -> bool:
    token = settings().metrics_token.get_secret_value()
    if token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    # A proxy on this machine looks like this machine, but for what it says of whom it speaks for.
    local = request.client is not None and _local(request.client.host)
    return local and not any(name in request.headers for name in FORWARDED)


def _local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def kept() -> Kept[Figures]:
    """The figures as one process keeps them."""
    return Kept(figures, FRESH)


async def _figures(request: Request) -> Figures | None:
    known: Kept[Figures] = request.app.state.figures
    try:
        return await known.read(request.app.state.engine)
    except UNREACHABLE:
        return None
