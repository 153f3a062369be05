"""A writer that does what it likes to messages, loses replies, and writes down what was acknowledged.

    python -m tests.recovery.ledger_writer FILE NUMBER SEED N_OPERATIONS DATASET_ID LOG

An operation is one message created, sent again, changed, deleted, predicted, or one charge corrected; a call carries
several. Eight of these share three sources, each with message ids of its own, so that the order of what it did to a
message is the order of its log.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench.client.local import SocketDoor
from workbench.domain import MESSAGE_SCHEMA, DatasetId, MessageChoice, MessageId, Operations, SourceId
from workbench.errors import ConnectionLostError
from workbench.settings import Settings
from workbench.wire import Call, Reply, encode, remote_operations, send_frame

SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
AT = datetime(2026, 3, 1, tzinfo=UTC)
MOST = 400
"""Operations of one call at most: what takes time is the call."""
SHARED = ("shared0", "shared1", "shared2")
FORGOTTEN = "forgotten"
"""The source of batches whose reply nobody waits for: they may have come or not."""
CHANNELS = ("python", "panel", "cli", "http")


class Forgotten(Exception):  # noqa: N818 - no error: it was sent, and that is all that is known
    """A call was sent and never asked about again."""


class LossyDoor(SocketDoor):
    """Loses every tenth reply and sends the same call again; or, when told to, does not."""

    def __init__(self, file: Path, draw: random.Random) -> None:
        super().__init__(file, settings=SETTINGS)
        self._draw = draw
        self.forgets = False
        self.n_lost = 0

    def ask(self, call: Call) -> Reply:
        if self.forgets or self._draw.random() < 0.1:
            self._send_only(call)
            self.n_lost += 1
        if self.forgets:
            raise Forgotten
        while True:
            try:
                return super().ask(call)
            except ConnectionLostError:  # killed once more while it was asked: the same call again
                continue

    def _send_only(self, call: Call) -> None:
        try:
            peer = self._take()
        except ConnectionLostError:  # nobody listens now: lost on its way there
            return
        try:
            send_frame(peer, encode(call))
        except OSError:
            pass
        finally:
            peer.close()


def table(rows: list[tuple[str, str, int]]) -> pa.Table:
    """Messages of (id, text, property)."""
    n = len(rows)
    columns: dict[str, list[Any]] = {
        "message_id": [message_id for message_id, _, _ in rows],
        "timestamp": [AT] * n,
        "thread_id": [None] * n,
        "subject": [""] * n,
        "body": [text for _, text, _ in rows],
        "signature": [""] * n,
        "full_text": [text for _, text, _ in rows],
        "sender": [None] * n,
        "recipients": [[] for _ in rows],
        "language": ["en"] * n,
        "properties": [f'{{"number:Score":{score}}}' for _, _, score in rows],
    }
    return pa.table(columns, schema=MESSAGE_SCHEMA)


class Writer:
    """One of the writers."""

    def __init__(
        self, file: Path, number: int, seed: int, dataset_id: str, log: Path, *, most: int = MOST
    ) -> None:
        self._most = most
        self._draw = random.Random(f"{seed} {number}")
        self._name = f"w{number}"
        self._door = LossyDoor(file, self._draw)
        channel = CHANNELS[number % len(CHANNELS)]
        self._operations: Operations = remote_operations(
            self._door.ask, actor=f"writer-{number}", channel=channel
        )
        self._dataset_id = DatasetId(dataset_id)
        self._log = log
        self._sources = {one.name: one.source_id for one in self._operations.sources()}
        self._there: dict[str, dict[str, tuple[str, int]]] = {name: {} for name in SHARED}
        self._gone: dict[str, list[str]] = {name: [] for name in SHARED}
        self._n_made = self._n_calls = 0
        self.n_done = 0

    def run(self, n_operations: int) -> None:
        """Go on until so many operations are acknowledged."""
        kinds = [self._put] * 12 + [self._delete] * 2 + [self._correct, self._forget]
        if self._dataset_id:
            kinds += [self._predict] * 2
        with self._log.open("w", encoding="utf-8") as log:
            while self.n_done < n_operations:
                self._n_calls += 1
                said = self._draw.choice(kinds)(min(self._most, n_operations - self.n_done))
                if said is not None:
                    self.n_done += said["n"] if said["kind"] != "forgotten" else 0
                    print(json.dumps(said), file=log, flush=True)
            print(json.dumps({"kind": "end", "n_lost": self._door.n_lost}), file=log, flush=True)
        self._door.close()

    def _put(self, n_most: int) -> dict[str, Any]:
        name, draw = self._draw.choice(SHARED), self._draw
        there, rows, used = self._there[name], [], set()
        for _ in range(draw.randint(1, n_most)):
            what = draw.choice(("new", "new", "same", "text", "property", "back"))
            message_id = ""
            if what == "back" and self._gone[name]:
                message_id = draw.choice(self._gone[name])
            elif what in ("same", "text", "property") and there:
                message_id = draw.choice(tuple(there))
            if not message_id or message_id in used:
                self._n_made += 1
                message_id = f"{self._name}-{self._n_made}"
            used.add(message_id)
            text, score = there.get(message_id, (f"text of {message_id}", 0))
            if what == "text":
                text = f"{draw.choice(('late', 'lost', 'broken'))} {draw.randint(0, 3)}"
            elif what == "property":
                score = draw.randint(0, 3)
            rows.append((message_id, text, score))
        is_free = draw.random() < 0.1
        batch_id = f"{self._name}-{self._n_calls}"
        self._operations.put_messages(self._sources[name], table(rows), batch_id, len(rows), is_free)
        there.update({message_id: (text, score) for message_id, text, score in rows})
        self._gone[name] = [one for one in self._gone[name] if one not in used]
        return {"kind": "put", "source": name, "rows": rows, "no_charge": is_free, "n": len(rows)}

    def _delete(self, n_most: int) -> dict[str, Any] | None:
        name = self._draw.choice(SHARED)
        if not self._there[name]:
            return None
        ids = self._draw.sample(
            tuple(self._there[name]), min(len(self._there[name]), n_most, self._draw.randint(1, 50))
        )
        choice = MessageChoice(message_ids=tuple(map(MessageId, ids)))
        self._operations.delete_messages(self._sources[name], choice, "delete")
        for message_id in ids:
            del self._there[name][message_id]
        self._gone[name] += ids
        return {"kind": "delete", "source": name, "ids": ids, "n": len(ids)}

    def _predict(self, n_most: int) -> dict[str, Any]:
        n = self._draw.randint(1, n_most)
        is_free = self._draw.random() < 0.1
        rows = [(f"{self._name}-p{self._n_calls}-{i}", "a parcel is late", 0) for i in range(n)]
        self._operations.predict_messages(self._dataset_id, table(rows), None, 0.5, is_free)
        return {"kind": "predict", "no_charge": is_free, "n": n}

    def _correct(self, n_most: int) -> dict[str, Any] | None:
        name = self._draw.choice(SHARED)
        wanted = (
            "SELECT entry_id, uid FROM ledger l WHERE actor = 'writer-"
            + self._name[1:]
            + "' AND charged AND units > 0 "
            f"AND source = '{self._sources[name]}' "
            "AND NOT EXISTS (SELECT 1 FROM ledger c WHERE c.corrects = l.entry_id) ORDER BY entry_id"
        )
        found = self._operations.sql(wanted, min(n_most, 5)).to_pylist()
        for one in found:
            self._operations.correct_charge(one["entry_id"], "drawn by lot")
        if not found:
            return None
        return {"kind": "correct", "source": name, "uids": [one["uid"] for one in found], "n": len(found)}

    def _forget(self, n_most: int) -> dict[str, Any]:
        """Send a batch of new messages, or of predictions, and never look back."""
        n = self._draw.randint(1, n_most)
        prefix = f"{self._name}-f{self._n_calls}-"
        rows = [(f"{prefix}{i}", "who knows", 0) for i in range(n)]
        is_prediction = bool(self._dataset_id) and self._draw.random() < 0.3
        self._door.forgets = True
        try:
            if is_prediction:
                self._operations.predict_messages(self._dataset_id, table(rows), None, 0.5)
            else:
                source_id = SourceId(self._sources[FORGOTTEN])
                self._operations.put_messages(source_id, table(rows), prefix, n)
        except Forgotten:
            pass
        finally:
            self._door.forgets = False
        return {"kind": "forgotten", "prefix": prefix, "n": n}


if __name__ == "__main__":
    path, number, seed, n_operations, dataset_id, log = sys.argv[1:]
    Writer(Path(path), int(number), int(seed), dataset_id.strip("-"), Path(log)).run(int(n_operations))
