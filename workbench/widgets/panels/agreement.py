"""Agreement: several people judge the same messages on their own, and how well they agree."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Mapping
from typing import Any, ClassVar

import ipywidgets as ipw

from workbench import charts
from workbench.domain import (
    AgreementReport,
    Event,
    Message,
    MessageFilter,
    OverlapAnswer,
    OverlapTask,
    Uid,
    ancestors,
    parse_path,
)
from workbench.errors import InputError
from workbench.widgets.elements import AnnotationCard, Chart, DataTable, Form, JudgementEvent
from workbench.widgets.panels.agreement_rows import (
    DISAGREEMENT_COLUMNS,
    LABEL_COLUMNS,
    MOST_SHOWN,
    PEOPLE_COLUMNS,
    blind_row,
    label_words,
    message_line,
    person_words,
    verdict,
    votes_words,
)
from workbench.widgets.panels.base import Panel, bar, draw, empty, fill, section
from workbench.widgets.panels.rows import taxonomy_rows
from workbench.widgets.state import PanelState

_BATCH = 20
_MOST_DUE = 256


class AgreementPanel(Panel):
    """Messages asked of the visitor, a form to ask people, and the measures.

    Parameters
    ----------
    dataset, state
        See ``Panel``.
    """

    name: ClassVar[str] = "Agreement"
    gated: ClassVar[Mapping[str, str]] = {
        "ask_button": "assign_overlap",
    }

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.report: AgreementReport | None = None
        self._tasks: dict[str, str] = {}
        # News are heard in a thread: without it, what one fetches the other takes for fetched already and drops.
        self._fetching = threading.RLock()
        self.ask_button = ipw.Button(description="Ask people", button_style="primary")
        self.ask_button.on_click(self.guard(self.ask))
        self.form = Form()
        self.form.on_submit(self.assign)
        self.due = self.words()
        self.card = AnnotationCard(empty_text="Nothing is asked of you.")
        self.card.on_judge(self.answer)
        self.card.on_need_more(lambda _after: self.more())
        self.headline = self.words()
        self.chart = Chart(height=360)
        self.labels = DataTable(columns=LABEL_COLUMNS, height=360, title="Agreement by label")
        self.people = DataTable(columns=PEOPLE_COLUMNS, height=260, title="People")
        self.disagreements = DataTable(
            columns=DISAGREEMENT_COLUMNS, height=300, title="Messages judged differently", opens=True
        )
        self.disagreements.on_open(self.heard(self.read))
        self.reading = ipw.HTML()
        self.settle = ipw.HTML()
        self.address.observe(self.guard(self.offer_to_settle), "visitor")
        self._asked = section("Asked of you", self.due, self.card)
        self._measured = ipw.VBox(
            [
                section("By label", self.chart, self.labels),
                section("Where people differ", self.settle, self.disagreements, self.reading),
                section("People", self.people),
            ]
        )
        self.refresh()
        return ipw.VBox([bar(self.ask_button), self.form, self.headline, self._asked, self._measured])

    def refresh(self) -> None:
        """Read what is asked of the visitor and the newest overlap again."""
        self.card.taxonomy = taxonomy_rows(self.operations.labels(self.dataset.dataset_id))
        self.card.allow_new_labels = False
        with self._fetching, self.card.hold_sync():
            self._tasks = {}
            self.card.cursor = 0
            self.card.queue = self._rows()
        self.show_due()
        self.show_report()
        self.code.code = self.state.code("ds.agreement()")

    def show_due(self) -> None:
        """Say how much is asked of the visitor."""
        waiting = self._due(_MOST_DUE)
        n = len(waiting)
        self._asked.layout.display = None if n or self.card.queue else "none"
        self.due.say(
            '<p class="wb-status" role="status">'
            + (
                f"<b>{f'{_MOST_DUE} or more' if n >= _MOST_DUE else n}</b> messages wait for your answer. "
                "Others judge the same ones; nobody sees what another says, and no prediction is shown. "
                "Give every label that applies, then press Enter: an answer stands."
                if n
                else "Nothing is asked of you any more. Thank you."
            )
            + "</p>",
            charts.overlap_waiting(waiting, dataset_id=str(self.dataset.dataset_id), n=_MOST_DUE),
        )

    def show_report(self) -> None:
        """Show the newest overlap."""
        self.report = report = self.operations.agreement(self.dataset.dataset_id)
        self._measured.layout.display = None if report and report.overall.n_messages else "none"
        if report is None:
            fill(self.labels, None)
            fill(self.people, None)
            draw(self.chart, None)
            self.headline.value = empty(
                "Nobody was asked about the same messages yet.",
                "Press Ask people: 2 to 20 people judge some messages on their own, and this page says how well they agree."
                if self.dataset.info.n_labels
                else "Create labels in Annotate first.",
            )
            return
        overlap = report.overlap
        names = html.escape(", ".join(overlap.people))
        self.headline.say(
            f'<p class="wb-headline">{verdict(report)}</p><p class="wb-status">{overlap.n_messages:,} messages drawn at '
            f"random from {overlap.n_population:,} on {overlap.created_at:%d %b %Y}; {overlap.n_given:,} of "
            f"{overlap.n_asked:,} answers are there, from {names}.</p>",
            charts.agreement_summary(report),
        )
        draw(self.chart, charts.agreement(report))
        fill(self.labels, charts.agreement_labels(report), words=label_words)
        fill(self.people, charts.agreement_people(report), words=person_words)
        self.disagreements.set_rows(self._differing(report))
        self.offer_to_settle()

    def offer_to_settle(self) -> None:
        """The way to Annotate, with the messages nobody has settled; a notebook has no other pages."""
        found = self.report.disagreements if self.report else ()
        uids = tuple(one.uid for one in found if not one.resolved)[:MOST_SHOWN]
        state = PanelState(dataset=self.dataset.info.full_name, mode="recent", more=MessageFilter(uids=uids))
        page = html.escape(state.link("annotate", self.address.visitor))
        self.settle.value = (
            f'<p class="wb-next"><a class="wb-download" href="{page}">Settle them in Annotate</a></p>'
            if uids and self.address.visitor
            else ""
        )

    def read(self, subject: str) -> None:
        """Show the text of a message on which people differ."""
        for one in self.report.disagreements[:MOST_SHOWN] if self.report else ():
            for message in self._messages((one.uid,)):
                if message_line(message) == subject:
                    self.reading.value = f"<h4>{html.escape(message.subject)}</h4><blockquote>{html.escape(message.body)}</blockquote>"
                    return

    def ask(self) -> None:
        """Ask who is to judge how many messages."""
        known = sorted({*self.operations.review_events(self.dataset.dataset_id)["actor"].to_pylist()})
        self.form.ask(
            title="Ask people about the same messages",
            text=(
                "Unreviewed messages are drawn at random. Everybody judges each of them on their own; some come back to "
                "the same person later. What all agree on counts as reviewed."
            ),
            submit="Ask them",
            fields=[
                {
                    "key": "people",
                    "kind": "area",
                    "title": "People",
                    "required": True,
                    "help": "2 to 20 names, one per line or with commas, as they sign in (…?user=maria).",
                    "placeholder": "maria, jo",
                },
                {
                    "key": "n_messages",
                    "kind": "text",
                    "title": "Messages",
                    "required": True,
                    "help": "2 to 1,000.",
                },
                {
                    "key": "n_repeats",
                    "kind": "text",
                    "title": "Come back",
                    "required": True,
                    "help": "How many are shown to each person a second time, unannounced.",
                },
            ],
            values={"people": ", ".join(known[:5]), "n_messages": "50", "n_repeats": "5"},
        )

    def assign(self, values: dict[str, Any]) -> None:
        """Draw messages and ask the people named."""
        people = tuple(name.strip() for name in re.split(r"[,;\n]", values["people"]) if name.strip())
        made = self.operations.assign_overlap(
            self.dataset.dataset_id, people, _number(values, "n_messages"), _number(values, "n_repeats")
        )
        self.form.close_form()
        self.refresh()
        self.tell(
            f"{len(made.people)} people are asked about {made.n_messages:,} messages.",
            "Each opens this page under their own name.",
        )

    def more(self) -> None:
        """Add what is asked next behind what is on screen."""
        with self._fetching:
            rows = self._rows()
            if rows:
                self.card.extend(rows)

    def answer(self, event: JudgementEvent) -> None:
        """Keep what is chosen; with Enter it becomes the answer."""
        task_id, was = event["uid"], event["before_revision"]
        if task_id not in self._tasks:
            raise InputError(
                "this answer was given already, and answers stand.",
                next_step="Go on with the next message.",
            )
        chosen = self._ids(event["assigned"])
        if event["reviewed"]:
            self.operations.answer_overlap(
                self.dataset.dataset_id, (OverlapAnswer(task_id=task_id, assigned=tuple(chosen)),)
            )
            del self._tasks[task_id]
            self.show_due()
        self.card.acknowledge(
            event["seq"],
            {
                "assigned": chosen,
                "dismissed": event["dismissed"],
                "reviewed": event["reviewed"],
                "revision": was + 1,
            },
        )

    def hear(self, event: Event) -> None:
        """Somebody answered, or people were asked: measure again, and fetch what is asked of the visitor."""
        if event.topic == "overlap":
            self.show_report()
            with self._fetching:
                nothing_left = not self._tasks
                if nothing_left:
                    self.more()
            if nothing_left:
                self.show_due()

    def _rows(self) -> list[dict[str, Any]]:
        """What is asked next as cards that show nothing of labels; a card is known by its task, not its message."""
        due = self._due(len(self._tasks) + _BATCH)
        fresh = [one for one in due if one.task_id not in self._tasks]
        known = {one.uid: one for one in self._messages(tuple(task.uid for task in fresh))}
        rows = []
        for task in fresh:
            if task.uid in known:
                self._tasks[task.task_id] = task.uid
                rows.append(blind_row(known[task.uid], task.task_id))
        return rows

    def _due(self, n: int) -> tuple[OverlapTask, ...]:
        """What is asked of the visitor; nothing of somebody who may not review."""
        if self.offering.refusal("overlap_due", self._info.project):
            return ()
        return self.operations.overlap_due(self.dataset.dataset_id, n)

    def _messages(self, uids: tuple[Uid, ...]) -> tuple[Message, ...]:
        return (
            self.operations.get_messages(self.dataset.dataset_id, tuple(dict.fromkeys(uids))) if uids else ()
        )

    def _ids(self, said: list[str]) -> list[Any]:
        """Labels that were said, with all above them."""
        labels = {one.label_id: one.path for one in self.operations.labels(self.dataset.dataset_id)}
        by_path = {path: label_id for label_id, path in labels.items()}
        paths = {
            step
            for one in said
            for path in [labels.get(one) or parse_path(one)]  # type: ignore[call-overload]
            for step in (*ancestors(path), path)
        }
        return [label_id for path, label_id in by_path.items() if path in paths]

    def _differing(self, report: AgreementReport) -> list[dict[str, Any]]:
        names = {one.label_id: one.name for one in self.operations.labels(self.dataset.dataset_id)}
        shown = report.disagreements[:MOST_SHOWN]
        texts = {one.uid: one for one in self._messages(tuple(one.uid for one in shown))}
        return [
            {
                "message": message_line(texts[one.uid]),
                "votes": votes_words(one, names),
                "state": "settled" if one.resolved else "open",
            }
            for one in shown
            if one.uid in texts
        ]


def _number(values: dict[str, Any], key: str) -> int:
    text = str(values[key]).replace(",", "").strip()
    if not text.isdecimal():
        raise InputError(
            f"{text[:40]!r} is no number.", next_step="Write digits, such as 50.", details={key: text[:40]}
        )
    return int(text)
