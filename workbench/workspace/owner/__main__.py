"""``python -m workbench.workspace.owner FILE``: hold the file, answer clients, leave when idle."""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import signal
import sys
from pathlib import Path

from workbench.domain import Operations
from workbench.errors import StoreLockedError, WorkbenchError
from workbench.settings import KEY_VARIABLE, load_settings
from workbench.store import find_key
from workbench.wire import Call, companion_folder, operator_file, socket_path
from workbench.workspace.opening import open_workspace
from workbench.workspace.owner.doorkeeper import Doorkeeper, channel_of, operator_token
from workbench.workspace.owner.server import OwnerServer

log = logging.getLogger("workbench.owner")


def main() -> int:
    """Return 0 after idling, being told to stop, or finding another owner; 1 when the file cannot be opened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--idle", type=float, default=None)
    arguments = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s",
    )
    os.umask(0o077)  # the file, its log and what is derived from it are for this user alone
    path = arguments.workspace.absolute()
    left = companion_folder(path) / "owner-error.json"
    settings = load_settings(path)
    try:
        left.unlink(missing_ok=True)
        key = find_key(settings, workspace=path)
        os.environ.pop(KEY_VARIABLE, None)  # the workers it starts need no key
        if key is not None:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the key and the texts
        opened = open_workspace(path, settings=settings, key=key)
    except StoreLockedError as error:
        log.info("another owner holds the file: %s", error)
        return 0
    except WorkbenchError as error:
        log.error("cannot open: %s", error)  # noqa: TRY400 - the reader needs the sentence, not the traceback
        left.parent.mkdir(exist_ok=True)
        parts = ("code", "message", "next_step", "details")
        left.write_text(json.dumps({part: getattr(error, part) for part in parts}), "utf-8")
        return 1
    with opened:
        keeper = Doorkeeper(opened.accounts, operator_token=operator_token(operator_file(path)))

        def operations_of(call: Call, user: str) -> Operations:
            return opened.operations_for(
                keeper.principal(call, user), channel=channel_of(call), call_id=call.call_id
            )

        server = OwnerServer(
            socket_path(path),
            operations_of=operations_of,
            busy=opened.busy,
            leaving=opened.leave,
            idle_s=settings.owner_idle_s if arguments.idle is None else arguments.idle,
        )
        opened.count_clients(lambda: server.n_clients)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        pid_file = companion_folder(path) / "owner.pid"
        pid_file.write_text(str(os.getpid()), "ascii")
        log.info("owner of %s listens", path.name)
        try:
            server.serve()
        finally:
            log.info("owner of %s leaves", path.name)
    pid_file.unlink(missing_ok=True)  # after the file is released: its absence means that it is free
    return 0


if __name__ == "__main__":
    sys.exit(main())
