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
