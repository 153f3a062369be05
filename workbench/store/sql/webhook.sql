-- Webhooks: where streams are sent to, and how far.

-- name: of_stream
-- The target of a stream.
-- parameters: stream_id
-- returns: stream_id, dataset_id, webhook_id, url, batch_size, timeout_s, created_at, created_by, position, batch_end, paused, n_failures, last_success, last_failure, last_error, next_try
SELECT stream_id, dataset_id, webhook_id, url, batch_size, timeout_s, created_at, created_by, position, batch_end, paused, n_failures, last_success, last_failure, last_error, next_try
FROM stream_webhook WHERE stream_id = $stream_id;

-- name: due
-- Streams whose target may be sent something now: those with messages of any dataset behind their position.
-- parameters: at, last
-- returns: stream_id, name, dataset_id, url
SELECT w.stream_id, s.name, w.dataset_id, w.url FROM stream_webhook w JOIN stream s ON s.stream_id = w.stream_id
WHERE w.paused = '' AND w.position < $last AND (w.next_try IS NULL OR w.next_try <= $at)
ORDER BY w.next_try NULLS LAST, w.stream_id;

-- name: any
-- A row when a stream has a target.
-- parameters:
-- returns: one
SELECT 1 AS one FROM stream_webhook LIMIT 1;

-- name: of_dataset
-- Streams of a dataset that have a target.
-- parameters: dataset_id
-- returns: stream_id
SELECT stream_id FROM stream_webhook WHERE dataset_id = $dataset_id;

-- name: add
-- Insert the target of a stream; what was known of it is dropped on its own.
-- parameters: stream_id, dataset_id, webhook_id, url, batch_size, timeout_s, created_at, created_by, position, batch_end, paused, n_failures, last_success, last_failure, last_error, next_try
INSERT INTO stream_webhook (stream_id, dataset_id, webhook_id, url, batch_size, timeout_s, created_at, created_by, position, batch_end, paused, n_failures, last_success, last_failure, last_error, next_try)
VALUES ($stream_id, $dataset_id, $webhook_id, $url, $batch_size, $timeout_s, $created_at, $created_by, $position, $batch_end, $paused, $n_failures, $last_success, $last_failure, $last_error, $next_try);

-- name: drop
-- Remove the target of a stream.
-- parameters: stream_id
DELETE FROM stream_webhook WHERE stream_id = $stream_id;
