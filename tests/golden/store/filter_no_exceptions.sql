NOT m.uid IN (SELECT e.uid FROM stream_exception e WHERE e.dataset_id = $dataset_id)

-- by relevance
m.timestamp DESC, m.upload_seq DESC

