m.thread_key IS NOT NULL
AND m.thread_key IN (SELECT thread_key FROM (SELECT thread_key, n_messages, first_at, first_seq, last_at, sender, CASE WHEN sender IS NOT NULL THEN other_at END AS answered_at FROM thread WHERE NOT is_shared AND source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id) UNION ALL SELECT thread_key, sum(n_messages)::BIGINT, min(first_at), arg_min(first_seq, (first_at, first_seq)), max(last_at), any_value(begun), CASE WHEN any_value(begun) IS NOT NULL THEN min(CASE WHEN spoke = begun THEN other_at ELSE spoke_at END) END FROM (SELECT *, first_value(sender) OVER (PARTITION BY thread_key ORDER BY first_at, first_seq) AS begun FROM thread WHERE is_shared AND source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)) GROUP BY thread_key) m WHERE n_messages >= $f0 AND (last_at - first_at) / 1e6 <= $f1 AND (answered_at - first_at) / 1e6 >= $f2 AND (answered_at - first_at) / 1e6 <= $f3 AND answered_at IS NOT NULL AND CASE WHEN (coalesce(m.sender, '') = '') THEN FALSE ELSE CASE WHEN contains(replace(lower(m.sender), 'ς', 'σ'), $f5) THEN list_contains($f4, replace(lower(trim(regexp_replace(m.sender, '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ')) WHEN m.sender IS NOT NULL THEN FALSE END END)
AND m.upload_seq IN (SELECT first_seq FROM (SELECT thread_key, n_messages, first_at, first_seq, last_at, sender, CASE WHEN sender IS NOT NULL THEN other_at END AS answered_at FROM thread WHERE NOT is_shared AND source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id) UNION ALL SELECT thread_key, sum(n_messages)::BIGINT, min(first_at), arg_min(first_seq, (first_at, first_seq)), max(last_at), any_value(begun), CASE WHEN any_value(begun) IS NOT NULL THEN min(CASE WHEN spoke = begun THEN other_at ELSE spoke_at END) END FROM (SELECT *, first_value(sender) OVER (PARTITION BY thread_key ORDER BY first_at, first_seq) AS begun FROM thread WHERE is_shared AND source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)) GROUP BY thread_key))

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = 3.0
-- $f1 = 86400.0
-- $f2 = 60.0
-- $f3 = 3600.0
-- $f4 = ['kim@shop.example']
-- $f5 = 'kim@shop.example'
