"""What every encoder promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""Called with (texts done, texts in all), about once a second and once at the end."""

Cancelled = Callable[[], bool]
"""Asked between texts; True makes the encoder stop and raise."""


class Encoder(Protocol):
    """Turns texts into vectors of unit length.

    Two encoders with equal `encoder_id` give interchangeable vectors; vectors of different ids must never
    be mixed. The vector of a text depends on that text alone, never on its neighbours in the call, so a
    vector stored under a content hash stays valid.
    """

    @property
    def name(self) -> str:
        """The registry name, such as ``"minilm-l6-int8"``."""

    @property
    def encoder_id(self) -> str:
        """16 hex digits of a SHA-256 over weights, tokenizer, graph code, truncation and pooling."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def languages(self) -> frozenset[str] | None:
        """ISO 639-1 codes the encoder was trained for; None means that it does not depend on one."""

    @property
    def max_tokens(self) -> int:
        """Tokens read per text, special tokens included; the rest of a text is ignored."""

    def encode(
        self,
        texts: Sequence[str],
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> NDArray[np.float32]:
        """Encode texts.

        Parameters
        ----------
        texts
            Any strings; lone surrogates are read as U+FFFD. Equal texts are encoded once.
        progress
            Called from the calling thread.
        cancelled
            Called from the calling thread.

        Returns
        -------
        ndarray
            float32, (len(texts), dim), rows in the order of ``texts``, each of unit length. A text without
            any known token (the empty text) gets a defined unit vector too, so that no later step divides
            by zero.

        Raises
        ------
        JobCancelledError
            ``cancelled`` returned True. Nothing is kept of the call.
        """
