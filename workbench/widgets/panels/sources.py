"""Sources: where messages come from; create, amend, delete, bring a file in; buckets and integrations beside them."""

from __future__ import annotations

from typing import Any, ClassVar, get_args

import ipywidgets as ipw

from workbench.domain import Bucket, BucketId, EventPage, MessageChoice, Source, SourceId, SourceKind
from workbench.domain import Dataset as DatasetInfo
from workbench.errors import UnknownNameError
from workbench.widgets.elements import CatalogCards, Form
from workbench.widgets.panels.buckets import BucketShelf
from workbench.widgets.panels.catalog import (
    about_fields,
    counted,
    day,
    deletion_words,
    home_fields,
    language_options,
    language_words,
    using,
)
from workbench.widgets.panels.importing import ImportWizard
from workbench.widgets.panels.integrations import IntegrationShelf
from workbench.widgets.panels.page import Page, section
from workbench.widgets.panels.shelf import Shelf
from workbench.widgets.status import title_html

_TIMES = "SELECT source_id, min(timestamp) AS first, max(timestamp) AS last FROM message GROUP BY source_id"
_NEWS = {"catalog", "discover", "import", "integration", "sync", "taxonomy"}
PARTS = ("sources", "buckets", "integrations")


class SourcesPanel(Page):
    """The sources of the workspace, and in parts beside them its buckets of mail and its integrations.

    Parameters
    ----------
    operations, state
        See ``Page``; ``state.source`` names the source whose import is on screen.
    """

    name: ClassVar[str] = "Sources"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.sources: dict[str, Source] = {}
        self._settling = True
        self.shelves: dict[str, Shelf] = {
            "buckets": BucketShelf(self),
            "integrations": IntegrationShelf(self),
        }
        self.parts = ipw.ToggleButtons(
            options=[(part.capitalize(), part) for part in PARTS],
            value=self.state.part if self.state.part in PARTS else PARTS[0],
            tooltips=(
                "Where messages come from",
                "Mail as received",
                "Mailboxes that are read by themselves",
            ),
        )
        self.parts.add_class("wb-parts")
        self.parts.observe(self._unless_settling(self.show_part), "value")
        self.cards = CatalogCards()
        self.cards.on_act(self.heard(self.act))
        self.form = Form()
        self.form.on_submit(self.save)
        self.form.on_change(self.change)
        self._editing = ""
        self._deleting = False
        self.wizard = ImportWizard(self)
        self.wizard.on_close(self.guard(self.close_upload))
        self._upload = section("", self.wizard.widget)
        self._upload.layout.display = "none"
        self.new_button = ipw.Button(button_style="primary")
        self.show_part()
        self._settling = False
        return ipw.VBox([self.parts, self.form, self._upload, self.cards])

    def header(self) -> list[ipw.Widget]:
        """The way to a new source."""
        self.new_button.on_click(self.guard(self.new))
        return [self.new_button]

    def begin(self) -> None:
        """Open the import that the address asks for."""
        asked = self.state.source
        if asked:
            self.guard(lambda: self.upload(self._named(asked)))()

    @property
    def shelf(self) -> Shelf | None:
        """The shelf on screen, None = the sources."""
        return self.shelves.get(self.parts.value)

    def show_part(self) -> None:
        """Show sources, buckets or integrations; a form that was open is left."""
        part = self.parts.value
        shelf = self.shelf
        self.form.close_form()
        self.new_button.description = f"New {shelf.noun if shelf else 'source'}"
        with self.cards.hold_sync():
            self.cards.cards = []
            self.cards.title = shelf.title if shelf else "Sources"
            self.cards.empty_title = shelf.empty_title if shelf else "There is no source yet."
            self.cards.empty_text = (
                shelf.empty_text
                if shelf
                else "Create one: a mailbox, a survey, a chat. Then upload a file into it."
            )
            self.state = self.state.with_(part="" if shelf is None else part)
            self.refresh()
        self.code.code = self.state.code(f"ws.{part}()", dataset=False)

    def refresh(self) -> None:
        """Read what is on screen again; an open form stays as it is."""
        if self.shelf is not None:
            cards = self.shelf.read()
            self.cards.cards = cards
            self._status.value = title_html("Sources", counted(len(cards), self.shelf.noun))
            self.show_state(self.state)
            return
        found = self.operations.sources()
        datasets = self.operations.datasets()
        self.sources = {str(one.source_id): one for one in found}
        rows = self.operations.sql(_TIMES).to_pylist() if found else []
        buckets = {one.bucket_id: one.title or one.full_name for one in self.operations.buckets()}
        times = {row["source_id"]: (row["first"], row["last"]) for row in rows}
        self.cards.cards = [
            _card(one, using(datasets, one.source_id), times.get(one.source_id), buckets) for one in found
        ]
        n_messages = sum(one.n_messages for one in found)
        self._status.value = title_html(
            "Sources", counted(len(found), "source"), counted(n_messages, "message")
        )
        self.show_state(self.state)

    def act(self, key: str, source_id: str) -> None:
        """Do what a card's button says."""
        if self.shelf is not None:
            self.shelf.act(key, source_id)
            return
        actions = {"upload": self.upload, "amend": self.amend, "delete": self.delete}
        if source_id not in self.sources:
            self.refresh()
            raise UnknownNameError("source", source_id, [one.full_name for one in self.sources.values()])
        actions[key](self.sources[source_id])

    def new(self) -> None:
        """Ask what the new source, bucket or integration is."""
        if self.shelf is not None:
            self.shelf.new()
            return
        self._editing, self._deleting = "", False
        projects = [one.name for one in self.operations.projects()]
        self.form.ask(
            title="New source",
            submit="Create source",
            fields=[
                *home_fields(projects, "source"),
                *about_fields()[:1],
                {
                    "key": "kind",
                    "kind": "select",
                    "title": "Kind",
                    "options": [{"value": kind, "title": kind.capitalize()} for kind in get_args(SourceKind)],
                    "help": "What its messages are. Fixed from here on.",
                },
                {
                    "key": "language",
                    "kind": "combo",
                    "title": "Language",
                    "options": language_options(),
                    "required": True,
                    "help": "Type to search; Multilingual for several. Fixed from here on.",
                },
                *about_fields()[1:],
                *_switches(),
            ],
            values={
                "project": projects[0] if projects else "main",
                "kind": "email",
                "language": "en",
                "sensitive_properties": "",
            },
        )

    def amend(self, source: Source) -> None:
        """Ask what is to change of a source."""
        self._editing, self._deleting = str(source.source_id), False
        self.form.ask(
            title=f"Edit {source.title or source.full_name}",
            text=f"{source.full_name}: kind and language ({language_words(source.language)}) are fixed.",
            submit="Save",
            fields=[*about_fields(), *_switches()],
            values={
                "title": source.title,
                "description": source.description,
                "should_translate": source.should_translate,
                "sensitive_properties": "\n".join(source.sensitive_properties),
            },
        )

    def delete(self, source: Source) -> None:
        """Say what a deletion takes and ask for the name."""
        preview = self.operations.preview_deletion(source.source_id, MessageChoice())
        self._editing, self._deleting = str(source.source_id), True
        self.form.ask(
            title=f"Delete {source.title or source.full_name}",
            text=deletion_words(preview),
            submit=f"Delete {counted(preview.n_messages, 'message')}",
            confirm=source.full_name,
            danger=True,
            fields=[],
            values={},
        )

    def change(self, values: dict[str, Any]) -> None:
        """A choice in the form changed."""
        if self.shelf is not None:
            self.shelf.change(values)

    def save(self, values: dict[str, Any]) -> None:
        """Create, change or delete as the form says."""
        if self.shelf is not None:
            self.shelf.save(values)
            return
        if self._deleting:
            one = self.sources[self._editing]
            done = self.operations.delete_source(one.source_id, one.full_name)
            said = f"{one.full_name} is deleted with {counted(done.n_messages, 'message')}."
        elif self._editing:
            changed = self.operations.amend_source(
                SourceId(self._editing),
                title=values["title"],
                description=values["description"],
                should_translate=bool(values.get("should_translate")),
                sensitive_properties=_lines(values["sensitive_properties"]),
            )
            said = f"{changed.full_name} is changed."
        else:
            made = self.operations.create_source(
                values["project"],
                values["name"],
                title=values.get("title", ""),
                kind=values["kind"],
                language=values["language"],
                description=values.get("description", ""),
                should_translate=bool(values.get("should_translate")),
                sensitive_properties=_lines(values["sensitive_properties"]),
            )
            said = f"{made.full_name} is created."
            self.form.close_form()
            self.refresh()
            self.upload(made)
        self.form.close_form()
        self.refresh()
        self.tell(said)

    def upload(self, source: Source) -> None:
        """Open the import into a source."""
        self.form.close_form()
        self.show_state(self.state.with_(source=source.full_name))
        self.wizard.open_for(source)
        self._show_upload(shown=True)

    def upload_mail(self, bucket: Bucket) -> None:
        """Open the import of mail files into a bucket."""
        self.form.close_form()
        self.wizard.open_for_bucket(bucket)
        self._show_upload(shown=True)

    def _show_upload(self, *, shown: bool) -> None:
        self._upload.layout.display = None if shown else "none"
        for widget in (self.cards, self.new_button, self.parts):
            widget.layout.display = "none" if shown else None

    def close_upload(self) -> None:
        """Back to the cards."""
        self._show_upload(shown=False)
        self.show_state(self.state.with_(source=""))
        self.refresh()

    def take_news(self, page: EventPage) -> None:
        """Read everything again, once per page of news, when messages, labels or models changed."""
        if not self.missed_news(page) and _NEWS & {event.topic for event in page.events}:
            self._quietly(self.refresh)

    def count_again(self) -> None:
        """An import has ended."""
        self.refresh()

    def _named(self, full_name: str) -> Source:
        for one in self.sources.values():
            if one.full_name == full_name:
                return one
        raise UnknownNameError("source", full_name, [one.full_name for one in self.sources.values()])


def _switches() -> list[dict[str, Any]]:
    return [
        {
            "key": "sensitive_properties",
            "kind": "area",
            "title": "Sensitive properties",
            "help": "One a line, with its type: string:Account. Not everybody may see them.",
        },
        {
            "key": "should_translate",
            "kind": "check",
            "title": "Translate its texts where a translator is configured",
        },
    ]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _card(
    source: Source,
    datasets: list[DatasetInfo],
    times: tuple[Any, Any] | None,
    buckets: dict[BucketId, str],
) -> dict[str, Any]:
    first, last = times or (None, None)
    return {
        "id": str(source.source_id),
        "title": source.title or source.full_name,
        "name": source.full_name,
        "text": source.description,
        "figures": [[source.n_messages, "message" if source.n_messages == 1 else "messages"]],
        "facts": [
            ["Kind", source.kind.capitalize()],
            [
                "Language",
                language_words(source.language) + (", translated" if source.should_translate else ""),
            ],
            *([["Bucket", buckets.get(source.bucket_id, "none")]] if source.bucket_id else []),
            ["Dates", f"{day(first)} to {day(last)}" if first else "none yet"],
            ["Datasets", ", ".join(one.title or one.full_name for one in datasets) or "none"],
            ["Created", day(source.created_at)],
        ],
        "links": [],
        "actions": [
            {"key": "upload", "title": "Upload files"},
            {"key": "amend", "title": "Edit", "icon": "pencil"},
            {"key": "delete", "title": "Delete", "icon": "trash"},
        ],
    }
