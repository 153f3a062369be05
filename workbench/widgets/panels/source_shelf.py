"""Sources on their page: where messages come from; create, bring files in, amend, delete."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

from workbench import charts
from workbench.charts import Figure
from workbench.domain import Bucket, BucketId, MessageChoice, Source, SourceId, SourceKind
from workbench.domain import Dataset as DatasetInfo
from workbench.errors import UnknownNameError
from workbench.widgets.panels.buckets import refilling
from workbench.widgets.panels.catalog import (
    about_fields,
    counted,
    day,
    home_fields,
    language_options,
    language_words,
    using,
)
from workbench.widgets.panels.deleting import ask_which, deletion_words
from workbench.widgets.panels.shelf import Shelf

_TIMES = "SELECT source_id, min(timestamp) AS first, max(timestamp) AS last FROM message GROUP BY source_id"


class SourceShelf(Shelf):
    """Sources as cards: create, upload, amend, delete messages of one, delete one."""

    title = "Sources"
    noun = "source"
    about = "Where messages come from"
    empty_title = "There is no source yet."
    empty_text = "Create one: a mailbox, a survey, a chat. Then upload a file into it."

    def read(self) -> list[dict[str, Any]]:
        """Read the sources again."""
        found = self.operations.sources()
        datasets = self.operations.datasets()
        self.known = {str(one.source_id): one for one in found}
        rows = self.operations.sql(_TIMES).to_pylist() if found else []
        buckets = {one.bucket_id: one.title or one.full_name for one in self.operations.buckets()}
        times = {row["source_id"]: (row["first"], row["last"]) for row in rows}
        return [
            _card(one, using(datasets, one.source_id), times.get(one.source_id), buckets) for one in found
        ]

    def counts(self, cards: list[dict[str, Any]]) -> tuple[str, ...]:
        """Sources and their messages."""
        n_messages = sum(one.n_messages for one in self.known.values())
        return (*super().counts(cards), counted(n_messages, "message"))

    def figures(self) -> tuple[Figure, ...]:
        """The workspace's counts, and the sources'."""
        known = tuple(self.known.values())
        return charts.workspace_counts(self.operations.datasets(), known), charts.sources_held(known)

    def named(self, full_name: str) -> Source:
        """The source of this name; ``UnknownNameError`` when there is none."""
        for one in self.known.values():
            if one.full_name == full_name:
                return one
        raise UnknownNameError("source", full_name, [one.full_name for one in self.known.values()])

    def act(self, key: str, card_id: str) -> None:
        """Do what a card's button says."""
        if card_id not in self.known:
            self.panel.refresh()
            raise UnknownNameError("source", card_id, [one.full_name for one in self.known.values()])
        actions: dict[str, Callable[[Source], None]] = {
            "upload": self.panel.upload,
            "amend": self.amend,
            "messages": partial(ask_which, self.operations, self.ask),
            "delete": self.delete,
        }
        actions[key](self.known[card_id])

    def new(self) -> None:
        """Ask what the new source is."""
        projects = [one.name for one in self.operations.projects()]
        self.ask(
            self.create,
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

    def create(self, values: dict[str, Any]) -> str:
        """Create a source and open the import into it."""
        made = self.operations.create_source(
            values["project"],
            values["name"],
            title=values.get("title", ""),
            kind=values["kind"],
            language=values["language"],
            description=values.get("description", ""),
            should_translate=bool(values.get("should_translate")),
            sensitive_properties=_lines(values["sensitive_properties"]),
            mask_personal=bool(values.get("mask_personal")),
        )
        self.panel.refresh()
        self.panel.upload(made)
        return f"{made.full_name} is created."

    def amend(self, source: Source) -> None:
        """Ask what is to change of a source."""
        self.ask(
            partial(self.change_source, source.source_id),
            title=f"Edit {source.title or source.full_name}",
            text=f"{source.full_name}: kind and language ({language_words(source.language)}) are fixed.",
            submit="Save",
            fields=[*about_fields(), *_switches()],
            values={
                "title": source.title,
                "description": source.description,
                "should_translate": source.should_translate,
                "mask_personal": source.mask_personal,
                "sensitive_properties": "\n".join(source.sensitive_properties),
            },
        )

    def change_source(self, source_id: SourceId, values: dict[str, Any]) -> str:
        """Change a source."""
        changed = self.operations.amend_source(
            source_id,
            title=values["title"],
            description=values["description"],
            should_translate=bool(values.get("should_translate")),
            sensitive_properties=_lines(values["sensitive_properties"]),
            mask_personal=bool(values.get("mask_personal")),
        )
        return f"{changed.full_name} is changed."

    def delete(self, source: Source) -> None:
        """Say what a deletion takes, offer to take its bucket too, and ask for the name."""
        preview = self.operations.preview_deletion(source.source_id, MessageChoice())
        bucket = next((one for one in self.operations.buckets() if one.bucket_id == source.bucket_id), None)
        self.ask_to_delete(
            partial(self.remove, source),
            title=source.title,
            full_name=source.full_name,
            text=deletion_words([preview], whole=True),
            submit=f"Delete {counted(preview.n_messages, 'message')}",
            fields=[self._bucket_field(source, bucket)] if bucket else [],
            values={"with_bucket": False} if bucket else {},
            warning=refilling(bucket, self.operations.integrations()) if bucket else "",
        )

    def remove(self, source: Source, values: dict[str, Any]) -> str:
        """Delete a source, with its bucket where that was chosen."""
        with_bucket = bool(values.get("with_bucket"))
        done = self.operations.delete_source(source.source_id, source.full_name, with_bucket)
        mails = f" and {counted(done.n_mails, 'mail')}" if with_bucket else ""
        return f"{source.full_name} is deleted with {counted(done.n_messages, 'message')}{mails}."

    def _bucket_field(self, source: Source, bucket: Bucket) -> dict[str, Any]:
        others = [
            self.known[str(one)].full_name
            for one in bucket.source_ids
            if one != source.source_id and str(one) in self.known
        ]
        return {
            "key": "with_bucket",
            "kind": "check",
            "title": f"Delete bucket {bucket.full_name} with its {counted(bucket.n_mails, 'mail')} too",
            "fixed": bool(others),
            "help": f"It stays: {', '.join(others)} read{'s' if len(others) == 1 else ''} it too."
            if others
            else "The mail as it was received, with its attachments and what is known of its threads.",
        }


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
        {
            "key": "mask_personal",
            "kind": "check",
            "title": "Mask personal data",
            "help": "Addresses, numbers and names are masked before anything is computed. Of a source with messages all "
            "texts are hidden at once and come back masked; its clusters and drift reports are dropped.",
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
            {"key": "messages", "title": "Delete messages …"},
            {"key": "delete", "title": "Delete", "icon": "trash"},
        ],
    }
