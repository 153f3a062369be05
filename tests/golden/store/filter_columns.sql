NOT m.uid IN (SELECT uid FROM review_state WHERE dataset_id = $dataset_id AND reviewed)
AND m.source_id IN (SELECT unnest($f0))
AND coalesce(m.language, m.detected_language, '') IN (SELECT unnest($f1))
AND coalesce(m.thread_id = $f2, FALSE)

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = ['a', 'b']
-- $f1 = ['de']
-- $f2 = 't'
