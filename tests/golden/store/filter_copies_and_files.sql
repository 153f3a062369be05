CASE WHEN (coalesce(len(m.cc), 0) = 0) THEN FALSE ELSE CASE WHEN contains(replace(lower(array_to_string(m.cc, E'\n')), 'ς', 'σ'), $f1) THEN len(list_filter(m.cc, lambda x: list_contains($f0, replace(lower(trim(regexp_replace(x, '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ')))) > 0 WHEN array_to_string(m.cc, E'\n') IS NOT NULL THEN FALSE END END
AND (coalesce(len(m.bcc), 0) = 0)
AND coalesce(m.n_attachments, 0) >= $f2
AND coalesce(m.n_attachments, 0) <= $f3
AND m.uid IN (SELECT uid FROM attachment WHERE replace(lower(content_type), 'ς', 'σ') IN (SELECT unnest($f4)) OR starts_with(replace(lower(content_type), 'ς', 'σ'), $f5))

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = ['kim@shop.example']
-- $f1 = 'kim@shop.example'
-- $f2 = 2
-- $f3 = 5
-- $f4 = ['application/pdf']
-- $f5 = 'image/'
