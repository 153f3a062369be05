coalesce(list_contains($f1, json_extract_string(m.properties, $f0)), FALSE)
AND coalesce(try_cast(json_extract_string(m.properties, $f2) AS DOUBLE) >= $f3 AND try_cast(json_extract_string(m.properties, $f2) AS DOUBLE) <= $f4, FALSE)
AND json_extract_string(m.properties, $f5) IS NOT NULL
AND coalesce(NOT list_contains($f7, json_extract_string(m.properties, $f6)) AND CASE WHEN contains(replace(lower(json_extract_string(m.properties, $f6)), 'ς', 'σ'), $f9) THEN list_contains($f8, CASE WHEN contains(replace(lower(trim(regexp_replace(json_extract_string(m.properties, $f6), '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ'), '@') THEN regexp_extract(replace(lower(trim(regexp_replace(json_extract_string(m.properties, $f6), '(?s)^.*<([^>]*).*$', '\1'), E' \t\r\n')), 'ς', 'σ'), '[^@]*$') ELSE '' END) WHEN json_extract_string(m.properties, $f6) IS NOT NULL THEN FALSE END, FALSE)
AND json_extract_string(m.properties, $f10) IS NULL
AND coalesce(list_contains($f12::DOUBLE[], try_cast(json_extract_string(m.properties, $f11) AS DOUBLE)), TRUE)

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = '/string:Team'
-- $f1 = ['A', 'B']
-- $f2 = '/number:NPS'
-- $f3 = 1.0
-- $f4 = 9.5
-- $f5 = '/string:Any'
-- $f6 = '/string:Owner'
-- $f7 = ['C']
-- $f8 = ['b.example']
-- $f9 = 'b.example'
-- $f10 = '/string:Gone'
-- $f11 = '/number:Floor'
-- $f12 = [1.0, 2.5]
