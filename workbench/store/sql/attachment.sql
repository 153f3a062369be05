-- Attachments and their contents.

-- name: add
-- Insert attachments.
-- staged: uid VARCHAR, position INTEGER, name VARCHAR, size BIGINT, content_type VARCHAR, content_hash VARCHAR, inline BOOLEAN, blob_hash VARCHAR
INSERT INTO attachment (uid, position, name, size, content_type, content_hash, inline, blob_hash)
SELECT uid, position, name, size, content_type, content_hash, inline, blob_hash FROM staged;

-- name: add_blobs
-- Store contents that are not there yet.
-- staged: blob_hash VARCHAR, content BLOB
INSERT INTO blob (blob_hash, content)
SELECT blob_hash, content FROM staged WHERE blob_hash NOT IN (SELECT blob_hash FROM blob);

-- name: stored
-- What staged messages have, for telling which contents they use.
-- staged: uid VARCHAR
-- returns: uid, content_hash, blob_hash
SELECT uid, content_hash, blob_hash FROM attachment WHERE uid IN (SELECT uid FROM staged);

-- name: lacking
-- Attachments of staged messages whose contents are not stored.
-- staged: uid VARCHAR
-- returns: uid, position
SELECT uid, position FROM attachment WHERE blob_hash IS NULL AND uid IN (SELECT uid FROM staged);

-- name: complete
-- Say where the contents of staged attachments are.
-- staged: uid VARCHAR, position INTEGER, blob_hash VARCHAR
UPDATE attachment SET blob_hash = s.blob_hash FROM staged s
WHERE attachment.uid = s.uid AND attachment.position = s.position AND attachment.blob_hash IS NULL;

-- name: of
-- Attachments of messages, in any order. What came without a hash and has its content by now has that of the content.
-- parameters: uids
-- returns: uid, position, name, size, content_type, content_hash, inline, stored
SELECT uid, position, name, size, content_type, coalesce(content_hash, blob_hash) AS content_hash, inline,
    blob_hash IS NOT NULL AS stored
FROM attachment
WHERE uid IN (SELECT unnest($uids::VARCHAR[]));

-- name: content
-- The bytes of one attachment, no row when they are not stored.
-- parameters: uid, position
-- returns: content
SELECT b.content FROM blob b
WHERE b.blob_hash = (SELECT blob_hash FROM attachment WHERE uid = $uid AND position = $position);

-- name: drop_of
-- Remove the attachments of staged messages.
-- staged: uid VARCHAR
DELETE FROM attachment WHERE uid IN (SELECT uid FROM staged);

-- name: count_orphans
-- How many of the staged contents no attachment, no raw mail and no file of a message has.
-- staged: blob_hash VARCHAR
-- returns: n
SELECT count(*) AS n FROM blob
WHERE blob_hash IN (SELECT blob_hash FROM staged)
    AND blob_hash NOT IN (SELECT blob_hash FROM attachment WHERE blob_hash IS NOT NULL)
    AND blob_hash NOT IN (SELECT blob_hash FROM raw_mail)
    AND blob_hash NOT IN (SELECT blob_hash FROM message_file);

-- name: drop_orphans
-- Remove those of the staged contents that no attachment, no raw mail and no file of a message has.
-- staged: blob_hash VARCHAR
DELETE FROM blob
WHERE blob_hash IN (SELECT blob_hash FROM staged)
    AND blob_hash NOT IN (SELECT blob_hash FROM attachment WHERE blob_hash IS NOT NULL)
    AND blob_hash NOT IN (SELECT blob_hash FROM raw_mail)
    AND blob_hash NOT IN (SELECT blob_hash FROM message_file);

-- name: put_files
-- Keep contents that belong to messages, whether these are there or not.
-- parameters: at
-- staged: uid VARCHAR, position INTEGER, blob_hash VARCHAR
INSERT INTO message_file (uid, position, blob_hash, put_at)
SELECT uid, position, blob_hash, $at FROM staged;

-- name: drop_file
-- Let go of a content that belongs to a message.
-- parameters: uid, place
DELETE FROM message_file WHERE uid = $uid AND position = $place;

-- name: files_of
-- Contents that wait for staged messages, and their sounds.
-- staged: uid VARCHAR
-- returns: uid, position, blob_hash
SELECT uid, position, blob_hash FROM message_file WHERE uid IN (SELECT uid FROM staged);

-- name: drop_all_files_of
-- Let go of all that belongs to staged messages.
-- staged: uid VARCHAR
DELETE FROM message_file WHERE uid IN (SELECT uid FROM staged);

-- name: files_of_source
-- Messages of a source, there or not, that contents belong to.
-- parameters: source_id
-- returns: uid, blob_hash
SELECT uid, blob_hash FROM message_file WHERE starts_with(uid, $source_id || '.');

-- name: late_files
-- Contents that were put before a time and that no message has asked for; the sound of a message that is there stays.
-- parameters: until
-- returns: uid, blob_hash
SELECT f.uid, f.blob_hash FROM message_file f
WHERE f.put_at < $until AND (f.position >= 0 OR f.uid NOT IN (SELECT uid FROM message));

-- name: file
-- The bytes of a content that belongs to a message, no row when there is none.
-- parameters: uid, place
-- returns: content
SELECT b.content FROM blob b
WHERE b.blob_hash = (SELECT blob_hash FROM message_file WHERE uid = $uid AND position = $place LIMIT 1);
