-- What administrators set of quotas, and the most there ever was.

-- name: all
-- What was written down of quotas.
-- returns: kind, hard_limit, auto_increase_up_to, peak
SELECT kind, hard_limit, auto_increase_up_to, peak FROM quota ORDER BY kind;

-- name: one
-- What was written down of one quota; no row where nothing was.
-- parameters: kind
-- returns: kind, hard_limit, auto_increase_up_to, peak
SELECT kind, hard_limit, auto_increase_up_to, peak FROM quota WHERE kind = $kind;

-- name: forget
-- Take a quota out, to be written anew.
-- parameters: kind
DELETE FROM quota WHERE kind = $kind;

-- name: put
-- Write a quota down.
-- parameters: kind, n_hard_limit, n_auto_increase_up_to, n_peak
INSERT INTO quota (kind, hard_limit, auto_increase_up_to, peak)
VALUES ($kind, $n_hard_limit, $n_auto_increase_up_to, $n_peak);

-- name: streams
-- How many streams each dataset has.
-- returns: dataset_id, n
SELECT dataset_id, count(*) AS n FROM stream GROUP BY dataset_id;

-- name: pinned
-- How many model versions are pinned.
-- returns: n
SELECT count(*) AS n FROM model_version WHERE pinned;

-- name: reviewed
-- How many messages of a dataset are reviewed, of those whose source it has.
-- parameters: dataset_id
-- returns: n
SELECT count(*) AS n FROM review_state r
JOIN dataset_source d ON d.dataset_id = r.dataset_id AND starts_with(r.uid, d.source_id || '.')
WHERE r.reviewed AND r.dataset_id = $dataset_id;
