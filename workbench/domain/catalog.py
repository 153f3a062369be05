"""Projects, sources, datasets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.domain.ids import BucketId, DatasetId, SourceId
from workbench.errors import InputError, LimitError

SourceKind = Literal["email", "review", "chat", "ticket", "survey", "call", "other"]
TRANSFORM_TAGS = ("generic.0.CONVKER5",)
"""Ways in which mail becomes messages, as the field's clients name them. There is one: new text, without what it quotes."""
MULTILINGUAL = "multilingual"
"""The language of a source or dataset whose messages have several."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")


def check_language(code: str) -> str:
    """Return ``code`` when it may be the language of a source or dataset.

    Raises
    ------
    InputError
        It is neither a language code nor ``multilingual``.
    """
    if code != MULTILINGUAL and not _LANGUAGE.fullmatch(code):
        raise InputError(
            f"{code[:80]!r} is no language.",
            next_step=f"Use a code such as 'en' or 'pt-BR', or {MULTILINGUAL!r}.",
            details={"language": code[:300]},
        )
    return code


def check_transform_tag(tag: str) -> str:
    """Return ``tag`` when mail can be read in the way it names, or when it is empty.

    Raises
    ------
    LimitError
        It is none of ``TRANSFORM_TAGS``.
    """
    if tag and tag not in TRANSFORM_TAGS:
        raise LimitError(
            f"The value '{tag[:100]}' is not a valid transform tag.",
            next_step="",  # the text that the field's own client waits for
            details={"transform_tag": tag[:300], "known": list(TRANSFORM_TAGS)},
        )
    return tag


@dataclass(frozen=True, kw_only=True)
class Project:
    """A permissioned store of sources and datasets."""

    name: str
    title: str
    description: str = ""
    created_at: datetime
    updated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where messages come from; language and kind are fixed at creation.

    Attributes
    ----------
    language
        ISO 639-1, or ``multilingual``.
    should_translate
        Whether texts are to be translated where a translator is configured.
    sensitive_properties
        Full keys, ``string:Account``, of user properties that not everybody may see.
    bucket_id
        The bucket whose mail becomes messages here, None = none.
    earliest, latest
        Time of its first and its last message, where ``sources`` tells it; None = it has none.
    mask_personal
        Whether personal data is masked in everything that is shown of its messages and computed from them.
    is_masking
        Whether some of its messages still wait to be masked; they show nothing until then.
    transform_tag
        How mail becomes its messages, one of ``TRANSFORM_TAGS``; empty = nobody said.
    """

    source_id: SourceId
    project: str
    name: str
    title: str
    kind: SourceKind
    language: str
    created_at: datetime
    n_messages: int = 0
    description: str = ""
    should_translate: bool = False
    sensitive_properties: tuple[str, ...] = ()
    updated_at: datetime | None = None
    bucket_id: BucketId | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    mask_personal: bool = False
    is_masking: bool = False
    transform_tag: str = ""

    @property
    def full_name(self) -> str:
        """``project/name``."""
        return f"{self.project}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A named set of sources and one taxonomy. Counts are of now; ``model_version`` 0 = none yet.

    Encoder, ``language`` (ISO 639-1 or ``multilingual``) and ``has_sentiment`` are fixed at creation.
    ``language_warning`` says which of the messages' languages the encoder does not know, empty = none.
    """

    dataset_id: DatasetId
    project: str
    name: str
    title: str
    description: str
    source_ids: tuple[SourceId, ...]
    encoder: str
    created_at: datetime
    n_messages: int = 0
    n_reviewed: int = 0
    n_labels: int = 0
    model_version: int = 0
    rating: float | None = None
    has_sentiment: bool = False
    language: str = "en"
    updated_at: datetime | None = None
    language_warning: str = ""

    @property
    def full_name(self) -> str:
        """``project/name``."""
        return f"{self.project}/{self.name}"
