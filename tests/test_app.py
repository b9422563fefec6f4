import asyncio
import io
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportbot import app as app_module
from supportbot.app import (
    App,
    Service,
    SystemClock,
    build_adapters,
    build_app,
    build_embedder,
    build_search,
)
from supportbot.domain.events import Author, Event, MessagePosted
from supportbot.domain.places import Place
from supportbot.domain.replies import OutgoingMessage
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import Receive, Vectors
from supportbot.settings import (
    CalibrationSettings,
    ExpertSettings,
    ModelSettings,
    Settings,
    ThresholdSettings,
)
from supportbot.store import inbox
from supportbot.store.inbox import InboxState
from supportbot.testing import HASHING_CALIBRATION, PATIENCE, HashingEmbedder, SetClock

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CALIBRATION = CalibrationSettings(
    model="hashing", intercept=-8.0, slope=16.0, answer_threshold=0.8, suggest_threshold=0.4
)
SETTINGS = Settings(
    community="ours",
    calibration=CALIBRATION,
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
        inbox.put(tx, "ours", asked(1), now=NOW)
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
            kept.append(sum(inbox.count(tx, "ours", state) for state in InboxState))

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
    monkeypatch.setattr(app_module, "build_embedder", lambda _settings: HashingEmbedder())
    path = tmp_path / "cache" / "pack.db"

    search = build_search(Settings(), path)

    with closing(search._database):
        assert search.is_empty("evaluation")
        assert path.is_file()


def test_a_search_for_measuring_may_take_another_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[ModelSettings] = []

    def build(settings: ModelSettings) -> HashingEmbedder:
        chosen.append(settings)
        return HashingEmbedder()

    monkeypatch.setattr(app_module, "build_embedder", build)

    search = build_search(Settings(), tmp_path / "pack.db", model="group/model")

    search._database.close()
    assert [settings.name for settings in chosen] == ["group/model"]
