(m.uid IN (SELECT uid FROM cluster_member WHERE run_id = (SELECT run_id FROM cluster_run WHERE dataset_id = $dataset_id ORDER BY seq DESC LIMIT 1) AND cluster_id IN (SELECT unnest($f0))) OR m.uid NOT IN (SELECT uid FROM cluster_member WHERE run_id = (SELECT run_id FROM cluster_run WHERE dataset_id = $dataset_id ORDER BY seq DESC LIMIT 1) AND cluster_id >= 0))

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = [3, -1]
