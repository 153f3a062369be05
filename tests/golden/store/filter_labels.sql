((m.uid IN (SELECT uid FROM assigned_label WHERE dataset_id = $dataset_id AND label_id = $f0) OR (NOT m.uid IN (SELECT uid FROM review_state WHERE dataset_id = $dataset_id AND reviewed) AND m.uid IN (SELECT uid FROM prediction WHERE dataset_id = $dataset_id AND version = (SELECT max(version) FROM model_version WHERE dataset_id = $dataset_id) AND list_extract(probabilities, (SELECT list_position(label_ids, $f1) FROM model_version WHERE dataset_id = $dataset_id AND version = (SELECT max(version) FROM model_version WHERE dataset_id = $dataset_id))) BETWEEN $f2::FLOAT AND $f3::FLOAT))) OR NOT (m.uid IN (SELECT uid FROM assigned_label WHERE dataset_id = $dataset_id AND label_id = $f4) OR (NOT m.uid IN (SELECT uid FROM review_state WHERE dataset_id = $dataset_id AND reviewed) AND m.uid IN (SELECT uid FROM prediction WHERE dataset_id = $dataset_id AND version = (SELECT max(version) FROM model_version WHERE dataset_id = $dataset_id) AND list_extract(probabilities, (SELECT list_position(label_ids, $f5) FROM model_version WHERE dataset_id = $dataset_id AND version = (SELECT max(version) FROM model_version WHERE dataset_id = $dataset_id))) BETWEEN $f6::FLOAT AND $f7::FLOAT))) OR m.uid IN (SELECT uid FROM dismissed_label WHERE dataset_id = $dataset_id AND label_id = $f8) OR NOT m.uid IN (SELECT uid FROM assigned_label WHERE dataset_id = $dataset_id AND label_id = $f9) OR NOT (NOT m.uid IN (SELECT uid FROM review_state WHERE dataset_id = $dataset_id AND reviewed) AND m.uid IN (SELECT uid FROM prediction WHERE dataset_id = $dataset_id AND version = (SELECT max(version) FROM model_version WHERE dataset_id = $dataset_id) AND list_extract(probabilities, (SELECT list_position(label_ids, $f10) FROM model_version WHERE dataset_id = $dataset_id AND version = (SELECT max(version) FROM model_version WHERE dataset_id = $dataset_id))) BETWEEN $f11::FLOAT AND $f12::FLOAT)))

-- by relevance
(SELECT list_extract(p.probabilities, (SELECT list_position(label_ids, $o0) FROM model_version WHERE dataset_id = $dataset_id AND version = (SELECT max(version) FROM model_version WHERE dataset_id = $dataset_id))) FROM prediction p WHERE p.dataset_id = $dataset_id AND p.version = (SELECT max(version) FROM model_version WHERE dataset_id = $dataset_id) AND p.uid = m.uid) DESC NULLS LAST, m.timestamp DESC, m.upload_seq DESC

-- $f0 = 'l1'
-- $f1 = 'l1'
-- $f2 = 0.5
-- $f3 = 1.0
-- $f4 = 'l2'
-- $f5 = 'l2'
-- $f6 = 0.9
-- $f7 = 1.0
-- $f8 = 'l3'
-- $f9 = 'l4'
-- $f10 = 'l5'
-- $f11 = 0.5
-- $f12 = 0.7
-- $o0 = 'l1'
