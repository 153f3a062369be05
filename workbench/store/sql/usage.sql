-- Sums of the ledger, and measures of what is not charged.

-- name: consumption
-- Units by period and what else is asked for; the rest, and the period of NULL, is NULL. Days are UTC.
-- Without projects (NULL) it is of all.
-- parameters: resolution, by_project, by_source, by_channel, by_user, by_operation, since, until, projects
-- returns: period, project, source, channel, user, operation, units, uncharged_units, platform_units, n_entries
-- A prediction of messages that are not stored names its dataset in the place of a source.
-- Days are numbers until few rows are left: dates with a zone are slow to make of millions.
WITH cells AS (
    SELECT
        CASE WHEN $resolution::VARCHAR IS NOT NULL THEN epoch_us("at") // 86400000000 END AS day_number,
        CASE WHEN $by_project::BOOLEAN THEN project END AS project,
        CASE WHEN $by_source::BOOLEAN THEN source END AS source_id,
        CASE WHEN $by_channel::BOOLEAN THEN channel END AS channel,
        CASE WHEN $by_user::BOOLEAN THEN actor END AS "user",
        CASE WHEN $by_operation::BOOLEAN THEN operation END AS operation,
        sum(units) FILTER (charged) AS units,
        sum(units * rate) FILTER (charged) AS platform_units,
        sum(units) FILTER (NOT charged) AS uncharged_units,
        count(*) AS n_entries
    FROM ledger
    WHERE ($since::TIMESTAMPTZ IS NULL OR "at" >= $since::TIMESTAMPTZ)
        AND ($until::TIMESTAMPTZ IS NULL OR "at" < $until::TIMESTAMPTZ)
        AND ($projects::VARCHAR[] IS NULL OR list_contains($projects::VARCHAR[], project))
    GROUP BY ALL
),
known AS (
    SELECT source_id, project || '/' || name AS full_name FROM source
    UNION ALL
    SELECT dataset_id, project || '/' || name FROM dataset
    UNION ALL
    SELECT source_id, full_name FROM former_source
)
SELECT date_trunc(coalesce($resolution::VARCHAR, 'day'), DATE '1970-01-01' + day_number::INTEGER)::DATE AS period,
    project,
    CASE WHEN $by_source::BOOLEAN THEN coalesce(full_name, 'Unknown') END AS source,
    channel,
    CASE WHEN $by_user::BOOLEAN THEN coalesce(nullif("user", ''), 'Unknown') END AS "user",
    operation,
    coalesce(sum(units), 0)::BIGINT AS units, coalesce(sum(uncharged_units), 0)::BIGINT AS uncharged_units,
    coalesce(sum(platform_units), 0)::DOUBLE AS platform_units, sum(n_entries)::BIGINT AS n_entries
FROM cells
LEFT JOIN known USING (source_id)
GROUP BY ALL
ORDER BY ALL;

-- name: remember_source
-- Keep the name of a source that is about to go.
-- parameters: source_id
INSERT INTO former_source
SELECT source_id, project || '/' || name FROM source WHERE source_id = $source_id
ON CONFLICT DO NOTHING;

-- name: remember_dataset
-- Keep the name of a dataset that is about to go: the ledger names it where messages were only predicted.
-- parameters: dataset_id
INSERT INTO former_source
SELECT dataset_id, project || '/' || name FROM dataset WHERE dataset_id = $dataset_id
ON CONFLICT DO NOTHING;

-- name: units_by_day
-- Charged units of each UTC day that has any entry, before a time.
-- parameters: until, projects
-- returns: day_number, units
SELECT epoch_us("at") // 86400000000 AS day_number, coalesce(sum(units) FILTER (charged), 0)::BIGINT AS units
FROM ledger
WHERE "at" < $until::TIMESTAMPTZ
    AND ($projects::VARCHAR[] IS NULL OR list_contains($projects::VARCHAR[], project))
GROUP BY ALL
ORDER BY ALL;

-- name: projects
-- Projects that the ledger knows.
-- returns: project
SELECT DISTINCT project FROM ledger ORDER BY project;

-- name: invoice_lines
-- Units of a period by project, source and channel: charges, corrections (below 0), and what was not charged.
-- parameters: since, until, projects
-- returns: kind, project, source, channel, units, platform_units, n_entries
WITH known AS (
    SELECT source_id, project || '/' || name AS full_name FROM source
    UNION ALL
    SELECT dataset_id, project || '/' || name FROM dataset
    UNION ALL
    SELECT source_id, full_name FROM former_source
),
cells AS (
    SELECT CASE WHEN NOT charged THEN 'no_charge' WHEN corrects IS NOT NULL THEN 'correction' ELSE 'charge' END AS kind,
        project, source AS source_id, channel, sum(units) AS units, sum(units * rate) AS platform_units,
        count(*) AS n_entries
    FROM ledger
    WHERE "at" >= $since::TIMESTAMPTZ AND "at" < $until::TIMESTAMPTZ
        AND ($projects::VARCHAR[] IS NULL OR list_contains($projects::VARCHAR[], project))
    GROUP BY ALL
)
SELECT kind, project, coalesce(full_name, 'Unknown') AS source, channel,
    sum(units)::BIGINT AS units, sum(platform_units)::DOUBLE AS platform_units, sum(n_entries)::BIGINT AS n_entries
FROM cells
LEFT JOIN known USING (source_id)
GROUP BY ALL
ORDER BY kind, project, source, channel;

-- name: charged_before
-- Units charged before a time.
-- parameters: until, projects
-- returns: units, platform_units
SELECT coalesce(sum(units) FILTER (charged), 0)::BIGINT AS units,
    coalesce(sum(units * rate) FILTER (charged), 0)::DOUBLE AS platform_units
FROM ledger
WHERE "at" < $until::TIMESTAMPTZ
    AND ($projects::VARCHAR[] IS NULL OR list_contains($projects::VARCHAR[], project));

-- name: ends
-- Number of entries in a period, and the first and the last of them as they were written; NULL without any.
-- parameters: since, until, projects
-- returns: n_entries, first_entry_id, last_entry_id
SELECT count(*) AS n_entries, arg_min(entry_id, place) AS first_entry_id, arg_max(entry_id, place) AS last_entry_id
FROM (
    SELECT entry_id, project, {'at': "at", 'row': rowid} AS place FROM ledger
    WHERE "at" >= $since::TIMESTAMPTZ AND "at" < $until::TIMESTAMPTZ
)
WHERE $projects::VARCHAR[] IS NULL OR list_contains($projects::VARCHAR[], project);

-- name: add_measure
-- Write down what was measured.
-- parameters: measure_id, at, kind, subject, amount, job_id, project, dataset
INSERT INTO measure (measure_id, "at", kind, subject, amount, job_id, project, dataset)
VALUES ($measure_id, $at, $kind, $subject, $amount, $job_id, $project, $dataset)
ON CONFLICT DO NOTHING;

-- name: measures
-- Measures by day: sums, of storage the last of the day. Without projects (NULL) of all, and what is of no project.
-- parameters: since, until, projects
-- returns: day, kind, subject, project, dataset, amount, n_measures
SELECT "at"::DATE AS day, kind, subject, project, dataset,
    CASE WHEN kind = 'storage_bytes' THEN arg_max(amount, "at") ELSE sum(amount) END AS amount,
    count(*) AS n_measures
FROM measure
WHERE ($since::TIMESTAMPTZ IS NULL OR "at" >= $since::TIMESTAMPTZ)
    AND ($until::TIMESTAMPTZ IS NULL OR "at" < $until::TIMESTAMPTZ)
    AND ($projects::VARCHAR[] IS NULL OR coalesce(list_contains($projects::VARCHAR[], project), FALSE))
GROUP BY day, kind, subject, project, dataset
ORDER BY day DESC, kind, subject, project, dataset;

-- name: last_storage
-- When storage was measured last, NULL when never.
-- returns: at
SELECT max("at") AS "at" FROM measure WHERE kind = 'storage_bytes';

-- name: tables
-- Tables of the workspace.
-- returns: table_name
SELECT table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database() ORDER BY table_name;

-- name: table_blocks
-- Blocks of the file that a table lies in; small tables share them.
-- parameters: table_name
-- returns: n_blocks
SELECT count(DISTINCT block_id) FILTER (block_id >= 0) AS n_blocks FROM pragma_storage_info($table_name);
