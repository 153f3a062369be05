-- Judgements.

-- name: stored_events
-- Events that were stored already, by id.
-- parameters: event_ids
-- returns: event_id, uid, assigned, dismissed, reviewed, revision, actor, at, merged, sentiments
SELECT event_id, uid, assigned, dismissed, reviewed, revision, actor, "at", merged, sentiments
FROM review_event
WHERE event_id IN (SELECT unnest($event_ids::VARCHAR[]));

-- name: states
-- Current review state of those of the messages that belong to the dataset; revision 0 = never judged.
-- parameters: dataset_id, uids
-- returns: uid, revision, reviewed
SELECT m.uid, coalesce(r.revision, 0) AS revision, coalesce(r.reviewed, FALSE) AS reviewed
FROM message m
LEFT JOIN review_state r ON r.dataset_id = $dataset_id AND r.uid = m.uid
WHERE m.uid IN (SELECT unnest($uids::VARCHAR[]))
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id);

-- name: current_labels
-- Current assigned and dismissed labels of messages.
-- parameters: dataset_id, uids
-- returns: uid, label_id, is_assigned, sentiment
SELECT uid, label_id, TRUE AS is_assigned, sentiment FROM assigned_label
WHERE dataset_id = $dataset_id AND uid IN (SELECT unnest($uids::VARCHAR[]))
UNION ALL
SELECT uid, label_id, FALSE AS is_assigned, NULL AS sentiment FROM dismissed_label
WHERE dataset_id = $dataset_id AND uid IN (SELECT unnest($uids::VARCHAR[]));

-- name: at_revision
-- The labels a message had at a revision.
-- parameters: dataset_id, uid, revision
-- returns: assigned, dismissed, sentiments
SELECT assigned, dismissed, sentiments FROM review_event
WHERE dataset_id = $dataset_id AND uid = $uid AND revision = $revision;

-- name: marks
-- Assigned labels of the staged messages by path, with the marks of their sentiments.
-- parameters: dataset_id
-- staged: uid VARCHAR
-- returns: uid, label_id, path, sentiment
SELECT a.uid, a.label_id, l.path, a.sentiment
FROM assigned_label a
JOIN label l USING (label_id)
WHERE a.dataset_id = $dataset_id AND a.uid IN (SELECT uid FROM staged)
ORDER BY l.path;

-- name: add_events
-- Append events, numbered on from the last; "row" counts them from 1.
-- staged: event_id VARCHAR, row BIGINT, dataset_id VARCHAR, uid VARCHAR, at TIMESTAMPTZ, actor VARCHAR, mode VARCHAR, probability DOUBLE, model_version INTEGER, n_population BIGINT, seen_revision INTEGER, revision INTEGER, merged BOOLEAN, before_assigned VARCHAR[], before_dismissed VARCHAR[], before_reviewed BOOLEAN, assigned VARCHAR[], dismissed VARCHAR[], reviewed BOOLEAN, before_sentiments INTEGER[], sentiments INTEGER[]
INSERT INTO review_event (event_id, seq, dataset_id, uid, "at", actor, mode, probability, model_version,
    n_population, seen_revision, revision, merged, before_assigned, before_dismissed, before_reviewed,
    assigned, dismissed, reviewed, before_sentiments, sentiments)
SELECT event_id, row + (SELECT coalesce(max(seq), 0) FROM review_event) AS seq, dataset_id, uid, "at",
    actor, mode, probability, model_version, n_population, seen_revision, revision, merged, before_assigned, before_dismissed, before_reviewed,
    assigned, dismissed, reviewed, before_sentiments, sentiments
FROM staged;

-- name: add_states
-- Set the state of messages that were never judged.
-- staged: dataset_id VARCHAR, uid VARCHAR, revision INTEGER, reviewed BOOLEAN, reviewed_by VARCHAR, reviewed_at TIMESTAMPTZ, mode VARCHAR, probability DOUBLE
INSERT INTO review_state (dataset_id, uid, revision, reviewed, reviewed_by, reviewed_at, mode, probability)
SELECT dataset_id, uid, revision, reviewed, reviewed_by, reviewed_at, mode, probability FROM staged;

-- name: put_states
-- Set the current state of messages. One that is looked at again keeps the mode, and the chance, that it was first
-- reviewed by: these say how the training data were found.
-- staged: dataset_id VARCHAR, uid VARCHAR, revision INTEGER, reviewed BOOLEAN, reviewed_by VARCHAR, reviewed_at TIMESTAMPTZ, mode VARCHAR, probability DOUBLE
INSERT INTO review_state (dataset_id, uid, revision, reviewed, reviewed_by, reviewed_at, mode, probability)
SELECT dataset_id, uid, revision, reviewed, reviewed_by, reviewed_at, mode, probability FROM staged
ON CONFLICT (dataset_id, uid) DO UPDATE SET revision = excluded.revision, reviewed = excluded.reviewed,
    reviewed_by = excluded.reviewed_by, reviewed_at = excluded.reviewed_at,
    mode = CASE WHEN review_state.reviewed AND excluded.reviewed THEN review_state.mode ELSE excluded.mode END,
    probability = CASE WHEN review_state.reviewed AND excluded.reviewed THEN review_state.probability
        ELSE excluded.probability END;

-- name: add_assigned
-- Assign labels, with the marks of their sentiments (NULL = none).
-- parameters: dataset_id
-- staged: uid VARCHAR, label_id VARCHAR, sentiment INTEGER
INSERT INTO assigned_label (dataset_id, uid, label_id, sentiment)
SELECT $dataset_id, uid, label_id, sentiment FROM staged;

-- name: set_sentiments
-- Set the marks of assigned labels.
-- parameters: dataset_id
-- staged: uid VARCHAR, label_id VARCHAR, sentiment INTEGER
UPDATE assigned_label SET sentiment = s.sentiment FROM staged s
WHERE assigned_label.dataset_id = $dataset_id AND assigned_label.uid = s.uid
    AND assigned_label.label_id = s.label_id;

-- name: drop_assigned
-- Take assigned labels back.
-- parameters: dataset_id
-- staged: uid VARCHAR, label_id VARCHAR
DELETE FROM assigned_label USING staged s
WHERE assigned_label.dataset_id = $dataset_id AND assigned_label.uid = s.uid
    AND assigned_label.label_id = s.label_id;

-- name: add_dismissed
-- Dismiss labels.
-- parameters: dataset_id
-- staged: uid VARCHAR, label_id VARCHAR
INSERT INTO dismissed_label (dataset_id, uid, label_id) SELECT $dataset_id, uid, label_id FROM staged;

-- name: drop_dismissed
-- Take dismissals back.
-- parameters: dataset_id
-- staged: uid VARCHAR, label_id VARCHAR
DELETE FROM dismissed_label USING staged s
WHERE dismissed_label.dataset_id = $dataset_id AND dismissed_label.uid = s.uid
    AND dismissed_label.label_id = s.label_id;

-- name: events
-- Every event of a dataset, in order; sentiments run beside assigned, NULL where none was said of the label itself.
-- parameters: dataset_id
-- returns: event_id, uid, at, actor, mode, probability, model_version, assigned, dismissed, reviewed, n_population, sentiments
SELECT event_id, uid, "at", actor, mode, probability, model_version, assigned, dismissed, reviewed, n_population,
    list_transform(sentiments, lambda mark: CASE WHEN mark > 0 THEN 'positive' WHEN mark < 0 THEN 'negative' END)
        AS sentiments
FROM review_event e
WHERE dataset_id = $dataset_id AND EXISTS (
    SELECT 1 FROM dataset_source d
    WHERE d.dataset_id = e.dataset_id AND starts_with(e.uid, d.source_id || '.')
)
ORDER BY seq;

-- name: history
-- What was done to one message, newest first; a change of the taxonomy comes with its words.
-- parameters: dataset_id, uid, n_most
-- returns: event_id, uid, at, actor, mode, before_assigned, before_dismissed, before_reviewed, assigned, dismissed, reviewed, revision, merged, model_version, change
SELECT e.event_id, e.uid, e."at", e.actor, e.mode, e.before_assigned, e.before_dismissed, e.before_reviewed,
    e.assigned, e.dismissed, e.reviewed, e.revision, e.merged, e.model_version, s.summary AS change
FROM review_event e
LEFT JOIN taxonomy_step s ON s.step_id = e.step_id
WHERE e.dataset_id = $dataset_id AND e.uid = $uid
ORDER BY e.seq DESC LIMIT $n_most;

-- name: matrix
-- Assigned labels of reviewed messages, in row order then path order.
-- parameters: dataset_id
-- returns: uid, label_id
SELECT a.uid, a.label_id
FROM assigned_label a
JOIN review_state r ON r.dataset_id = a.dataset_id AND r.uid = a.uid AND r.reviewed
JOIN message m ON m.uid = a.uid
JOIN label l ON l.label_id = a.label_id
WHERE a.dataset_id = $dataset_id
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
ORDER BY m.upload_seq, l.path;

-- name: reviewed
-- Reviewed messages in row order, with the number of the event that made each a reviewed one (it has the mode and the
-- chance that stand in the state) and how many messages it was picked among.
-- parameters: dataset_id
-- returns: uid, mode, probability, reviewed_at, thread_id, first_seq, n_population
SELECT r.uid, r.mode, r.probability, r.reviewed_at, m.thread_id, coalesce(e.first_seq, 0) AS first_seq,
    nullif(e.n_population, -1) AS n_population
FROM review_state r
JOIN message m ON m.uid = r.uid
LEFT JOIN (
    SELECT uid, max(seq) AS first_seq, arg_max(coalesce(n_population, -1), seq) AS n_population
    FROM review_event
    WHERE dataset_id = $dataset_id AND reviewed AND NOT before_reviewed
    GROUP BY uid
) e ON e.uid = r.uid
WHERE r.dataset_id = $dataset_id AND r.reviewed
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
ORDER BY m.upload_seq;

-- name: since
-- Messages judged by people after a time, and when the last of them was; changes of the taxonomy do not count.
-- parameters: dataset_id, at
-- returns: n, last_at
SELECT count(DISTINCT e.uid) AS n, max(e."at") AS last_at
FROM review_event e
JOIN dataset_source d ON d.dataset_id = e.dataset_id AND starts_with(e.uid, d.source_id || '.')
WHERE e.dataset_id = $dataset_id AND e."at" > $at AND e.step_id IS NULL;

-- name: imported
-- Messages annotated by a program or a file, and when the last time was.
-- parameters: dataset_id
-- returns: n, last_at
SELECT count(DISTINCT uid) AS n, max("at") AS last_at
FROM review_event
WHERE dataset_id = $dataset_id AND mode = 'import' AND step_id IS NULL;

-- name: last_seq
-- Number of the newest event of a dataset, 0 without one.
-- parameters: dataset_id
-- returns: last_seq
SELECT coalesce(max(seq), 0) AS last_seq FROM review_event WHERE dataset_id = $dataset_id;

-- name: judged_after
-- What became of messages by events after a number, in order.
-- parameters: dataset_id, seq
-- returns: seq, uid, reviewed
SELECT seq, uid, reviewed FROM review_event WHERE dataset_id = $dataset_id AND seq > $seq ORDER BY seq;

-- name: carriers
-- Reviewed messages with a label, in any order.
-- parameters: dataset_id, label_id
-- returns: uid
SELECT a.uid
FROM assigned_label a
JOIN review_state r ON r.dataset_id = a.dataset_id AND r.uid = a.uid AND r.reviewed
WHERE a.dataset_id = $dataset_id AND a.label_id = $label_id;

-- name: looked_at
-- Looks at doubts: messages judged again in the modes that doubt, those of them whose labels changed, and messages
-- with a label that a person last said to keep as it is.
-- parameters: dataset_id
-- returns: n_judged, n_changed, n_kept
SELECT count(*) AS n_judged,
    count(*) FILTER (list_sort(before_assigned) IS DISTINCT FROM list_sort(assigned)) AS n_changed,
    (SELECT count(DISTINCT uid) FROM (
        SELECT uid, arg_max(kept, seq) AS kept FROM verdict WHERE dataset_id = $dataset_id GROUP BY uid, label_id
    ) WHERE kept) AS n_kept
FROM review_event
WHERE dataset_id = $dataset_id AND mode IN ('check', 'missed') AND before_reviewed AND reviewed;
