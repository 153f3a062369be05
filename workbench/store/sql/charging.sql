-- What is charged for, and how much of it may be.

-- name: rules
-- Charge rules in force at a time, by operation and reason; NULL = all that there are, the newest last.
-- parameters: at
-- returns: operation, reason, units, valid_from, set_at, set_by
SELECT operation, reason, units, valid_from, set_at, set_by
FROM charge_rule
WHERE $at::TIMESTAMPTZ IS NULL OR valid_from <= $at::TIMESTAMPTZ
QUALIFY $at::TIMESTAMPTZ IS NULL
    OR row_number() OVER (PARTITION BY operation, reason ORDER BY valid_from DESC, set_at DESC, rowid DESC) = 1
ORDER BY operation, reason, valid_from, set_at, rowid;

-- name: add_rule
-- Insert a charge rule.
-- parameters: operation, reason, units, valid_at, set_at, set_by
INSERT INTO charge_rule (operation, reason, units, valid_from, set_at, set_by)
VALUES ($operation, $reason, $units, $valid_at, $set_at, $set_by);

-- name: rates
-- Platform units per unit in force at a time; NULL = all that there were, the newest last.
-- parameters: at
-- returns: rate, valid_from, set_at, set_by
SELECT rate, valid_from, set_at, set_by
FROM unit_rate
WHERE $at::TIMESTAMPTZ IS NULL OR valid_from <= $at::TIMESTAMPTZ
QUALIFY $at::TIMESTAMPTZ IS NULL
    OR row_number() OVER (ORDER BY valid_from DESC, set_at DESC, rowid DESC) = 1
ORDER BY valid_from, set_at, rowid;

-- name: add_rate
-- Insert a rate.
-- parameters: rate, valid_at, set_at, set_by
INSERT INTO unit_rate (rate, valid_from, set_at, set_by) VALUES ($rate, $valid_at, $set_at, $set_by);

-- name: budgets
-- Every budget.
-- returns: project, period, soft, hard, set_at, set_by
SELECT project, period, soft, hard, set_at, set_by FROM budget ORDER BY project, period;

-- name: drop_budget
-- Remove a budget.
-- parameters: project, period
DELETE FROM budget WHERE project = $project AND period = $period;

-- name: add_budget
-- Insert a budget where there is none.
-- parameters: project, period, soft, hard, set_at, set_by
INSERT INTO budget (project, period, soft, hard, set_at, set_by)
VALUES ($project, $period, $soft, $hard, $set_at, $set_by);

-- name: reserved
-- Units that running jobs have reserved, by job and project.
-- returns: job_id, project, units
SELECT job_id, project, units FROM reservation ORDER BY job_id, project;

-- name: reserve
-- Reserve units for a job.
-- parameters: job_id, project, units, reserved_at
INSERT INTO reservation (job_id, project, units, reserved_at) VALUES ($job_id, $project, $units, $reserved_at);

-- name: settle
-- Take charged units off what a job has reserved.
-- parameters: job_id, project, units
UPDATE reservation SET units = greatest(units - $units, 0) WHERE job_id = $job_id AND project = $project;

-- name: release
-- Give back what a job has reserved; NULL = all jobs.
-- parameters: job_id
DELETE FROM reservation WHERE $job_id::VARCHAR IS NULL OR job_id = $job_id::VARCHAR;
