-- Model versions, predictions, validation.

-- name: add_version
-- Insert a whole version.
-- parameters: dataset_id, version, created_at, n_reviewed, n_labels, encoder, pinned, tag, starred, description, lineage, parameters, label_ids, zero_shot
INSERT INTO model_version (dataset_id, version, created_at, n_reviewed, n_labels, encoder, pinned, tag,
    starred, description, lineage, parameters, label_ids, zero_shot)
VALUES ($dataset_id, $version, $created_at, $n_reviewed, $n_labels, $encoder, $pinned, $tag,
    $starred, $description, $lineage, $parameters, $label_ids, $zero_shot);

-- name: versions
-- Versions of a dataset, newest first.
-- parameters: dataset_id
-- returns: dataset_id, version, created_at, n_reviewed, n_labels, encoder, pinned, tag, starred, description, validated, rating, mean_average_precision, mean_low, mean_high, predicted, lineage, held_by
SELECT v.dataset_id, v.version, v.created_at, v.n_reviewed, v.n_labels, v.encoder, v.pinned, v.tag,
    coalesce(v.starred, FALSE) AS starred, v.description, r.version IS NOT NULL AS validated, r.rating, r.mean_average_precision,
    r.mean_low, r.mean_high, EXISTS (
        SELECT 1 FROM label_total t WHERE t.dataset_id = v.dataset_id AND t.version = v.version
    ) AS predicted, v.lineage::VARCHAR AS lineage, coalesce((
        SELECT list(s.name ORDER BY s.name) FROM stream s
        WHERE s.dataset_id = v.dataset_id AND s.version = v.version
    ), []) AS held_by
FROM model_version v
LEFT JOIN validation r ON r.dataset_id = v.dataset_id AND r.version = v.version
WHERE v.dataset_id = $dataset_id
ORDER BY v.version DESC;

-- name: newest
-- The newest version and its labels in the order of its probabilities.
-- parameters: dataset_id
-- returns: version, label_ids
newest_version();

-- name: about
-- What a version predicts with, but for its weights.
-- parameters: dataset_id, version
-- returns: parameters, label_ids, zero_shot
SELECT parameters::VARCHAR AS parameters, label_ids, coalesce(zero_shot, []) AS zero_shot
FROM model_version WHERE dataset_id = $dataset_id AND version = $version;

-- name: add_weights
-- Store the weights of a version.
-- parameters: dataset_id, version, n_bytes
-- staged: part INTEGER, content UBIGINT[]
INSERT INTO model_weights (dataset_id, version, part, n_bytes, content)
SELECT $dataset_id, $version, part, $n_bytes, content FROM staged;

-- name: weights
-- The weights of a version, piece by piece.
-- parameters: dataset_id, version
-- returns: n_bytes, content
SELECT n_bytes, content FROM model_weights
WHERE dataset_id = $dataset_id AND version = $version ORDER BY part;

-- name: drop_weights
-- Remove the weights of a version.
-- parameters: dataset_id, version
DELETE FROM model_weights WHERE dataset_id = $dataset_id AND version = $version;

-- name: label_ids
-- The label order of a version.
-- parameters: dataset_id, version
-- returns: label_ids
SELECT label_ids FROM model_version WHERE dataset_id = $dataset_id AND version = $version;

-- name: set_pinned
-- Pin or unpin a version.
-- parameters: dataset_id, version, pinned
UPDATE model_version SET pinned = $pinned WHERE dataset_id = $dataset_id AND version = $version;

-- name: drop_version
-- Remove a version.
-- parameters: dataset_id, version
DELETE FROM model_version WHERE dataset_id = $dataset_id AND version = $version;

-- name: drop_validation
-- Remove the report of a version.
-- parameters: dataset_id, version
DELETE FROM validation WHERE dataset_id = $dataset_id AND version = $version;

-- name: drop_predictions
-- Remove the predictions of a version.
-- parameters: dataset_id, version
DELETE FROM prediction WHERE dataset_id = $dataset_id AND version = $version;

-- name: drop_predictions_of
-- Remove a version's predictions of staged messages.
-- parameters: dataset_id, version
-- staged: uid VARCHAR
DELETE FROM prediction
WHERE dataset_id = $dataset_id AND version = $version AND uid IN (SELECT uid FROM staged);

-- name: predicted_versions
-- Versions that have predictions stored.
-- parameters: dataset_id
-- returns: version
SELECT DISTINCT version FROM prediction WHERE dataset_id = $dataset_id ORDER BY version;

-- name: unadopted
-- Versions that have predictions stored and do not exist.
-- returns: dataset_id, version
SELECT DISTINCT dataset_id, version FROM prediction
ANTI JOIN model_version USING (dataset_id, version)
ORDER BY ALL;

-- name: count_predictions
-- How many messages a version has predictions of.
-- parameters: dataset_id, version
-- returns: n
SELECT count(*) AS n FROM prediction WHERE dataset_id = $dataset_id AND version = $version;

-- name: insert_predictions
-- Store predictions.
-- parameters: dataset_id, version
-- staged: uid VARCHAR, probabilities FLOAT[], sentiments FLOAT[]
INSERT INTO prediction (dataset_id, version, uid, probabilities, uid_key, sentiments)
SELECT $dataset_id, $version, uid, probabilities, key_of(uid), sentiments FROM staged;

-- name: unpredicted
-- Messages of a dataset that a version has no prediction of, in order of arrival.
-- parameters: dataset_id, version
-- returns: uid
SELECT m.uid
FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND NOT EXISTS (
        SELECT 1 FROM prediction p
        WHERE p.dataset_id = $dataset_id AND p.version = $version AND p.uid = m.uid
    )
ORDER BY m.upload_seq;

-- name: drop_totals
-- Remove the sums of a version.
-- parameters: dataset_id, version
DELETE FROM label_total WHERE dataset_id = $dataset_id AND version = $version;

-- name: insert_totals
-- Store the sums of a version.
-- parameters: dataset_id, version
-- staged: label_id VARCHAR, total DOUBLE
INSERT INTO label_total (dataset_id, version, label_id, total)
SELECT $dataset_id, $version, label_id, total FROM staged;

-- name: predictions
-- Predictions of a version, in any order.
-- parameters: dataset_id, version
-- returns: uid, probabilities
SELECT uid, probabilities FROM prediction WHERE dataset_id = $dataset_id AND version = $version;

-- name: column
-- Predictions of one label of a version; place counts from 1, order is that of storing.
-- parameters: dataset_id, version, place
-- returns: uid, probability
SELECT uid, probabilities[$place::INTEGER] AS probability
FROM prediction WHERE dataset_id = $dataset_id AND version = $version;

-- name: predictions_table
-- Predictions of a version worth showing, for messages that pass; version NULL = the newest.
-- parameters: dataset_id, version
-- returns: uid, label, probability, sentiment
WITH chosen AS (
    SELECT version, label_ids FROM model_version
    WHERE dataset_id = $dataset_id AND ($version::INTEGER IS NULL OR version = $version::INTEGER)
    ORDER BY version DESC LIMIT 1
), long AS (
    SELECT m.upload_seq, p.uid, unnest(n.label_ids) AS label_id, unnest(p.probabilities) AS probability,
        unnest(p.sentiments) AS sentiment
    FROM prediction p
    JOIN chosen n ON n.version = p.version
    JOIN message m ON m.uid = p.uid
    WHERE p.dataset_id = $dataset_id
        AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
        AND TRUE /*where*/
)
SELECT g.uid, l.name AS label, g.probability, g.sentiment
FROM long g
JOIN label l ON l.label_id = g.label_id
WHERE g.probability >= 0.05::FLOAT
ORDER BY g.upload_seq, g.probability DESC, l.path;

-- name: periods
-- Every message of a dataset with the start of its UTC day, week (Monday) or month, in row order.
-- parameters: dataset_id, resolution
-- returns: uid, period
SELECT m.uid, date_trunc($resolution, make_timestamp(epoch_us(m.timestamp)))::DATE AS period
FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
ORDER BY m.upload_seq;

-- name: put_validation
-- Store the report of a version, in the place of an earlier one.
-- parameters: dataset_id, version, created_at, rating, mean_average_precision, mean_low, mean_high, report
INSERT INTO validation (dataset_id, version, created_at, rating, mean_average_precision, mean_low, mean_high, report)
VALUES ($dataset_id, $version, $created_at, $rating, $mean_average_precision, $mean_low, $mean_high, $report)
ON CONFLICT (dataset_id, version) DO UPDATE SET created_at = excluded.created_at, rating = excluded.rating,
    mean_average_precision = excluded.mean_average_precision, mean_low = excluded.mean_low,
    mean_high = excluded.mean_high, report = excluded.report;

-- name: validation
-- The report of a version; version NULL = the newest that has one.
-- parameters: dataset_id, version
-- returns: report
SELECT report::VARCHAR AS report FROM validation
WHERE dataset_id = $dataset_id AND ($version::INTEGER IS NULL OR version = $version::INTEGER)
ORDER BY version DESC LIMIT 1;
