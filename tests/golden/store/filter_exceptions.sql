m.uid IN (SELECT e.uid FROM stream_exception e WHERE e.dataset_id = $dataset_id AND e.type IN (SELECT unnest($f0)) AND e.stream_id IN (SELECT stream_id FROM stream WHERE dataset_id = $dataset_id AND name IN (SELECT unnest($f1))))

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = ['No Prediction']
-- $f1 = ['refunds', 'b']
