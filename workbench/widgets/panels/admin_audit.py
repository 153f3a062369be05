"""The audit log on the Admin page: search, look at an event, export, verify."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

import ipywidgets as ipw

from workbench.domain import EVENT_TYPES, AuditEvent, AuditOutcome, AuditQuery
from workbench.door import Workspace
from workbench.primitives import neutral_cell
from workbench.widgets.elements import SaveFile
from workbench.widgets.panels.admin_part import AdminPart, Listing, facts
from workbench.widgets.panels.catalog import text_field
from workbench.widgets.panels.mailbox_rows import minute
from workbench.widgets.panels.page import bar

_PAGE = 200
_MOST_EXPORTED = 100_000
_COLUMNS: list[dict[str, Any]] = [
    {"key": "seq", "title": "Number", "width": 92},
    {"key": "at", "title": "When (UTC)", "width": 176},
    {"key": "actor", "title": "Who", "width": 130},
    {"key": "channel", "title": "By way of", "width": 100},
    {"key": "what", "title": "What"},
    {"key": "object", "title": "To what"},
    {"key": "project", "title": "Project", "width": 110},
    {"key": "outcome", "title": "Outcome", "width": 90},
]
_CHANGED = "Look at what was done from that event on, and compare with a backup."
_NARROW: dict[str, Any] = {"style": {"description_width": "initial"}}


class AuditPart(AdminPart):
    """Who did what to which object when."""

    key, title, needs, call = "audit", "Audit log", "audit_events", "ws.audit()"

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        kinds = sorted((one.title, name) for name, one in EVENT_TYPES.items())
        self.since = ipw.DatePicker(description="From", **_NARROW)
        self.until = ipw.DatePicker(description="to", **_NARROW)
        self.actor = ipw.Text(description="Who", continuous_update=False, **_NARROW)
        self.kind = ipw.Dropdown(options=[("Anything", ""), *kinds], description="What", **_NARROW)
        self.object = ipw.Text(description="To what", continuous_update=False, **_NARROW)
        self.outcome = ipw.Dropdown(
            options=[("Done or refused", ""), ("Done", "done"), ("Refused", "refused")],
            description="Outcome",
            **_NARROW,
        )
        self.controls = (self.since, self.until, self.actor, self.kind, self.object, self.outcome)
        for one in self.controls:
            one.observe(self.page.guard(self.refresh), "value")
        self.verify_button = self.button("Verify", self.ask_verify, "verify_audit")
        self.export = SaveFile(caption="Export CSV", name="audit.csv")
        self.export.on_save(self.pieces)
        self.events = Listing[AuditEvent](
            self,
            title="Audit log",
            noun="event",
            columns=_COLUMNS,
            row=_row,
            card=self._card,
            act=lambda _key, _event: None,
            height=460,
        )
        self.more_button = self.button("Show older events", self.show_more, "audit_events")
        return ipw.VBox(
            [bar(*self.controls), bar(self.verify_button, self.export), self.events.widget, self.more_button]
        )

    @property
    def query(self) -> AuditQuery:
        """What the controls ask for."""
        outcome = cast("AuditOutcome | None", self.outcome.value or None)
        return AuditQuery(
            since=_midnight(self.since.value),
            until=_midnight(self.until.value, days=1),
            actors=(self.actor.value.strip(),) if self.actor.value.strip() else (),
            types=(self.kind.value,) if self.kind.value else (),
            outcome=outcome,
            object=self.object.value.strip(),
            limit=_PAGE,
        )

    def refresh(self) -> None:
        """Read the newest events that fit."""
        self._found: dict[str, AuditEvent] = {}
        self._names: dict[str, str] = {}
        self._continuation = ""
        self.show_more()

    def show_more(self) -> None:
        """Read the next page of older events."""
        page = self.operations.audit_events(self.query, self._continuation)
        self._names |= {**page.datasets, **page.sources, **page.users}
        self._found |= {str(one.seq): one for one in page.events}
        self._continuation = page.continuation
        self.events.show(self._found)
        self.more_button.layout.display = None if page.continuation else "none"

    def pieces(self) -> Iterator[bytes]:
        """The events that fit as CSV, newest first; no text of anybody runs as a formula."""
        names = tuple(AuditEvent.__dataclass_fields__)
        yield "\ufeff".encode() + _line(names)
        for event in Workspace(self.operations, address="").audit_pages(self.query, _MOST_EXPORTED):
            yield _line(_cell(getattr(event, name)) for name in names)

    def ask_verify(self) -> None:
        """Ask for a head that was kept elsewhere."""
        head = text_field(
            "head",
            "Number and hash",
            most=100,
            help="As the check told them at some time; empty = none was kept.",
        )
        self.ask(
            self._verify,
            title="Verify the audit log",
            text="Every hash is computed again, and the end is compared with what is kept beside the file.",
            submit="Verify",
            fields=[head],
        )

    def _verify(self, values: dict[str, Any]) -> str:
        found = self.operations.verify_audit(values["head"])
        self.page.form.close_form()
        if not found.intact:
            with self.page.notice.hold_sync():
                self.page.notice.level, self.page.notice.title = "error", "The audit log was changed."
                self.page.notice.text, self.page.notice.next_step = found.problem, _CHANGED
            return ""
        beside = "" if found.kept_beside else " No head lay beside the file to compare the end with."
        self.page.tell(
            f"All {found.n_events:,} events fit.{beside}",
            f"Keep this where nobody who may change the file can: {found.head}",
        )
        return ""

    def _card(self, event: AuditEvent) -> dict[str, Any]:
        about = (event.dataset_id, event.source_id, event.user_id)
        return {
            "title": _what(event),
            "name": f"number {event.seq:,}",
            "badge": {
                "text": event.outcome.capitalize(),
                "level": "poor" if event.outcome == "refused" else "none",
            },
            "facts": [
                *facts(
                    {
                        "When": minute(event.at),
                        "Who": event.actor or "not known",
                        "By way of": event.channel,
                        "To what": event.object,
                        "Project": event.project,
                        "About": ", ".join(dict.fromkeys(self._names.get(one, one) for one in about if one)),
                        "Stream": event.stream_id,
                    }
                ),
                *([str(name), _short(value)] for name, value in _details(event).items()),
                ["Hash", event.hash],
            ],
            "actions": [],
        }


def _row(event: AuditEvent) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": f"{event.at:%Y-%m-%d %H:%M:%S}",
        "actor": event.actor or None,
        "channel": event.channel or None,
        "what": _what(event),
        "object": event.object or None,
        "project": event.project or None,
        "outcome": event.outcome.capitalize(),
    }


def _what(event: AuditEvent) -> str:
    return EVENT_TYPES[event.type].title if event.type in EVENT_TYPES else event.type


def _details(event: AuditEvent) -> dict[str, Any]:
    try:
        found = json.loads(event.details)
    except ValueError:
        return {"details": event.details}
    return found if isinstance(found, dict) else {"details": found}


def _short(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cell(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else neutral_cell(str(value))


def _line(cells: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=UTC) + timedelta(days=days) if day else None
