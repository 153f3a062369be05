-- What could not be imported, by the job that found it; ``number`` counts from 1.
-- Of tables: rows, numbered from 1. Of mail: row 0, the message id (empty = not read so far) in place of the
-- column, the place in place of the value, the bucket in place of the source.

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
WHERE job_id = $job_id AND row_number > 0
  AND number > $after::BIGINT AND number <= $after::BIGINT + $n_most::BIGINT
ORDER BY number;

-- name: mails
-- Some mails without message of a job, in order, after one.
-- parameters: job_id, after, n_most
-- returns: place, message_id, problem, kept
SELECT value AS place, column_name AS message_id, problem, column_name <> '' AS kept FROM bad_row
WHERE job_id = $job_id AND row_number = 0
  AND number > $after::BIGINT AND number <= $after::BIGINT + $n_most::BIGINT
ORDER BY number;

-- name: drop_job
-- Forget those of a job.
-- parameters: job_id
DELETE FROM bad_row WHERE job_id = $job_id;

-- name: drop_mails
-- Forget what was said of the mails of a bucket in ``staged``.
-- parameters: bucket_id
-- staged: message_id VARCHAR
DELETE FROM bad_row WHERE source_id = $bucket_id AND column_name IN (SELECT message_id FROM staged);

-- name: drop_source
-- Forget those of a source or bucket.
-- parameters: source_id
DELETE FROM bad_row WHERE source_id = $source_id;

-- name: drop_old
-- Forget those of jobs that were started before a time.
-- parameters: before
DELETE FROM bad_row WHERE job_id IN (SELECT job_id FROM job WHERE created_at < $before);
