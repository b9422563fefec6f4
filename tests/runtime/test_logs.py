import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType

import pytest

from supportbot.runtime import logs
from supportbot.runtime.logs import DiscreetFormatter, JsonFormatter

WORDS = "how do I fire Paul"


def chain(length: int) -> None:
    try:
        if length:
            chain(length - 1)
    finally:
        raise ValueError(WORDS)


def raised(error: BaseException) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """Return an exception as it is logged, raised in here."""
    try:
        raise error
    except type(error) as caught:
        return type(caught), caught, caught.__traceback__


def record(error: BaseException | None = None) -> logging.LogRecord:
    exc_info = None if error is None else raised(error)
    made = logging.LogRecord(
        "supportbot.runtime.worker",
        logging.ERROR,
        "",
        0,
        "event %s was set aside",
        ("e1",),
        exc_info,
    )
    made.created = datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp()
    return made


@pytest.fixture(autouse=True)
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    root, ours = logging.getLogger(), logging.getLogger("supportbot")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)


def test_a_line_for_people_has_level_logger_and_message() -> None:
    assert DiscreetFormatter().format(record()) == (
        "ERROR supportbot.runtime.worker: event e1 was set aside"
    )


def test_a_line_for_machines_is_one_json_object() -> None:
    assert json.loads(JsonFormatter().format(record())) == {
        "time": "2026-03-02T09:00:00.000+00:00",
        "level": "error",
        "logger": "supportbot.runtime.worker",
        "message": "event e1 was set aside",
    }


@pytest.mark.parametrize("formatter", [DiscreetFormatter(), JsonFormatter()], ids=["text", "json"])
def test_of_an_exception_its_type_and_place_are_told_and_not_its_message(
    formatter: logging.Formatter,
) -> None:
    line = formatter.format(record(ValueError(WORDS)))

    assert "ValueError" in line
    assert "test_logs.py:" in line
    assert "in raised" in line
    assert WORDS not in line


def test_what_another_handler_has_written_of_an_exception_is_not_taken_over() -> None:
    made = record(ValueError(WORDS))
    logging.Formatter().format(made)

    assert WORDS not in DiscreetFormatter().format(made)


def test_what_led_to_an_exception_is_told_without_its_message_too() -> None:
    error = RuntimeError(WORDS)
    error.__cause__ = KeyError(WORDS)

    fields = json.loads(JsonFormatter().format(record(error)))

    assert fields["exception"][0] == "RuntimeError"
    assert fields["exception"][-1] == "KeyError"
    assert WORDS not in str(fields)


def test_what_was_being_handled_is_told_unless_it_was_hidden() -> None:
    shown, hidden = RuntimeError(), RuntimeError()
    shown.__context__ = hidden.__context__ = KeyError()
    hidden.__suppress_context__ = True

    lines = [json.loads(JsonFormatter().format(record(error))) for error in (shown, hidden)]

    assert ["KeyError" in line["exception"] for line in lines] == [True, False]


def test_a_long_chain_of_exceptions_is_cut() -> None:
    try:
        chain(80)
    except ValueError as error:
        fields = json.loads(JsonFormatter().format(record(error)))

    assert len(fields["exception"]) == 100


def test_no_exception_at_all_is_told_as_nothing() -> None:
    made = record()
    made.exc_info = (None, None, None)

    assert json.loads(JsonFormatter().format(made))["exception"] == []


def test_signs_of_any_script_stay_readable_in_json() -> None:
    made = logging.LogRecord("supportbot", logging.INFO, "", 0, "発票\n%s", ("x",), None)

    assert '"message": "発票\\nx"' in JsonFormatter().format(made)


@pytest.mark.parametrize(("style", "count"), [("text", 1), ("json", 2)])
def test_what_is_worth_knowing_is_written_for_machines_only(
    style: str, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(style)  # type: ignore[arg-type]

    logging.getLogger("supportbot.runtime.service").info("ready")
    logging.getLogger("elsewhere").info("chatter")
    logging.getLogger("elsewhere").warning("trouble")

    assert len(capsys.readouterr().err.splitlines()) == count


def test_logs_are_configured_once_however_often_it_is_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("text")
    logs.configure("text")

    logging.getLogger("supportbot").warning("trouble")

    assert capsys.readouterr().err == "WARNING supportbot: trouble\n"
