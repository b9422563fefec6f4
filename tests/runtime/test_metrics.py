from prometheus_client import generate_latest

from supportbot.runtime.metrics import Metrics


def families(metrics: Metrics) -> dict[str, tuple[str, ...]]:
    """Return the names of all figures, with those of their labels."""
    return {
        family.name: tuple(sorted({label for sample in family.samples for label in sample.labels}))
        for family in metrics.registry.collect()
    }


def test_every_figure_is_there_from_the_start() -> None:
    assert sorted(families(Metrics())) == [
        "supportbot_acknowledging_seconds",
        "supportbot_answer_threshold",
        "supportbot_deliveries",
        "supportbot_drift",
        "supportbot_events",
        "supportbot_events_set_aside",
        "supportbot_handling_seconds",
        "supportbot_inbox_waiting",
        "supportbot_index_passages",
        "supportbot_messages_set_aside",
        "supportbot_outbox_waiting",
        "supportbot_questions",
        "supportbot_set_aside",
        "supportbot_votes",
        "supportbot_waiting_seconds",
    ]


def test_figures_are_told_apart_by_platform_and_outcome_and_never_by_person() -> None:
    metrics = Metrics()
    metrics.events.labels("slack", "true").inc()
    metrics.questions.labels("answer").inc()
    metrics.deliveries.labels("slack", "delivered").inc()
    metrics.set_aside.labels("event").inc()

    found = families(metrics)

    assert found["supportbot_events"] == ("is_new", "platform")
    assert found["supportbot_questions"] == ("decision",)
    assert found["supportbot_deliveries"] == ("outcome", "platform")
    assert found["supportbot_set_aside"] == ("what",)


def test_what_took_as_long_as_a_platform_waits_is_counted_in_its_own_bucket() -> None:
    metrics = Metrics()

    metrics.acknowledging.observe(2.4)

    page = generate_latest(metrics.registry).decode()
    assert 'supportbot_acknowledging_seconds_bucket{le="1.0"} 0.0\n' in page
    assert 'supportbot_acknowledging_seconds_bucket{le="2.5"} 1.0\n' in page


def test_two_bots_in_one_process_have_figures_of_their_own() -> None:
    one, other = Metrics(), Metrics()

    one.questions.labels("answer").inc()

    assert b'supportbot_questions_total{decision="answer"} 1.0' in generate_latest(one.registry)
    assert b'decision="answer"' not in generate_latest(other.registry)
