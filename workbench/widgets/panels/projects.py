"""Projects on the page of sources: what each holds; create, amend, delete."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from workbench.domain import Dataset as DatasetInfo
from workbench.domain import Project
from workbench.errors import InputError, UnknownNameError
from workbench.widgets.panels.catalog import about_fields, counted, day, text_field
from workbench.widgets.panels.shelf import Shelf


class ProjectShelf(Shelf):
    """Projects as cards: create, amend, delete."""

    title = "Projects"
    noun = "project"
    about = "What belongs together"
    empty_title = "There is no project yet."
    empty_text = "A project holds sources and datasets. The first source or dataset makes one by itself."
    makes = "create_project"
    needs: ClassVar[Mapping[str, str]] = {
        "amend": "amend_project",
        "delete": "delete_project",
    }

    def read(self) -> list[dict[str, Any]]:
        """Read the projects again, and what they hold."""
        self.known = {one.name: one for one in self.operations.projects()}
        self.sources = self.operations.sources()
        self.datasets = self.operations.datasets()
        self.buckets = self.operations.buckets()
        self.integrations = self.operations.integrations()
        return [self._card(one) for one in self.known.values()]

    def act(self, key: str, card_id: str) -> None:
        """Do what a card's button says."""
        if card_id not in self.known:
            self.panel.refresh()
            raise UnknownNameError("project", card_id, self.known)
        {"amend": self.amend, "delete": self.delete}[key](self.known[card_id])

    def new(self) -> None:
        """Ask what the new project is."""
        name = text_field(
            "name",
            "Name",
            required=True,
            most=256,
            help="Letters, digits, - and _. The first part of the names of what it holds. Fixed from here on.",
        )
        self.ask(
            self.create,
            title="New project",
            submit="Create project",
            fields=[name, *about_fields()],
            values={},
        )

    def create(self, values: dict[str, Any]) -> str:
        """Create a project."""
        made = self.operations.create_project(
            values["name"], values.get("title", ""), values.get("description", "")
        )
        return f"{made.name} is created."

    def amend(self, project: Project) -> None:
        """Ask what is to change of a project."""
        self.ask(
            partial(self.change_project, project.name),
            title=f"Edit {project.title or project.name}",
            text=f"{project.name}: its name is fixed.",
            submit="Save",
            fields=about_fields(),
            values={"title": project.title, "description": project.description},
        )

    def change_project(self, name: str, values: dict[str, Any]) -> str:
        """Change a project."""
        return (
            f"{self.operations.amend_project(name, values['title'], values['description']).name} is changed."
        )

    def delete(self, project: Project) -> None:
        """Say what a deletion takes, let it be chosen, and ask for the name."""
        self.panel.refresh()
        held = self._held(project.name)
        self.ask_to_delete(
            partial(self.remove, project.name, is_empty=not held),
            title=project.title,
            full_name=project.name,
            text="\n".join(held) or "It holds nothing.",
            submit="Delete project",
            fields=[
                {
                    "key": "force",
                    "kind": "check",
                    "title": "Delete all of this with it",
                    "help": "Otherwise delete or move what it holds first.",
                }
            ]
            if held
            else [],
        )

    def remove(self, name: str, values: dict[str, Any], *, is_empty: bool) -> str:
        """Delete a project; what it holds goes only where that was chosen."""
        force = bool(values.get("force"))
        if not is_empty and not force:
            raise InputError(
                f"project {name!r} is not empty.",
                next_step="Tick that all of it goes, or delete what it holds first.",
                details={"force": force},
            )
        done = self.operations.delete_project(name, name, force)
        if is_empty:
            return f"{name} is deleted."
        return (
            f"{name} is deleted with {counted(done.n_sources, 'source')}, {counted(done.n_datasets, 'dataset')}, "
            f"{counted(done.n_messages, 'message')} and {counted(done.n_mails, 'mail')}."
        )

    def _held(self, name: str) -> list[str]:
        """What goes with a project, a line per kind; empty = nothing."""
        sources = [one for one in self.sources if one.project == name]
        datasets = [one for one in self.datasets if one.project == name]
        buckets = [one for one in self.buckets if one.project == name]
        n_integrations = sum(one.project == name for one in self.integrations)
        ids = {one.source_id for one in sources}
        outside = [
            one.full_name for one in self.datasets if one.project != name and ids & set(one.source_ids)
        ]
        n_messages, n_mails = sum(one.n_messages for one in sources), sum(one.n_mails for one in buckets)
        lines = (
            (sources, f"{counted(len(sources), 'source')} with {counted(n_messages, 'message')}"),
            (datasets, f"{counted(len(datasets), 'dataset')} with {_annotated(datasets)}, labels and models"),
            (buckets, f"{counted(len(buckets), 'bucket')} with {counted(n_mails, 'mail')} as received"),
            (n_integrations, f"{counted(n_integrations, 'integration')} with what they sign in with"),
            (outside, f"the messages of its sources in datasets of other projects: {', '.join(outside)}"),
        )
        held = [words for there, words in lines if there]
        return ["Gone for good:", *held, "No units are returned."] if held else []

    def _card(self, project: Project) -> dict[str, Any]:
        sources = [one for one in self.sources if one.project == project.name]
        n_messages = sum(one.n_messages for one in sources)
        n_datasets = sum(one.project == project.name for one in self.datasets)
        n_buckets = sum(one.project == project.name for one in self.buckets)
        n_integrations = sum(one.project == project.name for one in self.integrations)
        return {
            "id": project.name,
            "title": project.title or project.name,
            "name": project.name,
            "text": project.description,
            "figures": [
                [len(sources), "source" if len(sources) == 1 else "sources"],
                [n_datasets, "dataset" if n_datasets == 1 else "datasets"],
                [n_messages, "message" if n_messages == 1 else "messages"],
            ],
            "facts": [
                ["Buckets", f"{n_buckets:,}"],
                ["Integrations", f"{n_integrations:,}"],
                ["Created", day(project.created_at)],
            ],
            "links": [],
            "actions": [
                {"key": "amend", "title": "Edit", "icon": "pencil"},
                {"key": "delete", "title": "Delete", "icon": "trash"},
            ],
        }


def _annotated(datasets: list[DatasetInfo]) -> str:
    return counted(sum(one.n_reviewed for one in datasets), "annotated message")
