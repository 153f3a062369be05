-- Jobs.

-- name: add
-- Insert a job.
-- parameters: job_id, kind, status, dataset_id, stage, done, total, unit, created_at, started_at, finished_at, eta_s, error_code, error, next_step, result, parameters
INSERT INTO job (job_id, kind, status, dataset_id, stage, done, total, unit, created_at, started_at,
    finished_at, eta_s, error_code, error, next_step, result, parameters)
VALUES ($job_id, $kind, $status, $dataset_id, $stage, $done, $total, $unit, $created_at, $started_at,
    $finished_at, $eta_s, $error_code, $error, $next_step, $result, $parameters);

-- name: update
-- Set what changes in a job's life.
-- parameters: job_id, status, stage, done, total, unit, started_at, finished_at, eta_s, error_code, error, next_step, result
UPDATE job SET status = $status, stage = $stage, done = $done, total = $total, unit = $unit,
    started_at = $started_at, finished_at = $finished_at, eta_s = $eta_s, error_code = $error_code,
    error = $error, next_step = $next_step, result = $result
WHERE job_id = $job_id;

-- name: get
-- One job.
-- parameters: job_id
-- returns: job_id, kind, status, dataset_id, stage, done, total, unit, created_at, started_at, finished_at, eta_s, error_code, error, next_step, result
SELECT job_id, kind, status, dataset_id, stage, done, total, unit, created_at, started_at, finished_at,
    eta_s, error_code, error, next_step, result::VARCHAR AS result
FROM job WHERE job_id = $job_id;

-- name: list
-- Jobs of a dataset (NULL = all), newest first.
-- parameters: dataset_id, n
-- returns: job_id, kind, status, dataset_id, stage, done, total, unit, created_at, started_at, finished_at, eta_s, error_code, error, next_step, result
SELECT job_id, kind, status, dataset_id, stage, done, total, unit, created_at, started_at, finished_at,
    eta_s, error_code, error, next_step, result::VARCHAR AS result
FROM job
WHERE $dataset_id::VARCHAR IS NULL OR dataset_id = $dataset_id::VARCHAR
ORDER BY created_at DESC, rowid DESC
LIMIT $n;

-- name: parameters
-- What a job was started with.
-- parameters: job_id
-- returns: parameters
SELECT parameters::VARCHAR AS parameters FROM job WHERE job_id = $job_id;

-- name: unfinished
-- Jobs that were queued or running.
-- returns: job_id
SELECT job_id FROM job WHERE status IN ('queued', 'running') ORDER BY created_at, rowid;

-- name: interrupt
-- Mark every queued or running job as interrupted.
-- parameters: at
UPDATE job SET status = 'interrupted', finished_at = $at, eta_s = NULL WHERE status IN ('queued', 'running');

-- name: prune
-- Remove all finished jobs of a kind but the newest n.
-- parameters: kind, n
DELETE FROM job WHERE kind = $kind AND status NOT IN ('queued', 'running') AND job_id NOT IN (
    SELECT job_id FROM job WHERE kind = $kind ORDER BY created_at DESC, rowid DESC LIMIT $n);
