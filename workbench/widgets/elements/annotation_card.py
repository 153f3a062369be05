"""One message at a time: read it, judge its labels, go on; shown at once, saved behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict, cast

import traitlets

from .base import Callbacks, Content, Element, JsonValue, describe_error, module_text, style_text


class JudgementEvent(TypedDict):
    """What a person decided about one message, as the browser sends it.

    ``seq`` is unique per judgement and may arrive again when an answer was lost; `AnnotationCard` answers
    repeats itself and calls back once. ``assigned`` and ``dismissed`` are the whole state after the
    judgement: label ids, or paths (``"Parent > Child"``) of labels to create, which are listed in ``new``
    as well. ``before_revision`` is the revision of the message that the person had seen.
    """

    seq: str
    uid: str
    assigned: list[str]
    dismissed: list[str]
    new: list[str]
    reviewed: bool
    before_revision: int
    sentiments: dict[str, str]


class JudgementState(TypedDict, total=False):
    """What is stored for one message: label ids, reviewed, revision; ``by`` names another visitor.

    ``reviewed_by`` and ``reviewed_at`` (text to show) say who judged last. ``created`` gives the ids of labels
    that the judgement made, by path.
    """

    assigned: list[str]
    dismissed: list[str]
    reviewed: bool
    revision: int
    by: str
    reviewed_by: str
    reviewed_at: str
    created: dict[str, str]
    sentiments: dict[str, str]


class PastReview(TypedDict):
    """One thing that somebody did to a message, in words: who, when, how it came before them, what it changed."""

    at: str
    by: str
    how: str
    words: list[str]


class AnnotationCard(Element):
    """Annotate a queue of messages with the keyboard or the mouse.

    Keys: ``1``-``9`` assign the n-th suggestion (again: take it back), Shift or ``x`` before the digit
    dismiss it, ``a`` or ``/`` search for a label, Enter mark reviewed and go on, ``j`` ``k`` or arrows next and
    previous, ``u`` undo, ``l`` the queue as a list with a bar for many messages at once (``s`` select, Shift-``a``
    label, Shift-Enter reviewed, ``i`` invert, ``h`` hide what is reviewed), ``t`` thread, ``w`` who said what,
    ``?`` help. What is assigned assigns all above it; what is removed or dismissed removes all below it.

    The browser keeps every judgement until Python has answered it with `acknowledge` or `refuse`, sends it
    again after 4 s without an answer, and sends the next one of the same message only after the answer, with
    the new revision.

    Attributes
    ----------
    queue : list of dict
        Messages: ``uid``, ``revision`` (int), ``subject``, ``sender``, ``recipients`` (list of str), ``at``
        (text to show), ``body``, ``signature``, ``phrases`` (ranges in ``body``), ``thread`` (earlier
        messages, oldest first: ``sender``, ``at``, ``body``), ``later`` (those after it), ``meta`` (list of ``[name, value]``), ``whole``
        (the text with what was cut off), ``translation`` (``title``, ``subject``, ``body``),
        ``predictions`` (list of ``{"label_id", "probability"}``, most likely first), ``assigned`` and
        ``dismissed`` (lists of label ids), ``reviewed``, ``reviewed_by`` and ``reviewed_at`` (text). Only ``uid`` is required.
    cursor : int
        Row of `queue` on screen; ``len(queue)`` shows the end page.
    scope : str
        What the messages belong to; another one makes the card forget what it knows of their labels.
    total : int
        Messages in the whole review; 0 when not known.
    taxonomy : list of dict
        ``{"id", "path", "colour"}``, path as ``"Parent > Child"``.
    allow_new_labels : bool
        Whether the search offers to create a label that does not exist.
    preload : int
        `on_need_more` is called when fewer than this many messages remain after the cursor.
    busy : bool
        The queue is being fetched.
    error : str
        Shown above the message; empty for none.
    has_sentiment : bool
        Whether each assigned label is positive or negative; faces then ask which. Messages have ``sentiments`` (by
        label id), predictions a ``sentiment`` in [-1, 1].
    empty_text : str
        What a queue without messages says.
    about : str
        What the queue is, told to those who listen to the screen when another one comes; empty for nothing.
    """

    _esm = module_text(
        "annotation_card",
        "typeahead",
        "label_chips",
        "label_tree",
        "judgements",
        "card_help",
        "card_message",
        "batch_list",
        "review_trail",
        "sentiment_faces",
    )
    _css = style_text("annotation_card", "typeahead", "label_chips", "batch_list", "sentiment_faces")

    queue = traitlets.List(traitlets.Dict()).tag(sync=True)
    scope = traitlets.Unicode("").tag(sync=True)
    cursor = traitlets.Int(0, min=0).tag(sync=True)
    total = traitlets.Int(0, min=0).tag(sync=True)
    taxonomy = traitlets.List(traitlets.Dict()).tag(sync=True)
    allow_new_labels = traitlets.Bool(True).tag(sync=True)
    preload = traitlets.Int(5, min=1).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    has_sentiment = traitlets.Bool(False).tag(sync=True)
    empty_text = traitlets.Unicode("No messages to review.").tag(sync=True)
    about = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._judge = Callbacks()
        self._judge_all = Callbacks()
        self._history: Callable[[str], list[PastReview]] | None = None
        self._more = Callbacks()
        # Answers by seq, None while a callback is at work: a repeat must not be stored twice.
        self._answers: dict[str, tuple[str, Content] | None] = {}
        self._asked: dict[str, str] = {}  # uid by seq, of judgements that wait for their answer
        super().__init__(**traits)
        self.handle("judge", self._receive)
        self.handle("judge_all", self._receive_all)
        self.handle("history", self._tell_history)
        self.handle("need_more", self._need_more)

    def on_judge(self, callback: Callable[[JudgementEvent], object]) -> Callable[[], None]:
        """Call back once per judgement; returns the undo.

        The callback answers with `acknowledge` or `refuse`, at once or later. An exception refuses.
        """
        return self._judge.add(callback)

    def on_judge_all(self, callback: Callable[[list[JudgementEvent]], object]) -> Callable[[], None]:
        """Call back with the judgements of one step on many messages; returns the undo.

        Each is answered as those of `on_judge`; an exception refuses all. Without a callback they arrive one by
        one at `on_judge`.
        """
        return self._judge_all.add(callback)

    def on_history(self, callback: Callable[[str], list[PastReview]]) -> None:
        """Name what tells the history of a message by its uid, newest first."""
        self._history = callback

    def on_need_more(self, callback: Callable[[str | None], object]) -> Callable[[], None]:
        """Call back with the uid of the last message of the queue (None: empty) when it runs low.

        The callback calls `extend`, now or later, or does nothing when there are no more.
        """
        return self._more.add(callback)

    def extend(self, messages: Sequence[dict[str, JsonValue]]) -> None:
        """Add messages to the end of `queue` without sending the old ones again."""
        # A property lock tells the synchronisation that the browser already has this value.
        longer = [*self.queue, *messages]
        with self._lock_property(queue=longer):
            self.queue = longer
        self.emit("extend", {"messages": list(messages)})

    def acknowledge(self, seq: str, state: JudgementState) -> None:
        """Answer a judgement: stored. ``state`` is what is stored now, with its new ``revision``."""
        if seq in self._asked:
            self._remember(self._asked[seq], state)
        self._answer(seq, "ack", {"seq": seq, "state": cast(Content, state)})

    def refuse(self, seq: str, error: str | BaseException) -> None:
        """Answer a judgement: not stored, and why. The card takes it back and shows the reason."""
        words = describe_error(error) if isinstance(error, BaseException) else {"title": error, "next": ""}
        self._answer(seq, "refuse", {"seq": seq, "error": words})

    def apply_remote(self, uid: str, state: JudgementState) -> None:
        """Show what another visitor stored; ``state["by"]`` names them. Unsaved own changes stay on top."""
        self._remember(uid, state)
        self.emit("remote", {"uid": uid, "state": cast(Content, state)})

    def _answer(self, seq: str, kind: str, content: Content) -> None:
        self._answers[seq] = (kind, content)
        self._asked.pop(seq, None)
        for old in list(self._answers)[:-500]:  # repeats come within seconds; keep the last few hundred
            if self._answers[old] is not None:
                del self._answers[old]
        self.emit(kind, content)

    def _receive(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        event = _event(content.get("event"))
        if event is None or not self._is_new(event):
            return None
        try:
            self._judge(event)
        except Exception as error:  # noqa: BLE001  the person must see that it was not stored
            self.refuse(event["seq"], error)
        return None

    def _receive_all(self, content: Content, buffers: list[memoryview]) -> JsonValue:
        raw = content.get("events")
        events = [event for event in map(_event, raw if isinstance(raw, list) else ()) if event is not None]
        if not self._judge_all:
            for event in events:
                self._receive({"event": cast(Content, event)}, buffers)
            return None
        fresh = [event for event in events if self._is_new(event)]
        try:
            if fresh:
                self._judge_all(fresh)
        except Exception as error:  # noqa: BLE001  as above
            for event in fresh:
                if event["seq"] in self._asked:
                    self.refuse(event["seq"], error)
        return None

    def _is_new(self, event: JudgementEvent) -> bool:
        """Whether a judgement comes for the first time; one that was answered already is answered again."""
        seq = event["seq"]
        if seq not in self._answers:
            self._answers[seq], self._asked[seq] = None, event["uid"]
            return True
        answer = self._answers[seq]
        if answer is not None:
            self.emit(*answer)
        return False

    def _tell_history(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        told = self._history(str(content.get("uid"))) if self._history else []
        return cast(JsonValue, told)

    def _remember(self, uid: str, state: JudgementState) -> None:
        """Keep the Python side of `queue` true for a view that opens later."""
        known = {key: value for key, value in state.items() if key != "created"}
        fresh = [{**row, **known} if row.get("uid") == uid else row for row in self.queue]
        with self._lock_property(queue=fresh):
            self.queue = fresh

    def _need_more(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        after = content.get("after")
        self._more(after if isinstance(after, str) else None)
        return None


def _event(raw: JsonValue) -> JudgementEvent | None:
    """A judgement as the browser sent it, None when it is none."""
    if not isinstance(raw, dict):
        return None
    return JudgementEvent(
        seq=str(raw["seq"]),
        uid=str(raw["uid"]),
        assigned=[str(label) for label in raw["assigned"]],
        dismissed=[str(label) for label in raw["dismissed"]],
        new=[str(path) for path in raw.get("new", ())],
        reviewed=bool(raw["reviewed"]),
        before_revision=int(raw["before_revision"]),
        sentiments={str(label): str(said) for label, said in dict(raw.get("sentiments") or {}).items()},
    )
