from datetime import UTC, datetime
from pathlib import Path

from supportbot.adapter_kit.presence import Presence


def test_presence_is_remembered_and_nonsense_is_not(tmp_path: Path) -> None:
    file = tmp_path / "presence.txt"
    presence, moment = Presence(file), datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    never = presence.until()
    presence.note(moment)
    noted = Presence(file).until()
    file.write_bytes(b"\xff\x00")
    broken = presence.until()
    file.write_text("2026-03-02T09:00:00")
    without_zone = presence.until()
    Presence(tmp_path / "nowhere" / "presence.txt").note(moment)

    assert (never, noted, broken, without_zone) == (None, moment, None, None)
