"""Real encoders are loaded once per session; without their weights the tests say what to install."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.embed import Encoder, encoder_names, load_encoder
from workbench.errors import MissingExtraError

LoadEncoder = Callable[[str], Encoder]


@pytest.fixture(scope="session")
def load_installed(tmp_path_factory: pytest.TempPathFactory) -> LoadEncoder:
    folder: Path = tmp_path_factory.mktemp("graphs")
    loaded: dict[str, Encoder] = {}

    def by_name(name: str) -> Encoder:
        if name not in loaded:
            loaded[name] = load_encoder(name, cache_dir=folder)
        return loaded[name]

    return by_name


@pytest.fixture(scope="session")
def load(load_installed: LoadEncoder) -> LoadEncoder:
    def or_skip(name: str) -> Encoder:
        try:
            return load_installed(name)
        except MissingExtraError as error:
            pytest.skip(str(error))

    return or_skip


@pytest.fixture(scope="session")
def installed(load_installed: LoadEncoder) -> list[Encoder]:
    """Every encoder whose weights are there."""
    found = []
    for name in encoder_names():
        with contextlib.suppress(MissingExtraError):
            found.append(load_installed(name))
    return found


@pytest.fixture(params=encoder_names())
def encoder(request: pytest.FixtureRequest, load: LoadEncoder) -> Encoder:
    return load(str(request.param))
