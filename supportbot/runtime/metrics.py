"""What is counted and timed, for Prometheus. Numbers only: no names, no words, no ids."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from supportbot.domain.knowledge.recalibration import Recalibration

_LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds; 3 is what a platform waits for an acknowledgement."""


class Metrics:
    """Every figure of one running bot, in a registry of its own."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.registry = CollectorRegistry()
        self.events = Counter(
            "supportbot_events",
            "Events that came in, by platform and by whether they were new.",
            ["platform", "is_new"],
            registry=self.registry,
        )
        self.questions = Counter(
            "supportbot_questions",
            "New questions, by decision.",
            ["decision"],
            registry=self.registry,
        )
        self.deliveries = Counter(
            "supportbot_deliveries",
            "Attempts to deliver a message, by platform and outcome.",
            ["platform", "outcome"],
            registry=self.registry,
        )
        self.set_aside = Counter(
            "supportbot_set_aside",
            "Events and messages that were set aside.",
            ["what"],
            registry=self.registry,
        )
        self.acknowledging = self._latency(
            "supportbot_acknowledging_seconds", "From an event's coming in to its being stored."
        )
        self.handling = self._latency(
            "supportbot_handling_seconds", "From taking an event to its outcome's being stored."
        )
        self.waiting = self._latency(
            "supportbot_waiting_seconds", "From a message's being written to its delivery."
        )
        self.inbox_waiting = self._gauge(
            "supportbot_inbox_waiting", "Events that wait to be handled."
        )
        self.outbox_waiting = self._gauge(
            "supportbot_outbox_waiting", "Messages that wait to be delivered."
        )
        self.events_set_aside = self._gauge(
            "supportbot_events_set_aside", "Events that a maintainer has to look at."
        )
        self.messages_set_aside = self._gauge(
            "supportbot_messages_set_aside", "Messages that a maintainer has to look at."
        )
        self.passages = self._gauge("supportbot_index_passages", "Passages in the index.")
        self.votes = self._gauge(
            "supportbot_votes", "Votes that correct how sure the bot says it is."
        )
        self.answer_threshold = self._gauge(
            "supportbot_answer_threshold",
            "Lowest confidence that is an answer; infinite when there is none.",
        )
        self.drift = self._gauge(
            "supportbot_drift", "1 while answers are confirmed less often than promised."
        )

    def note_recalibration(self, now: Recalibration) -> None:
        """Bring up to date what the votes say."""
        self.votes.set(len(now.judged))
        self.answer_threshold.set(now.answer_threshold)
        self.drift.set(now.drift is not None)

    def _latency(self, name: str, text: str) -> Histogram:
        return Histogram(name, text, buckets=_LATENCIES, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)
