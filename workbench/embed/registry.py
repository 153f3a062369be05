"""Encoders by name."""

from __future__ import annotations

from pathlib import Path

from workbench.embed.info import ENCODERS, encoder_info
from workbench.embed.protocol import Encoder


def encoder_names() -> tuple[str, ...]:
    """Names `load_encoder` accepts, the default first; `encoder_info` tells what each is."""
    return tuple(ENCODERS)


def load_encoder(name: str, *, cache_dir: Path, n_threads: int = 2) -> Encoder:
    """Load an encoder; the numeric libraries are imported here.

    Parameters
    ----------
    name
        One of `encoder_names`.
    cache_dir
        Folder for built graphs; created when absent. Safe to share between processes.
    n_threads
        Threads that encode at once, at least 1. More than the machine has cores makes it slower.

    Raises
    ------
    UnknownNameError
        There is no encoder of that name.
    MissingExtraError
        The package that carries its weights is not installed.
    WeightsError
        A weight file is missing or its content is not the pinned one.
    """
    encoder_info(name)
    if name == "wordllama-256":
        from workbench.embed.static import load_static  # noqa: PLC0415  heavy

        return load_static(name)
    if name == "use-multilingual-v3":
        from workbench.embed.multilingual import load_multilingual  # noqa: PLC0415  heavy

        return load_multilingual(name, n_threads=max(1, n_threads))
    if name in ("minilm-l6-int8", "minilm-l6-fp32"):
        from workbench.embed.transformer import load_minilm  # noqa: PLC0415  heavy

        return load_minilm(
            name,
            "int8" if name == "minilm-l6-int8" else "fp32",
            cache_dir=cache_dir,
            n_threads=max(1, n_threads),
        )
    from workbench.embed.hashing import HashEncoder  # noqa: PLC0415  heavy

    return HashEncoder()
