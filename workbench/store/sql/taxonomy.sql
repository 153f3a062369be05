-- Changes of taxonomies: labels in bulk, what people said of them, and the recorded steps.

-- name: put_labels
-- Set what may change of labels that are there.
-- staged: label_id VARCHAR, path VARCHAR[], name VARCHAR, title VARCHAR, instructions VARCHAR, external_id VARCHAR, position INTEGER
UPDATE label SET path = s.path, name = s.name, title = s.title, instructions = s.instructions,
    external_id = s.external_id, position = s.position
FROM staged s WHERE label.label_id = s.label_id;

-- name: drop_labels
-- Remove labels.
-- parameters: dataset_id
-- staged: label_id VARCHAR
DELETE FROM label WHERE dataset_id = $dataset_id AND label_id IN (SELECT label_id FROM staged);

-- name: carriers
-- Messages on which one of the staged labels is assigned or dismissed, with all that stands on them.
-- parameters: dataset_id
-- staged: label_id VARCHAR
-- returns: uid, revision, reviewed, assigned, dismissed, sentiments
WITH touched AS (
    SELECT uid FROM assigned_label WHERE dataset_id = $dataset_id AND label_id IN (SELECT label_id FROM staged)
    UNION
    SELECT uid FROM dismissed_label WHERE dataset_id = $dataset_id AND label_id IN (SELECT label_id FROM staged)
), assigned AS (
    SELECT uid, list(label_id ORDER BY label_id) AS ids, list(sentiment ORDER BY label_id) AS marks
    FROM assigned_label
    WHERE dataset_id = $dataset_id AND uid IN (SELECT uid FROM touched) GROUP BY uid
), dismissed AS (
    SELECT uid, list(label_id ORDER BY label_id) AS ids FROM dismissed_label
    WHERE dataset_id = $dataset_id AND uid IN (SELECT uid FROM touched) GROUP BY uid
)
SELECT t.uid, r.revision, r.reviewed, coalesce(a.ids, []::VARCHAR[]) AS assigned,
    coalesce(d.ids, []::VARCHAR[]) AS dismissed, a.marks AS sentiments
FROM touched t
JOIN review_state r ON r.dataset_id = $dataset_id AND r.uid = t.uid
LEFT JOIN assigned a ON a.uid = t.uid
LEFT JOIN dismissed d ON d.uid = t.uid
ORDER BY t.uid;

-- name: untouched
-- Messages that a step changed, as they were before it and as they stand, without those that somebody judged since.
-- parameters: dataset_id, step_id
-- returns: uid, revision, reviewed, assigned, dismissed, before_assigned, before_dismissed, before_reviewed, sentiments, before_sentiments
SELECT e.uid, r.revision, r.reviewed, e.assigned, e.dismissed, e.before_assigned, e.before_dismissed,
    e.before_reviewed, e.sentiments, e.before_sentiments
FROM review_event e
JOIN review_state r ON r.dataset_id = e.dataset_id AND r.uid = e.uid
WHERE e.dataset_id = $dataset_id AND e.step_id = $step_id AND NOT EXISTS (
    SELECT 1 FROM review_event later
    WHERE later.dataset_id = e.dataset_id AND later.uid = e.uid AND later.revision > e.revision
        AND later.step_id IS NULL
)
ORDER BY e.uid;

-- name: last_event
-- Number of the newest event of all; 0 before the first.
-- returns: seq
SELECT coalesce(max(seq), 0) AS seq FROM review_event;

-- name: judged_since
-- Messages that somebody judged after an event.
-- parameters: dataset_id, seq
-- returns: uid
SELECT DISTINCT uid FROM review_event WHERE dataset_id = $dataset_id AND seq > $seq AND step_id IS NULL;

-- name: count_step
-- How many messages a step changed.
-- parameters: dataset_id, step_id
-- returns: n
SELECT count(*) AS n FROM review_event WHERE dataset_id = $dataset_id AND step_id = $step_id;

-- name: add_events
-- Append what a step did to messages, numbered on from the last; the mode says that nobody reviewed.
-- parameters: dataset_id, step_id, actor, at
-- staged: row BIGINT, event_id VARCHAR, uid VARCHAR, revision INTEGER, before_assigned VARCHAR[], before_dismissed VARCHAR[], before_reviewed BOOLEAN, assigned VARCHAR[], dismissed VARCHAR[], reviewed BOOLEAN, before_sentiments INTEGER[], sentiments INTEGER[]
INSERT INTO review_event (event_id, seq, dataset_id, uid, "at", actor, mode, probability, model_version,
    seen_revision, revision, merged, before_assigned, before_dismissed, before_reviewed,
    assigned, dismissed, reviewed, step_id, before_sentiments, sentiments)
SELECT event_id, row + (SELECT coalesce(max(seq), 0) FROM review_event) AS seq, $dataset_id, uid,
    $at::TIMESTAMPTZ, $actor, 'taxonomy', NULL, NULL, revision - 1, revision, FALSE, before_assigned,
    before_dismissed, before_reviewed, assigned, dismissed, reviewed, $step_id, before_sentiments, sentiments
FROM staged;

-- name: put_states
-- Set the revision of messages and whether they are reviewed; who reviewed them, when and how stays.
-- parameters: dataset_id
-- staged: uid VARCHAR, revision INTEGER, reviewed BOOLEAN
UPDATE review_state SET revision = s.revision, reviewed = s.reviewed
FROM staged s WHERE review_state.dataset_id = $dataset_id AND review_state.uid = s.uid;

-- name: knowing
-- Model versions that know one of the staged labels.
-- parameters: dataset_id
-- staged: label_id VARCHAR
-- returns: version
SELECT version FROM model_version
WHERE dataset_id = $dataset_id AND list_has_any(label_ids, (SELECT list(label_id) FROM staged))
ORDER BY version;

-- name: add_step
-- Record a step, numbered on from the last.
-- parameters: step_id, dataset_id, at, actor, action, summary, n_messages, retrains, undoes, nodes, report
INSERT INTO taxonomy_step (step_id, dataset_id, seq, "at", actor, action, summary, n_messages, retrains, undoes,
    nodes, report)
SELECT $step_id, $dataset_id, coalesce(max(seq), 0) + 1, $at::TIMESTAMPTZ, $actor, $action, $summary,
    $n_messages, $retrains, $undoes, $nodes, $report
FROM taxonomy_step;

-- name: steps
-- Steps of a dataset, newest first.
-- parameters: dataset_id, n_most
-- returns: step_id, at, actor, action, summary, n_messages, undoes, undone
SELECT s.step_id, s."at", s.actor, s.action, s.summary, s.n_messages, s.undoes,
    EXISTS (SELECT 1 FROM taxonomy_step u WHERE u.undoes = s.step_id) AS undone
FROM taxonomy_step s
WHERE s.dataset_id = $dataset_id
ORDER BY s.seq DESC LIMIT $n_most;

-- name: report
-- The report of a step.
-- parameters: step_id
-- returns: report
SELECT report::VARCHAR AS report FROM taxonomy_step WHERE step_id = $step_id;

-- name: to_undo
-- The newest step that was not taken back.
-- parameters: dataset_id
-- returns: step_id, action, summary, nodes
SELECT s.step_id, s.action, s.summary, s.nodes::VARCHAR AS nodes
FROM taxonomy_step s
WHERE s.dataset_id = $dataset_id AND s.undoes IS NULL
    AND NOT EXISTS (SELECT 1 FROM taxonomy_step u WHERE u.undoes = s.step_id)
ORDER BY s.seq DESC LIMIT 1;

-- name: became
-- Which labels those that were merged away became, oldest step first; steps of older versions do not tell.
-- parameters: dataset_id
-- returns: became
SELECT (nodes -> '$.became')::VARCHAR AS became FROM taxonomy_step
WHERE dataset_id = $dataset_id AND (nodes -> '$.became') IS NOT NULL
ORDER BY seq;

-- name: vanishing
-- Labels that steps changed or took away, as they were before, oldest step first.
-- parameters: dataset_id
-- returns: before
SELECT (nodes -> '$.before')::VARCHAR AS before FROM taxonomy_step
WHERE dataset_id = $dataset_id
ORDER BY seq;

-- name: newest
-- Number and time of the newest step that a training must follow.
-- parameters: dataset_id
-- returns: seq, at
SELECT seq, "at" FROM taxonomy_step WHERE dataset_id = $dataset_id AND retrains ORDER BY seq DESC LIMIT 1;
