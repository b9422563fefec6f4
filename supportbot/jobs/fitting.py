"""Learning from the group's own past who answers what."""

from datetime import timedelta

from supportbot.experts.people import People
from supportbot.jobs.schedule import Job


def learning_who_answers(people: People) -> Job:
    """Return the job that fits who answers, from what the community asked and answered."""
    return Job("learning", timedelta(days=7), people.learn)
