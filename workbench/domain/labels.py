"""Labels and their paths: ``Parent > Child``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.domain.ids import DatasetId, LabelId
from workbench.errors import LabelPathError

SEPARATOR = " > "
MIN_EXAMPLES = 25
"""Reviewed messages that a label needs before its quality is estimated."""
MIN_TRAIN_EXAMPLES = 20
"""Of these, the ones in the training part."""
MAX_LEVEL = 64
"""Longest name of one level in characters."""
MAX_LEVELS = 64

LabelPath = tuple[str, ...]
LabelState = Literal["untrained", "gathering", "poor", "fair", "healthy", "excellent"]


def has_enough_examples(n_pins: int, n_train: int) -> bool:
    """Whether the quality of a label counts: it has 25 examples, and 20 of them in the training part."""
    return n_pins >= MIN_EXAMPLES and n_train >= MIN_TRAIN_EXAMPLES


@dataclass(frozen=True, kw_only=True)
class Label:
    """A node of a taxonomy; identity is the id, so renaming keeps every annotation.

    Attributes
    ----------
    path
        Names from the root down, at least one.
    instructions
        Natural-language definition; training input for the start without examples.
    title
        What screens may show in its place, empty = the name.
    position
        Place among its siblings, from 1; 0 = it stands by its name.
    n_assigned
        Reviewed messages that carry the label or one below it.
    n_predicted
        Sum of predicted probabilities over unreviewed messages (an expected count), 0.0 before training.
    zero_shot
        How much of the newest version's predictions comes from the label's name and description: 1.0 = all of it,
        0.0 = nothing, as from 50 examples on.
    """

    label_id: LabelId
    dataset_id: DatasetId
    path: LabelPath
    instructions: str = ""
    external_id: str | None = None
    trainable: bool = True
    title: str = ""
    position: int = 0
    n_assigned: int = 0
    n_predicted: float = 0.0
    zero_shot: float = 0.0

    @property
    def name(self) -> str:
        """The path as one string, ``Parent > Child``."""
        return format_path(self.path)

    @property
    def depth(self) -> int:
        """1 for a root label."""
        return len(self.path)


def format_path(path: LabelPath) -> str:
    """Join levels: ``("Claims", "Motor")`` becomes ``"Claims > Motor"``."""
    return SEPARATOR.join(path)


def parse_path(name: str) -> LabelPath:
    """Split ``"Claims > Motor"`` into ``("Claims", "Motor")``; spaces around ``>`` do not matter.

    Raises
    ------
    LabelPathError
        A level is empty or longer than 64 characters, there are more than 64, or one holds a control character.
    """
    path = tuple(" ".join(part.split()) for part in name.split(">"))
    if not all(path):
        raise LabelPathError(
            f"label {name[:80]!r} has an empty level.",
            next_step="Write a name on each side of '>'.",
            details={"label": name[:200]},
        )
    joined = format_path(path)
    longest = max(path, key=len)
    if len(longest) > MAX_LEVEL:
        what = "label" if len(path) == 1 else "a level of label"
        raise LabelPathError(
            f"{what} {joined[:80]!r} has {len(longest)} characters; at most {MAX_LEVEL} are allowed.",
            next_step="Shorten it; each level counts by itself.",
            details={"label": joined[:200], "limit": MAX_LEVEL},
        )
    if len(path) > MAX_LEVELS:
        raise LabelPathError(
            f"label {joined[:80]!r} has {len(path)} levels; at most {MAX_LEVELS} are allowed.",
            next_step="Put it higher up.",
            details={"label": joined[:200], "limit": MAX_LEVELS},
        )
    if not joined.isprintable():
        raise LabelPathError(
            f"label {joined!r} holds a character that cannot be shown.",
            next_step="Use printable characters only.",
            details={"label": joined[:200]},
        )
    return path


def ancestors(path: LabelPath) -> tuple[LabelPath, ...]:
    """Every path above ``path``, root first: ``(a, b, c)`` gives ``((a,), (a, b))``."""
    return tuple(path[:depth] for depth in range(1, len(path)))
