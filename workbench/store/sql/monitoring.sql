-- Drift and balance reports.

-- name: put
-- Append a report.
-- parameters: dataset_id, kind, created_at, report
INSERT INTO monitor_report (dataset_id, kind, created_at, report)
VALUES ($dataset_id, $kind, $created_at, $report);

-- name: newest
-- The newest report of a kind.
-- parameters: dataset_id, kind
-- returns: report
SELECT report::VARCHAR AS report FROM monitor_report
WHERE dataset_id = $dataset_id AND kind = $kind
ORDER BY created_at DESC, rowid DESC LIMIT 1;

-- name: spread
-- How many messages of a dataset have each value of their source, language, month and properties, and how many of
-- those are reviewed. Text properties with more than 50 values are left out; numbers with more than 12 come in four
-- bands of about equal size. place orders numbers and months.
-- parameters: dataset_id
-- returns: name, value, place, n_messages, n_reviewed
WITH inside AS (
    SELECT m.uid, m.source_id, coalesce(m.language, nullif(m.detected_language, '')) AS language, m.timestamp,
        r.uid IS NOT NULL AS reviewed
    FROM message m
    LEFT JOIN review_state r ON r.dataset_id = $dataset_id AND r.uid = m.uid AND r.reviewed
    WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
),
carried AS (
    SELECT p.name, p.string_value, p.number_value, i.reviewed
    FROM message_property p JOIN inside i ON i.uid = p.uid
),
kinds AS (
    SELECT name, count(DISTINCT string_value) AS n_texts, count(DISTINCT number_value) AS n_numbers,
        quantile_cont(number_value, [0.25, 0.5, 0.75]) AS cuts, min(number_value) AS lowest,
        max(number_value) AS highest
    FROM carried GROUP BY name
),
valued AS (
    SELECT c.name, c.reviewed,
        CASE
            WHEN c.number_value IS NULL THEN c.string_value
            WHEN k.n_numbers <= 12 THEN format('{:g}', c.number_value)
            WHEN c.number_value <= k.cuts[1] THEN format('{:g} to {:g}', k.lowest, k.cuts[1])
            WHEN c.number_value <= k.cuts[2] THEN format('above {:g} to {:g}', k.cuts[1], k.cuts[2])
            WHEN c.number_value <= k.cuts[3] THEN format('above {:g} to {:g}', k.cuts[2], k.cuts[3])
            ELSE format('above {:g} to {:g}', k.cuts[3], k.highest)
        END AS value,
        coalesce(c.number_value, 0) AS place
    FROM carried c JOIN kinds k USING (name)
    WHERE k.n_texts <= 50
    UNION ALL SELECT 'language', reviewed, language, 0 FROM inside
    UNION ALL
    SELECT 'source', i.reviewed, s.project || '/' || s.name, 0 FROM inside i JOIN source s USING (source_id)
    UNION ALL
    SELECT 'month', reviewed, strftime(timestamp, '%Y-%m'), 12 * year(timestamp) + month(timestamp) FROM inside
)
SELECT name, value, min(place)::DOUBLE AS place, count(*) AS n_messages, count(*) FILTER (WHERE reviewed) AS n_reviewed
FROM valued
WHERE value IS NOT NULL
GROUP BY name, value
ORDER BY name, place, n_messages DESC, value;
