-- Taxonomies.

-- name: all
-- Labels of a dataset in path order, with the reviewed messages that carry them, and how much of the newest
-- predictions comes from their names.
-- parameters: dataset_id
-- returns: label_id, dataset_id, path, title, instructions, external_id, trainable, position, n_assigned, zero_shot
SELECT l.label_id, l.dataset_id, l.path, coalesce(l.title, '') AS title, l.instructions, l.external_id, l.trainable,
    coalesce(l.position, 0) AS position, coalesce(a.n_assigned, 0) AS n_assigned,
    coalesce(z.zero_shot, 0) AS zero_shot
FROM label l
LEFT JOIN (
    SELECT a.label_id, count(*) AS n_assigned
    FROM assigned_label a
    JOIN review_state r ON r.dataset_id = a.dataset_id AND r.uid = a.uid AND r.reviewed
    JOIN dataset_source d ON d.dataset_id = a.dataset_id AND starts_with(a.uid, d.source_id || '.')
    WHERE a.dataset_id = $dataset_id
    GROUP BY a.label_id
) a ON a.label_id = l.label_id
LEFT JOIN (
    SELECT unnest(label_ids) AS label_id, unnest(zero_shot) AS zero_shot
    FROM (
        SELECT label_ids, zero_shot FROM model_version WHERE dataset_id = $dataset_id ORDER BY version DESC LIMIT 1
    )
) z ON z.label_id = l.label_id
WHERE l.dataset_id = $dataset_id
ORDER BY l.path;

-- name: paths
-- Ids and paths of a dataset's labels, in path order.
-- parameters: dataset_id
-- returns: label_id, path
SELECT label_id, path FROM label WHERE dataset_id = $dataset_id ORDER BY path;

-- name: expected
-- Expected number of unreviewed messages per label under the newest version.
-- parameters: dataset_id
-- returns: label_id, n_predicted
WITH newest AS (newest_version()), reviewed AS (
    SELECT unnest(n.label_ids) AS label_id, unnest(p.probabilities)::DOUBLE AS probability
    FROM prediction p
    JOIN newest n ON n.version = p.version
    WHERE p.dataset_id = $dataset_id
        AND p.uid IN (SELECT uid FROM review_state WHERE dataset_id = $dataset_id AND reviewed)
), judged AS (
    SELECT label_id, sum(probability) AS judged FROM reviewed GROUP BY label_id
)
SELECT t.label_id, greatest(t.total - coalesce(j.judged, 0), 0) AS n_predicted
FROM label_total t
JOIN newest n ON n.version = t.version
LEFT JOIN judged j USING (label_id)
WHERE t.dataset_id = $dataset_id;

-- name: counts
-- On how many of the messages that pass each label is assigned, or on unreviewed ones predicted from 0.5 on; period
-- NULL with an empty resolution. A parent without a sentiment of its own has that said last of a label below it.
-- parameters: dataset_id, resolution
-- returns: period, label, positive, negative
WITH newest AS (newest_version()), passing AS MATERIALIZED (
    SELECT m.uid, CASE WHEN $resolution <> ''
        THEN date_trunc(coalesce(nullif($resolution, ''), 'day'), m.timestamp AT TIME ZONE 'UTC')::DATE END AS period,
        m.uid IN (SELECT uid FROM review_state WHERE dataset_id = $dataset_id AND reviewed) AS reviewed
    FROM message m
    WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
        AND TRUE /*where*/
), known AS (
    SELECT label_id, name FROM label WHERE dataset_id = $dataset_id
), said AS MATERIALIZED (
    SELECT p.period, p.uid, k.name, a.sentiment
    FROM passing p
    JOIN assigned_label a ON a.dataset_id = $dataset_id AND a.uid = p.uid
    JOIN known k ON k.label_id = a.label_id
    WHERE p.reviewed
), marked AS (
    SELECT s.period, s.name, coalesce(s.sentiment, arg_max(b.sentiment, abs(b.sentiment)), 1) AS mark
    FROM said s
    LEFT JOIN said b ON b.uid = s.uid AND s.sentiment IS NULL AND b.sentiment IS NOT NULL
        AND starts_with(b.name, s.name || ' > ')
    GROUP BY s.period, s.uid, s.name, s.sentiment
), predicted AS (
    SELECT p.period, unnest(n.label_ids) AS label_id, unnest(q.probabilities) AS probability,
        unnest(coalesce(q.sentiments, list_transform(q.probabilities, lambda x: 1::FLOAT))) AS mark
    FROM passing p
    JOIN newest n ON TRUE
    JOIN prediction q ON q.dataset_id = $dataset_id AND q.version = n.version AND q.uid = p.uid
    WHERE NOT p.reviewed
), counted AS (
    SELECT period, name, mark FROM marked
    UNION ALL
    SELECT f.period, k.name, f.mark FROM predicted f JOIN known k ON k.label_id = f.label_id
    WHERE f.probability >= 0.5::FLOAT
)
SELECT period, name AS label, count(*) FILTER (WHERE mark >= 0) AS positive,
    count(*) FILTER (WHERE mark < 0) AS negative
FROM counted GROUP BY period, name ORDER BY period, name;

-- name: add
-- Insert a label.
-- parameters: label_id, dataset_id, path, name, title, instructions, external_id, trainable, position
INSERT INTO label (label_id, dataset_id, path, name, title, instructions, external_id, trainable, position)
VALUES ($label_id, $dataset_id, $path, $name, $title, $instructions, $external_id, $trainable, $position);
