from datetime import date

from supportbot.adapter_kit.choosing import filled
from supportbot.domain.experts.availability import Availability

KNOWN = Availability(asks_a_week=3, timezone="Europe/Berlin", begins=9 * 60, ends=17 * 60)


def test_what_is_filled_in_as_it_was_changes_nothing() -> None:
    given = {
        "budget": ["3"],
        "from": ["9:00"],
        "to": ["17:00"],
        "zone": ["Europe/Berlin"],
        "away": [],
        "ask": ["here"],
        "receipts": ["on"],
    }

    assert filled(given, KNOWN).change == ""
    assert filled(given, KNOWN).errors == {}


def test_only_what_is_different_is_said() -> None:
    given = {"budget": [""], "days": ["mon", "tue"], "away": ["2026-12-24"], "ask": ["alone"]}

    known = Availability(asks_a_week=3, away_until=date(2026, 1, 1))

    assert filled(given, known).change == (
        "budget default; days mon, tue; away 2026-12-24; ask alone"
    )


def test_a_field_that_was_not_there_stays_as_it_is() -> None:
    assert filled({"topics": ["ledger"]}, KNOWN).change == "topics ledger"


def test_what_cannot_be_read_is_said_at_its_field_and_nothing_is_changed() -> None:
    read = filled({"budget": ["many"], "from": ["9"], "zone": ["Moon"], "days": ["mon"]}, KNOWN)

    assert read.change == ""
    assert set(read.errors) == {"budget", "zone"}


def test_one_field_cannot_say_what_another_is_for() -> None:
    assert set(filled({"topics": ["ledger; budget 0"]}, KNOWN).errors) == {"topics"}


def test_no_day_at_all_is_no_choice() -> None:
    assert set(filled({"days": []}, KNOWN).errors) == {"days"}
