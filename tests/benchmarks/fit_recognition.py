"""Fit the recognition that is shipped: `python tests/benchmarks/fit_recognition.py LABELS`.

LABELS are JSON lines, one a message that somebody read: `community`, `text`, `place` (`open`,
`asker` in the thread of their question, or `other` there) and `label` (`question`, `solved`,
`answer`, or anything else for none of these). Give `--without FILE` for every file of messages on
which the result is going to be judged: their texts are left out.

Prints what to expect on a community that was not read (each is left out once), proposes
thresholds from that, and with `--write` writes `supportbot/domain/recognition/weights.py`.
"""

import argparse
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from supportbot.domain.recognition.features import Features, asking_features, reply_features

STRENGTH = 1.0
"""How freely the weights may grow; more of it gained nothing on communities left out."""
OWN = "(ours)"
TOPIC = re.compile(r"^\*[^*\n]+\*\n+")
"""Some exports put the name of the topic before the first message."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is told apart: where, which label counts as yes, and by which features."""

    name: str
    place: str
    label: str
    features: Callable[[str], Features]


DECISIONS = (
    Decision("ASKS", "open", "question", asking_features),
    Decision("SOLVED", "asker", "solved", reply_features),
    Decision("ANSWERS", "other", "answer", reply_features),
)

OWN_SENTENCES: Mapping[str, tuple[str, str]] = {
    "ASKS": (
        """¿Alguien sabe cómo exportar la lista de clientes?
        Wie kann ich eine Rechnung stornieren?
        Weiß jemand, warum der Dienst nicht startet?
        Est-ce que quelqu'un sait comment changer la langue ?
        Quelqu'un a déjà eu cette erreur ?
        Alguém sabe como restaurar uma cópia de segurança?
        Hoe kan ik een gebruiker verwijderen?
        Hur ändrar jag språket på rapporten?
        请问怎么导出报表
        The nightly job stops with error 1205 and I cannot find out why
        Getting a timeout when I post a batch, any ideas
        I need some help with the bank import
        I am stuck at the third step of the wizard
        Looking for advice on moving to the cloud version
        My report prints blank pages since the update
        Does anybody have a sample of the export format
        After the upgrade the client fails to start with "access denied"
        how do you all handle returns of partly paid orders
        I need a hand with the tax report
        need advice on the new licence
        Any pointers on how to set up approvals would be welcome
        I would be grateful for any advice
        Where do I find the list of users
        where are the backups
        can we undo a posted payment
        should I update before the end of the year
        is the demo system down
        I wonder why the total differs
        wondering whether the archive can be searched
        The bank file is refused, it says the format is wrong
        I entered the order but it tells me that the customer is blocked
        The sync ends with error 404
        Since this morning our users cannot log in
        The label printer stopped working after the last update
        My export is empty, no idea why
        When I open the list the client crashes. Any suggestions
        WHY IS THIS BUTTON GREY
        HELP! NOTHING PRINTS ANY MORE
        What is the limit for attachments?
        ¿Dónde cambio el idioma?
        Wo finde ich die Einstellungen?
        Kann man den Bericht als Datei speichern?
        Où se trouve le journal ?
        Como posso mudar a moeda?
        どうやって言語を変えますか
        打印机在哪里设置
        Why does the scanner freeze?
        Why is the total negative?
        How does the approval work?
        What does error 52 mean?
        Where is the archive?
        Can customers see this list?
        Does the trial expire?
        Who knows the new tax rules?
        Should we switch to the cloud now
        Archiving fails since Monday
        The new version breaks our forms. What now?
        any hints on how to print labels would be welcome""",
        """Guten Morgen zusammen
        Danke, das war es
        Wir treffen uns heute um fünf
        ¿De verdad?
        Really?
        How are you?
        Good morning everyone, how is it going?
        Who is coming to the meeting tonight?
        Did you see my message?
        You mean the second one?
        and what happens then?
        We have released version 4.2 with a new dialog
        Reminder: the call starts at nine
        The slides of yesterday's talk are online
        Lol, who would have thought?
        Is that what you wanted?
        Which version do you use?
        I have opened an issue for that
        The error is fixed now, please update
        We had the same problem last year and changed the provider
        I need to go, talk to you later
        I would like to thank everybody who came
        The server is down for an hour tonight, as announced
        My talk starts at three
        We use it every day and it works well
        Our group meets on the first Monday
        Why not?
        ok?
        Wirklich?
        Und dann?
        C'est vrai ?
        Welcome to the group, have fun
        +1
        same here""",
    ),
    "SOLVED": (
        """danke
        Danke, hat geklappt!
        Vielen Dank, das war's
        merci beaucoup
        Merci, ça marche
        gracias!
        Muchas gracias, funciona
        obrigado
        Obrigada, funcionou
        tack så mycket
        bedankt!
        grazie mille
        thx
        Thanks, that fixed it
        Thank you both, it is working now
        That was it, thank you so much!
        Works now
        ok solved
        Solved, it was the proxy
        that did it
        It worked, you saved my day
        Never mind, I found it: the path was wrong. Works now
        Perfect, that is exactly what I needed
        Ah, that explains it. Thank you!
        Cheers, Ann
        Thank you, Eva
        Great, thanks for the quick help
        Not a problem any more, thanks to you
        No errors any more, thank you!""",
        """Thanks in advance
        Thank you in advance for any help!
        Danke im Voraus
        Merci d'avance
        Gracias de antemano
        thanks, but it still fails
        Thanks, but I still get the same error
        That did not work, thanks anyway
        It didn't help, but thank you
        Thanks, I will try it tomorrow
        Thank you, let me check
        Thanks. Where do I find this setting?
        Thank you! And how do I undo it?
        Danke, aber es geht immer noch nicht
        Leider funktioniert es nicht
        No funciona todavía
        It is not solved yet
        Still not working
        It worked yesterday, now it fails again
        I hope that this gets solved
        Many thanks in advance
        Thanking you in advance
        thx in advance!
        Any help is appreciated, thank you in advance
        Thank you, but it is still the same
        thanks, still broken
        Tried that, did not help. Thanks though
        That was not it, thanks
        thanks, the first step worked but the second one fails
        Thanks, no luck though
        Thanks, the error is another one now
        It works on my machine but not on the server
        I use version 7 on Windows
        Is there anything else I could try?
        If that worked I would not ask""",
    ),
    "ANSWERS": (
        """Use the second button
        Try to restart the service.
        No, that is not possible
        Yes, in the settings under Accounts
        With the setting in the second tab.
        You need to run the upgrade twice
        See https://example.org/manual
        Have you tried to clear the cache? That helped me
        Port 8080
        It is a known bug, fixed in 4.1
        Same problem here last year; the fix was to reinstall the driver
        Thanks for asking: it is described in the manual, chapter 3
        The button is hidden until you have the right role""",
        """same here
        +1
        me too
        Same problem here
        I have the same question
        following
        Following this
        bump
        Interested as well
        Which version?
        Which version do you use?
        What does the log say?
        Can you post the whole error message?
        Could you share your settings?
        What do you mean?
        Did you restart it?
        thanks!
        Thank you, Maria
        lol
        Nice!
        Good question
        I wonder about that too
        No idea, sorry
        Welcome to the group!""",
    ),
}
"""Sentences of our own, yes and no: what the exports have little of, such as other languages."""


def main() -> None:
    """Fit, judge on communities that were left out, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--without", type=Path, action="append", default=[])
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    judged = {_bare(text) for path in arguments.without for text in texts_in(path)}
    messages = [
        message
        for line in arguments.labels.read_text("utf-8").splitlines()
        if _bare((message := json.loads(line))["text"]) not in judged
    ]
    models = {}
    for decision in DECISIONS:
        read = [message for message in messages if message["place"] == decision.place]
        report(decision, read)
        seen, is_yes, _ = _examples(decision, read)
        models[decision.name] = fit(seen, is_yes)
    if arguments.write:
        arguments.write.write_text(_as_module(models), "utf-8")


def texts_in(path: Path) -> Iterator[str]:
    """Yield every text of a file of judged messages: the last column, or the messages in JSON."""
    for line in path.read_text("utf-8").splitlines():
        if path.suffix == ".jsonl":
            yield from (message["text"] for message in json.loads(line)["messages"])
        else:
            yield line.split("\t")[-1].replace("\\n", "\n")


def report(decision: Decision, read: Sequence[Mapping[str, Any]]) -> None:
    """Print what the model does on each community when it was fitted on the others."""
    seen, is_yes, community = _examples(decision, read)
    chances = np.zeros(len(seen))
    for left_out in sorted(set(community) - {OWN}):
        there = community == left_out
        weights = fit([f for f, out in zip(seen, there, strict=True) if not out], is_yes[~there])
        chances[there] = [probability(weights, f) for f in np.array(seen)[there]]
    real = community != OWN
    print(f"{decision.name}: {real.sum()} messages, {is_yes[real].sum()} yes")
    for name in (*sorted(set(community) - {OWN}), "all"):
        at = real & ((community == name) | (name == "all"))
        auroc = roc_auc_score(is_yes[at], chances[at])
        print(f"  {name:16} {at.sum():4} messages, AUROC {auroc:.3f}")
    for threshold in np.arange(0.1, 0.95, 0.05):
        given = real & (chances >= threshold)
        right = (given & is_yes).sum()
        precision, recall = right / max(given.sum(), 1), right / is_yes[real].sum()
        refused = real & (chances < threshold)
        true_no = (refused & ~is_yes).sum() / max(refused.sum(), 1)
        print(
            f"  at {threshold:.2f}: precision {precision:.3f}, recall {recall:.3f}, "
            f"precision of no {true_no:.3f}"
        )


def fit(seen: Sequence[Features], is_yes: NDArray[np.bool_]) -> dict[str, float]:
    """Fit the weights of the features."""
    vectorizer = DictVectorizer()
    model = LogisticRegression(C=STRENGTH, max_iter=5_000)
    model.fit(vectorizer.fit_transform(seen), is_yes)
    names = vectorizer.get_feature_names_out()
    weights = {"always": model.intercept_[0], **dict(zip(names, model.coef_[0], strict=True))}
    return {str(name): round(float(weight), 3) for name, weight in weights.items()}


def probability(weights: Mapping[str, float], seen: Features) -> float:
    """Return how likely the answer is yes."""
    total = weights["always"] + sum(weights.get(name, 0.0) * x for name, x in seen.items())
    return float(1 / (1 + np.exp(-total)))


def _examples(
    decision: Decision, read: Sequence[Mapping[str, Any]]
) -> tuple[list[Features], NDArray[np.bool_], NDArray[np.str_]]:
    texts = [TOPIC.sub("", html.unescape(message["text"])) for message in read]
    labels = [message["label"] == decision.label for message in read]
    communities = [message["community"] for message in read]
    for is_yes, sentences in zip((True, False), OWN_SENTENCES[decision.name], strict=True):
        own = [line.strip() for line in sentences.splitlines()]
        texts += own
        labels += [is_yes] * len(own)
        communities += [OWN] * len(own)
    return [decision.features(text) for text in texts], np.array(labels), np.array(communities)


def _as_module(models: Mapping[str, Mapping[str, float]]) -> str:
    lines = [
        '"""What the features of a message weigh. Written by `fit_recognition.py`: do not edit."""',
        "",
        "from collections.abc import Mapping",
    ]
    for name, weights in models.items():
        lines += ["", f"{name}: Mapping[str, float] = {{"]
        lines += [f'    "{key}": {weight},' for key, weight in sorted(weights.items()) if weight]
        lines += ["}"]
    return "\n".join(lines) + "\n"


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


if __name__ == "__main__":
    main()
