-- Streams, and what the model versions that they hold say of messages.

-- name: all
-- Streams of a dataset, by name.
-- parameters: dataset_id
-- returns: stream_id, name, title, description, message_filter, version, unlisted, created_at, updated_at
SELECT stream_id, name, title, description, message_filter::VARCHAR AS message_filter, version, unlisted, created_at, updated_at
FROM stream WHERE dataset_id = $dataset_id
ORDER BY name;

-- name: thresholds
-- Thresholds of the streams of a dataset, in the order they were given in.
-- parameters: dataset_id
-- returns: stream_id, label_id, threshold
SELECT stream_id, label_id, threshold FROM stream_threshold
WHERE dataset_id = $dataset_id
ORDER BY stream_id, position;

-- name: add
-- Insert a stream.
-- parameters: stream_id, dataset_id, name, title, description, message_filter, version, unlisted, created_at, updated_at
INSERT INTO stream (stream_id, dataset_id, name, title, description, message_filter, version, unlisted, created_at, updated_at)
VALUES ($stream_id, $dataset_id, $name, $title, $description, $message_filter, $version, $unlisted, $created_at, $updated_at);

-- name: add_thresholds
-- Insert the thresholds of a stream.
-- parameters: stream_id, dataset_id
-- staged: position INTEGER, label_id VARCHAR, threshold DOUBLE
INSERT INTO stream_threshold (stream_id, dataset_id, position, label_id, threshold)
SELECT $stream_id, $dataset_id, position, label_id, threshold FROM staged;

-- name: drop
-- Remove a stream; its thresholds are dropped on their own.
-- parameters: stream_id
DELETE FROM stream WHERE stream_id = $stream_id;

-- name: drop_thresholds
-- Remove the thresholds of a stream.
-- parameters: stream_id
DELETE FROM stream_threshold WHERE stream_id = $stream_id;

-- name: said
-- Those of the messages that are in the dataset and pass, with what a version says of each; NULL = nothing yet. Both
-- are found by their keys first: a join in the same step would read the whole tables.
-- parameters: dataset_id, version, uids, keys
-- returns: uid, probabilities, sentiments
WITH m AS MATERIALIZED (FROM message WHERE uid IN (SELECT unnest($uids::VARCHAR[])) /*by index*/),
found AS MATERIALIZED (
    SELECT dataset_id, version, uid, probabilities, sentiments FROM prediction
    WHERE rowid IN (SELECT rowid FROM prediction WHERE uid_key IN (SELECT unnest($keys::UBIGINT[])))
)
SELECT m.uid, f.probabilities, f.sentiments
FROM m
LEFT JOIN found f ON f.dataset_id = $dataset_id AND f.version = $version::INTEGER AND f.uid = m.uid
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND TRUE /*where*/;

-- name: position
-- How far a stream has been consumed.
-- parameters: stream_id
-- returns: position, resets, moved_at, moved_by
SELECT position, resets, moved_at, moved_by FROM stream_position WHERE stream_id = $stream_id;

-- name: add_position
-- Insert how far a stream has been consumed; what was known of it is dropped on its own.
-- parameters: stream_id, dataset_id, position, n_resets, moved_at, moved_by
INSERT INTO stream_position (stream_id, dataset_id, position, resets, moved_at, moved_by)
VALUES ($stream_id, $dataset_id, $position, $n_resets, $moved_at, $moved_by);

-- name: drop_position
-- Remove how far a stream has been consumed.
-- parameters: stream_id
DELETE FROM stream_position WHERE stream_id = $stream_id;

-- name: seqs
-- Numbers of a dataset's messages after one number, up to another, in order of arrival.
-- parameters: dataset_id, after, last
-- returns: upload_seq
SELECT m.upload_seq FROM message m
WHERE m.upload_seq > $after AND m.upload_seq <= $last
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
ORDER BY m.upload_seq;

-- name: passing
-- The first of a dataset's messages that pass, after one number, up to another, in order of arrival.
-- parameters: dataset_id, after, last, n_most
-- returns: upload_seq, uid
SELECT m.upload_seq, m.uid FROM message m
WHERE m.upload_seq > $after AND m.upload_seq <= $last
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND TRUE /*where*/
ORDER BY m.upload_seq
LIMIT $n_most::BIGINT;

-- name: more
-- A row when the dataset has messages after a number.
-- parameters: dataset_id, after
-- returns: one
SELECT 1 AS one FROM message m
WHERE m.upload_seq > $after
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
LIMIT 1;

-- name: behind
-- How many messages of sources came after a number, and the number of the first of them. Sources are handed in, for the
-- database to compare with: a join would take three times as long.
-- parameters: source_ids, after
-- returns: n, first_seq
SELECT count(*) AS n, min(m.upload_seq) AS first_seq
FROM message m
WHERE m.upload_seq > $after AND m.source_id IN (SELECT unnest($source_ids::VARCHAR[]));

-- name: stored_at
-- When the message of a number was stored.
-- parameters: seq
-- returns: created_at
SELECT created_at FROM message WHERE upload_seq = $seq;

-- name: first_since
-- The number of the first of a dataset's messages that were stored at a time or later, NULL without one.
-- parameters: dataset_id, since
-- returns: first_seq
SELECT min(m.upload_seq) AS first_seq FROM message m
WHERE m.created_at >= $since
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id);

-- name: predicted
-- What a version says of messages, in any order. Rows are found by their keys alone, and what else is asked of them
-- afterwards.
-- parameters: dataset_id, version, keys
-- returns: uid, probabilities, sentiments
WITH found AS MATERIALIZED (
    SELECT dataset_id, version, uid, probabilities, sentiments FROM prediction
    WHERE rowid IN (SELECT rowid FROM prediction WHERE uid_key IN (SELECT unnest($keys::UBIGINT[])))
)
SELECT uid, probabilities, sentiments FROM found
WHERE dataset_id = $dataset_id AND version = $version::INTEGER;

-- name: waiting
-- How many of a dataset's messages after one number, up to another, pass, and when the first of them was stored.
-- parameters: dataset_id, after, last
-- returns: n, first_at
SELECT count(*) AS n, arg_min(m.created_at, m.upload_seq) AS first_at
FROM message m
WHERE m.upload_seq > $after AND m.upload_seq <= $last
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND TRUE /*where*/;

-- name: delivered_in
-- What a stream handed on in one hour, in one way.
-- parameters: stream_id, way, hour_at
-- returns: n
SELECT n FROM stream_delivery WHERE stream_id = $stream_id AND way = $way AND hour = $hour_at;

-- name: add_delivery
-- Insert what a stream handed on in one hour; what was known of it is dropped on its own.
-- parameters: stream_id, dataset_id, way, hour_at, n, last_at
INSERT INTO stream_delivery (stream_id, dataset_id, way, hour, n, last_at)
VALUES ($stream_id, $dataset_id, $way, $hour_at, $n, $last_at);

-- name: drop_delivery
-- Remove what a stream handed on in one hour, in one way.
-- parameters: stream_id, way, hour_at
DELETE FROM stream_delivery WHERE stream_id = $stream_id AND way = $way AND hour = $hour_at;

-- name: drop_deliveries
-- Remove what a stream handed on.
-- parameters: stream_id
DELETE FROM stream_delivery WHERE stream_id = $stream_id;

-- name: delivered
-- What a stream handed on in one way, in all, and when it last did.
-- parameters: stream_id, way
-- returns: n, last_at
SELECT coalesce(sum(n), 0)::BIGINT AS n, max(last_at) AS last_at FROM stream_delivery
WHERE stream_id = $stream_id AND way = $way;

-- name: delivered_since
-- What a stream handed on in one way by hour, from an hour on.
-- parameters: stream_id, way, since
-- returns: hour, n
SELECT hour, n FROM stream_delivery
WHERE stream_id = $stream_id AND way = $way AND hour >= $since
ORDER BY hour;
