"""The Voila template and its configuration."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from workbench.widgets.template import (
    APPS,
    EXTENSIONS,
    TEMPLATE,
    template_path,
    voila_config,
    voila_environment,
    write_voila_config,
)


def test_configuration_is_json_and_holds_what_must_not_be_missing(tmp_path: Path) -> None:
    path = write_voila_config(tmp_path, voila_config(port=8866, preheat=2, user_headers=["X-User"]))
    config = json.loads(path.read_text())
    voila = config["VoilaConfiguration"]
    assert voila["template"] == TEMPLATE and voila["extension_allowlist"] == list(EXTENSIONS)
    assert EXTENSIONS[0] == "@voila-dashboards/widgets-manager8"
    assert (
        voila["preheat_kernel"]
        and voila["default_pool_size"] == 2
        and voila["http_header_envs"] == ["X-User"]
    )
    assert config["Voila"]["ip"] == "127.0.0.1"
    assert config["Voila"]["tornado_settings"]["websocket_max_message_size"] >= 32 * 2**20
    culling = config["MappingKernelManager"]
    assert culling["cull_idle_timeout"] > 0 and culling["cull_connected"] is False


@pytest.mark.parametrize("wrong", [{"cull_idle_s": 0}, {"theme": "pink"}])
def test_configuration_refuses_what_would_hurt(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        voila_config(port=1, **wrong)


def test_environment_puts_our_folders_first(tmp_path: Path) -> None:
    out = voila_environment(tmp_path, {"JUPYTER_PATH": "/other", "HOME": "/h"})
    assert out["JUPYTER_PATH"].split(":") == [str(template_path()), "/other"]
    assert out["JUPYTER_CONFIG_PATH"] == str(tmp_path) and out["HOME"] == "/h"


def test_no_file_of_the_template_names_another_host() -> None:
    files = [path for path in template_path().rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {
        "conf.json",
        "index.html.j2",
        "page.html",
        "error.html",
        "404.html",
        "tree.html",
        "tree-lab.html",
        "browser-open.html",
        "chrome.css",
        "chrome.js",
    }
    for path in files:
        assert not re.search(r"(?:https?:)?//[\w-]+\.[\w.-]+", path.read_text(encoding="utf-8")), path


def test_start_page_tells_of_the_apps_in_the_order_of_the_top_bar() -> None:
    page = next(template_path().rglob("tree.html")).read_text("utf-8")
    assert re.findall(r'^  "(\w+)": "', page, flags=re.MULTILINE) == [name for name, _ in APPS]


@pytest.mark.parametrize(("asked", "voila"), [("auto", "light"), ("light", "light"), ("dark", "dark")])
def test_voila_gets_a_theme_it_knows_and_the_page_the_one_that_was_asked(asked: str, voila: str) -> None:
    config = json.loads(json.dumps(voila_config(port=1, theme=asked)))["VoilaConfiguration"]
    assert (config["theme"], config["resources"]["workbench"]["theme"]) == (voila, asked)
