"""Draws what was measured."""

from pathlib import Path

from supportbot.errors import SupportbotError
from supportbot.evaluation.routing import RoutingEvaluation


def draw_trade(evaluation: RoutingEvaluation, path: Path) -> None:
    """Draw hit rate against concentration: ours for each weight of load, and the simple ways.

    Raises:
        SupportbotError: matplotlib is not there, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        message = 'Plots need matplotlib: pip install "peer-supportbot[plots]"'
        raise SupportbotError(message) from error
    figure = Figure(figsize=(7, 5), layout="constrained")
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
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        message = f"{path} cannot be drawn: {error}."
        raise SupportbotError(message) from error
