"""Commands of those who look after the bot, and of those whose words it holds."""

import json
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer

from supportbot.cli.session import Json, SettingsFile, opened
from supportbot.errors import SupportbotError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from supportbot.domain.chat.events import Event
    from supportbot.domain.chat.members import Author
    from supportbot.domain.chat.questions import Answer, Question
    from supportbot.ports import AdapterContext, Setup
    from supportbot.runtime.build import App
    from supportbot.store.members import Holdings

Member = Annotated[
    str, typer.Argument(help="A member's id, `platform:user-id`, or the name that people read.")
]
AnswerId = Annotated[str, typer.Argument(metavar="ID", help="As `supportbot review` shows it.")]

_PATIENCE = 30.0
"""Seconds to wait for the bot that runs to do what it was asked for."""
_LOOK = 0.1


def doctor(*, as_json: Json = False, settings: SettingsFile = None) -> None:
    """Look at everything that can be wrong, and ask one question from end to end."""
    from dataclasses import asdict

    from supportbot.runtime.doctor import examine

    with opened(settings) as app:
        diagnosis = examine(app)
    if as_json:
        findings = [
            {
                "name": finding.name,
                "health": "wrong" if finding.problem else "fine",
                "message": finding.problem or finding.otherwise,
            }
            for finding in diagnosis.findings
        ]
        found = asdict(diagnosis) | {"findings": findings, "is_fine": diagnosis.is_fine}
        print(json.dumps(found, indent=2, default=str))
    else:
        for finding in diagnosis.findings:
            mark = "!!" if finding.problem else "ok"
            print(f"{mark}  {finding.name:<10} {finding.problem or finding.otherwise}")
        for event in diagnosis.events:
            when = f"{event.received_at:%Y-%m-%d %H:%M}"
            print(
                f"\nevent    {event.event_id} ({event.kind}, {when})\n  {_last_line(event.error)}"
            )
        for message in diagnosis.messages:
            when = f"{message.created_at:%Y-%m-%d %H:%M}"
            tried = f"{message.platform}, {when}, tried {message.attempts} times"
            print(f"\nmessage  {message.message_id} ({tried})\n  {_last_line(message.error)}")
    if not diagnosis.is_fine:
        raise typer.Exit(1)


def setup(
    platform: Annotated[str, typer.Argument(help="Such as slack.")],
    *,
    address: Annotated[
        str, typer.Option(help="Where the platform sends its requests; only without sockets.")
    ] = "",
    confirm: Annotated[
        str, typer.Option(metavar="ID", help="A server or workspace that is the group's.")
    ] = "",
    settings: SettingsFile = None,
) -> None:
    """Print the links that are filled in, and where the bot is; confirm what is the group's."""
    from supportbot.runtime.build import installed_setups, setup_context
    from supportbot.settings import find_home, read_settings

    setups = installed_setups()
    if platform not in setups:
        message = f"There is no platform '{platform}' to set up. Known: {', '.join(setups)}."
        raise SupportbotError(message)
    read = read_settings(settings)
    chosen = setups[platform]
    if confirm:
        chosen.confirm(setup_context(read, find_home(), platform), confirm)
        print(f"{confirm} belongs to the group now.")
        return
    print(chosen.instructions(read.adapters.get(platform, {}), address=address), end="")
    _show_memberships(chosen, setup_context(read, find_home(), platform))


def _show_memberships(setup: "Setup", context: "AdapterContext") -> None:
    """Show where the bot is, and let somebody at a terminal confirm one of them."""
    import asyncio

    try:
        found = asyncio.run(setup.memberships(context))
    except SupportbotError:
        return  # nothing is connected yet, as the steps above say
    if not found:
        return
    print("\nThe bot is in:\n")
    for one in found:
        print(f"  {one.id}  {one.name}: {'served' if one.is_served else 'waits'}")
        if one.note:
            print(f"    {one.note}")
    waiting = {one.id for one in found if not one.is_served}
    if not waiting:
        return
    print("\nNothing is heard or said where it waits. If it is yours, add --confirm ID.")
    if sys.stdin.isatty():
        id_ = typer.prompt("Which one is yours? (its id, or Enter)", default="", show_default=False)
        if id_:
            setup.confirm(context, id_)
            print(f"{id_} belongs to the group now.")


def retry(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="As `supportbot doctor` shows it.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that was set aside.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Give up instead of trying again.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Try again what was set aside, or give it up."""
    from supportbot.store import delivery, inbox

    if bool(ids) == everything:
        message = "Say which: the ids that supportbot doctor shows, or --all."
        raise SupportbotError(message)
    with opened(settings) as app:
        now = app.clock.now()
        with app.database.writing() as tx:
            aside = [event.event_id for event in inbox.events_set_aside(tx)]
            aside += [message.message_id for message in delivery.messages_set_aside(tx)]
            unknown = [id_ for id_ in ids or () if id_ not in aside]
            if unknown:
                message = f"Nothing with the id {unknown[0]} was set aside. See: supportbot doctor"
                raise SupportbotError(message)
            for id_ in ids or aside:
                if drop:
                    if not inbox.drop(tx, id_, now=now):
                        delivery.drop(tx, id_)
                elif not inbox.try_again(tx, id_):
                    delivery.deliver_again(tx, id_, now=now)
    count = len(ids or aside)
    done = "given up" if drop else "tried again by the bot that runs, or at its next start"
    print(f"{count} {'is' if count == 1 else 'are'} {done}.")


def forget(
    member: Member,
    *,
    is_sure: Annotated[
        bool, typer.Option("--yes", help="Do not ask whether you are sure.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Forget a member: questions, answers, what was learned from them, and who they are."""
    from supportbot.domain.chat.events import ForgetRequested
    from supportbot.domain.chat.places import Place
    from supportbot.domain.language import counts as wording

    with opened(settings) as app:
        author = _find_member(app, member)
        held = _holdings(app, author)
        counted = (
            f"{wording.counted(len(held.questions), 'question')}, "
            f"{wording.counted(len(held.answers), 'answer')} and "
            f"{wording.counted(len(held.documents), 'document')} of {author.member_id}"
        )
        if not is_sure and not sys.stdin.isatty():
            message = f"This removes {counted}, for good. Say that you are sure: add --yes."
            raise SupportbotError(message)
        if not is_sure:
            typer.confirm(f"This removes {counted}, for good. Go on?", abort=True, err=True)
        event = ForgetRequested(
            f"supportbot:{uuid.uuid4().hex}", Place("supportbot", "", ""), author, app.clock.now()
        )
        _have_done(app, event)
        listed = [
            expert.name
            for expert in app.settings.declared_experts
            if _is_expert(expert.author_on(author.platform), author)
        ]
    print(f"Forgotten: {counted}.")
    if listed:
        print(
            f"{author.member_id} still stands in the settings, as the expert {listed[0]}. Take "
            "the entry out.",
            file=sys.stderr,
        )


def export(member: Member, settings: SettingsFile = None) -> None:
    """Print all that is held about a member, as JSON."""
    from pydantic import TypeAdapter

    from supportbot.store.members import Holdings

    with opened(settings) as app:
        author = _find_member(app, member)
        held: Any = TypeAdapter(Holdings).dump_python(_holdings(app, author), mode="json")
        held["expert"] = [
            expert.model_dump(mode="json")
            for expert in app.settings.experts
            if _is_expert(expert.declared().author_on(author.platform), author)
        ]
    print(json.dumps(held, indent=2, ensure_ascii=False))


def backup(
    file: Annotated[Path, typer.Argument(help="A file that is not there yet.")],
    *,
    settings: SettingsFile = None,
) -> None:
    """Copy the database, also while the bot runs. To go back, put the copy in its place."""
    if file.exists():
        message = f"{file} is there already. Choose another name."
        raise SupportbotError(message)
    with opened(settings) as app:
        app.database.back_up(file)
    print(f"{file}: {file.stat().st_size / 1_000_000:.1f} MB")


def review(
    context: typer.Context,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is shown, and what is not shown any more.")
    ] = False,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Look at the answers that wait before they may be shown to others, or at all of them."""
    if context.invoked_subcommand is not None:
        return
    with opened(settings) as app:
        found = [*_waiting_answers(app), *(_decided_answers(app) if everything else ())]
    if as_json:
        print(json.dumps({"answers": [one.as_json() for one in found]}, indent=2))
        return
    if not found:
        print("No answer waits.")
    for one in found:
        answer = one.answer
        said = f"{answer.author.name}, {answer.said_at:%Y-%m-%d}"
        print(f"{one.id}  {said}: {one.why}.")
        print(_indented(f"Q  {one.question.text}"))
        print(_indented(f"A  {answer.text}"))
        if one.is_edit:
            print(_indented(f"Edited  {answer.proposed}"))
        if answer.url:
            print(_indented(answer.url))
        print()


def accept(answer: AnswerId, settings: SettingsFile = None) -> None:
    """Let an answer, or its author's edit of it, be shown to those who ask the same."""
    _decide(answer, settings, _waiting_answers, is_accepted=True)
    print("It is shown from now on.")


def edit(
    answer: AnswerId,
    *,
    text: Annotated[
        str | None, typer.Option(help="What it is to say; your editor opens when left out.")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Change what an answer that waits says, and let it be shown."""
    _decide(answer, settings, _waiting_answers, is_accepted=True, wording=Wording(text))
    print("It is shown from now on.")


def drop(answer: AnswerId, settings: SettingsFile = None) -> None:
    """Never show an answer that waits; of an edit, go on showing what was approved."""
    _decide(answer, settings, _waiting_answers, is_accepted=False)
    print("It is dropped.")


def withdraw(answer: AnswerId, settings: SettingsFile = None) -> None:
    """Take back what is knowledge: it is shown to nobody any more, until it is restored."""
    _decide(answer, settings, _shown_answers, is_accepted=False)
    print("It is not shown any more. To take that back: supportbot review restore " + answer)


def restore(answer: AnswerId, settings: SettingsFile = None) -> None:
    """Show again what was dropped or taken back."""
    _decide(answer, settings, _hidden_answers, is_accepted=True)
    print("It is shown from now on.")


def correct(
    answer: AnswerId,
    *,
    text: Annotated[
        str | None, typer.Option(help="What it is to say; your editor opens when left out.")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Change what an answer says that is shown already."""
    _decide(answer, settings, _shown_answers, is_accepted=True, wording=Wording(text))
    print("It is shown like this from now on.")


@dataclass(frozen=True, slots=True)
class Wording:
    """What an answer is to say; asked for in an editor where it is None."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An answer that a maintainer looks at, under an id of its own."""

    id: str
    question: "Question"
    answer: "Answer"
    is_edit: bool = False
    """It is about what its author has made of it since it was approved."""

    @property
    def why(self) -> str:
        """Why it is listed, in words."""
        if self.is_edit:
            return "its author has edited it since it was approved"
        if self.answer.standing == "knowledge":
            past = ", from an export: people are asked as well" if self.answer.from_history else ""
            return f"shown{past}"
        return self.answer.reason or "not shown"

    @property
    def words(self) -> str:
        """What it says, or is to say."""
        return self.answer.proposed if self.is_edit else self.answer.text

    def as_json(self) -> dict[str, object]:
        """Return it for a script."""
        answer = self.answer
        return {
            "id": self.id,
            "question": self.question.text,
            "answer": answer.text,
            "edited": answer.proposed if self.is_edit else "",
            "author": answer.author.name,
            "author_id": answer.author.member_id,
            "answered_at": answer.said_at.isoformat(),
            "is_accepted": answer.is_accepted,
            "standing": str(answer.standing),
            "reason": self.why,
            "url": answer.url,
        }


def _decide(
    answer_id: str,
    settings: Path | None,
    listed: "Callable[[App], list[Reviewed]]",
    *,
    is_accepted: bool,
    wording: Wording | None = None,
) -> None:
    from supportbot.domain.chat.events import AnswerReviewed
    from supportbot.domain.chat.members import Author

    with opened(settings) as app:
        found = next((one for one in listed(app) if one.id == answer_id), None)
        if found is None:
            message = f"There is no such answer as {answer_id}. See: supportbot review --all"
            raise SupportbotError(message)
        text = None
        if wording is not None:
            text = click.edit(found.words) if wording.text is None else wording.text
            if not (text or "").strip():
                message = "Nothing was changed: the text is empty, or was not saved."
                raise SupportbotError(message)
        answer = found.answer
        event = AnswerReviewed(
            event_id=f"supportbot:{uuid.uuid4().hex}",
            place=found.question.place,
            message_id=answer.id.removeprefix(f"{answer.question_id}/"),
            author=Author("supportbot", "maintainer", "A maintainer"),
            is_accepted=is_accepted,
            reviewed_at=app.clock.now(),
            text=(text or "").strip(),
            standings=(str(answer.standing),),
            seen=found.words,
            is_about_edit=found.is_edit,
        )
        _have_done(app, event)


def _have_done(app: "App", event: "Event") -> None:
    """Have an event handled here, or wait for the bot that runs."""
    from supportbot.runtime.home import submit
    from supportbot.store import inbox

    if submit(app, event):
        return
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with app.database.reading() as tx:
            if inbox.is_handled(tx, event.event_id):
                return
        time.sleep(_LOOK)
    message = "The bot that runs here is busy; it will be done once it has caught up."
    raise SupportbotError(message)


def _find_member(app: "App", named: str) -> "Author":
    from supportbot.domain.chat.members import Author
    from supportbot.store import members

    with app.database.reading() as tx:
        found = members.find_members(tx, named)
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(author.member_id for author in found)
        message = f"{len(found)} members are called {named}: {ids}. Which one? Name one by id."
        raise SupportbotError(message)
    platform, _, user_id = named.partition(":")
    if not platform or not user_id:
        message = f"Nothing is held about {named}. Name a member by id, such as slack:U024BE7LH."
        raise SupportbotError(message)
    return Author(platform, user_id, "")


def _holdings(app: "App", author: "Author") -> "Holdings":
    from supportbot.store import members

    with app.database.reading() as tx:
        return members.holdings_of(tx, author.member_id)


def _is_expert(expert: "Author | None", author: "Author") -> bool:
    return expert is not None and expert.member_id == author.member_id


def _waiting_answers(app: "App") -> list[Reviewed]:
    """Find what somebody has to look at: of each question the likeliest answer, and every edit."""
    from supportbot.domain.chat.questions import Standing
    from supportbot.domain.knowledge.capture import choose_answer
    from supportbot.store import conversations

    with app.database.reading() as tx:
        found = conversations.answers_waiting(tx)
    waiting: dict[str, list[Answer]] = {}
    edited = []
    for answer in found:
        if answer.standing is Standing.WAITING:
            waiting.setdefault(answer.question_id, []).append(answer)
        else:
            edited.append(answer)
    chosen = [one for answers in waiting.values() if (one := choose_answer(answers))]
    return [*_reviewed(app, chosen), *_reviewed(app, edited, is_edit=True)]


def _shown_answers(app: "App") -> list[Reviewed]:
    return [one for one in _decided_answers(app) if one.answer.standing == "knowledge"]


def _hidden_answers(app: "App") -> list[Reviewed]:
    return [one for one in _decided_answers(app) if one.answer.standing != "knowledge"]


def _decided_answers(app: "App") -> list[Reviewed]:
    from supportbot.store import conversations

    with app.database.reading() as tx:
        decided = conversations.answers_decided(tx)
    return _reviewed(app, decided)


def _reviewed(app: "App", answers: "Sequence[Answer]", *, is_edit: bool = False) -> list[Reviewed]:
    """Return each answer a short id. Of what waits, it is another one once the words change."""
    from supportbot.domain.chat.questions import Standing
    from supportbot.store import conversations, knowledge

    found = []
    with app.database.reading() as tx:
        for answer in answers:
            question = conversations.question_of(tx, answer.question_id)
            if question is None:
                continue
            words = answer.proposed if is_edit else answer.text
            waits = is_edit or answer.standing is Standing.WAITING
            id_ = knowledge.content_hash(f"{answer.id}/{words}" if waits else answer.id)[:8]
            found.append(Reviewed(id_, question, answer, is_edit))
    return found


def _indented(text: str) -> str:
    from supportbot.domain.chat.unicode import neutralised

    return "\n".join(f"  {line}".rstrip() for line in neutralised(text).splitlines())


def _last_line(error: str) -> str:
    lines = error.strip().splitlines()
    return lines[-1] if lines else ""
