"""Telling those who answered whom it helped."""

from datetime import datetime

from supportbot.domain.knowledge.receipts import MOST_ANSWERS, HelpfulAnswer, Receipt
from supportbot.domain.language.catalogue import day, say, words
from supportbot.domain.language.texts import Link, Name, Said, Text, joined
from supportbot.domain.replies.reply import Reply


def compose_receipt(receipt: Receipt, *, now: datetime) -> Reply:
    """Tell somebody, alone, whom their answers helped. It names nobody else."""
    lines = [_helped(answer, now) for answer in receipt.answers[:MOST_ANSWERS]]
    more = len(receipt.answers) - MOST_ANSWERS
    if more > 0:
        has_page = any(answer.title for answer in receipt.answers[MOST_ANSWERS:])
        lines.append(say("receipt.other_pages" if has_page else "receipt.others", n=more))
    return Reply(joined(*lines, between="\n"), closing=say("receipt.closing"))


def _helped(answer: HelpfulAnswer, now: datetime) -> Said:
    people = say("count.people", n=answer.helped)
    helped = people
    if answer.newly < answer.helped:
        helped = say("receipt.more", n=answer.newly, people=people)
    sister = "sister" if answer.workspaces == 1 else "sisters"
    if answer.elsewhere == answer.helped:
        all_ = "all_" if answer.helped > 1 else ""
        helped = say(f"receipt.{all_}{sister}", helped=helped)
    elif answer.elsewhere:
        helped = say(f"receipt.some_{sister}", helped=helped, n=answer.elsewhere)
    if answer.title:
        sentence = say("receipt.page", title=Name(answer.title), helped=helped)
    else:
        sentence = say("receipt.answer", day=day(answer.said_at, now), helped=helped)
    shown = say("receipt.shown", n=answer.shown) if answer.shown > answer.helped else ""
    way = words("link.page" if answer.title else "link.thread")
    return joined(sentence, shown, Text((Link(way, answer.url),)) if answer.url else "")
