"""Users, groups, roles, and the tokens that stand for users."""

from __future__ import annotations

import duckdb

_TABLES = """
-- Passwords and the secrets of one-time codes are not here: no copy and no query reaches them.
-- A user who is deleted stays as a name, since the history of reviews and charges names them.
CREATE TABLE user_account (
    user_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    email VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by VARCHAR NOT NULL,
    disabled_at TIMESTAMPTZ,
    deleted_at TIMESTAMPTZ,
    last_sign_in_at TIMESTAMPTZ,
    has_password BOOLEAN NOT NULL,
    password_changed_at TIMESTAMPTZ,
    must_change_password BOOLEAN NOT NULL,
    has_code BOOLEAN NOT NULL,
    code_step BIGINT NOT NULL,
    issuer VARCHAR NOT NULL,
    external_id VARCHAR NOT NULL
);
CREATE TABLE user_group (
    name VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by VARCHAR NOT NULL
);
CREATE TABLE user_group_member (
    group_name VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL
);
-- The built-in roles are not here: they are the same everywhere.
CREATE TABLE role (
    name VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    scope VARCHAR NOT NULL,
    description VARCHAR NOT NULL
);
CREATE TABLE role_permission (
    role VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    permission VARCHAR NOT NULL
);
-- "subject" is the id of a user or the name of a group; no project = the whole workspace.
CREATE TABLE role_assignment (
    assignment_id VARCHAR NOT NULL,
    subject_kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    project VARCHAR,
    given_by VARCHAR NOT NULL,
    given_at TIMESTAMPTZ NOT NULL
);
-- SHA-256 of 256 random bits cannot be turned round, so it may lie in copies.
CREATE TABLE access_token (
    token_id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    secret_hash VARCHAR NOT NULL,
    prefix VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by VARCHAR NOT NULL,
    expires_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    projects VARCHAR[],
    permissions VARCHAR[]
);
CREATE TABLE sign_in_attempt (
    user_id VARCHAR NOT NULL,
    n_failures INTEGER NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    locked_until TIMESTAMPTZ
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables; without a user everything is as it was."""
    cursor.execute(_TABLES)
