"""The programs that do not end, pages and flows: everything imported, then forked."""

import gc
import os
from functools import partial

from stadsvraag.prefork import keep_alive

POLITE = 5  # what follows from a step gives way to people who wait for a page, where both share a processor


def serve(host: str, port: int) -> None:
    """The pages and the API."""
    gc.disable()  # until all has been imported: a tenth of the time that a start takes
    import uvicorn

    from intake.app import create_app
    from schemas.logs import listen
    from schemas.settings import settings

    listen(settings().log_format)
    proxies = settings().trusted_proxies
    keep_alive(partial(uvicorn.run, create_app(), host=host, port=port, log_config=None, access_log=False,
                       proxy_headers=bool(proxies), forwarded_allow_ips=proxies or "127.0.0.1"))  # fmt: skip


def follow() -> None:
    """What happens by itself."""
    gc.disable()  # as above
    from flows.runner import import_all, run
    from schemas.logs import listen
    from schemas.settings import settings

    listen(settings().log_format)
    os.nice(POLITE)
    import_all(settings())
    keep_alive(partial(run, settings()))
