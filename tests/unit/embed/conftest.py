"""Real encoders are loaded once per session; without their weights the tests say what to install."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.embed import Encoder, encoder_names, load_encoder
from workbench.errors import MissingExtraError

LoadEncoder = Callable[[str], Encoder]


@pytest.fixture(scope="session")
def load(tmp_path_factory: pytest.TempPathFactory) -> LoadEncoder:
    folder: Path = tmp_path_factory.mktemp("graphs")
    loaded: dict[str, Encoder] = {}

    def by_name(name: str) -> Encoder:
        if name not in loaded:
            try:
                loaded[name] = load_encoder(name, cache_dir=folder)
            except MissingExtraError as error:
                pytest.skip(str(error))
        return loaded[name]

    return by_name


@pytest.fixture(params=encoder_names())
def encoder(request: pytest.FixtureRequest, load: LoadEncoder) -> Encoder:
    return load(str(request.param))
