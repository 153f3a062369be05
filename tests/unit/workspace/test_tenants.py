"""Tenants: each has a folder, a key and a file of its own, and none reads another's."""

from __future__ import annotations

import shutil
import stat
import threading
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.scanning import traces
from tests.stores import AT, fill, message
from workbench.errors import DuplicateNameError, InputError, UnknownNameError, WorkspaceKeyError
from workbench.primitives import database_kind
from workbench.settings import Settings, load_settings
from workbench.store import Store, find_key, read_key, restore
from workbench.workspace import Tenant, find_tenant, new_tenant, open_workspace, tenants

WORD = "zqmarkertext"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    return tmp_path / "root"


def made(root: Path, name: str, directory: Path | None = None) -> Tenant:
    key = str(root.parent / "keys" / f"{name}.key")
    return new_tenant(root, name, key=key, settings=Settings(), directory=directory, clock=lambda: AT)


def modes(folder: Path) -> dict[str, str]:
    return {
        str(one.relative_to(folder)): f"{stat.S_IMODE(one.stat().st_mode):04o}" for one in folder.rglob("*")
    }


def test_each_has_a_key_and_a_folder_of_its_own(root: Path) -> None:
    first, second = made(root, "acme"), made(root, "b-2")
    assert tenants(root) == (first, second) == (find_tenant(root, "acme"), find_tenant(root, "b-2"))
    assert (first.file, first.dedicated, first.created_at) == (root / "acme/acme.duckdb", False, AT)
    keys = [load_settings(tenant.file, {}).key_file for tenant in (first, second)]
    assert keys == [str(root.parent / "keys" / f"{name}.key") for name in ("acme", "b-2")]
    assert read_key(Path(keys[0])).secret != read_key(Path(keys[1])).secret
    assert first.kind == second.kind == "encrypted"
    assert all(mode in ("0600", "0700") for mode in modes(root).values()), modes(root)
    registry = (root / "tenants.toml").read_text("utf-8")
    assert read_key(Path(keys[0])).secret not in registry
    assert set(tomllib.loads(registry)) == {"acme", "b-2"}


def test_dedicated_is_a_directory_with_everything_in_it(root: Path) -> None:
    """File, companion folder, spilled files, settings and backups: nothing of it lies in the root folder."""
    shared, own = made(root, "acme"), made(root, "vault", root.parent / "disk two/vault")
    assert own.dedicated
    assert own.folder == root.parent / "disk two/vault"
    assert find_tenant(root, "vault") == own
    assert not (root / "vault").exists()
    before = modes(root)
    with Store.open(
        own.file, n_threads=1, key=find_key(load_settings(own.file, {}), workspace=own.file)
    ) as store:
        fill(store, message("1", body=WORD))
        store.publish(own.backups / "copy.duckdb")
        found = store._root.execute("SELECT current_setting('temp_directory')").fetchall()
    assert found == [(str(own.folder / "vault.duckdb.workbench/tmp"),)]
    assert database_kind(own.backups / "copy.duckdb") == "encrypted"
    assert modes(root) == before
    assert traces([root.parent], [WORD]) == []
    assert shared.folder in root.iterdir()


def test_no_process_of_one_reads_the_file_of_another(root: Path) -> None:
    """Neither with its key, nor by a query, nor by a copy over it, nor from a backup."""
    one, other = made(root, "one"), made(root, "other")
    keys = {t.name: find_key(load_settings(t.file, {}), workspace=t.file) for t in (one, other)}
    with Store.open(other.file, n_threads=1, key=keys["other"]) as store:
        fill(store, message("1", body=WORD))
        store.publish(other.backups / "copy.duckdb")
    before = other.file.read_bytes()
    for file in (other.file, other.backups / "copy.duckdb"):
        for read_only in (True, False):
            with pytest.raises(WorkspaceKeyError, match="key does not open"):
                Store.open(file, key=keys["one"], read_only=read_only)
    with pytest.raises(WorkspaceKeyError, match="key does not open"):
        restore(other.backups / "copy.duckdb", one.folder / "stolen.duckdb", key=keys["one"])
    with open_workspace(one.file, settings=load_settings(one.file, {}), key=keys["one"]) as opened:
        operations = opened.operations("analyst")
        for query in (
            f"SELECT * FROM read_blob('{other.file}')",
            f"SELECT * FROM '{other.file}'",
            f"ATTACH '{other.file}' AS x",
        ):
            with pytest.raises(InputError):
                operations.sql(query)
        with pytest.raises(InputError, match="is not overwritten") as caught:
            operations.publish(str(other.file))
        assert "Name a new file" in caught.value.next_step
        copy = operations.publish(str(one.backups / "copy.duckdb"))
        assert operations.publish(copy) == copy  # an earlier copy may be replaced
    assert other.file.read_bytes() == before
    assert not list(one.folder.glob("stolen*"))


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "a/b", "/abs", "A", "a b", "-a", "a" * 41, "a\n", "ä", "a.b", "a\x00", "tenants.toml"],
)
def test_a_name_is_no_path(root: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be the name of a tenant") as caught:
        made(root, name)
    assert "small letters" in caught.value.next_step
    assert not root.exists()
    with pytest.raises(UnknownNameError, match="unknown tenant"):
        find_tenant(root, name)


def test_what_would_mix_tenants_is_refused(root: Path) -> None:
    acme = made(root, "acme", root.parent / "disk/acme")
    with pytest.raises(DuplicateNameError, match="a tenant named 'acme' exists already"):
        made(root, "acme")
    (root.parent / "link").symlink_to(acme.folder)
    for directory in (
        root / "x",
        root.parent,
        acme.folder,
        acme.folder / "x",
        root.parent / "disk",
        root.parent / "link",
    ):
        with pytest.raises(InputError, match="shares files with") as caught:
            made(root, "x", directory)
        assert "neither in another tenant's" in caught.value.next_step
    (root / "full").mkdir()
    (root / "full" / "full.duckdb").touch()
    with pytest.raises(InputError, match="is not empty") as caught:
        made(root, "full")
    assert "empty folder" in caught.value.next_step
    (root / "led").symlink_to(root.parent / "keys")
    with pytest.raises(InputError, match=r"shares files with|is not empty"):
        made(root, "led")
    (root.parent / "file").touch()
    with pytest.raises(InputError, match="cannot be made"):
        made(root, "x", root.parent / "file" / "x")
    for key in (root / "x.key", root / "x" / "x.key", acme.folder / "x.key"):
        with pytest.raises(InputError, match="would lie beside the data") as caught:
            new_tenant(root, "x", key=str(key), settings=Settings())
        assert "elsewhere" in caught.value.next_step
    with pytest.raises(InputError, match="cannot be made"):
        new_tenant(root, "x", key=str(root.parent / "keys/acme.key"), settings=Settings())
    with pytest.raises(InputError, match="a key command gives a key"):
        new_tenant(root, "x", key="command:pass", settings=Settings())
    assert [tenant.name for tenant in tenants(root)] == ["acme"]


def test_a_start_that_was_cut_off_can_be_made_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.workspace import tenancy

    monkeypatch.setattr(tenancy.Store, "open", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        made(root, "acme")
    monkeypatch.undo()
    assert tenants(root) == ()
    (root.parent / "keys/acme.key").unlink()
    assert tenants(root) == () != (made(root, "acme"),)


def test_a_registry_that_others_may_write_is_not_believed(root: Path) -> None:
    made(root, "acme")
    for path in (root / "tenants.toml", root):
        mode = path.stat().st_mode
        path.chmod(mode | 0o020)
        with pytest.raises(InputError, match="not yours alone to write") as caught:
            tenants(root)
        assert "chmod go-w" in caught.value.next_step
        path.chmod(mode)
    with pytest.raises(InputError, match="not yours alone to write"):
        root.chmod(0o777)
        made(root, "b")


@pytest.mark.parametrize(
    "text",
    [
        "[acme",
        "acme = 1\n",
        "[acme]\n",
        '[acme]\ncreated_at = "now"\n',
        "[acme]\ncreated_at = 2026-01-01T00:00:00Z\ndirectory = '../x'\n",
        "['../x']\ncreated_at = 2026-01-01T00:00:00Z\n",
    ],
)
def test_a_registry_that_cannot_be_read_is_not_guessed(root: Path, text: str) -> None:
    made(root, "acme")
    (root / "tenants.toml").write_text(text, "utf-8")
    with pytest.raises(InputError, match="cannot be read") as caught:
        tenants(root)
    assert "untouched" in caught.value.next_step


def test_two_that_are_made_at_once_are_both_there(root: Path) -> None:
    threads = [threading.Thread(target=made, args=(root, f"t{i}")) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [tenant.name for tenant in tenants(root)] == ["t0", "t1", "t2", "t3"]


def test_a_lost_folder_is_listed_as_it_is(root: Path) -> None:
    tenant = made(root, "acme")
    shutil.rmtree(tenant.folder)
    assert [one.kind for one in tenants(root)] == ["absent"]
    assert tenants(root)[0].created_at < datetime.now(UTC)
