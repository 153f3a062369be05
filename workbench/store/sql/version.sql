-- Marks of model versions, and what they said of their test messages.

-- name: set_starred
-- Star a version or not.
-- parameters: dataset_id, version, starred
UPDATE model_version SET starred = $starred WHERE dataset_id = $dataset_id AND version = $version;

-- name: set_description
-- Say what a version is about.
-- parameters: dataset_id, version, description
UPDATE model_version SET description = $description WHERE dataset_id = $dataset_id AND version = $version;

-- name: take_tag
-- Take a tag from whichever version carries it.
-- parameters: dataset_id, tag
UPDATE model_version SET tag = NULL WHERE dataset_id = $dataset_id AND tag = $tag;

-- name: set_tag
-- Give a version a tag, which pins it; NULL takes its tag away and leaves it pinned.
-- parameters: dataset_id, version, tag
UPDATE model_version SET tag = $tag, pinned = pinned OR $tag::VARCHAR IS NOT NULL
WHERE dataset_id = $dataset_id AND version = $version;

-- name: drop_scores
-- Remove the test scores of a version.
-- parameters: dataset_id, version
DELETE FROM test_score WHERE dataset_id = $dataset_id AND version = $version;

-- name: add_scores
-- Store the test scores of a version.
-- parameters: dataset_id, version
-- staged: uid VARCHAR, scores FLOAT[]
INSERT INTO test_score (dataset_id, version, uid, scores)
SELECT $dataset_id, $version, uid, scores FROM staged;

-- name: scores
-- Test scores of a version, for messages that are in the dataset, in order of arrival.
-- parameters: dataset_id, version
-- returns: uid, scores
SELECT t.uid, t.scores
FROM test_score t
JOIN message m ON m.uid = t.uid
WHERE t.dataset_id = $dataset_id AND t.version = $version
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
ORDER BY m.upload_seq;

-- name: later
-- Messages of the dataset that were reviewed after a time, with what stands on them.
-- parameters: dataset_id, at
-- returns: uid, revision, assigned, dismissed
WITH chosen AS (
    SELECT r.uid, r.revision FROM review_state r
    JOIN message m ON m.uid = r.uid
    WHERE r.dataset_id = $dataset_id AND r.reviewed AND r.reviewed_at > $at::TIMESTAMPTZ
        AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
), assigned AS (
    SELECT uid, list(label_id ORDER BY label_id) AS ids FROM assigned_label
    WHERE dataset_id = $dataset_id AND uid IN (SELECT uid FROM chosen) GROUP BY uid
), dismissed AS (
    SELECT uid, list(label_id ORDER BY label_id) AS ids FROM dismissed_label
    WHERE dataset_id = $dataset_id AND uid IN (SELECT uid FROM chosen) GROUP BY uid
)
SELECT c.uid, c.revision, coalesce(a.ids, []::VARCHAR[]) AS assigned, coalesce(d.ids, []::VARCHAR[]) AS dismissed
FROM chosen c
LEFT JOIN assigned a ON a.uid = c.uid
LEFT JOIN dismissed d ON d.uid = c.uid
ORDER BY c.uid;
