-- Tokens that stand for users: of the interface, and sessions.

-- name: list
-- Tokens of a user (NULL = of all), one token by id (NULL = all), newest first.
-- parameters: user_id, token_id
-- returns: token_id, name, kind, title, prefix, created_at, created_by, expires_at, last_used_at, revoked_at, projects, permissions
SELECT t.token_id, u.name, t.kind, t.title, t.prefix, t.created_at, t.created_by, t.expires_at, t.last_used_at,
    t.revoked_at, t.projects, t.permissions
FROM access_token t JOIN user_account u ON u.user_id = t.user_id
WHERE ($user_id::VARCHAR IS NULL OR t.user_id = $user_id::VARCHAR)
    AND ($token_id::VARCHAR IS NULL OR t.token_id = $token_id::VARCHAR)
ORDER BY t.created_at DESC, t.token_id;

-- name: behind
-- The token of a secret, and the user it stands for; no row when there is none.
-- parameters: secret_hash
-- returns: token_id, user_id, kind, expires_at, last_used_at, revoked_at, projects, permissions, created_at
SELECT token_id, user_id, kind, expires_at, last_used_at, revoked_at, projects, permissions, created_at
FROM access_token WHERE secret_hash = $secret_hash;

-- name: made_or_used
-- Hashes of the secrets of what is not revoked and was made or used since, the latest first.
-- parameters: since, limit
-- returns: secret_hash
SELECT secret_hash FROM access_token
WHERE revoked_at IS NULL AND coalesce(last_used_at, created_at) >= $since
ORDER BY coalesce(last_used_at, created_at) DESC LIMIT $limit;

-- name: add
-- Insert a token.
-- parameters: token_id, user_id, kind, title, secret_hash, prefix, created_at, created_by, expires_at, projects, permissions
INSERT INTO access_token (token_id, user_id, kind, title, secret_hash, prefix, created_at, created_by, expires_at,
    projects, permissions)
VALUES ($token_id, $user_id, $kind, $title, $secret_hash, $prefix, $created_at, $created_by, $expires_at,
    $projects, $permissions);

-- name: resecret
-- Give a token another secret.
-- parameters: token_id, secret_hash, prefix
UPDATE access_token SET secret_hash = $secret_hash, prefix = $prefix WHERE token_id = $token_id;

-- name: revoke
-- Revoke what is not revoked of one token (NULL = all), of a user (NULL = of all), of a kind (NULL = all), but one.
-- parameters: token_id, user_id, kind, kept, at
UPDATE access_token SET revoked_at = $at
WHERE revoked_at IS NULL AND ($token_id::VARCHAR IS NULL OR token_id = $token_id::VARCHAR)
    AND ($user_id::VARCHAR IS NULL OR user_id = $user_id::VARCHAR)
    AND ($kind::VARCHAR IS NULL OR kind = $kind::VARCHAR)
    AND token_id <> $kept;

-- name: used
-- Note when a token was used.
-- parameters: token_id, at
UPDATE access_token SET last_used_at = $at WHERE token_id = $token_id;

-- name: drop_sessions
-- Remove sessions that ended before a time.
-- parameters: until
DELETE FROM access_token WHERE kind = 'session' AND (expires_at < $until OR revoked_at < $until);
