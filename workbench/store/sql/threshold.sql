-- Thresholds of labels that are kept with a model version, and the volumes they are weighed by.

-- name: put
-- Keep the threshold of a label.
-- parameters: dataset_id, version, label_id, threshold, check_from, basis, reason, kept_at, kept_by
INSERT INTO model_threshold (dataset_id, version, label_id, threshold, check_from, basis, reason, kept_at, kept_by)
VALUES ($dataset_id, $version, $label_id, $threshold, $check_from, $basis, $reason, $kept_at, $kept_by);

-- name: drop
-- Keep no threshold of a label.
-- parameters: dataset_id, version, label_id
DELETE FROM model_threshold WHERE dataset_id = $dataset_id AND version = $version AND label_id = $label_id;

-- name: of_version
-- Thresholds kept with a version, in the order of the taxonomy; labels that are gone come last, without a name.
-- parameters: dataset_id, version
-- returns: dataset_id, version, label_id, name, threshold, check_from, basis, reason, kept_at, kept_by
SELECT t.dataset_id, t.version, t.label_id, coalesce(l.name, '') AS name, t.threshold, t.check_from, t.basis, t.reason,
    t.kept_at, t.kept_by
FROM model_threshold t
LEFT JOIN label l ON l.dataset_id = t.dataset_id AND l.label_id = t.label_id
WHERE t.dataset_id = $dataset_id AND t.version = $version
ORDER BY l.path NULLS LAST, t.label_id;

-- name: copy
-- Keep the thresholds of a version with another one too.
-- parameters: dataset_id, version, new_version
INSERT INTO model_threshold (dataset_id, version, label_id, threshold, check_from, basis, reason, kept_at, kept_by)
SELECT dataset_id, $new_version, label_id, threshold, check_from, basis, reason, kept_at, kept_by
FROM model_threshold WHERE dataset_id = $dataset_id AND version = $version;

-- name: drop_version
-- Keep no threshold with a version.
-- parameters: dataset_id, version
DELETE FROM model_threshold WHERE dataset_id = $dataset_id AND version = $version;

-- name: drop_dataset
-- Keep no threshold with any version of a dataset.
-- parameters: dataset_id
DELETE FROM model_threshold WHERE dataset_id = $dataset_id;

-- name: times
-- The oldest and the newest message of a dataset, as microseconds since 1970; NULL without messages.
-- parameters: dataset_id
-- returns: oldest, newest
SELECT min(epoch_us(m.timestamp)) AS oldest, max(epoch_us(m.timestamp)) AS newest
FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id);

-- name: recent
-- Messages of a dataset after a time (microseconds since 1970) that pass, with what a version says of one label; place
-- counts from 1, NULL = not predicted.
-- parameters: dataset_id, version, place, after
-- returns: at, probability
SELECT epoch_us(m.timestamp) AS at, p.probabilities[$place::INTEGER] AS probability
FROM message m
LEFT JOIN prediction p ON p.dataset_id = $dataset_id AND p.version = $version AND p.uid = m.uid
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND epoch_us(m.timestamp) > $after
    AND TRUE /*where*/;
