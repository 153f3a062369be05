-- Rows of imported files that could not be read, by the job that found them; ``number`` counts them from 1.

-- name: add
-- Keep some.
-- parameters: job_id, source_id
-- staged: number BIGINT, row BIGINT, column VARCHAR, value VARCHAR, problem VARCHAR
INSERT INTO bad_row (job_id, source_id, number, row_number, column_name, value, problem)
SELECT $job_id, $source_id, number, "row", "column", value, problem FROM staged;

-- name: piece
-- Some of a job, in order, after one.
-- parameters: job_id, after, n_most
-- returns: row, column, value, problem
SELECT row_number AS "row", column_name AS "column", value, problem FROM bad_row
WHERE job_id = $job_id AND number > $after::BIGINT AND number <= $after::BIGINT + $n_most::BIGINT
ORDER BY number;

-- name: drop_job
-- Forget those of a job.
-- parameters: job_id
DELETE FROM bad_row WHERE job_id = $job_id;

-- name: drop_source
-- Forget those of a source.
-- parameters: source_id
DELETE FROM bad_row WHERE source_id = $source_id;

-- name: drop_old
-- Forget those of jobs that were started before a time.
-- parameters: before
DELETE FROM bad_row WHERE job_id IN (SELECT job_id FROM job WHERE created_at < $before);
