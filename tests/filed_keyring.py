"""A keyring for tests: a JSON file that the variable ``TEST_KEYRING`` names."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from keyring.backend import KeyringBackend


class FiledKeyring(KeyringBackend):
    """Keeps passwords in a file; with ``TEST_KEYRING_WAITS`` it waits for somebody who never comes."""

    priority = 1  # type: ignore[assignment]

    def _held(self) -> dict[str, str]:
        if "TEST_KEYRING_WAITS" in os.environ:
            time.sleep(60)
        file = Path(os.environ["TEST_KEYRING"])
        return json.loads(file.read_text("utf-8")) if file.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._held().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        held = {**self._held(), f"{service}/{username}": password}
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps(held), "utf-8")
