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
WITH m AS MATERIALIZED (FROM message WHERE uid IN (SELECT unnest($uids::VARCHAR[]))),
found AS MATERIALIZED (
    SELECT dataset_id, version, uid, probabilities, sentiments FROM prediction
    WHERE rowid IN (SELECT rowid FROM prediction WHERE uid_key IN (SELECT unnest($keys::UBIGINT[])))
)
SELECT m.uid, f.probabilities, f.sentiments
FROM m
LEFT JOIN found f ON f.dataset_id = $dataset_id AND f.version = $version::INTEGER AND f.uid = m.uid
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND TRUE /*where*/;
