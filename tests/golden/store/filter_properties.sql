m.uid IN (SELECT uid FROM message_property WHERE name = $f0 AND string_value IN (SELECT unnest($f1)))
AND m.uid IN (SELECT uid FROM message_property WHERE name = $f2 AND number_value >= $f3 AND number_value <= $f4)
AND m.uid IN (SELECT uid FROM message_property WHERE name = $f5)

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = 'string:Team'
-- $f1 = ['A', 'B']
-- $f2 = 'number:NPS'
-- $f3 = 1.0
-- $f4 = 9.5
-- $f5 = 'string:Any'
