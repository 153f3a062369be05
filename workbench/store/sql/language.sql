-- Languages of messages: what they declare, else what was found in their text. Of a found language NULL means
-- that nobody has looked yet, '' that it is not known.

-- name: unknown
-- Messages of a source that declare no language and were not looked at, after one, in order of arrival.
-- parameters: source_id, after_seq, n_most
-- returns: upload_seq, text_hash, subject, body
SELECT m.upload_seq, m.text_hash, m.subject, m.body FROM message m
WHERE m.source_id = $source_id AND m.language IS NULL AND m.detected_language IS NULL
    AND m.upload_seq > $after_seq
ORDER BY m.upload_seq
LIMIT $n_most;

-- name: count_unknown
-- How many messages of a dataset declare no language and were not looked at.
-- parameters: dataset_id
-- returns: n
SELECT count(*) AS n FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND m.language IS NULL AND m.detected_language IS NULL;

-- name: put
-- Keep the languages that were found, but for messages whose text is another one by now. The bounds let the
-- database skip most of the table.
-- parameters: first, last
-- staged: upload_seq BIGINT, text_hash VARCHAR, language VARCHAR
UPDATE message SET detected_language = s.language
FROM staged s
WHERE message.upload_seq BETWEEN $first AND $last AND message.upload_seq = s.upload_seq
    AND message.text_hash = s.text_hash;

-- name: of_source
-- Messages of a source by language; NULL = not known.
-- parameters: source_id
-- returns: language, n
SELECT coalesce(m.language, nullif(m.detected_language, '')) AS language, count(*) AS n FROM message m
WHERE m.source_id = $source_id
GROUP BY ALL ORDER BY n DESC, language;

-- name: of_dataset
-- Messages of a dataset by language, most first; NULL = not known.
-- parameters: dataset_id
-- returns: language, n
SELECT coalesce(m.language, nullif(m.detected_language, '')) AS language, count(*) AS n FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
GROUP BY ALL ORDER BY n DESC, language;
