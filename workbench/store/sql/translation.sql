-- Translations beside the originals. They are for reading: nothing is annotated, embedded or predicted on them.

-- name: of
-- Translations of messages.
-- parameters: uids
-- returns: uid, language, translated_from, translator, subject, body
SELECT uid, language, translated_from, translator, subject, body FROM translation
WHERE uid IN (SELECT unnest($uids::VARCHAR[]));

-- name: wanted
-- Messages of a source in a known language other than the target's that have no translation into it, after
-- one, in order of arrival.
-- parameters: source_id, target, after_seq, n_most
-- returns: upload_seq, uid, text_hash, language, subject, body
SELECT m.upload_seq, m.uid, m.text_hash,
    coalesce(m.language, nullif(m.detected_language, '')) AS language, m.subject, m.body
FROM message m
WHERE m.source_id = $source_id AND m.upload_seq > $after_seq
    AND lower(split_part(coalesce(m.language, nullif(m.detected_language, ''), $target), '-', 1)) <> $target
    AND m.uid NOT IN (SELECT uid FROM translation WHERE language = $target)
ORDER BY m.upload_seq
LIMIT $n_most;

-- name: count_wanted
-- How many messages of a source are in a known language other than the target's and have no translation into it.
-- parameters: source_id, target
-- returns: n
SELECT count(*) AS n FROM message m
WHERE m.source_id = $source_id
    AND lower(split_part(coalesce(m.language, nullif(m.detected_language, ''), $target), '-', 1)) <> $target
    AND m.uid NOT IN (SELECT uid FROM translation WHERE language = $target);

-- name: kept
-- What was translated before of texts: by the hash of subject and body.
-- parameters: target, translator
-- staged: text_hash VARCHAR, language VARCHAR
-- returns: text_hash, language, subject, body
SELECT t.text_hash, t.translated_from AS language, any_value(t.subject) AS subject, any_value(t.body) AS body
FROM translation t
JOIN staged s ON s.text_hash = t.text_hash AND s.language = t.translated_from
WHERE t.language = $target AND t.translator = $translator
GROUP BY t.text_hash, t.translated_from;

-- name: put
-- Keep translations of staged messages, but of those whose text is another one by now.
-- parameters: target, translator, at
-- staged: uid VARCHAR, text_hash VARCHAR, language VARCHAR, subject VARCHAR, body VARCHAR
INSERT INTO translation (uid, text_hash, translated_from, language, translator, subject, body, made_at)
SELECT s.uid, s.text_hash, s.language, $target, $translator, s.subject, s.body, $at
FROM staged s JOIN message m ON m.uid = s.uid AND m.text_hash = s.text_hash;

-- name: drop_of
-- Remove the translations of staged messages.
-- staged: uid VARCHAR
DELETE FROM translation WHERE uid IN (SELECT uid FROM staged);
