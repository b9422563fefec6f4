import numpy as np

from supportbot.evaluation.confidence import Bin
from supportbot.evaluation.sketches import sketch_reliability, sketch_risk_coverage


def test_what_was_kept_is_a_bar_and_what_was_promised_a_mark() -> None:
    drawn = sketch_reliability([Bin(7, 0.5, 0.1), Bin(7, 0.25, 0.5), Bin(6, 1.0, 1.0)])

    assert drawn == (
        "  promised    kept   count\n"
        "     0.500   0.100       7  ####                |\n"
        "     0.250   0.500       7  ##########|#########\n"
        "     1.000   1.000       6  #######################################|"
    )


def test_precision_is_drawn_for_each_tenth_of_coverage() -> None:
    lines = sketch_risk_coverage(np.linspace(1.0, 0.5, 20)).splitlines()

    assert len(lines) == 11
    assert lines[0] == "  coverage precision"
    assert lines[1] == "       10%     0.974  " + "#" * 39
    assert lines[10] == "      100%     0.500  " + "#" * 20


def test_of_no_questions_nothing_is_drawn() -> None:
    assert sketch_reliability([]) == "  promised    kept   count"
    assert sketch_risk_coverage(np.empty(0)) == "  coverage precision"
