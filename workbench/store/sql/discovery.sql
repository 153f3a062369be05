-- Maps and clusters.

-- name: last_seq
-- The highest run number, 0 without runs.
-- returns: last_seq
SELECT coalesce(max(seq), 0) AS last_seq FROM cluster_run;

-- name: add_run
-- Insert a run.
-- parameters: run_id, seq, dataset_id, method, encoder, seed, n_messages, share_unclustered, created_at
INSERT INTO cluster_run (run_id, seq, dataset_id, method, encoder, seed, n_messages, share_unclustered, created_at)
VALUES ($run_id, $seq, $dataset_id, $method, $encoder, $seed, $n_messages, $share_unclustered, $created_at);

-- name: add_clusters
-- Insert the clusters of a run.
-- parameters: run_id
-- staged: position INTEGER, cluster_id INTEGER, name VARCHAR, phrases VARCHAR[], n_messages BIGINT, share DOUBLE, medoid VARCHAR, shown VARCHAR[], x DOUBLE, y DOUBLE
INSERT INTO cluster (run_id, position, cluster_id, name, phrases, n_messages, share, medoid, shown, x, y)
SELECT $run_id, position, cluster_id, name, phrases, n_messages, share, medoid, shown, x, y FROM staged;

-- name: add_members
-- Insert the members of a run.
-- parameters: run_id
-- staged: uid VARCHAR, cluster_id INTEGER
INSERT INTO cluster_member (run_id, uid, cluster_id, uid_key)
SELECT $run_id, uid, cluster_id, key_of(uid) FROM staged;

-- name: add_projection
-- Insert the points of a run.
-- parameters: run_id
-- staged: position BIGINT, uid VARCHAR, x FLOAT, y FLOAT
INSERT INTO projection (run_id, position, uid, x, y) SELECT $run_id, position, uid, x, y FROM staged;

-- name: runs
-- Runs of a dataset, newest first.
-- parameters: dataset_id
-- returns: run_id, method, encoder, seed, n_messages, share_unclustered, created_at
SELECT run_id, method, encoder, seed, n_messages, share_unclustered, created_at
FROM cluster_run WHERE dataset_id = $dataset_id ORDER BY seq DESC;

-- name: next_cluster_id
-- The first cluster id that no kept run of a dataset uses.
-- parameters: dataset_id
-- returns: next_id
SELECT coalesce(max(c.cluster_id) + 1, 0) AS next_id
FROM cluster c JOIN cluster_run r ON r.run_id = c.run_id WHERE r.dataset_id = $dataset_id;

-- name: clusters
-- Clusters of a run in their order, with members reviewed by now.
-- parameters: dataset_id, run_id
-- returns: cluster_id, name, phrases, n_messages, share, n_reviewed, medoid, shown, x, y
WITH reviewed AS (
    SELECT c.cluster_id, count(*) AS n
    FROM cluster_member c
    JOIN review_state r ON r.dataset_id = $dataset_id AND r.uid = c.uid AND r.reviewed
    WHERE c.run_id = $run_id
    GROUP BY c.cluster_id
)
SELECT c.cluster_id, c.name, c.phrases, c.n_messages, c.share, coalesce(r.n, 0) AS n_reviewed,
    c.medoid, c.shown, c.x, c.y
FROM cluster c LEFT JOIN reviewed r USING (cluster_id)
WHERE c.run_id = $run_id
ORDER BY c.position;

-- name: count_new
-- Messages of a dataset that a run did not see.
-- parameters: dataset_id, run_id
-- returns: n
SELECT count(*) AS n FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND m.uid NOT IN (SELECT uid FROM cluster_member WHERE run_id = $run_id);

-- name: members
-- Members of a run with their cluster and point, in the order they were handed in.
-- parameters: dataset_id, run_id
-- returns: uid, cluster_id, x, y, reviewed
SELECT p.uid, c.cluster_id, p.x, p.y, coalesce(r.reviewed, FALSE) AS reviewed
FROM projection p
JOIN cluster_member c ON c.run_id = p.run_id AND c.uid = p.uid
LEFT JOIN review_state r ON r.dataset_id = $dataset_id AND r.uid = p.uid
WHERE p.run_id = $run_id
ORDER BY p.position;

-- name: top_predicted
-- The most probable label of each message under the newest version: place in its label order from 0.
-- parameters: dataset_id
-- returns: uid, label_id, probability
WITH newest AS (newest_version()), best AS (
    SELECT p.uid, n.label_ids, p.probabilities, list_max(p.probabilities) AS probability
    FROM prediction p JOIN newest n ON n.version = p.version
    WHERE p.dataset_id = $dataset_id
)
SELECT uid, list_extract(label_ids, list_position(probabilities, probability)) AS label_id, probability
FROM best;

-- name: top_assigned
-- The first assigned label of each message, roots before their children.
-- parameters: dataset_id
-- returns: uid, label_id
SELECT a.uid, arg_min(a.label_id, l.path) AS label_id
FROM assigned_label a JOIN label l USING (label_id)
WHERE a.dataset_id = $dataset_id
GROUP BY a.uid;

-- name: drop_run
-- Remove a run.
-- parameters: run_id
DELETE FROM cluster_run WHERE run_id = $run_id;

-- name: drop_clusters
-- Remove the clusters of a run.
-- parameters: run_id
DELETE FROM cluster WHERE run_id = $run_id;

-- name: drop_members
-- Remove the members of a run.
-- parameters: run_id
DELETE FROM cluster_member WHERE run_id = $run_id;

-- name: drop_projection
-- Remove the points of a run.
-- parameters: run_id
DELETE FROM projection WHERE run_id = $run_id;
