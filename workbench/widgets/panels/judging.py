"""Storing what the annotation card says: one judgement, or those of one step on many messages in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.domain import (
    DatasetId,
    Judgement,
    JudgementReceipt,
    LabelId,
    Operations,
    ReviewEvent,
    ReviewMode,
    Uid,
)
from workbench.widgets.elements import AnnotationCard, JudgementEvent, JudgementState, PastReview
from workbench.widgets.panels.labelling import in_words, said_of

GONE = "a label that is gone"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """How a message came before the person: stored with the judgement, however late that is made."""

    mode: ReviewMode
    probability: float | None
    model_version: int | None
    n_population: int | None = None


_BY_HAND = Offer(mode="recent", probability=None, model_version=None)


class CardJudging:
    """Between a card and the operations.

    Parameters
    ----------
    card
        Whose judgements it stores and answers.
    operations
        What stores them.
    dataset_id
        Gives the dataset on screen.
    made_labels
        Called when a judgement made labels, before the card hears of their ids.

    Attributes
    ----------
    offers
        How each message came before the person, by uid.
    own
        Ids of judgements made here: their news are known.
    """

    def __init__(
        self,
        card: AnnotationCard,
        operations: Operations,
        dataset_id: Callable[[], DatasetId],
        made_labels: Callable[[], object],
    ) -> None:
        self._card, self._operations = card, operations
        self._dataset_id, self._made_labels = dataset_id, made_labels
        self.offers: dict[str, Offer] = {}
        self.own: set[str] = set()
        self._heard: list[Callable[[JudgementEvent, JudgementReceipt], object]] = []
        card.on_judge(lambda event: self.judge([event]))
        card.on_judge_all(self.judge)
        card.on_history(self.history)

    def judge(self, events: Sequence[JudgementEvent]) -> None:
        """Store judgements in one call and answer the card; what cannot be stored is refused with the reason."""
        dataset_id = self._dataset_id()
        self.own.update(event["seq"] for event in events)
        paths = dict.fromkeys(path for event in events for path in event["new"])
        made = {path: self._operations.create_label(dataset_id, path).label_id for path in paths}
        receipts = self._operations.judge(dataset_id, tuple(self._judgement(event, made) for event in events))
        if made:
            self._made_labels()
        for event, receipt in zip(events, receipts, strict=True):
            created = {path: str(made[path]) for path in event["new"]}
            self._card.acknowledge(event["seq"], {**stored(receipt), "created": created})
            for callback in self._heard:
                callback(event, receipt)

    def on_stored(self, callback: Callable[[JudgementEvent, JudgementReceipt], object]) -> None:
        """Call back after each judgement that was stored."""
        self._heard.append(callback)

    def history(self, uid: str) -> list[PastReview]:
        """What was done to a message, in words, newest first."""
        dataset_id = self._dataset_id()
        names = {str(one.label_id): one.name for one in self._operations.labels(dataset_id)}
        return [past_review(one, names) for one in self._operations.review_history(dataset_id, Uid(uid))]

    def _judgement(self, event: JudgementEvent, made: Mapping[str, LabelId]) -> Judgement:
        offer = self.offers.get(event["uid"], _BY_HAND)
        new = set(event["new"])
        given, refused = (
            [made[one] if one in new else LabelId(one) for one in labels]
            for labels in (event["assigned"], event["dismissed"])
        )
        return Judgement(
            event_id=event["seq"],
            uid=Uid(event["uid"]),
            assigned=tuple(dict.fromkeys(given)),
            dismissed=tuple(dict.fromkeys(refused)),
            sentiments=said_of(event, given),
            reviewed=event["reviewed"],
            mode=offer.mode,
            revision=event["before_revision"],
            probability=offer.probability,
            model_version=offer.model_version,
            n_population=offer.n_population,
        )


def stored(receipt: JudgementReceipt) -> JudgementState:
    """What a receipt says, for the card."""
    return {
        "assigned": list(receipt.assigned),
        "dismissed": list(receipt.dismissed),
        "reviewed": receipt.reviewed,
        "revision": receipt.revision,
        "reviewed_by": receipt.reviewed_by,
        "reviewed_at": time_words(receipt.reviewed_at),
        "sentiments": in_words(receipt.sentiments),
    }


def told(payload: Mapping[str, Any], actor: str) -> JudgementState:
    """What the news of somebody else's judgement says, for the card."""
    return {
        "assigned": payload["assigned"],
        "dismissed": payload["dismissed"],
        "reviewed": payload["reviewed"],
        "revision": payload["revision"],
        "by": actor,
        "reviewed_by": actor,
        "reviewed_at": time_words(datetime.fromisoformat(payload["at"])),
        "sentiments": payload.get("sentiments", {}),
    }


def past_review(event: ReviewEvent, names: Mapping[str, str]) -> PastReview:
    """One event of the history of a message, in words; ``names`` by label id."""
    changes = [
        ("Assigned", event.before_assigned, event.assigned),
        ("Removed", event.assigned, event.before_assigned),
        ("Dismissed", event.before_dismissed, event.dismissed),
        ("No longer dismissed", event.dismissed, event.before_dismissed),
    ]
    words = [f"{verb} {said}" for verb, old, new in changes if (said := _names(old, new, names))]
    if event.reviewed != event.before_reviewed:
        words.append("Marked reviewed" if event.reviewed else "Taken back to the unreviewed")
    how = f"shown by {event.mode.replace('_', ' ')}" if event.mode != "import" else "came with an import"
    if event.model_version:
        how += f", model version {event.model_version}"
    if event.merged:
        how += "; merged with what somebody else said meanwhile"
    return {
        "at": time_words(event.at),
        "by": event.actor,
        "how": f"change of the taxonomy: {event.change}" if event.change else how,
        "words": words or ["Confirmed as it was"],
    }


def time_words(at: datetime) -> str:
    """A time as the card shows it, UTC."""
    return f"{at:%d %b %Y, %H:%M}"


def _names(old: Sequence[str], new: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(one, GONE) for one in new if one not in old)
