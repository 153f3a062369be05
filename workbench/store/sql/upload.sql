-- Batches of messages that were stored, so that a repeated one is not stored again.

-- name: seen
-- What a batch changed, no row when it was never stored.
-- parameters: batch_id
-- returns: n_new, n_updated, n_unchanged, n_text_modified, units
SELECT n_new, n_updated, n_unchanged, n_text_modified, units FROM upload_batch WHERE batch_id = $batch_id;

-- name: remember
-- Record a stored batch.
-- parameters: batch_id, stored_at, n_new, n_updated, n_unchanged, n_text_modified, units
INSERT INTO upload_batch (batch_id, stored_at, n_new, n_updated, n_unchanged, n_text_modified, units)
VALUES ($batch_id, $stored_at, $n_new, $n_updated, $n_unchanged, $n_text_modified, $units);

-- name: forget
-- Remove the batches of a source; their ids begin with its id.
-- parameters: source_id
DELETE FROM upload_batch WHERE starts_with(batch_id, $source_id || '.');
