m.uid IN (SELECT unnest($f0::VARCHAR[]))

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = ['a.1']
