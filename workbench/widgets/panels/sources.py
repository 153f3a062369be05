"""The page of sources: its parts as shelves of cards with one form, and the imports that open from them."""

from __future__ import annotations

from typing import Any, ClassVar

import ipywidgets as ipw

from workbench.domain import Bucket, EventPage, Source
from workbench.widgets.elements import CatalogCards, Form
from workbench.widgets.panels.buckets import BucketShelf
from workbench.widgets.panels.importing import ImportWizard
from workbench.widgets.panels.integrations import IntegrationShelf
from workbench.widgets.panels.page import Page, section
from workbench.widgets.panels.projects import ProjectShelf
from workbench.widgets.panels.questions import Questions
from workbench.widgets.panels.shelf import Shelf
from workbench.widgets.panels.source_shelf import SourceShelf
from workbench.widgets.status import title_html

_NEWS = {"catalog", "discover", "import", "integration", "sync", "taxonomy"}
PARTS = ("sources", "buckets", "integrations", "projects")


class SourcesPanel(Page):
    """The sources of the workspace, and in parts beside them its buckets of mail, its integrations and its projects.

    Parameters
    ----------
    operations, state
        See ``Page``; ``state.source`` names the source whose import is on screen.
    """

    name: ClassVar[str] = "Sources"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self._settling = True
        self.sources = SourceShelf(self)
        self.integrations = IntegrationShelf(self)
        self.shelves: dict[str, Shelf] = {
            "sources": self.sources,
            "buckets": BucketShelf(self),
            "integrations": self.integrations,
            "projects": ProjectShelf(self),
        }
        self.parts = ipw.ToggleButtons(
            options=[(part.capitalize(), part) for part in PARTS],
            value=self.state.part if self.state.part in PARTS else PARTS[0],
            tooltips=tuple(self.shelves[part].about for part in PARTS),
        )
        self.parts.add_class("wb-parts")
        self.parts.observe(self._unless_settling(self.show_part), "value")
        self.cards = CatalogCards()
        self.cards.on_act(self.heard(self.act))
        self.form = Form()
        self.questions = Questions(self.form, self.show_done)
        self.form.on_submit(self.questions.save)
        self.form.on_change(self.change)
        self.wizard = ImportWizard(self)
        self.wizard.on_close(self.guard(self.close_upload))
        self._upload = section("", self.wizard.widget)
        self._upload.layout.display = "none"
        self.new_button = ipw.Button(button_style="primary")
        self.show_part()
        self._settling = False
        self._insteads = (self._upload, self.integrations.mailboxes.widget)
        return ipw.VBox([self.parts, self.form, *self._insteads, self.cards])

    def header(self) -> list[ipw.Widget]:
        """The way to a new source."""
        self.new_button.on_click(self.guard(self.new))
        return [self.new_button]

    def begin(self) -> None:
        """Open the import that the address asks for."""
        asked = self.state.source
        if asked:
            self.guard(lambda: self.upload(self.sources.named(asked)))()

    @property
    def shelf(self) -> Shelf:
        """The shelf on screen."""
        return self.shelves[self.parts.value]

    def show_part(self) -> None:
        """Show another part; a form that was open is left."""
        part, shelf = self.parts.value, self.shelf
        self.form.close_form()
        self.new_button.description = f"New {shelf.noun}"
        self.offering.only_for(self.new_button, shelf.makes)
        with self.cards.hold_sync():
            self.cards.cards = []
            self.cards.title = shelf.title
            self.cards.empty_title, self.cards.empty_text = shelf.empty_title, shelf.empty_text
            self.state = self.state.with_(part="" if part == PARTS[0] else part)
            self.refresh()
        self.show_code(f"ws.{part}()")

    def show_code(self, call: str) -> None:
        """Say which Python line gives what is on screen."""
        self.code.code = self.state.code(call, dataset=False)

    def refresh(self) -> None:
        """Read what is on screen again; an open form stays as it is."""
        cards = self.shelf.read()
        self.cards.cards = self.offering.offered(cards, self.shelf.needs)
        self._status.say(title_html("Sources", *self.shelf.counts(cards)), *self.shelf.figures())
        self.show_state(self.state)

    def act(self, key: str, card_id: str) -> None:
        """Do what a card's button says."""
        self.shelf.act(key, card_id)

    def new(self) -> None:
        """Ask what the new one is."""
        self.shelf.new()

    def change(self, values: dict[str, Any]) -> None:
        """A choice in the form changed."""
        self.shelf.change(values)

    def show_done(self, said: str) -> None:
        """Something was made, changed or deleted."""
        self.refresh()
        self.tell(said)

    def upload(self, source: Source) -> None:
        """Open the import into a source."""
        self.form.close_form()
        self.show_state(self.state.with_(source=source.full_name))
        self.wizard.open_for(source)
        self.show_instead(self._upload)

    def upload_mail(self, bucket: Bucket) -> None:
        """Open the import of mail files into a bucket."""
        self.form.close_form()
        self.wizard.open_for_bucket(bucket)
        self.show_instead(self._upload)

    def show_instead(self, widget: ipw.Widget | None) -> None:
        """Show a part of the page in the place of the cards; None = the cards again."""
        self.form.close_form()
        for one in self._insteads:
            one.layout.display = None if one is widget else "none"
        for one in (self.cards, self.new_button, self.parts):
            one.layout.display = None if widget is None else "none"

    def close_upload(self) -> None:
        """Back to the cards."""
        self.show_instead(None)
        self.show_state(self.state.with_(source=""))
        self.refresh()

    def take_news(self, page: EventPage) -> None:
        """Read everything again, once per page of news, when messages, labels or models changed."""
        if not self.missed_news(page) and _NEWS & {event.topic for event in page.events}:
            self._quietly(self.refresh)

    def count_again(self) -> None:
        """An import has ended."""
        self.refresh()
