"""What is asked before a model version is tagged, described, unpinned, deleted, or gone back to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.domain import ModelVersion, RollbackPreview, VersionTag
from workbench.widgets.panels.catalog import DESCRIPTION, counted, day
from workbench.widgets.panels.questions import Questions

if TYPE_CHECKING:
    from workbench.widgets.panels.models import ModelsPanel

KEEP, ASIDE = "keep", "set_aside"


class ModelQuestions(Questions):
    """The questions of the Models screen, and what each answer does; what goes wrong is said in the form.

    Parameters
    ----------
    panel
        The screen.
    """

    def __init__(self, panel: ModelsPanel) -> None:
        super().__init__(panel.form, panel.done)
        self.panel = panel

    def tag(self, one: ModelVersion) -> None:
        """Ask which tag it is to carry."""

        def save(values: dict[str, Any]) -> str:
            wanted: VersionTag | None = values["tag"] or None
            self.panel.operations.tag_version(one.dataset_id, one.version, wanted)
            return f"Version {one.version} {f'is {wanted}' if wanted else 'has no tag'} now."

        carriers = {str(known.tag): known.version for known in self.panel.versions.values() if known.tag}
        self.ask(save, **tag_form(one, carriers))

    def describe(self, one: ModelVersion) -> None:
        """Ask what it is about."""

        def save(values: dict[str, Any]) -> str:
            self.panel.operations.describe_version(one.dataset_id, one.version, values["description"])
            return f"Version {one.version} is described."

        self.ask(save, **describe_form(one))

    def unpin(self, one: ModelVersion) -> None:
        """Ask whether it may go like others."""

        def unpin(_values: dict[str, Any]) -> str:
            self.panel.operations.pin_version(one.dataset_id, one.version, pinned=False)
            return f"Version {one.version} is unpinned."

        self.ask(unpin, **unpin_form(one, self.panel.n_kept()))

    def delete(self, one: ModelVersion) -> None:
        """Ask whether it may be deleted."""

        def delete(_values: dict[str, Any]) -> str:
            self.panel.operations.delete_version(one.dataset_id, one.version)
            return f"Version {one.version} is gone."

        self.ask(delete, **delete_form(one))

    def rollback(self, one: ModelVersion) -> None:
        """Ask what becomes of later reviews, then go back."""

        def rollback(values: dict[str, Any]) -> str:
            aside = values.get("later") == ASIDE
            job_id = self.panel.operations.start_rollback(one.dataset_id, one.version, aside)
            self.panel.follow(job_id, then=lambda: self.panel.tell_back(job_id))
            return f"Going back to version {one.version}."

        found = self.panel.operations.rollback_preview(one.dataset_id, one.version)
        self.ask(rollback, **rollback_form(one, found))


def tag_form(one: ModelVersion, carriers: dict[str, int]) -> dict[str, Any]:
    """The form for a tag; ``carriers`` says which version has each now."""

    def title(tag: str, words: str) -> str:
        has = carriers.get(tag)
        return f"{words} (version {has} has it now)" if has and has != one.version else words

    return {
        "title": f"Tag version {one.version}",
        "text": "A tag says what a version serves as. It leaves the version that had it, and it pins.",
        "submit": "Save tag",
        "fields": [
            {
                "key": "tag",
                "kind": "select",
                "title": "Tag",
                "options": [
                    {"value": "", "title": "None"},
                    {"value": "live", "title": title("live", "Live")},
                    {"value": "staging", "title": title("staging", "Staging")},
                ],
                "help": "Untagged, it stays pinned until you unpin it.",
            }
        ],
        "values": {"tag": one.tag or ""},
    }


def describe_form(one: ModelVersion) -> dict[str, Any]:
    """The form for a description."""
    return {
        "title": f"Describe version {one.version}",
        "submit": "Save",
        "fields": [{"key": "description", "kind": "area", "title": "Description", "most": DESCRIPTION}],
        "values": {"description": one.description},
    }


def unpin_form(one: ModelVersion, versions_kept: int) -> dict[str, Any]:
    """The confirmation for unpinning."""
    return {
        "title": f"Unpin version {one.version}",
        "text": "It is kept no longer than others: its predictions go when a newer version predicts, and all of it goes "
        f"once {counted(versions_kept, 'newer unpinned version')} stand between it and the newest.",
        "submit": "Unpin",
        "fields": [],
        "values": {},
    }


def delete_form(one: ModelVersion) -> dict[str, Any]:
    """The confirmation for deleting."""
    return {
        "title": f"Delete version {one.version}",
        "text": "Gone for good: its weights, what it predicts, its validation. Messages, annotations and other versions "
        "stay as they are.",
        "submit": "Delete version",
        "danger": True,
        "fields": [],
        "values": {},
    }


def rollback_form(one: ModelVersion, found: RollbackPreview) -> dict[str, Any]:
    """The form for going back, with what becomes of later reviews; both ways with their counts."""
    later = counted(found.n_later, "message")
    since = f"{day(found.moment)}, {found.moment:%H:%M} UTC"
    return {
        "title": f"Go back to version {one.version}",
        "text": f"Makes a new version with the weights, the validation and the predictions of version {one.version}, and "
        "predicts every message. No version goes and the taxonomy stays. By itself it sets off no training.",
        "submit": "Go back",
        "fields": [
            {
                "key": "later",
                "kind": "select",
                "title": "Annotations",
                "options": [
                    {"value": KEEP, "title": f"Keep all {found.n_reviewed:,} reviewed"},
                    {"value": ASIDE, "title": f"Set aside the {found.n_later:,} reviewed since"},
                ],
                "help": f"{later} were reviewed, or reviewed again, after {since}, when it had last learned. Kept, the "
                "next training learns from them. Set aside, they become unreviewed: their labels stand, no training learns from them, and Undo in the taxonomy "
                "brings them back.",
            }
        ]
        if found.n_later
        else [],
        "values": {"later": KEEP},
        "warning": "" if found.n_later else "Nothing was reviewed since it had last learned.",
    }
