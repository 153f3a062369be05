CASE WHEN (coalesce(m.sender, '') = '') THEN FALSE ELSE CASE WHEN contains(replace(lower(m.sender), 'ς', 'σ'), $f1) THEN list_contains($f0, replace(lower(trim(regexp_replace(m.sender, '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ')) WHEN m.sender IS NOT NULL THEN FALSE END AND NOT (CASE WHEN contains(replace(lower(m.sender), 'ς', 'σ'), $f3) THEN list_contains($f2, CASE WHEN contains(replace(lower(trim(regexp_replace(m.sender, '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ'), '@') THEN regexp_extract(replace(lower(trim(regexp_replace(m.sender, '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ'), '[^@]*$') ELSE '' END) WHEN m.sender IS NOT NULL THEN FALSE END) END
AND CASE WHEN (coalesce(len(m.recipients), 0) = 0) THEN TRUE ELSE CASE WHEN contains(replace(lower(array_to_string(m.recipients, E'\n')), 'ς', 'σ'), $f5) THEN len(list_filter(m.recipients, lambda x: list_contains($f4, CASE WHEN contains(replace(lower(trim(regexp_replace(x, '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ'), '@') THEN regexp_extract(replace(lower(trim(regexp_replace(x, '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ'), '[^@]*$') ELSE '' END))) > 0 WHEN array_to_string(m.recipients, E'\n') IS NOT NULL THEN FALSE END END

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = ['kim@shop.example']
-- $f1 = 'kim@shop.example'
-- $f2 = ['spam.example']
-- $f3 = 'spam.example'
-- $f4 = ['b.example']
-- $f5 = 'b.example'
