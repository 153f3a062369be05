CASE WHEN (coalesce(m.sender, '') = '') THEN TRUE ELSE NOT (list_contains($f0, replace(lower(trim(regexp_replace(m.sender, '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ'))) END
AND (coalesce(len(m.recipients), 0) = 0)

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = ['0@b.example', '1@b.example', '2@b.example', '3@b.example', '4@b.example', '5@b.example']
