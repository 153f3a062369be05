-- Verdicts: a label that was questioned stays as it is.

-- name: add
-- Append a verdict with what the label means and what the message carries now; one that was stored before stays.
-- parameters: event_id, dataset_id, uid, label_id, at, actor, kept
INSERT INTO verdict (event_id, seq, dataset_id, uid, label_id, "at", actor, kept, definition, assigned)
SELECT $event_id, (SELECT coalesce(max(seq), 0) + 1 FROM verdict) AS seq, $dataset_id, $uid, l.label_id, $at, $actor,
    $kept, md5(concat_ws(chr(31), l.path[-1], l.instructions)) AS definition,
    coalesce((
        SELECT list(a.label_id ORDER BY a.label_id) FROM assigned_label a
        WHERE a.dataset_id = $dataset_id AND a.uid = $uid
    ), []) AS assigned
FROM label l WHERE l.dataset_id = $dataset_id AND l.label_id = $label_id
ON CONFLICT (event_id) DO NOTHING;

-- name: settled
-- Messages whose newest verdict on a label (NULL = on any) is to keep it, while label and message are what they were.
-- parameters: dataset_id, label_id
-- returns: uid, label_id
WITH newest AS (
    SELECT uid, label_id, arg_max(kept, seq) AS kept, arg_max(definition, seq) AS definition, arg_max(assigned, seq) AS assigned
    FROM verdict WHERE dataset_id = $dataset_id AND ($label_id::VARCHAR IS NULL OR label_id = $label_id::VARCHAR)
    GROUP BY uid, label_id
), carried AS (
    SELECT uid, list(label_id ORDER BY label_id) AS assigned
    FROM assigned_label WHERE dataset_id = $dataset_id AND uid IN (SELECT uid FROM newest)
    GROUP BY uid
)
SELECT n.uid, n.label_id
FROM newest n
JOIN label l ON l.dataset_id = $dataset_id AND l.label_id = n.label_id
LEFT JOIN carried c ON c.uid = n.uid
WHERE n.kept AND n.definition = md5(concat_ws(chr(31), l.path[-1], l.instructions))
    AND n.assigned = coalesce(c.assigned, []);

-- name: drop_of
-- Remove the verdicts on staged messages.
-- staged: uid VARCHAR
DELETE FROM verdict WHERE uid IN (SELECT uid FROM staged);

-- name: drop_dataset
-- Remove the verdicts of a dataset.
-- parameters: dataset_id
DELETE FROM verdict WHERE dataset_id = $dataset_id;
