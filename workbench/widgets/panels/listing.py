"""Messages as a list, and the one that is being read below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from workbench.domain import Message, MessageFilter, MessageOrder, ReviewMode, Uid
from workbench.door import Dataset
from workbench.errors import InputError
from workbench.widgets.elements import MessageList
from workbench.widgets.panels.reading import Reader, original_mail, stored_files
from workbench.widgets.panels.rows import card_row, list_row

_HEIGHT, _HEIGHT_WHILE_READING = 568, 240
_PAGE = 256


class Listing:
    """What a filter passes or a lasso holds; a message that is being read stays until it is closed.

    Parameters
    ----------
    dataset
        Says which dataset the messages are of.
    """

    def __init__(self, dataset: Callable[[], Dataset]) -> None:
        self._dataset = dataset
        self.found = MessageList(height=_HEIGHT)
        self.found.on_page(self.page)
        self.reader = Reader()
        self.names: dict[str, str] = {}
        self.picked_by: ReviewMode = "recent"
        self.message: Message | None = None
        self.where: MessageFilter | None = None
        self._uids: tuple[Uid, ...] = ()
        self._phrases: Sequence[str] = ()

    def show(
        self, what: MessageFilter | tuple[Uid, ...], picked_by: ReviewMode, phrases: Sequence[str] = ()
    ) -> None:
        """List what a filter passes, or these messages in this order; ``phrases`` are underlined."""
        self.picked_by, self._phrases = picked_by, phrases
        if isinstance(what, MessageFilter):
            self.where, self._uids = what, ()
            self.count()
        else:
            self.where, self._uids = None, what
            self.found.reload(len(what))

    def count(self) -> None:
        """List again what the filter passes by now; a lasso stays as it is."""
        if self.where is not None:
            dataset = self._dataset()
            self.found.reload(dataset.operations.count_messages(dataset.dataset_id, self.where))

    def page(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Rows for the list."""
        dataset, limit = self._dataset(), min(limit, _PAGE)
        if self.where is None:
            some = self._uids[offset : offset + limit]
            messages = dataset.operations.get_messages(dataset.dataset_id, some) if some else ()
        else:
            order: MessageOrder = "relevance" if self.where.text else "recent"
            found = dataset.operations.find_messages(dataset.dataset_id, self.where, order, offset, limit)
            if found.hits:
                pairs = zip(found.messages, found.hits, strict=True)
                return [list_row(one, self.names, hits=hits) for one, hits in pairs]
            messages = found.messages
        return [list_row(one, self.names, self._phrases) for one in messages]

    def read(self, uid: str) -> None:
        """Show a whole message below the list, with what came before it in its thread.

        Raises
        ------
        InputError
            It is gone.
        """
        dataset = self._dataset()
        operations, did = dataset.operations, dataset.dataset_id
        found = operations.get_messages(did, (Uid(uid),))
        if not found:
            raise InputError("this message is gone.", next_step="Somebody deleted it; search again.")
        one = self.message = found[0]
        letters = operations.thread_letters(did, (one.uid,)) if one.thread_id else ()
        self.reader.show(card_row(one, letters, self._phrases), list_row(one, self.names)["labels"])
        self.reader.offer_original(*original_mail(operations, did, one))
        self.reader.offer_files(stored_files(operations, did, one))
        self.found.height = _HEIGHT_WHILE_READING

    def close(self) -> None:
        """Take the message away; the list gets its room back."""
        self.message = None
        self.reader.hide()
        self.found.active_id, self.found.height = "", _HEIGHT

    def listed(self) -> MessageFilter:
        """What the list shows, as a filter."""
        return self.where if self.where is not None else MessageFilter(uids=self._uids)

    def chosen(self) -> list[Uid]:
        """Messages ticked in the list: those named, or everything listed except those named.

        Raises
        ------
        InputError
            None is.
        """
        uids = [Uid(uid) for uid in self.found.selected_ids]
        if self.found.all_selected:
            left_out = set(self.found.excluded_ids)
            uids = [uid for uid in self._all() if uid not in left_out]
        if not uids:
            raise InputError(
                "no message is selected.", next_step="Tick messages in the list, or all of them."
            )
        return uids

    def untick(self) -> None:
        """Have no message ticked."""
        with self.found.hold_sync():
            self.found.all_selected, self.found.selected_ids, self.found.excluded_ids = False, [], []

    def _all(self) -> list[Uid]:
        if self.where is None:
            return list(self._uids)
        dataset = self._dataset()
        table = dataset.operations.message_uids(dataset.dataset_id, self.where)
        return [Uid(uid) for uid in table["uid"].to_pylist()]
