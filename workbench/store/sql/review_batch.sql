-- Batches of reviews. What a person judges of a batch's messages from its beginning to its end belongs to it.

-- name: add
-- Begin a batch.
-- parameters: batch_id, dataset_id, actor, mode, label_id, n_population, begun_at, score_before, promised
INSERT INTO review_batch (batch_id, dataset_id, actor, mode, label_id, n_population, begun_at, score_before, promised)
VALUES ($batch_id, $dataset_id, $actor, $mode, $label_id, $n_population, $begun_at, $score_before, $promised);

-- name: add_messages
-- The messages of a batch, in order.
-- parameters: batch_id, dataset_id
-- staged: position INTEGER, uid VARCHAR, probability DOUBLE
INSERT INTO review_batch_message (batch_id, dataset_id, position, uid, probability)
SELECT $batch_id, $dataset_id, position, uid, probability FROM staged;

-- name: newest
-- Batches of a dataset, newest first, at most n_most.
-- parameters: dataset_id, n_most
-- returns: batch_id, actor, mode, label_id, n_population, begun_at, finished_at, score_before, score_after, promised, gained
SELECT batch_id, actor, mode, label_id, n_population, begun_at, finished_at,
    score_before::VARCHAR AS score_before, score_after::VARCHAR AS score_after,
    promised::VARCHAR AS promised, gained::VARCHAR AS gained
FROM review_batch WHERE dataset_id = $dataset_id
ORDER BY begun_at DESC, batch_id LIMIT $n_most;

-- name: one
-- A batch by its id.
-- parameters: dataset_id, batch_id
-- returns: batch_id, actor, mode, label_id, n_population, begun_at, finished_at, score_before, score_after, promised, gained
SELECT batch_id, actor, mode, label_id, n_population, begun_at, finished_at,
    score_before::VARCHAR AS score_before, score_after::VARCHAR AS score_after,
    promised::VARCHAR AS promised, gained::VARCHAR AS gained
FROM review_batch WHERE dataset_id = $dataset_id AND batch_id = $batch_id;

-- name: open_ids
-- Batches of a person that are not finished, newest first.
-- parameters: dataset_id, actor
-- returns: batch_id
SELECT batch_id FROM review_batch
WHERE dataset_id = $dataset_id AND actor = $actor AND finished_at IS NULL
ORDER BY begun_at DESC;

-- name: messages
-- Messages of batches in order, with whether each is reviewed by what was said of it last in the batch.
-- parameters: dataset_id, batch_ids
-- returns: batch_id, uid, probability, is_done
SELECT m.batch_id, m.uid, m.probability, coalesce(arg_max(e.reviewed, e.seq), FALSE) AS is_done
FROM review_batch b
JOIN review_batch_message m ON m.batch_id = b.batch_id
LEFT JOIN review_event e ON e.dataset_id = b.dataset_id AND e.uid = m.uid AND e.actor = b.actor
    AND e."at" >= b.begun_at AND (b.finished_at IS NULL OR e."at" <= b.finished_at) AND e.step_id IS NULL
WHERE b.dataset_id = $dataset_id AND b.batch_id IN (SELECT unnest($batch_ids::VARCHAR[]))
GROUP BY m.batch_id, m.position, m.uid, m.probability
ORDER BY m.batch_id, m.position;

-- name: finish
-- End a batch that is open.
-- parameters: dataset_id, batch_id, finished_at
UPDATE review_batch SET finished_at = $finished_at
WHERE dataset_id = $dataset_id AND batch_id = $batch_id AND finished_at IS NULL;

-- name: measure
-- Keep what a validated version is worth, for the finished batches that it is the first to have learned from wholly.
-- parameters: dataset_id, until, score_after
UPDATE review_batch SET score_after = $score_after
WHERE dataset_id = $dataset_id AND score_after IS NULL AND batch_id IN (
    SELECT b.batch_id
    FROM review_batch b
    JOIN review_batch_message m ON m.batch_id = b.batch_id
    JOIN review_event e ON e.dataset_id = b.dataset_id AND e.uid = m.uid AND e.actor = b.actor
        AND e."at" >= b.begun_at AND e."at" <= b.finished_at AND e.step_id IS NULL
    WHERE b.dataset_id = $dataset_id AND b.score_after IS NULL
    GROUP BY b.batch_id
    HAVING max(e."at") <= $until
);

-- name: put_gained
-- Keep what changed from the version before a batch to the one that learned from it.
-- parameters: dataset_id, batch_id, gained
UPDATE review_batch SET gained = $gained WHERE dataset_id = $dataset_id AND batch_id = $batch_id;

-- name: drop
-- Forget a batch; the messages that it had are dropped on their own.
-- parameters: dataset_id, batch_id
DELETE FROM review_batch WHERE dataset_id = $dataset_id AND batch_id = $batch_id;

-- name: drop_messages
-- Forget which messages a batch had.
-- parameters: dataset_id, batch_id
DELETE FROM review_batch_message WHERE dataset_id = $dataset_id AND batch_id = $batch_id;

-- name: pace
-- Median seconds between a person's last words on one message and on the next. Gaps of n_most seconds and more are
-- pauses; below one second no person read the message.
-- parameters: dataset_id, n_most
-- returns: seconds, n
WITH told AS (
    SELECT actor, seq, "at", uid, lead(uid) OVER (PARTITION BY actor ORDER BY seq) AS next_uid
    FROM review_event WHERE dataset_id = $dataset_id AND step_id IS NULL AND mode <> 'import'
), closed AS (
    SELECT epoch("at") - epoch(lag("at") OVER (PARTITION BY actor ORDER BY seq)) AS gap
    FROM told WHERE next_uid IS DISTINCT FROM uid
)
SELECT median(gap) AS seconds, count(gap) AS n FROM closed WHERE gap >= 1 AND gap < $n_most;

-- name: modes
-- Reviewed messages by how they came before people.
-- parameters: dataset_id
-- returns: mode, n
SELECT mode, count(*) AS n FROM review_state
WHERE dataset_id = $dataset_id AND reviewed
GROUP BY mode ORDER BY mode;

-- name: first_clusters
-- The first n_most clusters of the newest run, in their order, with members reviewed by now.
-- parameters: dataset_id, n_most
-- returns: cluster_id, n_messages, n_reviewed
WITH run AS (
    SELECT run_id FROM cluster_run WHERE dataset_id = $dataset_id ORDER BY seq DESC LIMIT 1
), reviewed AS (
    SELECT m.cluster_id, count(*) AS n
    FROM cluster_member m
    JOIN review_state r ON r.dataset_id = $dataset_id AND r.uid = m.uid AND r.reviewed
    WHERE m.run_id IN (SELECT run_id FROM run)
    GROUP BY m.cluster_id
)
SELECT c.cluster_id, c.n_messages, coalesce(r.n, 0) AS n_reviewed
FROM cluster c LEFT JOIN reviewed r USING (cluster_id)
WHERE c.run_id IN (SELECT run_id FROM run)
ORDER BY c.position LIMIT $n_most;
