"""A session: one transaction, and the repositories that work in it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import cached_property

from workbench.domain import AuditHead
from workbench.store.changes import PRICES
from workbench.store.cursor import Cursor
from workbench.store.repositories.attachments import Attachments
from workbench.store.repositories.audit import AuditLog
from workbench.store.repositories.bad_rows import BadRows
from workbench.store.repositories.buckets import Buckets
from workbench.store.repositories.catalog import Catalog
from workbench.store.repositories.charging import Budgets, ChargeRules
from workbench.store.repositories.deletion import Deletion
from workbench.store.repositories.discovery import Discovery
from workbench.store.repositories.emails import Emails
from workbench.store.repositories.embeddings import Embeddings
from workbench.store.repositories.exceptions import Exceptions
from workbench.store.repositories.exports import Exports
from workbench.store.repositories.integrations import Integrations
from workbench.store.repositories.jobs import Jobs
from workbench.store.repositories.kept import Reading
from workbench.store.repositories.labels import Labels
from workbench.store.repositories.languages import Languages
from workbench.store.repositories.ledger import Ledger
from workbench.store.repositories.lineages import Lineages
from workbench.store.repositories.mails import Mails
from workbench.store.repositories.message_files import MessageFiles
from workbench.store.repositories.messages import Messages
from workbench.store.repositories.models import Models
from workbench.store.repositories.monitoring import Monitoring
from workbench.store.repositories.overlaps import Overlaps
from workbench.store.repositories.personal import Personal
from workbench.store.repositories.places import Places
from workbench.store.repositories.plans import Plans
from workbench.store.repositories.quotas import Quotas
from workbench.store.repositories.retention import Retention
from workbench.store.repositories.review_batches import ReviewBatches
from workbench.store.repositories.reviews import Reviews
from workbench.store.repositories.roles import Roles
from workbench.store.repositories.source_messages import MessagesOfSources
from workbench.store.repositories.stream_deliveries import StreamDeliveries
from workbench.store.repositories.stream_queues import StreamQueues
from workbench.store.repositories.streams import Streams
from workbench.store.repositories.taxonomies import Taxonomies
from workbench.store.repositories.thresholds import Thresholds
from workbench.store.repositories.tokens import Tokens, TokenUses
from workbench.store.repositories.translations import Translations
from workbench.store.repositories.uploads import UploadBatches
from workbench.store.repositories.usage import Usage
from workbench.store.repositories.users import SignIns, Users
from workbench.store.repositories.values import Values
from workbench.store.repositories.verdicts import Verdicts
from workbench.store.repositories.webhooks import Webhooks


class Session:
    """Handed out by ``Store.read`` and ``Store.write``; useless after the ``with`` block.

    Attributes
    ----------
    facts
        Number of the state that it sees of all but the ledger; None = nothing may be kept under its number: a write
        runs, or this is one that may change more than the ledger.
    """

    def __init__(
        self,
        cursor: Cursor,
        reading: Reading | None = None,
        *,
        facts: int | None = None,
        prices: int | None = None,
    ) -> None:
        self._cursor = cursor
        self._prices = prices
        self._reading = reading
        self.facts = facts

    @cached_property
    def catalog(self) -> Catalog:
        """Projects, sources, datasets."""
        return Catalog(self._cursor)

    @cached_property
    def places(self) -> Places:
        """In which project things lie."""
        return Places(self._cursor, self._reading)

    @cached_property
    def messages(self) -> Messages:
        """Messages: storing, filtering, reading."""
        return Messages(self._cursor, self._reading)

    @cached_property
    def by_source(self) -> MessagesOfSources:
        """Messages as they are in no dataset."""
        return MessagesOfSources(self._cursor)

    @cached_property
    def files(self) -> MessageFiles:
        """Contents that wait for their messages, and sounds."""
        return MessageFiles(self._cursor)

    @cached_property
    def emails(self) -> Emails:
        """What programs call the mails of buckets."""
        return Emails(self._cursor)

    @cached_property
    def usage(self) -> Usage:
        """Sums of the ledger, and measures of what is not charged."""
        return Usage(self._cursor)

    @cached_property
    def values(self) -> Values:
        """Values to filter by."""
        return Values(self._cursor, self._reading)

    @cached_property
    def languages(self) -> Languages:
        """Languages of messages."""
        return Languages(self._cursor)

    @cached_property
    def translations(self) -> Translations:
        """Translations beside the originals."""
        return Translations(self._cursor)

    @cached_property
    def personal(self) -> Personal:
        """Masked sources, and what their messages came with."""
        return Personal(self._cursor)

    @cached_property
    def attachments(self) -> Attachments:
        """Files that came with messages."""
        return Attachments(self._cursor)

    @cached_property
    def batches(self) -> UploadBatches:
        """Which batches were stored already."""
        return UploadBatches(self._cursor)

    @cached_property
    def bad_rows(self) -> BadRows:
        """Rows of files that could not be read."""
        return BadRows(self._cursor)

    @cached_property
    def buckets(self) -> Buckets:
        """Buckets, and which source reads which."""
        return Buckets(self._cursor)

    @cached_property
    def mails(self) -> Mails:
        """Raw mail of buckets and its threads."""
        return Mails(self._cursor)

    @cached_property
    def deletion(self) -> Deletion:
        """Taking away for good, and copying."""
        return Deletion(self._cursor)

    @cached_property
    def exports(self) -> Exports:
        """Messages on their way out."""
        return Exports(self._cursor)

    @cached_property
    def embeddings(self) -> Embeddings:
        """Vectors by encoder and text."""
        return Embeddings(self._cursor)

    @cached_property
    def labels(self) -> Labels:
        """Taxonomies."""
        return Labels(self._cursor)

    @cached_property
    def taxonomies(self) -> Taxonomies:
        """Changes of taxonomies."""
        return Taxonomies(self._cursor)

    @cached_property
    def overlaps(self) -> Overlaps:
        """Messages that several people judge on their own."""
        return Overlaps(self._cursor)

    @cached_property
    def lineages(self) -> Lineages:
        """What model versions were trained on."""
        return Lineages(self._cursor)

    @cached_property
    def reviews(self) -> Reviews:
        """Judgements and their history."""
        return Reviews(self._cursor)

    @cached_property
    def review_batches(self) -> ReviewBatches:
        """Batches that people review in one go."""
        return ReviewBatches(self._cursor)

    @cached_property
    def verdicts(self) -> Verdicts:
        """What was said of doubts about judgements."""
        return Verdicts(self._cursor)

    @cached_property
    def models(self) -> Models:
        """Model versions, predictions, validation."""
        return Models(self._cursor)

    @cached_property
    def streams(self) -> Streams:
        """Streams, and the versions they hold."""
        return Streams(self._cursor)

    @cached_property
    def stream_deliveries(self) -> StreamDeliveries:
        """What streams handed on, hour by hour."""
        return StreamDeliveries(self._cursor)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Where streams are sent to."""
        return Webhooks(self._cursor)

    @cached_property
    def stream_queues(self) -> StreamQueues:
        """What streams have still to hand on."""
        return StreamQueues(self._cursor, self._reading)

    @cached_property
    def exceptions(self) -> Exceptions:
        """Messages of streams that could not be handled."""
        return Exceptions(self._cursor)

    @cached_property
    def thresholds(self) -> Thresholds:
        """Thresholds kept with model versions."""
        return Thresholds(self._cursor)

    @cached_property
    def discovery(self) -> Discovery:
        """Maps and clusters."""
        return Discovery(self._cursor)

    @cached_property
    def monitoring(self) -> Monitoring:
        """Drift and balance reports."""
        return Monitoring(self._cursor)

    @cached_property
    def integrations(self) -> Integrations:
        """Connections to mailboxes, and how far each was read."""
        return Integrations(self._cursor)

    @cached_property
    def plans(self) -> Plans:
        """Plans and what they give."""
        return Plans(self._cursor)

    @cached_property
    def quotas(self) -> Quotas:
        """Limits that administrators set, and peaks."""
        return Quotas(self._cursor)

    @cached_property
    def jobs(self) -> Jobs:
        """Long work."""
        return Jobs(self._cursor)

    @cached_property
    def ledger(self) -> Ledger:
        """What was charged."""
        return Ledger(self._cursor)

    @cached_property
    def charge_rules(self) -> ChargeRules:
        """What is charged for."""
        return ChargeRules(self._cursor)

    @cached_property
    def budgets(self) -> Budgets:
        """How much may be charged."""
        return Budgets(self._cursor)

    @cached_property
    def retention(self) -> Retention:
        """How long messages are stored."""
        return Retention(self._cursor)

    @cached_property
    def audit(self) -> AuditLog:
        """Who did what, as a hash chain."""
        return AuditLog(self._cursor)

    @cached_property
    def users(self) -> Users:
        """Who has an account, and groups of them."""
        return Users(self._cursor)

    @cached_property
    def roles(self) -> Roles:
        """Roles, and who was given which."""
        return Roles(self._cursor)

    @cached_property
    def tokens(self) -> Tokens:
        """What stands for users."""
        return Tokens(self._cursor)

    @cached_property
    def token_uses(self) -> TokenUses:
        """When tokens were used."""
        return TokenUses(self._cursor)

    @cached_property
    def sign_ins(self) -> SignIns:
        """Good and failed sign-ins."""
        return SignIns(self._cursor)

    @property
    def written_event(self) -> AuditHead | None:
        """The newest event that was written in this session, None without one."""
        return self.audit.written if "audit" in vars(self) else None

    @property
    def changed(self) -> AbstractSet[str]:
        """Tables that were written to."""
        return self._cursor.changed

    @property
    def prices(self) -> int | None:
        """Number of the prices and budgets that it sees; None when it has changed one."""
        return self._prices if PRICES.isdisjoint(self._cursor.changed) else None

    @property
    def reached_access(self) -> bool:
        """Whether something was done that may change what somebody may do."""
        return not {"users", "roles", "tokens"}.isdisjoint(vars(self))
