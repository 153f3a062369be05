"""Quotas: how many of something there may be, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Unchanged = Literal["unchanged"]
"""Stands for an argument that is left out where None means something."""


@dataclass(frozen=True, kw_only=True)
class QuotaKind:
    """One kind of quota.

    Attributes
    ----------
    published
        Its name in the exchange format.
    missing
        Why there is none of it yet: a half sentence. Empty for what exists.
    """

    name: str
    published: str
    missing: str = ""


_NO_DOCUMENTS = "documents are not read, only messages"

QUOTA_KINDS: dict[str, QuotaKind] = {
    kind.name: kind
    for kind in (
        QuotaKind(name="projects", published="projects"),
        QuotaKind(name="sources", published="sources"),
        QuotaKind(name="datasets", published="datasets"),
        QuotaKind(name="buckets", published="buckets"),
        QuotaKind(name="integrations", published="integrations"),
        QuotaKind(name="mailboxes_per_integration", published="mailboxes_per_integration"),
        QuotaKind(name="messages", published="comments"),
        QuotaKind(name="messages_per_source", published="comments_per_source"),
        QuotaKind(name="sources_per_dataset", published="sources_per_dataset"),
        QuotaKind(name="datasets_per_source", published="datasets_per_source"),
        QuotaKind(name="labels_per_dataset", published="labels_per_dataset"),
        QuotaKind(name="reviewed_per_dataset", published="reviewed_comments_per_dataset"),
        QuotaKind(name="streams", published="triggers"),
        QuotaKind(name="streams_per_dataset", published="triggers_per_dataset"),
        QuotaKind(name="pinned_versions", published="pinned_models"),
        QuotaKind(name="users", published="users"),
        QuotaKind(name="alerts", published="alerts", missing="there are no alerts"),
        QuotaKind(
            name="fields_per_dataset", published="entities_per_dataset", missing="datasets have no fields"
        ),
        QuotaKind(
            name="extraction_predictions",
            published="extraction_predictions",
            missing="there are no generated extractions",
        ),
        QuotaKind(
            name="documents_at_design_time", published="comments_in_ixp_designtime", missing=_NO_DOCUMENTS
        ),
        QuotaKind(name="documents_at_run_time", published="comments_in_ixp_runtime", missing=_NO_DOCUMENTS),
    )
}
"""Kind by name."""


@dataclass(frozen=True, kw_only=True)
class QuotaRule:
    """What an administrator set of a quota.

    Attributes
    ----------
    hard_limit
        Largest number allowed, 0 = none at all; None = as the settings say.
    auto_increase_up_to
        The limit rises by itself up to here; None = never.
    peak
        Most there ever were, as far as it was written down.
    """

    kind: str
    hard_limit: int | None = None
    auto_increase_up_to: int | None = None
    peak: int = 0


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A limit on what there is.

    Attributes
    ----------
    kind
        ``projects``, ``messages_per_source`` …; also the name of its limit.
    hard_limit
        Largest number allowed; None = there is no limit.
    used
        How many there are now; of a quota per source or dataset, where there are most.
    where
        The source or dataset with most; empty for the workspace, and where there is none yet.
    setting
        The setting that says where the limit begins; empty = it has none until an administrator sets one.
    auto_increase_up_to
        The limit rises by itself up to here; None = never.
    peak
        Most there ever were at once; of a quota per source or dataset, where there were most.
    is_set
        Whether an administrator set the limit, so that the setting does not count.
    published
        Name of the kind in the exchange format.
    missing
        Why there is none of it yet; empty for what exists.
    """

    kind: str
    hard_limit: int | None
    used: int
    where: str = ""
    setting: str
    auto_increase_up_to: int | None = None
    peak: int = 0
    is_set: bool = False
    published: str = ""
    missing: str = ""

    @property
    def left(self) -> int | None:
        """How many more there may be; None = without limit."""
        return None if self.hard_limit is None else max(0, self.hard_limit - self.used)


class QuotaOperations(Protocol):
    """Quotas."""

    def quotas(self) -> tuple[Quota, ...]:
        """Every quota with its limit and what is used of it; beyond one, what would be too much is refused."""
        ...

    def set_quota(
        self,
        kind: str,
        hard_limit: int | Unchanged | None = "unchanged",
        auto_increase_up_to: int | Unchanged | None = "unchanged",
    ) -> Quota:
        """Set the limit of a quota, and up to where it rises by itself.

        What is there already stays, also beyond a new limit.

        Parameters
        ----------
        hard_limit
            Largest number allowed, 0 = none at all; None = as the settings say.
        auto_increase_up_to
            Where more is needed the limit rises by itself up to here; None = never.

        Raises
        ------
        UnknownNameError
            There is no such kind.
        InputError
            A number is negative, or the limit would rise to less than it is.
        """
        ...
