-- Integrations, their mailboxes, and how far each folder was read.

-- name: add
-- Insert an integration.
-- parameters: integration_id, project, name, title, connection, enabled, disabled_reason, created_at
INSERT INTO integration (integration_id, project, name, title, connection, enabled, disabled_reason, created_at)
VALUES ($integration_id, $project, $name, $title, $connection, $enabled, $disabled_reason, $created_at);

-- name: list
-- Integrations of a project (NULL = all), or one by id (NULL = all), by name.
-- parameters: project, integration_id
-- returns: integration_id, project, name, title, connection, enabled, disabled_reason, created_at, updated_at
SELECT integration_id, project, name, title, connection::VARCHAR AS connection, enabled, disabled_reason,
    created_at, updated_at
FROM integration
WHERE ($project::VARCHAR IS NULL OR project = $project::VARCHAR)
    AND ($integration_id::VARCHAR IS NULL OR integration_id = $integration_id::VARCHAR)
ORDER BY project, name;

-- name: amend
-- Change title, connection and switch of an integration.
-- parameters: integration_id, title, connection, enabled, disabled_reason, updated_at
UPDATE integration SET title = $title, connection = $connection, enabled = $enabled,
    disabled_reason = $disabled_reason, updated_at = $updated_at
WHERE integration_id = $integration_id;

-- name: mailboxes
-- Mailboxes of one integration (NULL = of all), in their order.
-- parameters: integration_id
-- returns: integration_id, configuration, enabled, disabled_reason, n_failures, error_code, error, next_step, tried_at, next_try_at, n_problems, problems
SELECT integration_id, configuration::VARCHAR AS configuration, enabled, disabled_reason, n_failures, error_code,
    error, next_step, tried_at, next_try_at, n_problems, problems::VARCHAR AS problems
FROM integration_mailbox
WHERE $integration_id::VARCHAR IS NULL OR integration_id = $integration_id::VARCHAR
ORDER BY integration_id, position;

-- name: put_mailbox
-- Add a mailbox, or change how it is set up; its status stays.
-- parameters: integration_id, address, position, configuration, enabled, disabled_reason, next_try_at
INSERT INTO integration_mailbox (integration_id, address, position, configuration, enabled, disabled_reason,
    n_failures, n_throttled, error_code, error, next_step, next_try_at, n_problems, problems)
VALUES ($integration_id, $address, $position, $configuration, $enabled, $disabled_reason, 0, 0, '', '', '',
    $next_try_at, 0, '[]')
ON CONFLICT DO UPDATE SET position = excluded.position, configuration = excluded.configuration;

-- name: mailbox_status
-- Whether a mailbox is read, with its integration's switch.
-- parameters: integration_id, address
-- returns: enabled, disabled_reason, n_failures, n_throttled, is_on
SELECT m.enabled, m.disabled_reason, m.n_failures, m.n_throttled, i.enabled AS is_on
FROM integration_mailbox m JOIN integration i ON i.integration_id = m.integration_id
WHERE m.integration_id = $integration_id AND m.address = $address;

-- name: set_status
-- Write what became of an attempt or a switch.
-- parameters: integration_id, address, enabled, disabled_reason, n_failures, n_throttled, error_code, error, next_step, tried_at, next_try_at
UPDATE integration_mailbox SET enabled = $enabled, disabled_reason = $disabled_reason, n_failures = $n_failures,
    n_throttled = $n_throttled, error_code = $error_code, error = $error, next_step = $next_step,
    tried_at = coalesce($tried_at::TIMESTAMPTZ, tried_at), next_try_at = $next_try_at
WHERE integration_id = $integration_id AND address = $address;

-- name: note_problems
-- Note mails that could not be read.
-- parameters: integration_id, address, n_problems, problems
UPDATE integration_mailbox SET n_problems = n_problems + $n_problems, problems = $problems
WHERE integration_id = $integration_id AND address = $address;

-- name: due
-- Mailboxes whose turn has come, longest waiting first; those without room are looked at too.
-- parameters: at
-- returns: integration_id, address
SELECT m.integration_id, m.address
FROM integration_mailbox m JOIN integration i ON i.integration_id = m.integration_id
WHERE i.enabled AND (m.enabled OR m.disabled_reason = 'quota')
    AND (m.next_try_at IS NULL OR m.next_try_at <= $at)
ORDER BY m.next_try_at NULLS FIRST, m.integration_id, m.address;

-- name: any
-- How many integrations there are.
-- returns: n
SELECT count(*) AS n FROM integration;

-- name: folders
-- How far the folders of a mailbox (NULL = of every one) of an integration (NULL = of all) were read.
-- parameters: integration_id, address
-- returns: integration_id, address, folder, cursor, up_to_date, synced_until, last_synced_at, error
SELECT integration_id, address, folder, cursor, up_to_date, synced_until, last_synced_at, error
FROM sync_state
WHERE ($integration_id::VARCHAR IS NULL OR integration_id = $integration_id::VARCHAR)
    AND ($address::VARCHAR IS NULL OR address = $address::VARCHAR)
ORDER BY integration_id, address, folder;

-- name: n_mails
-- Mails that were found in each folder of the mailboxes of an integration (NULL = of all), in their buckets.
-- parameters: integration_id
-- returns: integration_id, address, folder, n_mails
WITH flow AS (
    SELECT m.integration_id, m.address, b.bucket_id
    FROM integration_mailbox m
    JOIN bucket b ON b.project = json_extract_string(m.configuration, '$.bucket.project')
        AND b.name = json_extract_string(m.configuration, '$.bucket.name')
    WHERE $integration_id::VARCHAR IS NULL OR m.integration_id = $integration_id::VARCHAR
)
SELECT f.integration_id, f.address, p.folder, p.n_mails
FROM flow f
JOIN (
    SELECT mailbox, left(mail_id, 16) AS bucket_id, folder::VARCHAR AS folder, count(*) AS n_mails
    FROM mail_place
    WHERE mailbox IN (SELECT address FROM flow)
    GROUP BY ALL
) p ON p.mailbox = f.address AND p.bucket_id = f.bucket_id;

-- name: n_records
-- Messages of each kind of record in the sources that mailboxes of an integration (NULL = of all) flow into.
-- parameters: integration_id
-- returns: integration_id, address, folder, n_records
WITH flow AS (
    SELECT integration_id, address, json_extract_string(configuration, '$.source') AS source_id
    FROM integration_mailbox
    WHERE json_extract_string(configuration, '$.source') IS NOT NULL
        AND ($integration_id::VARCHAR IS NULL OR integration_id = $integration_id::VARCHAR)
)
SELECT f.integration_id, f.address, r.folder, r.n_records
FROM flow f
JOIN (
    SELECT left(uid, 16) AS source_id, to_json([string_value])::VARCHAR AS folder, count(*) AS n_records
    FROM message_property
    WHERE name = 'string:Record' AND left(uid, 16) IN (SELECT source_id FROM flow)
    GROUP BY ALL
) r ON r.source_id = f.source_id;

-- name: put_folder
-- Write how far a folder was read, with success.
-- parameters: integration_id, address, folder, cursor, up_to_date, synced_until, last_synced_at
INSERT INTO sync_state (integration_id, address, folder, cursor, up_to_date, synced_until, last_synced_at, error)
VALUES ($integration_id, $address, $folder, $cursor, $up_to_date, $synced_until, $last_synced_at, '')
ON CONFLICT DO UPDATE SET cursor = excluded.cursor, up_to_date = excluded.up_to_date,
    synced_until = excluded.synced_until, last_synced_at = excluded.last_synced_at, error = '';

-- name: fail_folder
-- Write why a folder could not be read; how far it was stays.
-- parameters: integration_id, address, folder, error
INSERT INTO sync_state (integration_id, address, folder, cursor, up_to_date, error)
VALUES ($integration_id, $address, $folder, '', FALSE, $error)
ON CONFLICT DO UPDATE SET error = excluded.error;

-- name: drop_folders
-- Forget how far a mailbox (NULL = every one of the integration), or one folder (NULL = all), was read.
-- parameters: integration_id, address, folder
DELETE FROM sync_state
WHERE integration_id = $integration_id AND ($address::VARCHAR IS NULL OR address = $address::VARCHAR)
    AND ($folder::VARCHAR IS NULL OR folder = $folder::VARCHAR);

-- name: drop_mailboxes
-- Remove a mailbox (NULL = every one) of an integration.
-- parameters: integration_id, address
DELETE FROM integration_mailbox
WHERE integration_id = $integration_id AND ($address::VARCHAR IS NULL OR address = $address::VARCHAR);

-- name: drop
-- Remove an integration.
-- parameters: integration_id
DELETE FROM integration WHERE integration_id = $integration_id;
