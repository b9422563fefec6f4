"""What is slow, remote or random: chat platforms, the embedding model, and the clock."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TextIO

import numpy as np
import numpy.typing as npt

from supportbot.domain.chat.events import Event
from supportbot.domain.chat.places import Place
from supportbot.domain.replies.reply import OutgoingMessage

Vectors = npt.NDArray[np.float32]
"""Embeddings: float32, shape `(n, dimension)`, rows of length 1."""

Receive = Callable[[Event], Awaitable[None]]
"""Stores an event. Returns once it is safe; raises when it is not, and then it must come again."""


class Adapter(Protocol):
    """A chat platform. Held by `supportbot.testing.AdapterContract`."""

    platform: str
    """Short name, such as `slack`; the first part of everything that has this platform's ids."""

    async def connect(self, receive: Receive) -> None:
        """Bring what was missed, then pass on every event until cancelled.

        An event is acknowledged to the platform only after `receive` has returned.
        """

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        """Show a message, once however often it is called with the same message id.

        Args:
            message: What to say and where.
            attempt: 1 the first time. From 2 on the platform may have the message already, and
                has to be asked.

        Returns:
            The platform's id of what was posted.

        Raises:
            DeliveryError: The platform refused or did not answer.
        """

    def url_of(self, place: Place, message_id: str) -> str:
        """Return the link to a message that was posted; empty where there are none."""


@dataclass(frozen=True, slots=True)
class AdapterContext:
    """What an adapter is made from. An entry point in `supportbot.adapters` takes one of these."""

    home: Path
    """Folder for what the adapter must keep."""
    options: Mapping[str, object]
    """The adapter's own table in the settings."""
    stdin: TextIO
    stdout: TextIO
    served: frozenset[str] = frozenset()
    """Ids of the workspaces of which the home holds something already."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    problem: str
    """What is wrong, and what to do; empty when it is fine."""
    otherwise: str = ""
    """What is said when it is fine."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A server or workspace that the bot is in."""

    id: str
    name: str
    is_served: bool
    """It belongs to the group; otherwise nothing there is heard or said."""
    note: str = ""
    """What else a maintainer may want to know or choose there, as a sentence."""


class Setup(Protocol):
    """Explains and checks the connection to a platform.

    Instances are the entry points of the group `supportbot.setup`.
    """

    secrets: Sequence[str]
    """What is set in the environment for this platform alone: who sets it wants to connect it."""

    def instructions(self, options: Mapping[str, object], *, address: str = "") -> str:
        """Say step by step what a maintainer has to do on the platform.

        Args:
            options: The adapter's own table in the settings.
            address: Where the platform sends its requests, if it does.

        Raises:
            SupportbotError: More has to be known.
        """

    async def examine(self, context: AdapterContext) -> Sequence[Finding]:
        """Look at what was done there."""

    async def memberships(self, context: AdapterContext) -> Sequence[Membership]:
        """Return the servers or workspaces that the bot is in.

        Raises:
            SupportbotError: The platform does not say.
        """

    def confirm(self, context: AdapterContext, id_: str) -> None:
        """Let a server or workspace belong to the group.

        Raises:
            SupportbotError: It cannot be one, or the settings decide.
        """


class Embedder(Protocol):
    """An embedding model. Held by `supportbot.testing.EmbedderContract`."""

    @property
    def model(self) -> str:
        """Name the model, to which a calibration belongs."""

    @property
    def key(self) -> str:
        """Return the key of vectors: the model, its weights, and its longest input."""

    @property
    def precision(self) -> str:
        """Return what vectors are computed in, such as `float32`. Recorded beside each vector."""

    @property
    def dimension(self) -> int:
        """Count the numbers in a vector."""

    @property
    def is_multilingual(self) -> bool:
        """Whether texts of several languages that mean the same are near."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that will be searched, in the order given."""

    def embed_question(self, text: str) -> Vectors:
        """Embed one question, shape `(1, dimension)`."""


class Reranker(Protocol):
    """A second look at the best candidates. Held by `supportbot.testing.RerankerContract`."""

    @property
    def model(self) -> str:
        """Name the model."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text fits a question, in the order given.

        More is better, and finite. Scores of different questions cannot be compared.
        """


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
