-- A dataset's taxonomy and annotations under another dataset. Ids of labels and events follow from the old id and
-- the new dataset's, so that references stay right without a table of pairs.

-- name: labels
-- Copy the taxonomy.
-- parameters: dataset_id, new_id
INSERT INTO label (label_id, dataset_id, path, name, instructions, external_id, trainable, title, position)
SELECT copied_id(label_id), $new_id, path, name, instructions, external_id, trainable, title, position
FROM label WHERE dataset_id = $dataset_id;

-- name: states
-- Copy the review states of messages that the new dataset has.
-- parameters: dataset_id, new_id
INSERT INTO review_state (dataset_id, uid, revision, reviewed, reviewed_by, reviewed_at, mode, probability)
SELECT $new_id, r.uid, r.revision, r.reviewed, r.reviewed_by, r.reviewed_at, r.mode, r.probability
FROM review_state r
JOIN dataset_source d ON d.dataset_id = $new_id AND starts_with(r.uid, d.source_id || '.')
WHERE r.dataset_id = $dataset_id;

-- name: assigned
-- Copy the assigned labels of messages that the new dataset has.
-- parameters: dataset_id, new_id
INSERT INTO assigned_label (dataset_id, uid, label_id, sentiment)
SELECT $new_id, a.uid, copied_id(a.label_id), a.sentiment
FROM assigned_label a
JOIN dataset_source d ON d.dataset_id = $new_id AND starts_with(a.uid, d.source_id || '.')
WHERE a.dataset_id = $dataset_id;

-- name: dismissed
-- Copy the dismissed labels of messages that the new dataset has.
-- parameters: dataset_id, new_id
INSERT INTO dismissed_label (dataset_id, uid, label_id)
SELECT $new_id, a.uid, copied_id(a.label_id)
FROM dismissed_label a
JOIN dataset_source d ON d.dataset_id = $new_id AND starts_with(a.uid, d.source_id || '.')
WHERE a.dataset_id = $dataset_id;

-- name: events
-- Copy the review history of messages that the new dataset has; the model versions it names stay behind.
-- parameters: dataset_id, new_id
INSERT INTO review_event (event_id, seq, dataset_id, uid, "at", actor, mode, probability, model_version,
    seen_revision, revision, merged, before_assigned, before_dismissed, before_reviewed,
    assigned, dismissed, reviewed, n_population, before_sentiments, sentiments)
SELECT copied_id(e.event_id),
    row_number() OVER (ORDER BY e.seq) + (SELECT coalesce(max(seq), 0) FROM review_event),
    $new_id, e.uid, e."at", e.actor, e.mode, e.probability, NULL, e.seen_revision, e.revision, e.merged,
    list_transform(e.before_assigned, lambda one: copied_id(one)),
    list_transform(e.before_dismissed, lambda one: copied_id(one)), e.before_reviewed,
    list_transform(e.assigned, lambda one: copied_id(one)),
    list_transform(e.dismissed, lambda one: copied_id(one)), e.reviewed, e.n_population,
    e.before_sentiments, e.sentiments
FROM review_event e
JOIN dataset_source d ON d.dataset_id = $new_id AND starts_with(e.uid, d.source_id || '.')
WHERE e.dataset_id = $dataset_id;
