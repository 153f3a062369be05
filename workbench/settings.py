"""One table of settings: name, type, default, help. File < environment < argument.

The environment variable of ``owner_idle_s`` is ``WORKBENCH_OWNER_IDLE_S``. The file is TOML,
``workbench.toml`` beside the workspace file, with the same names at top level.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Any

from workbench.errors import InputError

__all__ = ["KEY_VARIABLE", "OPENID_VARIABLE", "TOKEN_VARIABLE", "Settings", "load_settings", "without_key"]

TOKEN_VARIABLE = "WORKBENCH_TOKEN"  # noqa: S105 - the name of a variable
"""An API token to act with; read by clients, never from ``workbench.toml``."""

KEY_VARIABLE = "WORKBENCH_KEY"
"""Environment variable that may hold the key of an encrypted workspace. No setting: settings are shown."""

OPENID_VARIABLE = "WORKBENCH_OPENID_SECRET"
"""Environment variable that may hold the secret for the OpenID Connect provider. No setting either."""

Value = str | int | float | bool
_WEIGHT = "rating_weight_"


def _setting(default: Value, help_text: str) -> Any:
    return dataclass_field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every runtime limit and switch. The help of a setting is its field's metadata."""

    owner_idle_s: float = _setting(
        300.0,
        "Seconds without a client after which the owner process leaves; 0 = never.",
    )
    owner_start_s: float = _setting(30.0, "Seconds a client waits for the owner process to come up.")
    memory_limit: str = _setting("4GB", "DuckDB's memory limit; larger queries spill to disk.")
    key_file: str = _setting(
        "",
        "File with the key of an encrypted workspace, from the workspace's folder; empty = not encrypted, "
        "unless the variable WORKBENCH_KEY holds a key.",
    )
    key_source: str = _setting(
        "",
        "Where else the key of an encrypted workspace is: keyring:SERVICE/NAME, or command:PROGRAM ARGUMENT …, which is "
        "run without a shell and prints it. A command is taken from the environment or a call only, never from "
        "workbench.toml.",
    )
    key_source_s: float = _setting(10.0, "Seconds that a keyring or key command may take to give the key.")
    memory_folder: str = _setting(
        "/dev/shm",  # noqa: S108 - checked to be a tmpfs, and a folder of this user's own is made in it
        "Folder in memory (tmpfs) for what is derived from an encrypted workspace.",
    )
    memory_folder_max_bytes: int = _setting(
        4 * 1024**3, "Most bytes that derived files of an encrypted workspace may take in memory."
    )
    query_limit_s: float = _setting(60.0, "Seconds after which a read query is stopped.")
    n_threads: int = _setting(2, "Threads for encoders and numeric work.")
    encoder: str = _setting("minilm-l6-int8", "Name of the default encoder.")
    fast_encoder: str = _setting(
        "wordllama-256",
        "Encoder of the first map, while the default one works; empty = none.",
    )
    import_max_bytes: int = _setting(128 * 1024 * 1024, "Largest file that may be imported, in bytes.")
    import_unpacked_max_bytes: int = _setting(
        1024 * 1024 * 1024, "Most bytes that a workbook, gzip or Parquet file may unpack to."
    )
    import_batch_rows: int = _setting(
        32_768,
        "Most messages per import transaction, during which others' writes wait: in smaller parts an import is "
        "more work, and each wait shorter.",
    )
    attachment_max_bytes: int = _setting(
        25 * 1024 * 1024, "Largest attachment whose content is stored, in bytes; 0 = no limit."
    )
    most_projects: int = _setting(0, "Most projects a workspace may have; 0 = no limit.")
    most_sources: int = _setting(0, "Most sources a workspace may have; 0 = no limit.")
    most_integrations: int = _setting(0, "Most integrations a workspace may have; 0 = no limit.")
    mailboxes_per_integration: int = _setting(1_000, "Most mailboxes an integration may have; 0 = no limit.")
    most_buckets: int = _setting(0, "Most buckets a workspace may have; 0 = no limit.")
    most_datasets: int = _setting(0, "Most datasets a workspace may have; 0 = no limit.")
    most_messages: int = _setting(0, "Most messages a workspace may hold; 0 = no limit.")
    most_messages_per_source: int = _setting(0, "Most messages a source may hold; 0 = no limit.")
    most_reviewed_per_dataset: int = _setting(0, "Most reviewed messages a dataset may have; 0 = no limit.")
    sources_per_dataset: int = _setting(20, "Most sources a dataset may have.")
    datasets_per_source: int = _setting(10, "Most datasets a source may be in; 0 = no limit.")
    labels_per_dataset: int = _setting(200, "Most labels a dataset may have; 0 = no limit.")
    most_streams: int = _setting(0, "Most streams a workspace may have; 0 = no limit.")
    streams_per_dataset: int = _setting(0, "Most streams a dataset may have; 0 = no limit.")
    most_pinned_versions: int = _setting(
        0, "Most model versions a workspace may have pinned at once; 0 = no limit."
    )
    pick_memory_max_bytes: int = _setting(
        512 * 1024**2,
        "Memory for what the next messages are chosen by: about 60 MB a million messages, 4 MB for each label in use.",
    )
    retrain_after_reviews: int = _setting(
        20, "New reviews after which a retraining is queued; 0 = never by itself."
    )
    retrain_after_s: float = _setting(
        60.0, "Quiet seconds after the last review before a retraining is queued."
    )
    predict_after_s: float = _setting(
        2.0, "Quiet seconds after messages came in before they are predicted; below 0 = never by itself."
    )
    languages_after_s: float = _setting(
        2.0,
        "Quiet seconds after messages came in before their languages are found; below 0 = never by itself.",
    )
    translator: str = _setting(
        "off",
        "Who translates for reading: off, libretranslate, or openai (any server with its chat completions).",
    )
    translator_url: str = _setting(
        "", "Base address of the translator, https or this machine, e.g. http://127.0.0.1:8080/v1."
    )
    translator_model: str = _setting("", "Chat model of an openai translator.")
    translator_key_file: str = _setting(
        "", "File with the key of the translator, from the workspace's folder; empty = none."
    )
    translator_timeout_s: float = _setting(30.0, "Seconds a request to the translator may take.")
    translate_into: str = _setting("en", "Language to translate into, ISO 639-1.")
    translate_budget: int = _setting(
        2_000_000, "Most characters that one run sends to the translator; 0 = no limit."
    )
    language_model: str = _setting(
        "off",
        "Who is asked about what rules do not understand of a sentence that is to become a filter: off, or openai "
        "(any server with its chat completions).",
    )
    language_model_url: str = _setting(
        "", "Base address of the language model, https or this machine, e.g. http://127.0.0.1:8080/v1."
    )
    language_model_name: str = _setting("", "Which model of that server.")
    language_model_key_file: str = _setting(
        "", "File with the key of the language model, from the workspace's folder; empty = none."
    )
    language_model_timeout_s: float = _setting(20.0, "Seconds an answer of the language model may take.")
    language_model_budget: int = _setting(
        1_000_000,
        "Most characters sent to the language model in a day (UTC), counted since the owner started; 0 = no limit.",
    )
    versions_kept: int = _setting(5, "Unpinned model versions kept besides the newest.")
    sync_interval_s: float = _setting(
        60.0, "Seconds between two looks at a mailbox that is up to date; 0 = only when asked."
    )
    sync_slice_s: float = _setting(
        30.0, "Seconds after which a mailbox with much to read lets the next one have its turn."
    )
    sync_timeout_s: float = _setting(60.0, "Seconds a mail server or service may keep silent.")
    retention_interval_s: float = _setting(
        86_400.0,
        "Seconds between two turns of a retention policy that is set unattended; 0 = none has a turn.",
    )
    webhook_hosts: str = _setting(
        "",
        "Hosts, with commas, that streams may be sent to over https; *.example.org = all below it; empty = none.",
    )
    webhook_inner_hosts: str = _setting(
        "",
        "Hosts, in the same form, that streams may also be sent to where their addresses are private or this machine's, "
        "and over http; empty = none.",
    )
    webhook_ca_file: str = _setting(
        "",
        "PEM file of the authorities that targets of streams are believed by; empty = those of the system.",
    )
    webhook_retry_s: float = _setting(
        5.0, "Seconds before a failed webhook is tried again; doubled with each failure in a row."
    )
    webhook_retry_max_s: float = _setting(
        900.0, "Seconds of the longest wait between two tries of a webhook."
    )
    webhook_failures: int = _setting(
        24, "Failures in a row after which a webhook is paused; 0 = it never is."
    )
    webhooks_at_once: int = _setting(4, "Streams that are sent at the same time.")
    webhook_batch_max_bytes: int = _setting(
        4 * 1024**2, "Most bytes of messages in one webhook request; one message always goes."
    )
    rating_weight_all_labels: float = _setting(
        0.30, "What the health of all labels counts in the model rating; weights are divided by their sum."
    )
    rating_weight_underperforming_labels: float = _setting(
        0.20, "What the worst tenth of the labels counts in the rating; 0 = nothing, as for each weight."
    )
    rating_weight_coverage: float = _setting(0.25, "What coverage counts in the rating.")
    rating_weight_balance: float = _setting(0.25, "What balance counts in the rating.")
    random_seed: int = _setting(7, "Seed handed to everything that draws.")
    serve_host: str = _setting(
        "127.0.0.1",
        "Address the server listens on; anything but loopback needs a token.",
    )
    serve_port: int = _setting(8765, "Port of the HTTP door and the apps.")
    serve_address: str = _setting(
        "",
        "Address at which visitors reach a server with accounts through a proxy that adds TLS, e.g. "
        "https://mining.example.org; empty = this machine only.",
    )
    serve_proxies: str = _setting(
        "", "Addresses of that proxy, with commas: what it says of where a visitor comes from is believed."
    )
    http_threads: int = _setting(
        40, "Requests that the HTTP door works on at once; more wait for their turn."
    )
    http_queue: int = _setting(1_000, "Requests that may wait for their turn; more are refused with 503.")
    http_requests_per_minute: int = _setting(
        0,
        "Most requests of one token in a minute, or of one address without a known token; more are refused with 429. "
        "0 = no limit.",
    )
    http_bytes_per_minute: int = _setting(
        0, "Most bytes of request bodies in a minute, counted in the same way; 0 = no limit."
    )
    http_finish_s: int = _setting(
        10, "Seconds that requests in progress have to finish when the server stops."
    )
    http_metrics: str = _setting(
        "token",
        "Who may read /metrics: token (whoever has a token with the right to read the audit log) or loopback (also "
        "everybody on this machine, and so whoever comes through a proxy on it).",
    )
    sign_ins_per_minute: int = _setting(10, "Most attempts to sign in from one address in a minute.")
    openid_issuer: str = _setting(
        "", "Address of the OpenID Connect provider that may sign people in, https; empty = none."
    )
    openid_client_id: str = _setting("", "What the provider knows this server by.")
    openid_secret_file: str = _setting(
        "",
        "File with the secret for the provider, from the workspace's folder; empty = the variable "
        "WORKBENCH_OPENID_SECRET, or a client without a secret.",
    )
    openid_title: str = _setting("your organisation", "Name of the provider on the sign-in page.")
    kernels_per_visitor: int = _setting(8, "Most app pages that one signed-in visitor may have open.")
    kernels_in_all: int = _setting(40, "Most app pages that all signed-in visitors may have open together.")
    lab_servers: int = _setting(
        20, "Most visitors who may have notebooks open, in a workspace with accounts."
    )
    lab_kernels: int = _setting(8, "Most notebooks that one of them may run.")
    lab_idle_s: int = _setting(
        3600, "Seconds after which their unused notebooks, and then their server, end."
    )
    websocket_max_bytes: int = _setting(
        300 * 1024 * 1024, "Largest message between browser and kernel, in bytes."
    )
    most_users: int = _setting(0, "Most users a workspace may have; 0 = no limit.")
    session_idle_s: float = _setting(
        7_200.0, "Seconds without a call after which a session ends and its user signs in again."
    )
    session_max_s: float = _setting(43_200.0, "Seconds after which a session ends even when it is used.")
    token_days: int = _setting(
        365, "Days an API token lasts at most, and unless it is told otherwise; 0 = it may last for ever."
    )
    sign_in_tries: int = _setting(
        5, "Failed sign-ins of a user in a row, from the last of which on each further try has to wait."
    )
    sign_in_pause_s: float = _setting(
        5.0, "Seconds of the first wait after failed sign-ins; each next is twice as long."
    )
    sign_in_pause_max_s: float = _setting(900.0, "Seconds of the longest wait after failed sign-ins.")
    password_memory_kib: int = _setting(
        65_536,
        "Memory that making the hash of a password takes, in KiB (argon2id); raised, hashes follow at sign-ins.",
    )
    password_passes: int = _setting(3, "Passes over that memory (argon2id).")
    external_users: str = _setting(
        "known",
        "Whom an identity provider may sign in: known (users whose e-mail an administrator entered) or any "
        "(others become users without a role).",
    )
    kernel_idle_s: int = _setting(600, "Seconds after which the kernel of a closed app page is ended.")
    kernel_preheat: int = _setting(1, "Kernels kept warm per app, so that a page opens at once.")

    def __post_init__(self) -> None:
        """Refuse weights that nothing can be weighed by, with an ``InputError`` that names the setting and its value."""
        weights = {name: getattr(self, name) for name in _TYPES if name.startswith(_WEIGHT)}
        for name, value in weights.items():
            if not 0 <= value < math.inf:
                raise InputError(
                    f"setting {name!r} is {value}, which is no weight.",
                    next_step="Give a number of 0 or more; 0 = it does not count.",
                    details={"setting": name, "value": str(value)},
                )
        if not any(weights.values()):
            raise InputError(
                f"all weights of the rating are 0: {', '.join(weights)}.",
                next_step="Give one of them at least a number above 0.",
                details={"settings": list(weights)},
            )


def load_settings(
    workspace: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **arguments: Value,
) -> Settings:
    """Build settings from ``workbench.toml`` beside ``workspace``, the environment, then arguments.

    Raises
    ------
    InputError
        A name is unknown or a value does not have the setting's type.
    """
    merged: dict[str, Value] = {}
    file = workspace.parent / "workbench.toml" if workspace is not None else None
    if file is not None and file.exists():
        merged.update(tomllib.loads(file.read_text("utf-8")))
        _refuse_command(merged, file)
    for name, text in (os.environ if environ is None else environ).items():
        if name.startswith("WORKBENCH_") and name[10:].lower() in _TYPES:
            merged[name[10:].lower()] = text
    merged.update(arguments)
    typed: dict[str, Any] = {name: _typed(name, value) for name, value in merged.items()}
    return Settings(**typed)


def _refuse_command(found: Mapping[str, Value], file: Path) -> None:
    # Whoever can put a file beside a workspace would run programs as everybody who opens it.
    if str(found.get("key_source", "")).strip().startswith("command:"):
        raise InputError(
            f"{str(file)!r} names a command as 'key_source'; a file beside a workspace may start no program.",
            next_step="Take it out, and set the variable WORKBENCH_KEY_SOURCE to it.",
            details={"path": str(file)},
        )


def without_key(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process that needs neither the key of an encrypted workspace nor the provider's secret."""
    return {name: value for name, value in environ.items() if name not in (KEY_VARIABLE, OPENID_VARIABLE)}


_TYPES: dict[str, type] = {f.name: type(f.default) for f in fields(Settings)}


def _typed(name: str, value: Value) -> Value:
    if name not in _TYPES:
        raise InputError(
            f"unknown setting {name!r}.",
            next_step=f"Known: {', '.join(sorted(_TYPES))}.",
        )
    kind = _TYPES[name]
    try:
        typed: Value = kind(value)
    except ValueError as error:
        raise InputError(
            f"setting {name!r} must be {kind.__name__}, got {value!r}.",
            next_step="Correct it in workbench.toml, the environment or the call.",
        ) from error
    return typed
