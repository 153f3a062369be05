-- What model versions were trained on.

-- name: add_set
-- Record the training of a version; trained_from = the version whose weights it began with, NULL = from nothing.
-- parameters: dataset_id, version, trained_from, labels, parameters, n_rows
INSERT INTO training_set (dataset_id, version, trained_from, labels, parameters, n_rows)
VALUES ($dataset_id, $version, $trained_from, $labels, $parameters, $n_rows);

-- name: sets
-- Recorded trainings of a dataset, newest first.
-- parameters: dataset_id
-- returns: version, trained_from, labels, parameters, n_rows
SELECT version, trained_from, labels, parameters, n_rows
FROM training_set WHERE dataset_id = $dataset_id ORDER BY version DESC;

-- name: close_rows
-- End the rows of the last training that are not among the staged ones as they are.
-- parameters: dataset_id, last
-- staged: uid VARCHAR, text_hash VARCHAR, thread VARCHAR, labels VARCHAR[], sentiments TINYINT[]
UPDATE training_row SET until = $last
WHERE dataset_id = $dataset_id AND until IS NULL AND NOT EXISTS (
    SELECT 1 FROM staged s
    WHERE s.uid = training_row.uid AND s.text_hash = training_row.text_hash
        AND s.thread = training_row.thread AND s.labels = training_row.labels
        AND s.sentiments IS NOT DISTINCT FROM training_row.sentiments
);

-- name: add_rows
-- Add the staged rows that the last training did not have as they are.
-- parameters: dataset_id, version
-- staged: uid VARCHAR, text_hash VARCHAR, thread VARCHAR, labels VARCHAR[], sentiments TINYINT[]
INSERT INTO training_row (dataset_id, uid, text_hash, thread, labels, sentiments, since, until)
SELECT $dataset_id, uid, text_hash, thread, labels, sentiments, $version, NULL
FROM staged s
WHERE NOT EXISTS (
    SELECT 1 FROM training_row t WHERE t.dataset_id = $dataset_id AND t.until IS NULL AND t.uid = s.uid
);

-- name: rows
-- Rows of the trainings from first to last that are in the dataset, in order of arrival; text_hash_now is today's.
-- parameters: dataset_id, first, last
-- returns: uid, text_hash, text_hash_now, thread, labels, sentiments, since, until
SELECT t.uid, t.text_hash, m.text_hash AS text_hash_now, t.thread, t.labels, t.sentiments, t.since, t.until
FROM training_row t
JOIN message m ON m.uid = t.uid
WHERE t.dataset_id = $dataset_id AND t.since <= $last AND (t.until IS NULL OR t.until >= $first)
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
ORDER BY m.upload_seq;

-- name: drop_sets
-- Forget the trainings of a dataset but some.
-- parameters: dataset_id, needed
DELETE FROM training_set
WHERE dataset_id = $dataset_id AND version NOT IN (SELECT unnest($needed::INTEGER[]));

-- name: drop_rows
-- Forget the rows of a dataset that are in no recorded training.
-- parameters: dataset_id
DELETE FROM training_row
WHERE dataset_id = $dataset_id AND NOT EXISTS (
    SELECT 1 FROM training_set s
    WHERE s.dataset_id = training_row.dataset_id AND s.version >= training_row.since
        AND (training_row.until IS NULL OR s.version <= training_row.until)
);
