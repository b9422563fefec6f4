"""Every choice in one file, `supportbot.toml`, read once into one frozen object."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from supportbot.domain.chat.allowance import Allowance
from supportbot.domain.chat.places import Listening
from supportbot.domain.experts.availability import MOST_ASKS, is_timezone
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.ladder import LadderRules
from supportbot.domain.knowledge.decision import Calibration
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.domain.language.catalogue import Language, speak
from supportbot.errors import SupportbotError
from supportbot.files.modes import keep_private
from supportbot.files.text import read_text
from supportbot.files.toml_errors import explain_syntax, explain_value

FILE_NAME = "supportbot.toml"
LARGEST = 20_000
"""Bytes of a settings file. TOML's parser takes seconds for a hostile one that is longer."""

_LONGEST_VALUE = 200
_MOST_PROBLEMS = 20

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _has_platform(identity: str) -> str:
    if not re.fullmatch(r"[^:\s]+:.+", identity):
        message = "write the platform and the id there, such as slack:U024BE7LH"
        raise ValueError(message)
    return identity


def _is_one_line(path: Path) -> Path:
    if not str(path).isprintable():
        message = "in double quotes \\n and \\t mean a new line and a tab: write single quotes"
        raise ValueError(message)
    return path


_Identity = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_has_platform)]
_Folder = Annotated[Path, AfterValidator(_is_one_line)]
_Probability = Annotated[float, Field(ge=0, le=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KnowledgeSettings(_Section):
    """`[knowledge]`: the group's own documents."""

    folder: _Folder = Field(
        default=Path("knowledge"),
        description="Folder of Markdown files; relative to the settings file.",
    )
    base_url: str = Field(
        default="",
        description="Put before a file's path to make its link, such as the address of the "
        "folder in your repository, with a slash at the end; the folder's name when left out.",
    )
    required: tuple[_Text, ...] = Field(
        default=(),
        description="Front matter keys that every file has to have, such as `title` and `owner`; "
        "`supportbot knowledge check` reports files without them.",
    )


class ModelSettings(_Section):
    """`[model]`: the embedding model. The defaults are a record of all-MiniLM-L6-v2."""

    name: _Text = Field(
        default="sentence-transformers/all-MiniLM-L6-v2",
        description="Name on the hub, or a folder.",
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto",
        description="`auto` takes bfloat16 only where the processor has AMX tiles.",
    )
    question_precision: Literal["auto", "int8", "same"] = Field(
        default="auto",
        description="What questions are embedded in; `auto` takes bytes where the processor has "
        "VNNI and the model is known to find as much so, `same` means as `precision`.",
    )
    revision: str = Field(default="", description="Commit on the hub; only for another model.")
    dimension: int = Field(
        default=0,
        ge=0,
        description="Numbers in a vector, 0 to ask the model; only for another model.",
    )
    query_prefix: str = Field(
        default="", description="Put before each question; only for another model."
    )
    document_prefix: str = Field(
        default="", description="Put before each passage; only for another model."
    )
    max_tokens: int = Field(
        default=256, gt=0, description="Longest input in word pieces; only for another model."
    )
    is_multilingual: bool = Field(
        default=False,
        description="Whether a match in another language than the question is as good as one in "
        "the same; only for another model.",
    )
    reranker: str = Field(
        default="",
        description="Folder of a cross-encoder that looks again at the best 20; else none does.",
    )
    reranker_weight: float = Field(
        default=0.1,
        ge=0,
        le=10,
        description="What that counts beside the first ranking; the better it is, the more.",
    )
    licence: str = Field(default="", description="Its licence; only for another model.")
    sha256: str = Field(
        default="",
        description="Of model.safetensors; other weights are refused. Only for another model.",
    )


class CalibrationSettings(_Section):
    """`[calibration]`: how a cosine becomes a probability. Shipped for the default model."""

    model: _Text = Field(description="The model that it was fitted for; another is refused.")
    intercept: FiniteFloat = Field(description="Of the logistic curve.")
    slope: FiniteFloat = Field(description="Of the logistic curve, by cosine.")
    answer_threshold: _Probability = Field(description="Lowest confidence that is an answer.")
    suggest_threshold: _Probability = Field(description="Lowest confidence that is shown.")
    background_slope: FiniteFloat = Field(
        default=0.0,
        description="Of the logistic curve, by the question's mean cosine to everything.",
    )
    usual_background: FiniteFloat = Field(
        default=0.0, description="That mean, where there are too few passages to take it from."
    )


class ThresholdSettings(_Section):
    """`[thresholds]`: to be more, or less, careful than the calibration that is shipped."""

    answer: _Probability | None = Field(
        default=None, description="Lowest confidence, 0 to 1, at which a match is the answer."
    )
    suggest: _Probability | None = Field(
        default=None, description="Lowest confidence, 0 to 1, at which a match is shown."
    )

    def applied_to(self, calibration: Calibration) -> Calibration:
        """Put what is chosen here in place of the calibration's own thresholds."""
        return replace(
            calibration,
            answer_threshold=_chosen(self.answer, calibration.answer_threshold),
            suggest_threshold=_chosen(self.suggest, calibration.suggest_threshold),
        )


class ExpertSettings(_Section):
    """`[[experts]]`: a person who may be asked."""

    name: _Text = Field(description="As people read it.")
    topics: tuple[_Text, ...] = Field(min_length=1, description="What they know about.")
    identities: tuple[_Identity, ...] = Field(
        default=(),
        description="`platform:user-id` on each platform; `terminal:NAME` when left out.",
    )

    def declared(self) -> Declared:
        """Return who it is, and what they know about."""
        member_ids = self.identities or (f"terminal:{self.name}",)
        return Declared(self.name, self.topics, member_ids)


class TeachingSettings(_Section):
    """`[teaching]`: whose answers become knowledge without anybody's accepting them."""

    maintainers: tuple[_Identity, ...] = Field(
        default=(), description="`platform:user-id` of those who look after the knowledge."
    )
    maintainer_roles: tuple[_Text, ...] = Field(
        default=("manage_guild",),
        description="Roles that make somebody a maintainer; `manage_guild`: who manages a server.",
    )
    trusted: tuple[_Identity, ...] = Field(
        default=(), description="`platform:user-id` of those whose answers need no acceptance."
    )
    trusted_roles: tuple[_Text, ...] = Field(
        default=(), description="Roles on the platform that make somebody trusted."
    )
    trusted_after: int = Field(
        default=3,
        ge=0,
        description="Accepted answers after which a member is trusted; 0: never by answers alone.",
    )
    review_newcomers: bool = Field(
        default=False,
        description="Whether accepted answers of others wait in `supportbot review` as well.",
    )

    def rules(self) -> TeachingRules:
        """Return the rules that the handlers follow."""
        return TeachingRules(
            maintainers=frozenset(self.maintainers),
            maintainer_roles=frozenset(self.maintainer_roles),
            trusted=frozenset(self.trusted),
            trusted_roles=frozenset(self.trusted_roles),
            trusted_after=self.trusted_after,
            review_newcomers=self.review_newcomers,
        )


class LimitSettings(_Section):
    """`[limits]`: how much the bot says, and how long it keeps what came in."""

    replies_per_member: int = Field(
        default=20, gt=0, description="Messages an hour that one member may cause."
    )
    replies_per_channel: int = Field(
        default=120, gt=0, description="Messages an hour that one channel may get."
    )
    inbox_days: int = Field(
        default=7, ge=0, description="Days for which a handled event's words are kept."
    )

    def allowance(self) -> Allowance:
        """Return the allowance that the handlers keep to."""
        return Allowance(self.replies_per_member, self.replies_per_channel)


class RoutingSettings(_Section):
    """`[routing]`: how often people are asked, and when others are."""

    asks_per_week: int = Field(
        default=5,
        ge=1,
        le=MOST_ASKS,
        description="Asks within seven days of a person who has not chosen a number.",
    )
    asks_per_asker: int = Field(
        default=20,
        ge=1,
        le=10_000,
        description="People who may be asked within seven days on behalf of one member; what they "
        "ask beyond it goes on the open list.",
    )
    helpers: tuple[_Identity, ...] = Field(
        default=(), description="`platform:user-id` of those who are asked when nobody answers."
    )
    shortest_wait: int = Field(
        default=15,
        gt=0,
        le=1_440,
        description="Minutes before others are asked, at the least.",
    )
    longest_wait: int = Field(
        default=1_440, gt=0, le=20_160, description="Minutes before others are asked, at the most."
    )
    expire_days: int = Field(
        default=14, gt=0, le=365, description="Days after which nobody is asked any more."
    )
    timezone: str = Field(
        default="",
        description="Time zone of the group's parts of the day, such as `Europe/Berlin`; UTC when "
        "left out.",
    )

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if not is_timezone(name):
            message = "there is no such time zone; name one such as Europe/Berlin"
            raise ValueError(message)
        return name

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.shortest_wait > self.longest_wait:
            message = "shortest_wait is longer than longest_wait"
            raise ValueError(message)
        return self

    def rules(self) -> LadderRules:
        """Return the rules that the ladder follows."""
        return LadderRules(
            asks_per_week=self.asks_per_week,
            asks_per_asker=self.asks_per_asker,
            helpers=self.helpers,
            shortest_wait=timedelta(minutes=self.shortest_wait),
            longest_wait=timedelta(minutes=self.longest_wait),
            expires_after=timedelta(days=self.expire_days),
            timezone=self.timezone,
        )


class ChannelSettings(_Section):
    """`[channels]`: where the bot replies, until a maintainer chooses otherwise for a channel."""

    listening: Listening = Field(
        default=Listening.QUESTIONS,
        description="`questions`: to every new question in the channels that it is in; "
        "`mentions`: to those who call it by its name; `nothing`.",
    )
    burst_seconds: float = Field(
        default=20.0,
        ge=0,
        le=600,
        description="What one person writes within so many seconds of their question and that goes "
        'on with it (a detail, "any idea?") belongs to it; what asks something of its own never '
        "does. 0: each message by itself.",
    )


class ObservabilitySettings(_Section):
    """`[observability]`: logs, metrics and health."""

    log: Literal["text", "json"] = Field(
        default="text", description="`json` writes one object a line to stderr."
    )
    port: int = Field(
        default=0,
        ge=0,
        le=65_535,
        description="Port for `/metrics`, `/healthz` and `/readyz`; 0 opens none.",
    )
    host: _Text = Field(default="127.0.0.1", description="Address that the port is opened on.")


class Settings(_Section):
    """Everything that a maintainer may choose."""

    community: _Text = Field(default="community", description="Name of your user group.")
    language: Language = Field(
        default="en", description="What the bot speaks to members: `en` (English), `de` (German)."
    )
    knowledge: KnowledgeSettings = KnowledgeSettings()
    model: ModelSettings = ModelSettings()
    thresholds: ThresholdSettings = ThresholdSettings()
    calibration: CalibrationSettings | None = None
    experts: tuple[ExpertSettings, ...] = ()
    teaching: TeachingSettings = TeachingSettings()
    limits: LimitSettings = LimitSettings()
    routing: RoutingSettings = RoutingSettings()
    channels: ChannelSettings = ChannelSettings()
    observability: ObservabilitySettings = ObservabilitySettings()
    adapters: Mapping[str, Mapping[str, Any]] = Field(
        default={"terminal": {}},
        description="A table for each platform to connect, with its own options.",
    )

    @property
    def declared_experts(self) -> tuple[Declared, ...]:
        """Those of whom the settings say what they know about."""
        return tuple(expert.declared() for expert in self.experts)

    def configured_calibration(self) -> Calibration | None:
        """Return the calibration of the settings, if there is one."""
        return None if self.calibration is None else Calibration(**self.calibration.model_dump())


def read_settings(path: Path | None) -> Settings:
    """Read a settings file, and speak the language that it names from now on.

    Without one, `supportbot.toml` here is read if it exists, else the defaults are taken.

    Raises:
        SupportbotError: It names every unknown, missing and wrong key at once.
    """
    if path is None:
        path = Path(FILE_NAME)
        if not path.exists():
            speak("en")
            return Settings()
    text = read_text(path, most=LARGEST)
    try:
        fields = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{path} cannot be read as TOML: {explain_syntax(text, str(error))}."
        raise SupportbotError(message) from error
    try:
        settings = Settings.model_validate(fields)
    except ValidationError as error:
        found = error.errors()
        problems = "\n".join(f"  {_explained(dict(one))}" for one in found[:_MOST_PROBLEMS])
        more = f"\n  … and {len(found) - _MOST_PROBLEMS} more." if found[_MOST_PROBLEMS:] else ""
        message = f"{path} has settings that cannot be used:\n{problems}{more}"
        raise SupportbotError(message) from error
    speak(settings.language)
    folder = path.parent / settings.knowledge.folder
    knowledge = settings.knowledge.model_copy(update={"folder": folder})
    return settings.model_copy(update={"knowledge": knowledge})


def find_home() -> Path:
    """Return the folder that holds the database: `SUPPORTBOT_HOME`, or the user's data folder.

    It is closed to the machine's other accounts, also where it was not before.

    Raises:
        SupportbotError: It cannot be made, or cannot be written.
    """
    configured = os.environ.get("SUPPORTBOT_HOME")
    if configured is not None and not configured.strip():
        message = "SUPPORTBOT_HOME is empty. Set it to a folder, or unset it to take the usual one."
        raise SupportbotError(message)
    # Where no shell has read it, such as in a service's file, `~` is still there.
    given = Path(configured).expanduser() if configured else None
    home = given or platformdirs.user_data_path("supportbot")
    fix = "Fix its permissions, or set SUPPORTBOT_HOME to another folder."
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"The home folder {home} cannot be made: {error.strerror}. {fix}"
        raise SupportbotError(message) from error
    if not os.access(home, os.W_OK | os.X_OK):
        message = f"The home folder {home} cannot be written. {fix}"
        raise SupportbotError(message)
    keep_private(home)
    return home


def _chosen(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _explained(detail: Mapping[str, Any]) -> str:
    location = detail["loc"]
    # A person counts from one.
    name = ".".join(str(part + 1 if isinstance(part, int) else part) for part in location)
    if detail["type"] == "extra_forbidden":
        known = _known_keys(location[:-1])
        near = difflib.get_close_matches(str(location[-1]), known, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
        return f"unknown setting '{name}'. {hint}"
    if detail["type"] == "missing":
        return f"missing setting '{name}'."
    return f"wrong value {_short(detail['input'])} for '{name}': {explain_value(detail)}."


def _short(value: object) -> str:
    try:
        return repr(value)[:_LONGEST_VALUE]
    except (ValueError, RecursionError):
        return "that cannot be printed"


def _known_keys(location: tuple[str | int, ...]) -> list[str]:
    sections: dict[str, type[BaseModel]] = {
        "knowledge": KnowledgeSettings,
        "model": ModelSettings,
        "thresholds": ThresholdSettings,
        "calibration": CalibrationSettings,
        "experts": ExpertSettings,
        "teaching": TeachingSettings,
        "limits": LimitSettings,
        "routing": RoutingSettings,
        "channels": ChannelSettings,
        "observability": ObservabilitySettings,
    }
    section = sections.get(str(location[0]), Settings) if location else Settings
    return sorted(section.model_fields)
