"""What is asked before a taxonomy changes: what a change would do, which label is meant, what a label is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.domain import Label, TaxonomyReport
from workbench.errors import UnknownNameError
from workbench.widgets.elements import Form
from workbench.widgets.panels.catalog import DESCRIPTION, TITLE, text_field
from workbench.widgets.panels.questions import Questions
from workbench.widgets.panels.taxonomy_words import done, foreseen, heading

EMPTIED = {
    "key": "emptied",
    "kind": "select",
    "title": "Messages that lose their last label",
    "options": [
        {"value": "reviewed", "title": "stay reviewed: none of these"},
        {"value": "unreviewed", "title": "are to be reviewed again"},
    ],
}
_SUBMIT = {
    "rename": "Rename",
    "move": "Move",
    "merge": "Merge",
    "split": "Split",
    "delete": "Delete",
    "undo": "Undo",
}

Change = Callable[[bool], TaxonomyReport]
"""Makes a change, or with True only says what it would do."""


class TaxonomyQuestions(Questions):
    """The questions of a taxonomy.

    Parameters
    ----------
    form, made
        See ``Questions``.
    has_model
        Whether a training follows a change.
    """

    def __init__(self, form: Form, made: Callable[[str], None], has_model: Callable[[], bool]) -> None:
        super().__init__(form, made)
        self._has_model = has_model

    def foresee(self, change: Change) -> None:
        """Say what a change would do, and make it when the person wants that; said at once when it does nothing."""
        found = change(True)
        if found.labels or found.action == "undo":
            self.confirm(lambda _values: done(change(False)), found)
        else:
            self._form.close_form()
            self._done("Nothing would change.")

    def confirm(self, action: Callable[[dict[str, Any]], str], found: TaxonomyReport, **form: Any) -> None:
        """Say what a change would do, under a button that does ``action``."""
        fresh: dict[str, Any] = {"fields": [], "values": {}, "submit": _SUBMIT[found.action]}
        self.ask(
            action,
            title=heading(found),
            text=foreseen(found, has_model=self._has_model()),
            warning="\n".join(found.warnings),
            **{**fresh, **form},
        )

    def ask_label(
        self,
        heading_: str,
        labels: Mapping[str, Label],
        without: Sequence[Label],
        then: Callable[[str], object],
        **field: Any,
    ) -> None:
        """Ask for a label, by id, other than some and what lies below them; ``then`` gets its id, empty for none."""
        offered = {
            one.name: key
            for key, one in labels.items()
            if not any(one.path[: len(other.path)] == other.path for other in without)
        }

        def choose(values: dict[str, Any]) -> str:
            said = values["name"]  # a refusal tells by this word what it is about, and so finds the field
            if said and said not in offered and said not in labels:
                raise UnknownNameError("label", said, offered)
            then(offered.get(said, said))
            return ""

        options = [{"value": key, "title": name} for name, key in offered.items()]
        self.ask(
            choose,
            fields=[{"key": "name", "kind": "combo", "options": options, **field}],
            values={"name": ""},
            title=heading_,
            submit="See what changes",
        )

    def ask_words(self, label: Label, save: Callable[[str, str, str], TaxonomyReport]) -> None:
        """Ask what is to be said of a label; ``save`` gets title, description and external id."""
        self.ask(
            lambda said: done(save(said["title"], said["instructions"], said["external_id"])),
            fields=[
                {
                    "key": "instructions",
                    "kind": "area",
                    "title": "Description",
                    "most": DESCRIPTION,
                    "help": "What messages of this label say. The model learns from it.",
                },
                text_field("title", "Title", most=TITLE, help="What people see; empty = the name."),
                text_field("external_id", "External id", most=TITLE, help="Its id in another system."),
            ],
            values={
                "instructions": label.instructions,
                "title": label.title,
                "external_id": label.external_id or "",
            },
            title=f"Describe '{label.name}'",
            text="No annotated message changes.",
            submit="Save",
        )
