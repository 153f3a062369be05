"""One Dovecot for all tests of this folder, emptied between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connect.dovecot import Dovecot, running_dovecot


@pytest.fixture(scope="session")
def _dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


@pytest.fixture
def dovecot(_dovecot: Dovecot) -> Dovecot:
    _dovecot.clear()
    return _dovecot
