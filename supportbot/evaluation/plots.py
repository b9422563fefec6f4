"""Draws what was measured."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from supportbot.errors import SupportbotError
from supportbot.evaluation.confidence import Bin, Floats
from supportbot.evaluation.routing import RoutingEvaluation

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_trade(evaluation: RoutingEvaluation, path: Path) -> None:
    """Draw hit rate against concentration: ours for each weight of load, and the simple ways.

    Raises:
        SupportbotError: matplotlib is not there, or the file cannot be written.
    """
    figure = _figure(7, 5)
    axes = figure.subplots()
    shares = [share for _, _, share in evaluation.trade]
    hits = [hit for _, hit, _ in evaluation.trade]
    axes.plot(shares, hits, marker="o", label="ours, by the weight of load")
    for load, hit, share in evaluation.trade:
        axes.annotate(f"{load:g}", (share, hit), textcoords="offset points", xytext=(4, 5))
    for name, measures in evaluation.measures.items():
        mark, label = ("k*", "ours, as set") if name == "ours" else ("s", name)
        axes.plot(measures.top5_share, measures.hit_at_3, mark, label=label)
    axes.set(
        xlabel="share of the asks that go to the five busiest",
        ylabel="questions with an answerer among the first three",
        xlim=(0, 1.03),
        ylim=(0, 1.03),
        title=f"{evaluation.measures['ours'].questions} questions, split {evaluation.split}",
    )
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", fontsize="small")
    _save(figure, path)


def draw_decisions(
    bins: Sequence[Bin], precision: Floats, path: Path, *, required: float, title: str
) -> None:
    """Draw what confidence promised and kept, and beside it the risk at each coverage.

    Args:
        bins: Questions of like confidence.
        precision: Of the likeliest 1, 2, … of all questions.
        path: Where to; the ending says which format.
        required: What share of the answers should be right.
        title: What was measured.

    Raises:
        SupportbotError: matplotlib is not there, or the file cannot be written.
    """
    figure = _figure(11, 5)
    figure.suptitle(title)
    reliability, curve = figure.subplots(1, 2)
    promised, kept = [b.promised for b in bins], [b.kept for b in bins]
    reliability.plot([0, 1], [0, 1], "k:", label="as promised")
    reliability.plot(promised, kept, marker="o", label="as kept")
    reliability.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1))
    coverage = [given / len(precision) for given in range(1, len(precision) + 1)]
    curve.plot(coverage, 1 - precision, label="likeliest first")
    curve.axhline(1 - required, color="k", linestyle=":", label=f"{required:.0%} right")
    curve.set(xlabel="coverage: share answered", ylabel="risk: share of answers that is wrong")
    curve.set(xlim=(0, 1), ylim=(0, 1))
    for axes in (reliability, curve):
        axes.grid(alpha=0.3)
        axes.legend(loc="upper left", fontsize="small")
    _save(figure, path)


def _figure(width: float, height: float) -> "Figure":
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        message = 'Plots need matplotlib: pip install "peer-supportbot[plots]"'
        raise SupportbotError(message) from error
    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: "Figure", path: Path) -> None:
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        message = f"{path} cannot be drawn: {error}."
        raise SupportbotError(message) from error
