-- Which values the messages of some sources have, most frequent first. `part` is text in small letters that a
-- value must hold, '' = any; n_values is how many there are before the limit.
-- MATERIALIZED keeps the database from taking an address apart once for each time that it is named.

-- name: state
-- One number that changes with anything of any message of some sources, and how many messages there are.
-- parameters: source_ids
-- returns: n_messages, number
SELECT count(*) AS n_messages, coalesce(bit_xor(hash(m.upload_seq, m.content_hash)), 0) AS number FROM message m
WHERE m.source_id IN (SELECT unnest($source_ids::VARCHAR[]));

-- name: senders
-- Addresses of senders, or with domains what follows their @; address_of and domain_of in SQL, without regular
-- expressions, which would take several times as long.
-- parameters: source_ids, domains, part, n_most
-- returns: value, n, n_values
WITH told AS (
    SELECT m.sender AS text, count(*) AS n FROM message m
    WHERE m.source_id IN (SELECT unnest($source_ids::VARCHAR[])) AND m.sender <> ''
    GROUP BY m.sender
), found AS MATERIALIZED (
    SELECT n, replace(lower(trim(
        CASE WHEN contains(text, '<') THEN split_part(split_part(text, '<', -1), '>', 1) ELSE text END,
        E' \t\r\n')), 'ς', 'σ') AS address
    FROM told
), named AS MATERIALIZED (
    SELECT n, CASE WHEN NOT $domains THEN address WHEN contains(address, '@') THEN split_part(address, '@', -1)
        ELSE '' END AS value
    FROM found
)
SELECT value, sum(n)::BIGINT AS n, count(*) OVER () AS n_values FROM named
WHERE value <> '' AND contains(value, $part)
GROUP BY value
ORDER BY n DESC, value
LIMIT $n_most;

-- name: receivers
-- The same of people a message went to: openly, as a copy or unseen (`how` is recipient, cc or bcc). A message
-- counts once for a value, however often it stands there.
-- parameters: source_ids, how, domains, part, n_most
-- returns: value, n, n_values
WITH told AS (
    SELECT m.upload_seq,
        unnest(CASE $how WHEN 'cc' THEN m.cc WHEN 'bcc' THEN m.bcc ELSE m.recipients END) AS text
    FROM message m
    WHERE m.source_id IN (SELECT unnest($source_ids::VARCHAR[]))
), found AS MATERIALIZED (
    SELECT text, replace(lower(trim(
        CASE WHEN contains(text, '<') THEN split_part(split_part(text, '<', -1), '>', 1) ELSE text END,
        E' \t\r\n')), 'ς', 'σ') AS address
    FROM (SELECT DISTINCT text FROM told)
), named AS MATERIALIZED (
    SELECT text, CASE WHEN NOT $domains THEN address WHEN contains(address, '@')
        THEN split_part(address, '@', -1) ELSE '' END AS value
    FROM found
)
SELECT value, count(DISTINCT upload_seq) AS n, count(*) OVER () AS n_values
FROM told JOIN (SELECT * FROM named WHERE value <> '' AND contains(value, $part)) USING (text)
GROUP BY value
ORDER BY n DESC, value
LIMIT $n_most;

-- name: property_names
-- Full names of properties. A uid begins with the id of its source, so that no message has to be looked up.
-- parameters: source_ids, part, n_most
-- returns: value, n, n_values
SELECT p.name AS value, count(*) AS n, count(*) OVER () AS n_values FROM message_property p
WHERE left(p.uid, 16) IN (SELECT unnest($source_ids::VARCHAR[])) AND contains(lower(p.name), $part)
GROUP BY p.name
ORDER BY p.name
LIMIT $n_most;

-- name: texts
-- Values of a string property.
-- parameters: source_ids, name, part, n_most
-- returns: value, n, n_values
SELECT p.string_value AS value, count(*) AS n, count(*) OVER () AS n_values FROM message_property p
WHERE p.name = $name AND left(p.uid, 16) IN (SELECT unnest($source_ids::VARCHAR[]))
    AND p.string_value IS NOT NULL AND contains(lower(p.string_value), $part)
GROUP BY p.string_value
ORDER BY n DESC, value
LIMIT $n_most;

-- name: numbers
-- How many values a number property has, the lowest and the highest.
-- parameters: source_ids, name
-- returns: n_values, lowest, highest
SELECT count(DISTINCT p.number_value) AS n_values, min(p.number_value) AS lowest, max(p.number_value) AS highest
FROM message_property p
WHERE p.name = $name AND left(p.uid, 16) IN (SELECT unnest($source_ids::VARCHAR[]));

-- name: content_types
-- Content types of attachments, in small letters.
-- parameters: source_ids, part, n_most
-- returns: value, n, n_values
SELECT lower(a.content_type) AS value, count(DISTINCT a.uid) AS n, count(*) OVER () AS n_values
FROM attachment a
WHERE left(a.uid, 16) IN (SELECT unnest($source_ids::VARCHAR[])) AND a.content_type <> ''
    AND contains(lower(a.content_type), $part)
GROUP BY ALL
ORDER BY n DESC, value
LIMIT $n_most;

-- name: kinds_of_messages
-- What the staged messages are grouped by: the full name of their source, their language (declared, else found), or
-- their UTC month.
-- parameters: by
-- staged: uid VARCHAR
-- returns: uid, value
SELECT m.uid, CASE $by
    WHEN 'source' THEN s.project || '/' || s.name
    WHEN 'language' THEN coalesce(m.language, m.detected_language, '')
    ELSE strftime(make_timestamp(epoch_us(m.timestamp)), '%Y-%m') END AS value
FROM message m JOIN source s USING (source_id)
WHERE m.uid IN (SELECT uid FROM staged);

-- name: properties_of_messages
-- The value of a property of those staged messages that have it, as text.
-- parameters: name
-- staged: uid VARCHAR
-- returns: uid, value
SELECT p.uid, coalesce(p.string_value, format('{:g}', p.number_value)) AS value FROM message_property p
WHERE p.name = $name AND p.uid IN (SELECT uid FROM staged);
