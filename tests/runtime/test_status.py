import json
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry, Counter

from supportbot.errors import SupportbotError
from supportbot.runtime.status import Status, StatusServer
from supportbot.testing import PATIENCE


@dataclass
class Bench:
    """A server whose bot is as the test says, and how often somebody looked."""

    status: Status = field(default_factory=lambda: Status(is_ready=True))
    looks: int = 0

    def look(self) -> Status:
        """Return how the bot is."""
        self.looks += 1
        return self.status


Get = Callable[[str], tuple[int, str]]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def get(bench: Bench) -> Iterator[Get]:
    """Ask over a real loopback socket; gives the status code and the page."""
    registry = CollectorRegistry()
    Counter("questions", "New questions.", registry=registry).inc(3)
    with StatusServer("127.0.0.1", 0, registry, bench.look) as server:

        def get(path: str) -> tuple[int, str]:
            url = f"http://127.0.0.1:{server.port}{path}"
            try:
                with urllib.request.urlopen(url, timeout=PATIENCE) as page:
                    return page.status, page.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read().decode()

        yield get


def test_the_figures_are_given_as_prometheus_reads_them(get: Get) -> None:
    code, page = get("/metrics")

    assert code == 200
    assert "questions_total 3.0\n" in page


def test_the_figures_are_brought_up_to_date_before_they_are_given(get: Get, bench: Bench) -> None:
    get("/metrics")

    assert bench.looks == 1


def test_a_bot_without_problems_is_healthy(get: Get) -> None:
    code, page = get("/healthz")

    assert (code, json.loads(page)) == (200, {"is_ready": True, "problems": []})


def test_a_bot_with_a_problem_is_not_healthy_and_says_why(get: Get, bench: Bench) -> None:
    bench.status = Status(is_ready=True, problems=("The disk is full.",))

    code, page = get("/healthz")

    assert (code, json.loads(page)) == (
        503,
        {"is_ready": True, "problems": ["The disk is full."]},
    )


@pytest.mark.parametrize(("is_ready", "expected"), [(True, 200), (False, 503)])
def test_a_bot_is_ready_once_it_can_answer(
    get: Get, bench: Bench, expected: int, *, is_ready: bool
) -> None:
    bench.status = Status(is_ready=is_ready, problems=("The disk is full.",))

    assert get("/readyz")[0] == expected


def test_a_bot_that_is_not_ready_yet_is_healthy(get: Get, bench: Bench) -> None:
    bench.status = Status(is_ready=False)

    assert get("/healthz")[0] == 200


@pytest.mark.parametrize("path", ["/", "/metric", "/healthz/", "/../etc/passwd"])
def test_another_page_is_not_there_and_the_others_are_named(get: Get, path: str) -> None:
    assert get(path) == (404, "There are /metrics, /healthz and /readyz.\n")


def test_requests_stay_out_of_the_log(get: Get, capsys: pytest.CaptureFixture[str]) -> None:
    get("/healthz")

    assert capsys.readouterr() == ("", "")


def test_a_port_that_is_taken_is_told(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(SupportbotError) as refusal:
            StatusServer("127.0.0.1", port, CollectorRegistry(), bench.look)

    assert str(refusal.value) == (
        f"[observability] port {port} cannot be opened on 127.0.0.1: [Errno 98] Address already "
        "in use. Choose another port, or 0 for none."
    )


def test_a_port_that_is_none_is_told(bench: Bench) -> None:
    with pytest.raises(SupportbotError, match="port 99999 cannot be opened"):
        StatusServer("127.0.0.1", 99_999, CollectorRegistry(), bench.look)


def test_the_port_is_free_again_afterwards(bench: Bench) -> None:
    with StatusServer("127.0.0.1", 0, CollectorRegistry(), bench.look) as server:
        port = server.port

    with StatusServer("127.0.0.1", port, CollectorRegistry(), bench.look) as again:
        assert again.port == port
