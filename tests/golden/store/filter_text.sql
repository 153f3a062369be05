(contains(lower(m.subject), lower($f0)) OR contains(lower(m.body), lower($f0)))
AND (regexp_matches(lower(m.subject), lower($f1)) OR regexp_matches(lower(m.body), lower($f1)))
AND (contains(lower(m.subject), lower($f2)) OR contains(lower(m.body), lower($f2)))

-- by relevance
(3 * (length(m.subject) - length(replace(lower(m.subject), lower($o0), ''))) / length($o0) + 1 * (length(m.body) - length(replace(lower(m.body), lower($o0), ''))) / length($o0) + 3 * (length(m.subject) - length(replace(lower(m.subject), lower($o1), ''))) / length($o1) + 1 * (length(m.body) - length(replace(lower(m.body), lower($o1), ''))) / length($o1) + 3 * (length(m.subject) - length(replace(lower(m.subject), lower($o2), ''))) / length($o2) + 1 * (length(m.body) - length(replace(lower(m.body), lower($o2), ''))) / length($o2)) DESC, m.timestamp DESC, m.upload_seq DESC

-- $f0 = 'late'
-- $f1 = 'not\\s+\\(yet\\)\\s+here'
-- $f2 = '100%'
-- $o0 = 'late'
-- $o1 = 'not (yet) here'
-- $o2 = '100%'
