m.thread_key IS NOT NULL
AND m.thread_key IN (SELECT t.thread_key FROM message t WHERE t.thread_key IS NOT NULL AND t.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id) GROUP BY t.thread_key HAVING count(*) >= $f0 AND (max(epoch_us(t.timestamp)) - min(epoch_us(t.timestamp))) / 1e6 <= $f1)
AND m.upload_seq IN (SELECT upload_seq FROM (SELECT t.upload_seq, row_number() OVER (PARTITION BY t.thread_key ORDER BY t.timestamp, t.upload_seq) AS position FROM message t WHERE t.thread_key IS NOT NULL AND t.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)) WHERE position <= $f2)
AND m.thread_key IN (SELECT thread_key FROM (SELECT t.thread_key, epoch_us(t.timestamp) AS us, t.sender, first_value(t.sender) OVER (PARTITION BY t.thread_key ORDER BY t.timestamp, t.upload_seq) AS first_sender FROM message t WHERE t.thread_key IS NOT NULL AND t.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)) GROUP BY thread_key HAVING (min(us) FILTER (WHERE sender <> first_sender) - min(us)) / 1e6 >= $f3 AND (min(us) FILTER (WHERE sender <> first_sender) - min(us)) / 1e6 <= $f4 AND min(us) FILTER (WHERE sender <> first_sender) IS NOT NULL)
AND m.thread_key IN (SELECT m.thread_key FROM (SELECT t.thread_key, arg_min_null(t.sender, (t.timestamp, t.upload_seq)) AS sender FROM message t WHERE t.thread_key IS NOT NULL AND t.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id) GROUP BY t.thread_key) m WHERE CASE WHEN (coalesce(m.sender, '') = '') THEN FALSE ELSE CASE WHEN contains(replace(lower(m.sender), 'ς', 'σ'), $f6) THEN list_contains($f5, replace(lower(trim(regexp_replace(m.sender, '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ')) WHEN m.sender IS NOT NULL THEN FALSE END END)

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = 3.0
-- $f1 = 86400.0
-- $f2 = 1.0
-- $f3 = 60.0
-- $f4 = 3600.0
-- $f5 = ['kim@shop.example']
-- $f6 = 'kim@shop.example'
