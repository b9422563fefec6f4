import asyncio
import io
import os
import socket
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from supportbot.domain.chat.events import Event, MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.knowledge.decision import Calibration
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import Receive, Vectors
from supportbot.retrieval import serving, tuned
from supportbot.retrieval.models import MINILM, ModelRecord, weights_sha256
from supportbot.retrieval.serving import build_embedder, build_serving, serving_calibration
from supportbot.retrieval.tuned import TunedModel
from supportbot.runtime.build import App, SystemClock, build_adapters, build_app, build_search
from supportbot.runtime.home import is_running, only_one, submit
from supportbot.runtime.service import Service
from supportbot.runtime.status import Status
from supportbot.settings import (
    CalibrationSettings,
    ChannelSettings,
    ExpertSettings,
    ModelSettings,
    ObservabilitySettings,
    Settings,
    ThresholdSettings,
)
from supportbot.store import inbox
from supportbot.store.inbox import InboxState
from supportbot.testing import HASHING_CALIBRATION, PATIENCE, HashingEmbedder, SetClock
from tests.tuned_models import tuned_record

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CALIBRATION = CalibrationSettings(
    model="hashing", intercept=-8.0, slope=16.0, answer_threshold=0.8, suggest_threshold=0.4
)
SETTINGS = Settings(
    community="ours",
    calibration=CALIBRATION,
    channels=ChannelSettings(burst_seconds=0),
    experts=(ExpertSettings(name="Paul", topics=("ledger",), identities=("slack:U2",)),),
)


def asked(number: int) -> MessagePosted:
    return MessagePosted(
        event_id=f"slack:{number}",
        place=Place("slack", "T1", "help"),
        message_id=str(number),
        author=Author("slack", "U1", "Maria"),
        text="How does the ledger closing work?",
        posted_at=NOW,
    )


@dataclass
class FakePlatform:
    """Brings events, takes messages, and says goodbye."""

    brings: list[Event] = field(default_factory=list)
    platform: str = "slack"
    taken: list[str] = field(default_factory=list)
    before_goodbye: Callable[[], object] = lambda: None
    refusal: DeliveryError | None = None
    stays: bool = False

    async def connect(self, receive: Receive) -> None:
        """Bring events, and go, or stay."""
        for event in self.brings:
            await receive(event)
        self.before_goodbye()
        if self.stays:
            await asyncio.Event().wait()

    def url_of(self, place: Place, message_id: str) -> str:
        """Return a link that leads nowhere."""
        return f"https://example.org/{place.channel}/{message_id}"

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        del attempt
        if self.refusal is not None:
            raise self.refusal
        self.taken.append(message.id)
        return str(len(self.taken))


class BrokenModel(HashingEmbedder):
    def embed_question(self, text: str) -> Vectors:
        del text
        message = "The weights cannot be fetched."
        raise SupportbotError(message)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = build_app(SETTINGS, tmp_path, embedder=HashingEmbedder(), clock=SetClock(NOW))
    yield app
    app.database.close()


def serve(app: App, *platforms: FakePlatform) -> None:
    async def patiently() -> None:
        async with asyncio.timeout(PATIENCE):
            await Service(app, list(platforms)).run()

    asyncio.run(patiently())


def test_the_service_ends_when_every_platform_has_said_goodbye(app: App) -> None:
    serve(app, FakePlatform(), FakePlatform(platform="discord"))


def test_each_question_is_replied_to_before_the_service_ends(app: App) -> None:
    platform = FakePlatform([asked(1), asked(2), asked(3)])

    serve(app, platform)

    assert sorted(platform.taken) == [
        "slack/T1/help/1/reply",
        "slack/T1/help/2/reply",
        "slack/T1/help/3/reply",
    ]


def test_an_event_that_comes_again_is_replied_to_once(app: App) -> None:
    platform = FakePlatform([asked(1), asked(1)])

    serve(app, platform)
    serve(app, platform)

    assert platform.taken == ["slack/T1/help/1/reply"]


def test_what_waited_while_the_bot_was_away_is_done_at_the_start(app: App) -> None:
    with app.database.writing() as tx:
        inbox.put(tx, asked(1), now=NOW)
    platform = FakePlatform()

    serve(app, platform)

    assert platform.taken == ["slack/T1/help/1/reply"]


def test_a_reply_goes_to_the_platform_of_its_question(app: App) -> None:
    slack, discord = FakePlatform([asked(1)]), FakePlatform(platform="discord")

    serve(app, slack, discord)

    assert (slack.taken, discord.taken) == (["slack/T1/help/1/reply"], [])


def test_a_platform_that_refuses_for_good_does_not_keep_the_service_from_ending(
    app: App,
) -> None:
    platform = FakePlatform([asked(1)], refusal=DeliveryError("no such channel", permanent=True))

    serve(app, platform)

    assert platform.taken == []


def test_an_event_is_safe_once_it_is_received(app: App) -> None:
    kept: list[int] = []

    def look() -> None:
        with app.database.reading() as tx:
            kept.append(sum(inbox.count(tx, state) for state in InboxState))

    serve(app, FakePlatform([asked(1), asked(2)], before_goodbye=look))

    assert kept == [2]


def test_a_service_that_is_stopped_leaves_nothing_running(app: App) -> None:
    platform = FakePlatform([asked(1)], stays=True)

    async def stop() -> int:
        async with asyncio.timeout(PATIENCE):
            service = Service(app, [platform])
            running = asyncio.create_task(service.run())
            await service.settle(received=1)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            return len(asyncio.all_tasks())

    # What is left is the one that counts.
    assert asyncio.run(stop()) == 1
    assert platform.taken == ["slack/T1/help/1/reply"]


def test_a_model_that_cannot_be_loaded_is_told_in_one_sentence(tmp_path: Path) -> None:
    app = build_app(SETTINGS, tmp_path, embedder=BrokenModel())

    with (
        closing(app.database),
        pytest.raises(SupportbotError, match=r"^The weights cannot be fetched\.$"),
    ):
        serve(app, FakePlatform(stays=True))


def test_an_app_knows_its_community(app: App) -> None:
    assert app.community_id == "ours"
    assert app.calibration == HASHING_CALIBRATION


def test_the_thresholds_of_the_settings_win(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"thresholds": ThresholdSettings(answer=0.95)})

    app = build_app(settings, tmp_path, embedder=HashingEmbedder())

    with closing(app.database):
        assert app.calibration.answer_threshold == 0.95
        assert app.calibration.suggest_threshold == 0.4


def test_the_clock_of_the_machine_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_the_default_model_brings_its_own_record() -> None:
    embedder = build_embedder(ModelSettings())

    assert embedder.model == "sentence-transformers/all-MiniLM-L6-v2"
    assert embedder.dimension == 384


def test_another_model_is_taken_as_the_settings_describe_it() -> None:
    settings = ModelSettings(name="group/model", dimension=12)

    embedder = build_embedder(settings)

    assert (embedder.model, embedder.dimension) == ("group/model", 12)


def tuned_model(home: Path, base: ModelRecord) -> TunedModel:
    """Have a model that was tuned from another one, and serves."""
    name = "MiniLM-20260302"
    folder = tuned.folder_of(home, name)
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    model = tuned_record(
        name,
        base=base.name,
        base_sha256=base.sha256,
        sha256=weights_sha256(folder),
        calibration=Calibration(name, -5.0, 10.0, 0.87, 0.33),
    )
    tuned.keep(home, model)
    tuned.serve(home, name)
    return model


def test_a_tuned_model_serves_with_its_own_calibration(tmp_path: Path) -> None:
    model = tuned_model(tmp_path, MINILM)

    embedder, calibration = build_serving(Settings(), tmp_path)

    assert embedder.model == "MiniLM-20260302"
    assert embedder.key.startswith(f"MiniLM-20260302@{model.sha256[:12]}/256")
    assert calibration.answer_threshold == 0.87


def test_after_going_back_the_model_of_the_settings_serves(tmp_path: Path) -> None:
    tuned_model(tmp_path, MINILM)
    tuned.roll_back(tmp_path)

    embedder, calibration = build_serving(Settings(), tmp_path)

    assert embedder.model == calibration.model == MINILM.name


def test_a_calibration_of_the_settings_counts_for_the_model_that_it_names(tmp_path: Path) -> None:
    tuned_model(tmp_path, MINILM)
    of_base = CALIBRATION.model_copy(update={"model": MINILM.name})
    of_tuned = CALIBRATION.model_copy(update={"model": "MiniLM-20260302"})

    _, with_base = build_serving(Settings(calibration=of_base), tmp_path)
    _, with_tuned = build_serving(Settings(calibration=of_tuned), tmp_path)

    assert (with_base.answer_threshold, with_tuned.answer_threshold) == (0.87, 0.8)


def test_thresholds_of_the_settings_count_for_a_tuned_model_too(tmp_path: Path) -> None:
    tuned_model(tmp_path, MINILM)

    app = build_app(Settings(thresholds=ThresholdSettings(answer=0.95)), tmp_path)

    with closing(app.database):
        assert app.calibration.answer_threshold == 0.95


def test_where_the_settings_name_another_model_the_tuned_one_does_not_serve(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tuned_model(tmp_path, replace(MINILM, name="group/other"))

    embedder, _ = build_serving(Settings(), tmp_path)

    assert embedder.model == MINILM.name
    assert "was tuned from group/other, and [model] in the settings is" in caplog.text


def test_the_terminal_is_built_when_nothing_else_is_configured(tmp_path: Path) -> None:
    (adapter,) = build_adapters(Settings(), tmp_path, stdin=io.StringIO(), stdout=io.StringIO())

    assert adapter.platform == "terminal"


def test_an_adapter_that_is_not_installed_is_told(tmp_path: Path) -> None:
    settings = Settings(adapters={"carrier-pigeon": {}})

    with pytest.raises(SupportbotError) as refusal:
        build_adapters(settings, tmp_path)

    assert str(refusal.value).startswith("There is no adapter 'carrier-pigeon'. Installed: ")
    assert "terminal" in str(refusal.value)


def test_a_search_for_measuring_has_a_database_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "build_embedder", lambda _settings: HashingEmbedder())
    path = tmp_path / "cache" / "pack.db"

    search = build_search(Settings(), path, "evaluation")

    with closing(search._database):
        assert search.is_empty()
        assert path.is_file()


def test_a_search_for_measuring_takes_the_tuned_model_when_it_serves(tmp_path: Path) -> None:
    tuned_model(tmp_path, MINILM)

    with closing(
        build_search(Settings(), tmp_path / "pack.db", "evaluation", home=tmp_path)
    ) as search:
        assert search.embedder.model == "MiniLM-20260302"
        calibration = serving_calibration(Settings(), tmp_path, search.embedder.model)

    assert calibration.answer_threshold == 0.87


def test_another_model_than_the_tuned_one_has_its_own_calibration(tmp_path: Path) -> None:
    tuned_model(tmp_path, MINILM)
    path = tmp_path / "pack.db"

    with closing(
        build_search(Settings(), path, "evaluation", home=tmp_path, model=MINILM.name)
    ) as search:
        calibration = serving_calibration(Settings(), tmp_path, search.embedder.model)

    assert search.embedder.model == calibration.model == MINILM.name


def test_a_search_for_measuring_may_take_another_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[ModelSettings] = []

    def build(settings: ModelSettings) -> HashingEmbedder:
        chosen.append(settings)
        return HashingEmbedder()

    monkeypatch.setattr(serving, "build_embedder", build)

    search = build_search(Settings(), tmp_path / "pack.db", "evaluation", model="group/model")

    search._database.close()
    assert [settings.name for settings in chosen] == ["group/model"]


def handled(app: App) -> int:
    with app.database.reading() as tx:
        return inbox.count(tx, InboxState.HANDLED)


def test_one_bot_works_in_a_home_at_a_time(tmp_path: Path) -> None:
    with only_one(tmp_path):
        while_one_works = is_running(tmp_path)
        with pytest.raises(SupportbotError) as refusal, only_one(tmp_path):
            pass

    assert (while_one_works, is_running(tmp_path)) == (True, False)
    assert str(refusal.value) == (
        f"A supportbot runs in {tmp_path} already (process {os.getpid()}). Stop it, or set "
        "SUPPORTBOT_HOME to another folder."
    )


def test_a_bot_whose_process_is_unknown_is_told_all_the_same(tmp_path: Path) -> None:
    with only_one(tmp_path):
        (tmp_path / "supportbot.lock.pid").unlink()

        with pytest.raises(SupportbotError, match=r"already\. Stop it"), only_one(tmp_path):
            pass


def test_what_a_killed_bot_has_left_does_not_keep_the_next_one_out(tmp_path: Path) -> None:
    (tmp_path / "supportbot.lock").touch()
    (tmp_path / "supportbot.lock.pid").write_text("4711")

    assert not is_running(tmp_path)


def test_what_is_submitted_is_handled_here_when_no_bot_runs(app: App) -> None:
    assert submit(app, asked(1))

    assert handled(app) == 1


def test_what_is_submitted_is_left_to_the_bot_that_runs(app: App) -> None:
    with only_one(app.home):
        is_done = submit(app, asked(1))

    assert not is_done
    assert handled(app) == 0
    assert submit(app, asked(2))
    assert handled(app) == 2


def test_trouble_with_what_is_submitted_is_told(tmp_path: Path) -> None:
    app = build_app(SETTINGS, tmp_path, embedder=BrokenModel(), clock=SetClock(NOW))

    with closing(app.database), pytest.raises(SupportbotError, match="weights cannot be fetched"):
        submit(app, asked(1))


def play(app: App, platform: FakePlatform, act: Callable[[Service], Awaitable[None]]) -> None:
    """Serve, do something meanwhile, and stop cleanly."""

    async def patiently() -> None:
        async with asyncio.timeout(PATIENCE):
            service = Service(app, [platform])
            running = asyncio.create_task(service.run())
            await service.settle(received=len(platform.brings))
            await act(service)
            service.stop()
            await running

    asyncio.run(patiently())


async def nothing(_service: Service) -> None:
    """Do nothing."""


def test_a_bot_that_is_asked_to_stop_ends_and_leaves_nothing_waiting(app: App) -> None:
    platform = FakePlatform([asked(1)], stays=True)

    play(app, platform, nothing)

    assert platform.taken == ["slack/T1/help/1/reply"]


def test_a_bot_that_stops_does_not_wait_for_a_message_that_was_postponed(app: App) -> None:
    platform = FakePlatform([asked(1)], refusal=DeliveryError("busy", permanent=False))
    waiting: list[tuple[int, int]] = []

    async def stop_in_the_middle() -> None:
        async with asyncio.timeout(PATIENCE):
            service = Service(app, [platform])
            platform.before_goodbye = service.stop
            await service.run()
            waiting.append(service.waiting())

    asyncio.run(stop_in_the_middle())

    assert waiting in ([(0, 1)], [(1, 0)])


def looked_at(app: App, platform: FakePlatform) -> Status:
    """Return how a bot is that serves."""
    found: list[Status] = []

    async def look(service: Service) -> None:
        await asyncio.to_thread(service._is_warm.wait, PATIENCE)
        found.append(await asyncio.to_thread(service._look_at_status))

    play(app, platform, look)
    return found[0]


def test_a_bot_that_serves_is_ready_and_its_figures_are_up_to_date(app: App) -> None:
    status = looked_at(app, FakePlatform([asked(1), asked(1)], stays=True))

    page = generate_latest(app.metrics.registry).decode()
    assert status == Status(is_ready=True)
    assert 'supportbot_events_total{is_new="true",platform="slack"} 1.0' in page
    assert 'supportbot_events_total{is_new="false",platform="slack"} 1.0' in page
    assert "supportbot_inbox_waiting 0.0" in page
    assert "supportbot_acknowledging_seconds_count 2.0" in page


def look_without_serving(app: App, prepare: Callable[[Service], object]) -> Status:
    async def look() -> Status:
        service = Service(app, [])
        prepare(service)
        return service._look_at_status()

    return asyncio.run(look())


def test_a_bot_that_has_not_begun_is_not_ready(app: App) -> None:
    assert look_without_serving(app, lambda _service: None) == Status(is_ready=False)


def test_an_event_that_is_in_hand_for_long_is_a_problem(app: App) -> None:
    def prepare(service: Service) -> None:
        service._worker.in_hand_since = NOW - timedelta(minutes=2)

    assert look_without_serving(app, prepare).problems == (
        "an event is in hand since 08:58:00 UTC",
    )


def test_an_event_that_is_in_hand_for_a_moment_is_none(app: App) -> None:
    def prepare(service: Service) -> None:
        service._worker.in_hand_since = NOW - timedelta(seconds=59)

    assert look_without_serving(app, prepare).problems == ()


def test_a_database_that_cannot_be_read_is_a_problem(app: App) -> None:
    def prepare(service: Service) -> None:
        def fail() -> tuple[int, int]:
            message = "The disk reports an error."
            raise SupportbotError(message)

        service.waiting = fail  # type: ignore[method-assign]

    assert look_without_serving(app, prepare).problems == ("The disk reports an error.",)


def test_what_could_not_be_stored_is_a_problem_until_something_is_stored(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems: list[tuple[str, ...]] = []
    put = inbox.put

    def fail(*_arguments: object, **_named: object) -> bool:
        message = "The disk is full."
        raise SupportbotError(message)

    async def receive_twice() -> None:
        service = Service(app, [])
        monkeypatch.setattr(inbox, "put", fail)
        with pytest.raises(SupportbotError):
            await service._receive(asked(1))
        problems.append(service._look_at_status().problems)
        monkeypatch.setattr(inbox, "put", put)
        await service._receive(asked(1))
        problems.append(service._look_at_status().problems)

    asyncio.run(receive_twice())

    assert problems == [("The disk is full.",), ()]


def test_what_keeps_a_part_waiting_is_a_problem_and_is_said_once(app: App) -> None:
    async def look() -> Status:
        service = Service(app, [FakePlatform([]), FakePlatform([])])
        service._worker.trouble = "The disk is full."
        service._senders[0].trouble = "The disk is full."
        service._senders[1].trouble = "The disk reports an error."
        return service._look_at_status()

    assert asyncio.run(look()).problems == ("The disk is full.", "The disk reports an error.")


def test_what_comes_in_is_bounded_before_it_is_stored(app: App) -> None:
    huge = replace(asked(1), text="x" * 100_000)

    serve(app, FakePlatform([huge]))

    with app.database.reading() as tx:
        (kept,) = inbox.events_of(tx, "slack:U1")
    assert isinstance(kept, MessagePosted)
    assert len(kept.text) == 40_000


def test_the_status_is_served_on_the_port_of_the_settings(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = SETTINGS.model_copy(update={"observability": ObservabilitySettings(port=port)})
    app = build_app(settings, tmp_path, embedder=HashingEmbedder(), clock=SetClock(NOW))
    pages: list[int] = []

    def look() -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as page:
            pages.append(page.status)

    async def ask(_service: Service) -> None:
        await asyncio.to_thread(look)

    with closing(app.database):
        play(app, FakePlatform(stays=True), ask)

    assert pages == [200]


def test_a_bot_whose_port_is_taken_does_not_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = SETTINGS.model_copy(update={"observability": ObservabilitySettings(port=port)})
        app = build_app(settings, tmp_path, embedder=HashingEmbedder(), clock=SetClock(NOW))

        with closing(app.database), pytest.raises(SupportbotError, match="cannot be opened on"):
            serve(app, FakePlatform())


def test_a_job_that_cannot_be_done_now_does_not_stop_the_bot(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object) -> None:
        message = "The disk is full."
        raise SupportbotError(message)

    monkeypatch.setattr("supportbot.jobs.schedule.run_due", fail)
    platform = FakePlatform([asked(1)], stays=True)
    problems: list[tuple[str, ...]] = []

    async def look(service: Service) -> None:
        problems.append(service._look_at_status().problems)

    play(app, platform, look)

    assert platform.taken == ["slack/T1/help/1/reply"]
    assert problems == [("The disk is full.",)]
    assert "jobs wait: The disk is full." in caplog.messages
