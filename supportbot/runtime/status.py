"""How the bot is, over HTTP: `/metrics`, `/healthz` and `/readyz`."""

import json
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import TYPE_CHECKING, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app

from supportbot.errors import SupportbotError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """How the bot is: `problems` are sentences, and there are none when all is well."""

    is_ready: bool
    problems: tuple[str, ...] = ()


_LOOK = 0.05
"""Seconds between looks whether it is to stop."""


class StatusServer:
    """Answers on a port of its own, from a thread of its own, as long as it is entered."""

    def __init__(
        self, host: str, port: int, registry: CollectorRegistry, look: Callable[[], Status]
    ) -> None:
        """Open the port. `look` is called for each request, and brings the gauges up to date.

        Raises:
            SupportbotError: The port cannot be opened.
        """
        metrics = make_wsgi_app(registry)

        def answer(
            environment: "WSGIEnvironment", start_response: "StartResponse"
        ) -> Iterable[bytes]:
            path = environment.get("PATH_INFO")
            status = look()
            if path == "/metrics":
                pages: Iterable[bytes] = metrics(environment, start_response)
                return pages
            fine = {"/healthz": not status.problems, "/readyz": status.is_ready}.get(str(path))
            if fine is None:
                start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
                return [b"There are /metrics, /healthz and /readyz.\n"]
            line = "200 OK" if fine else "503 Service Unavailable"
            start_response(line, [("Content-Type", "application/json")])
            return [json.dumps(asdict(status)).encode() + b"\n"]

        try:
            self._server = make_server(
                host, port, answer, server_class=_Server, handler_class=_Silent
            )
        except (OSError, OverflowError) as error:
            message = (
                f"[observability] port {port} cannot be opened on {host}: {error}. Choose another "
                "port, or 0 for none."
            )
            raise SupportbotError(message) from error

    @property
    def port(self) -> int:
        """Return the port that was opened."""
        return int(self._server.server_port)

    def __enter__(self) -> Self:
        """Begin to answer."""
        threading.Thread(
            target=self._server.serve_forever, args=(_LOOK,), name="status", daemon=True
        ).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Leave requests out of the log."""
