-- Messages that several people judge on their own.

-- name: add
-- Insert an overlap.
-- parameters: overlap_id, dataset_id, created_at, created_by, people, label_ids, n_messages, n_repeats, n_population, seed
INSERT INTO overlap (overlap_id, dataset_id, created_at, created_by, people, label_ids, n_messages, n_repeats,
    n_population, seed)
VALUES ($overlap_id, $dataset_id, $created_at, $created_by, $people, $label_ids, $n_messages, $n_repeats,
    $n_population, $seed);

-- name: add_tasks
-- Insert what is asked.
-- parameters: overlap_id, dataset_id
-- staged: task_id VARCHAR, uid VARCHAR, person VARCHAR, place INTEGER, repeats BOOLEAN
INSERT INTO overlap_task (task_id, overlap_id, dataset_id, uid, person, place, repeats)
SELECT task_id, $overlap_id, $dataset_id, uid, person, place, repeats FROM staged;

-- name: all
-- Overlaps of a dataset, newest first.
-- parameters: dataset_id
-- returns: overlap_id, dataset_id, created_at, created_by, people, n_messages, n_repeats, n_population, seed, n_given, n_asked, label_ids
SELECT o.overlap_id, o.dataset_id, o.created_at, o.created_by, o.people, o.n_messages, o.n_repeats, o.n_population,
    o.seed, count(t.given_at) AS n_given, count(t.task_id) AS n_asked, o.label_ids
FROM overlap o
LEFT JOIN overlap_task t ON t.overlap_id = o.overlap_id
WHERE o.dataset_id = $dataset_id
GROUP BY ALL
ORDER BY o.created_at DESC, o.overlap_id;

-- name: due
-- What a person is still asked, older overlaps first.
-- parameters: dataset_id, person, n
-- returns: task_id, uid
SELECT t.task_id, t.uid
FROM overlap_task t
JOIN overlap o ON o.overlap_id = t.overlap_id
WHERE t.dataset_id = $dataset_id AND t.person = $person AND t.given_at IS NULL
ORDER BY o.created_at, o.overlap_id, t.place
LIMIT $n;

-- name: tasks
-- Tasks of a dataset by id.
-- parameters: dataset_id, task_ids
-- returns: task_id, overlap_id, uid, person, is_given
SELECT task_id, overlap_id, uid, person, given_at IS NOT NULL AS is_given
FROM overlap_task
WHERE dataset_id = $dataset_id AND task_id IN (SELECT unnest($task_ids::VARCHAR[]));

-- name: give
-- Store answers.
-- parameters: at
-- staged: task_id VARCHAR, assigned VARCHAR[]
UPDATE overlap_task SET given_at = $at, assigned = s.assigned
FROM staged s
WHERE overlap_task.task_id = s.task_id AND overlap_task.given_at IS NULL;

-- name: answers
-- Every task of an overlap, in the order of messages, people, and first before again.
-- parameters: overlap_id
-- returns: uid, person, repeats, given_at, assigned, thread_id
SELECT t.uid, t.person, t.repeats, t.given_at, t.assigned, m.thread_id
FROM overlap_task t
JOIN message m ON m.uid = t.uid
WHERE t.overlap_id = $overlap_id
ORDER BY m.upload_seq, t.person, t.repeats;

-- name: follow_merge
-- A label that was merged into another: answers that named it name the other.
-- parameters: dataset_id, from_id, into_id
UPDATE overlap_task
SET assigned = list_distinct(
    list_transform(assigned, lambda x: CASE WHEN x = $from_id THEN $into_id ELSE x END)
)
WHERE dataset_id = $dataset_id AND list_contains(assigned, $from_id);

-- name: paces
-- Review events by person, imports aside: how many, and the median seconds from one to the next within 5 minutes.
-- parameters: dataset_id
-- returns: person, n, seconds
SELECT actor AS person, count(*) AS n, median(gap) FILTER (WHERE gap > 0 AND gap <= 300) AS seconds
FROM (
    SELECT actor, date_diff('millisecond', lag("at") OVER (PARTITION BY actor ORDER BY seq), "at") / 1000 AS gap
    FROM review_event
    WHERE dataset_id = $dataset_id AND mode <> 'import' AND step_id IS NULL
)
GROUP BY actor
ORDER BY actor;

-- name: drop_tasks
-- Remove what is asked in an overlap.
-- parameters: overlap_id
DELETE FROM overlap_task WHERE overlap_id = $overlap_id;

-- name: drop
-- Remove an overlap.
-- parameters: overlap_id
DELETE FROM overlap WHERE overlap_id = $overlap_id;
