"""Fakes that work, and the contracts that they share with the real things.

For our own tests, and for those of anybody who writes an adapter: subclass `AdapterContract`,
and say how the platform is driven.
"""

from supportbot.testing.contracts import (
    PATIENCE,
    AdapterContract,
    EmbedderContract,
    RerankerContract,
    World,
)
from supportbot.testing.fakes import HASHING_CALIBRATION, HashingEmbedder, OverlapReranker, SetClock
from supportbot.testing.simulation import (
    Bot,
    FragileDatabase,
    PowerCutError,
    PowerSwitch,
    SimulatedPlatform,
    template_database,
)

__all__ = [
    "HASHING_CALIBRATION",
    "PATIENCE",
    "AdapterContract",
    "Bot",
    "EmbedderContract",
    "FragileDatabase",
    "HashingEmbedder",
    "OverlapReranker",
    "PowerCutError",
    "PowerSwitch",
    "RerankerContract",
    "SetClock",
    "SimulatedPlatform",
    "World",
    "template_database",
]
