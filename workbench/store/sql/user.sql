-- Users and groups.

-- name: list
-- Users who are not deleted, by name; or one of them by id, name, e-mail (any case) or who vouches (NULL = all).
-- parameters: user_id, name, email, issuer, external_id
-- returns: user_id, name, email, title, created_at, created_by, disabled_at, last_sign_in_at, has_password, password_changed_at, must_change_password, has_code, issuer, external_id, group_names, locked_until
SELECT u.user_id, u.name, u.email, u.title, u.created_at, u.created_by, u.disabled_at, u.last_sign_in_at,
    u.has_password, u.password_changed_at, u.must_change_password, u.has_code, u.issuer, u.external_id,
    (SELECT list(m.group_name ORDER BY m.group_name) FROM user_group_member m WHERE m.user_id = u.user_id)
        AS group_names,
    (SELECT max(a.locked_until) FROM sign_in_attempt a WHERE a.user_id = u.user_id) AS locked_until
FROM user_account u
WHERE u.deleted_at IS NULL
    AND ($user_id::VARCHAR IS NULL OR u.user_id = $user_id::VARCHAR)
    AND ($name::VARCHAR IS NULL OR lower(u.name) = lower($name::VARCHAR))
    AND ($email::VARCHAR IS NULL OR lower(u.email) = lower($email::VARCHAR))
    AND ($issuer::VARCHAR IS NULL OR (u.issuer = $issuer::VARCHAR AND u.external_id = $external_id::VARCHAR))
ORDER BY lower(u.name);

-- name: any
-- How many users there are.
-- returns: n_users
SELECT count(*) AS n_users FROM user_account WHERE deleted_at IS NULL;

-- name: deleted
-- How many deleted users had a name, in any case.
-- parameters: name
-- returns: n_users
SELECT count(*) AS n_users FROM user_account WHERE deleted_at IS NOT NULL AND lower(name) = lower($name);

-- name: add
-- Insert a user.
-- parameters: user_id, name, email, title, created_at, created_by, issuer, external_id
INSERT INTO user_account (user_id, name, email, title, created_at, created_by, has_password, must_change_password,
    has_code, code_step, issuer, external_id)
VALUES ($user_id, $name, $email, $title, $created_at, $created_by, FALSE, FALSE, FALSE, 0, $issuer, $external_id);

-- name: amend
-- Change what is known of a user.
-- parameters: user_id, email, title, disabled_at, issuer, external_id
UPDATE user_account SET email = $email, title = $title, disabled_at = $disabled_at, issuer = $issuer,
    external_id = $external_id
WHERE user_id = $user_id;

-- name: delete
-- Leave nothing of a user but the name.
-- parameters: user_id, deleted_at
UPDATE user_account SET deleted_at = $deleted_at, email = '', title = '', has_password = FALSE, has_code = FALSE,
    issuer = '', external_id = ''
WHERE user_id = $user_id;

-- name: password_changed
-- Note that a password was set.
-- parameters: user_id, must_change_password, password_changed_at
UPDATE user_account SET has_password = TRUE, must_change_password = $must_change_password,
    password_changed_at = $password_changed_at
WHERE user_id = $user_id;

-- name: code_switched
-- Note whether one-time codes are asked for.
-- parameters: user_id, has_code
UPDATE user_account SET has_code = $has_code WHERE user_id = $user_id;

-- name: code_step
-- The time step of the last one-time code that was taken, no row for an unknown user.
-- parameters: user_id
-- returns: code_step
SELECT code_step FROM user_account WHERE user_id = $user_id;

-- name: code_used
-- Note the time step of a one-time code that was taken.
-- parameters: user_id, code_step
UPDATE user_account SET code_step = $code_step WHERE user_id = $user_id;

-- name: signed_in
-- Note a sign-in.
-- parameters: user_id, at
UPDATE user_account SET last_sign_in_at = $at WHERE user_id = $user_id;

-- name: attempt
-- Failed sign-ins of a user in a row, no row without one.
-- parameters: user_id
-- returns: n_failures, last_at, locked_until
SELECT n_failures, last_at, locked_until FROM sign_in_attempt WHERE user_id = $user_id;

-- name: drop_attempts
-- Forget failed sign-ins of a user.
-- parameters: user_id
DELETE FROM sign_in_attempt WHERE user_id = $user_id;

-- name: put_attempt
-- Note failed sign-ins of a user.
-- parameters: user_id, n_failures, last_at, locked_until
INSERT INTO sign_in_attempt (user_id, n_failures, last_at, locked_until)
VALUES ($user_id, $n_failures, $last_at, $locked_until);

-- name: groups
-- Groups by name, with the names of their members.
-- returns: name, title, created_at, created_by, members
SELECT g.name, g.title, g.created_at, g.created_by,
    (SELECT list(u.name ORDER BY lower(u.name)) FROM user_group_member m JOIN user_account u ON u.user_id = m.user_id
        WHERE m.group_name = g.name) AS members
FROM user_group g
ORDER BY g.name;

-- name: add_group
-- Insert a group.
-- parameters: name, title, created_at, created_by
INSERT INTO user_group (name, title, created_at, created_by) VALUES ($name, $title, $created_at, $created_by);

-- name: amend_group
-- Change the title of a group.
-- parameters: name, title
UPDATE user_group SET title = $title WHERE name = $name;

-- name: drop_group
-- Remove a group.
-- parameters: name
DELETE FROM user_group WHERE name = $name;

-- name: add_member
-- Put a user into a group.
-- parameters: group_name, user_id
INSERT INTO user_group_member (group_name, user_id) VALUES ($group_name, $user_id);

-- name: drop_members
-- Take a user (NULL = every one) out of a group (NULL = every one).
-- parameters: group_name, user_id
DELETE FROM user_group_member
WHERE ($group_name::VARCHAR IS NULL OR group_name = $group_name::VARCHAR)
    AND ($user_id::VARCHAR IS NULL OR user_id = $user_id::VARCHAR);
