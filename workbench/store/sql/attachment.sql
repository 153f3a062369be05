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
-- Attachments of messages, in any order.
-- parameters: uids
-- returns: uid, position, name, size, content_type, content_hash, inline, stored
SELECT uid, position, name, size, content_type, content_hash, inline, blob_hash IS NOT NULL AS stored
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
-- How many of the staged contents no attachment and no raw mail has.
-- staged: blob_hash VARCHAR
-- returns: n
SELECT count(*) AS n FROM blob
WHERE blob_hash IN (SELECT blob_hash FROM staged)
    AND blob_hash NOT IN (SELECT blob_hash FROM attachment WHERE blob_hash IS NOT NULL)
    AND blob_hash NOT IN (SELECT blob_hash FROM raw_mail);

-- name: drop_orphans
-- Remove those of the staged contents that no attachment and no raw mail has.
-- staged: blob_hash VARCHAR
DELETE FROM blob
WHERE blob_hash IN (SELECT blob_hash FROM staged)
    AND blob_hash NOT IN (SELECT blob_hash FROM attachment WHERE blob_hash IS NOT NULL)
    AND blob_hash NOT IN (SELECT blob_hash FROM raw_mail);
