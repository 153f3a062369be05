-- Taking messages, sources and datasets away for good, and out of a dataset's derived results.

-- name: chosen_by_time
-- Messages of a source by time, bounds inclusive, NULL = open; annotated = judged by anybody in any dataset.
-- parameters: source_id, since, until
-- returns: uid, is_annotated
SELECT m.uid, m.uid IN (
    SELECT uid FROM review_state WHERE reviewed
    UNION ALL SELECT uid FROM assigned_label UNION ALL SELECT uid FROM dismissed_label
) AS is_annotated
FROM message m
WHERE m.source_id = $source_id
    AND ($since::TIMESTAMPTZ IS NULL OR m.timestamp >= $since::TIMESTAMPTZ)
    AND ($until::TIMESTAMPTZ IS NULL OR m.timestamp <= $until::TIMESTAMPTZ)
ORDER BY m.upload_seq;

-- name: chosen_by_id
-- Those of the staged messages that exist; annotated as above.
-- staged: uid VARCHAR
-- returns: uid, is_annotated
SELECT m.uid, m.uid IN (
    SELECT uid FROM review_state WHERE reviewed
    UNION ALL SELECT uid FROM assigned_label UNION ALL SELECT uid FROM dismissed_label
) AS is_annotated
FROM message m
WHERE m.uid IN (SELECT uid FROM staged)
ORDER BY m.upload_seq;

-- name: touched
-- Datasets over a source, and how many of the staged messages are annotated in each, by full name.
-- parameters: source_id
-- staged: uid VARCHAR
-- returns: dataset_id, full_name, n_annotated
SELECT d.dataset_id, d.project || '/' || d.name AS full_name, count(j.uid) AS n_annotated
FROM dataset d
JOIN dataset_source s ON s.dataset_id = d.dataset_id AND s.source_id = $source_id
LEFT JOIN (
    SELECT dataset_id, uid FROM review_state WHERE reviewed AND uid IN (SELECT uid FROM staged)
    UNION SELECT dataset_id, uid FROM assigned_label WHERE uid IN (SELECT uid FROM staged)
    UNION SELECT dataset_id, uid FROM dismissed_label WHERE uid IN (SELECT uid FROM staged)
) j ON j.dataset_id = d.dataset_id
GROUP BY d.dataset_id, full_name
ORDER BY full_name;

-- name: subtract_predictions
-- Take staged messages out of the sums per label; dataset NULL = of every dataset.
-- parameters: dataset_id
-- staged: uid VARCHAR
UPDATE label_total SET total = label_total.total - s.total
FROM (
    SELECT dataset_id, version, label_id, sum(probability) AS total
    FROM (
        SELECT p.dataset_id, p.version, unnest(v.label_ids) AS label_id,
            unnest(p.probabilities)::DOUBLE AS probability
        FROM prediction p
        JOIN model_version v ON v.dataset_id = p.dataset_id AND v.version = p.version
        WHERE p.uid IN (SELECT uid FROM staged)
            AND ($dataset_id::VARCHAR IS NULL OR p.dataset_id = $dataset_id::VARCHAR)
    )
    GROUP BY dataset_id, version, label_id
) s
WHERE label_total.dataset_id = s.dataset_id AND label_total.version = s.version
    AND label_total.label_id = s.label_id;

-- name: count_predictions
-- Predictions of staged messages; dataset NULL = of every dataset.
-- parameters: dataset_id
-- staged: uid VARCHAR
-- returns: n
SELECT count(*) AS n FROM prediction
WHERE uid IN (SELECT uid FROM staged) AND ($dataset_id::VARCHAR IS NULL OR dataset_id = $dataset_id::VARCHAR);

-- name: drop_predictions
-- Remove the predictions of staged messages; dataset NULL = of every dataset.
-- parameters: dataset_id
-- staged: uid VARCHAR
DELETE FROM prediction
WHERE uid IN (SELECT uid FROM staged) AND ($dataset_id::VARCHAR IS NULL OR dataset_id = $dataset_id::VARCHAR);

-- name: drop_scores
-- Remove the test scores of staged messages; dataset NULL = of every dataset.
-- parameters: dataset_id
-- staged: uid VARCHAR
DELETE FROM test_score
WHERE uid IN (SELECT uid FROM staged) AND ($dataset_id::VARCHAR IS NULL OR dataset_id = $dataset_id::VARCHAR);

-- name: drop_training_rows
-- Remove staged messages from what versions were trained on; dataset NULL = of every dataset.
-- parameters: dataset_id
-- staged: uid VARCHAR
DELETE FROM training_row
WHERE uid IN (SELECT uid FROM staged) AND ($dataset_id::VARCHAR IS NULL OR dataset_id = $dataset_id::VARCHAR);

-- name: shrink_clusters
-- Take staged messages out of what clusters show and count; dataset NULL = of every dataset.
-- parameters: dataset_id
-- staged: uid VARCHAR
UPDATE cluster SET shown = k.shown, n_messages = cluster.n_messages - k.n_gone,
    medoid = CASE WHEN cluster.medoid IN (SELECT uid FROM staged) THEN coalesce(k.shown[1], '')
        ELSE cluster.medoid END
FROM (
    SELECT g.run_id, g.cluster_id, g.n_gone,
        coalesce(list(u.uid ORDER BY u.place) FILTER (u.uid NOT IN (SELECT uid FROM staged)), []) AS shown
    FROM (
        SELECT run_id, cluster_id, count(*) AS n_gone FROM cluster_member
        WHERE uid IN (SELECT uid FROM staged) AND cluster_id >= 0
            AND ($dataset_id::VARCHAR IS NULL
                OR run_id IN (SELECT run_id FROM cluster_run WHERE dataset_id = $dataset_id::VARCHAR))
        GROUP BY run_id, cluster_id
    ) g
    LEFT JOIN (
        SELECT run_id, cluster_id, unnest(shown) AS uid, generate_subscripts(shown, 1) AS place FROM cluster
    ) u ON u.run_id = g.run_id AND u.cluster_id = g.cluster_id
    GROUP BY g.run_id, g.cluster_id, g.n_gone
) k
WHERE cluster.run_id = k.run_id AND cluster.cluster_id = k.cluster_id;

-- name: drop_empty_clusters
-- Remove clusters that have no message left.
DELETE FROM cluster WHERE n_messages <= 0;

-- name: drop_members
-- Remove staged messages from cluster runs; dataset NULL = of every dataset.
-- parameters: dataset_id
-- staged: uid VARCHAR
DELETE FROM cluster_member
WHERE uid IN (SELECT uid FROM staged)
    AND ($dataset_id::VARCHAR IS NULL
        OR run_id IN (SELECT run_id FROM cluster_run WHERE dataset_id = $dataset_id::VARCHAR));

-- name: drop_points
-- Remove staged messages from maps; dataset NULL = of every dataset.
-- parameters: dataset_id
-- staged: uid VARCHAR
DELETE FROM projection
WHERE uid IN (SELECT uid FROM staged)
    AND ($dataset_id::VARCHAR IS NULL
        OR run_id IN (SELECT run_id FROM cluster_run WHERE dataset_id = $dataset_id::VARCHAR));

-- name: blobs_of
-- Contents that staged messages use.
-- staged: uid VARCHAR
-- returns: blob_hash
SELECT DISTINCT blob_hash FROM attachment
WHERE blob_hash IS NOT NULL AND uid IN (SELECT uid FROM staged);

-- name: drop_states
-- Remove the review state of staged messages.
-- staged: uid VARCHAR
DELETE FROM review_state WHERE uid IN (SELECT uid FROM staged);

-- name: drop_events
-- Remove the review history of staged messages.
-- staged: uid VARCHAR
DELETE FROM review_event WHERE uid IN (SELECT uid FROM staged);

-- name: drop_overlap_tasks
-- Remove what people were asked about staged messages on their own.
-- staged: uid VARCHAR
DELETE FROM overlap_task WHERE uid IN (SELECT uid FROM staged);

-- name: drop_batch_messages
-- Take staged messages out of the batches they were reviewed in.
-- staged: uid VARCHAR
DELETE FROM review_batch_message WHERE uid IN (SELECT uid FROM staged);

-- name: drop_assigned
-- Remove the assigned labels of staged messages.
-- staged: uid VARCHAR
DELETE FROM assigned_label WHERE uid IN (SELECT uid FROM staged);

-- name: drop_dismissed
-- Remove the dismissed labels of staged messages.
-- staged: uid VARCHAR
DELETE FROM dismissed_label WHERE uid IN (SELECT uid FROM staged);

-- name: drop_exceptions
-- Remove what could not be handled of staged messages.
-- staged: uid VARCHAR
DELETE FROM stream_exception WHERE uid IN (SELECT uid FROM staged);

-- name: drop_messages
-- Remove staged messages.
-- staged: uid VARCHAR
DELETE FROM message WHERE uid IN (SELECT uid FROM staged);

-- name: count_unused_vectors
-- Vectors of texts that no message has: those of deleted messages, and of texts that were edited.
-- returns: n
SELECT count(*) AS n FROM embedding WHERE text_hash NOT IN (SELECT text_hash FROM message);

-- name: drop_unused_vectors
-- Remove the vectors of texts that no message has.
DELETE FROM embedding WHERE text_hash NOT IN (SELECT text_hash FROM message);

-- name: drop_source
-- Remove a source whose messages are gone.
-- parameters: source_id
DELETE FROM source WHERE source_id = $source_id;

-- name: drop_source_from_datasets
-- Take a source out of every dataset.
-- parameters: source_id
DELETE FROM dataset_source WHERE source_id = $source_id;

-- name: drop_project
-- Remove a project that is empty.
-- parameters: name
DELETE FROM project WHERE name = $name;

-- name: run_ids
-- Cluster runs of a dataset.
-- parameters: dataset_id
-- returns: run_id
SELECT run_id FROM cluster_run WHERE dataset_id = $dataset_id;

-- name: drop_dataset
-- Remove a dataset's own row.
-- parameters: dataset_id
DELETE FROM dataset WHERE dataset_id = $dataset_id;

-- name: drop_dataset_sources
-- Remove which sources a dataset has.
-- parameters: dataset_id
DELETE FROM dataset_source WHERE dataset_id = $dataset_id;

-- name: drop_dataset_labels
-- Remove the taxonomy of a dataset.
-- parameters: dataset_id
DELETE FROM label WHERE dataset_id = $dataset_id;

-- name: drop_dataset_steps
-- Remove the recorded changes of a dataset's taxonomy.
-- parameters: dataset_id
DELETE FROM taxonomy_step WHERE dataset_id = $dataset_id;

-- name: drop_dataset_states
-- Remove the review states of a dataset.
-- parameters: dataset_id
DELETE FROM review_state WHERE dataset_id = $dataset_id;

-- name: drop_dataset_events
-- Remove the review history of a dataset.
-- parameters: dataset_id
DELETE FROM review_event WHERE dataset_id = $dataset_id;

-- name: drop_dataset_overlap_tasks
-- Remove what people were asked on their own.
-- parameters: dataset_id
DELETE FROM overlap_task WHERE dataset_id = $dataset_id;

-- name: drop_dataset_overlaps
-- Remove the overlaps of a dataset.
-- parameters: dataset_id
DELETE FROM overlap WHERE dataset_id = $dataset_id;

-- name: drop_dataset_batches
-- Remove the batches of reviews of a dataset.
-- parameters: dataset_id
DELETE FROM review_batch WHERE dataset_id = $dataset_id;

-- name: drop_dataset_batch_messages
-- Remove which messages the batches of a dataset had.
-- parameters: dataset_id
DELETE FROM review_batch_message WHERE dataset_id = $dataset_id;

-- name: drop_dataset_assigned
-- Remove the assigned labels of a dataset.
-- parameters: dataset_id
DELETE FROM assigned_label WHERE dataset_id = $dataset_id;

-- name: drop_dataset_dismissed
-- Remove the dismissed labels of a dataset.
-- parameters: dataset_id
DELETE FROM dismissed_label WHERE dataset_id = $dataset_id;

-- name: count_dataset_predictions
-- Predictions of every version of a dataset.
-- parameters: dataset_id
-- returns: n
SELECT count(*) AS n FROM prediction WHERE dataset_id = $dataset_id;

-- name: drop_dataset_predictions
-- Remove the predictions of a dataset.
-- parameters: dataset_id
DELETE FROM prediction WHERE dataset_id = $dataset_id;

-- name: drop_dataset_scores
-- Remove the test scores of a dataset.
-- parameters: dataset_id
DELETE FROM test_score WHERE dataset_id = $dataset_id;

-- name: drop_dataset_training_rows
-- Remove the messages that the versions of a dataset were trained on.
-- parameters: dataset_id
DELETE FROM training_row WHERE dataset_id = $dataset_id;

-- name: drop_dataset_training_sets
-- Remove the recorded trainings of a dataset.
-- parameters: dataset_id
DELETE FROM training_set WHERE dataset_id = $dataset_id;

-- name: drop_dataset_totals
-- Remove the sums per label of a dataset.
-- parameters: dataset_id
DELETE FROM label_total WHERE dataset_id = $dataset_id;

-- name: drop_dataset_validations
-- Remove the validation reports of a dataset.
-- parameters: dataset_id
DELETE FROM validation WHERE dataset_id = $dataset_id;

-- name: drop_dataset_weights
-- Remove the weights of a dataset's model versions.
-- parameters: dataset_id
DELETE FROM model_weights WHERE dataset_id = $dataset_id;

-- name: drop_dataset_stream_thresholds
-- Remove the thresholds of the streams of a dataset.
-- parameters: dataset_id
DELETE FROM stream_threshold WHERE dataset_id = $dataset_id;

-- name: drop_dataset_stream_positions
-- Remove how far the streams of a dataset have been consumed.
-- parameters: dataset_id
DELETE FROM stream_position WHERE dataset_id = $dataset_id;

-- name: drop_dataset_stream_deliveries
-- Remove what the streams of a dataset handed on.
-- parameters: dataset_id
DELETE FROM stream_delivery WHERE dataset_id = $dataset_id;

-- name: drop_dataset_stream_webhooks
-- Remove where the streams of a dataset are sent to.
-- parameters: dataset_id
DELETE FROM stream_webhook WHERE dataset_id = $dataset_id;

-- name: drop_dataset_exceptions
-- Remove the exceptions of the streams of a dataset.
-- parameters: dataset_id
DELETE FROM stream_exception WHERE dataset_id = $dataset_id;

-- name: drop_dataset_streams
-- Remove the streams of a dataset.
-- parameters: dataset_id
DELETE FROM stream WHERE dataset_id = $dataset_id;

-- name: drop_dataset_versions
-- Remove the model versions of a dataset.
-- parameters: dataset_id
DELETE FROM model_version WHERE dataset_id = $dataset_id;

-- name: drop_dataset_reports
-- Remove the drift and balance reports of a dataset.
-- parameters: dataset_id
DELETE FROM monitor_report WHERE dataset_id = $dataset_id;
