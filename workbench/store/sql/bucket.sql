-- Buckets, the raw mail in them, and its threads.

-- name: all
-- Every bucket with its number of mails and their bytes, by full name.
-- returns: bucket_id, project, name, title, created_at, updated_at, n_mails, n_bytes
SELECT b.bucket_id, b.project, b.name, b.title, b.created_at, b.updated_at,
    coalesce(c.n_mails, 0) AS n_mails, coalesce(c.n_bytes, 0)::BIGINT AS n_bytes
FROM bucket b
LEFT JOIN (
    SELECT bucket_id, count(*) AS n_mails, sum(n_bytes) AS n_bytes FROM raw_mail GROUP BY bucket_id
) c USING (bucket_id)
ORDER BY b.project, b.name;

-- name: find
-- One bucket by id or full name, without counting its mail.
-- parameters: wanted
-- returns: bucket_id, project, name, title, created_at, updated_at, n_mails, n_bytes
SELECT b.bucket_id, b.project, b.name, b.title, b.created_at, b.updated_at, 0 AS n_mails, 0::BIGINT AS n_bytes
FROM bucket b
WHERE b.bucket_id = $wanted OR b.project || '/' || b.name = $wanted;

-- name: readers
-- Sources that read a bucket, in a fixed order.
-- returns: bucket_id, source_id
SELECT bucket_id, source_id FROM source WHERE bucket_id IS NOT NULL ORDER BY project, name;

-- name: add
-- Insert a bucket.
-- parameters: bucket_id, project, name, title, created_at
INSERT INTO bucket (bucket_id, project, name, title, created_at)
VALUES ($bucket_id, $project, $name, $title, $created_at);

-- name: amend
-- Change the title of a bucket.
-- parameters: bucket_id, title, updated_at
UPDATE bucket SET title = $title, updated_at = $updated_at WHERE bucket_id = $bucket_id;

-- name: attach
-- Make a source read a bucket; bucket NULL = none any more.
-- parameters: source_id, bucket_id
UPDATE source SET bucket_id = $bucket_id::VARCHAR WHERE source_id = $source_id;

-- name: known_mails
-- Which of the staged mails the bucket has, and why one is no message (empty = it is one).
-- staged: mail_id VARCHAR
-- returns: message_id, problem
SELECT message_id, problem FROM raw_mail WHERE mail_id IN (SELECT mail_id FROM staged);

-- name: last_seq
-- The number of the newest mail, 0 without any.
-- returns: mail_seq
SELECT coalesce(max(mail_seq), 0) AS mail_seq FROM raw_mail;

-- name: add_mails
-- Insert raw mails.
-- staged: mail_id VARCHAR, bucket_id VARCHAR, message_id VARCHAR, mail_seq BIGINT, stored_at TIMESTAMPTZ, received_at TIMESTAMPTZ, blob_hash VARCHAR, n_bytes BIGINT, mailbox VARCHAR, folder VARCHAR, remote_id VARCHAR, properties VARCHAR, problem VARCHAR
INSERT INTO raw_mail (mail_id, bucket_id, message_id, mail_seq, stored_at, received_at, blob_hash, n_bytes,
    mailbox, folder, remote_id, properties, problem)
SELECT mail_id, bucket_id, message_id, mail_seq, stored_at, received_at, blob_hash, n_bytes, mailbox, folder,
    remote_id, properties, problem
FROM staged;

-- name: add_places
-- Insert places that are not there yet: a mail stands once in a folder, whatever numbers its server gives it.
-- staged: mail_id VARCHAR, mailbox VARCHAR, folder VARCHAR, remote_id VARCHAR, found_at TIMESTAMPTZ
INSERT INTO mail_place (mail_id, mailbox, folder, remote_id, found_at)
SELECT s.mail_id, s.mailbox, s.folder, s.remote_id, s.found_at
FROM staged s
LEFT JOIN mail_place p ON p.mail_id = s.mail_id AND p.mailbox = s.mailbox
    AND p.folder::VARCHAR = s.folder
WHERE p.mail_id IS NULL;

-- name: places
-- Where a mail was found, oldest first.
-- parameters: mail_id
-- returns: mailbox, folder, remote_id, found_at
SELECT mailbox, folder::VARCHAR AS folder, remote_id, found_at FROM mail_place
WHERE mail_id = $mail_id
ORDER BY found_at, mailbox, folder::VARCHAR, remote_id;

-- name: content
-- One mail as received, no row when the bucket does not have it.
-- parameters: mail_id
-- returns: content
SELECT b.content FROM raw_mail r JOIN blob b ON b.blob_hash = r.blob_hash WHERE r.mail_id = $mail_id;

-- name: mails
-- Mails of a bucket in order of arrival, with the contents as received.
-- parameters: bucket_id, after, n_most
-- returns: mail_seq, message_id, stored_at, received_at, mailbox, folder, remote_id, properties, problem, content
SELECT r.mail_seq, r.message_id, r.stored_at, r.received_at, r.mailbox, r.folder::VARCHAR AS folder, r.remote_id,
    r.properties::VARCHAR AS properties, r.problem, b.content
FROM (
    SELECT * FROM raw_mail WHERE bucket_id = $bucket_id AND mail_seq > $after ORDER BY mail_seq LIMIT $n_most
) r
JOIN blob b ON b.blob_hash = r.blob_hash
ORDER BY r.mail_seq;

-- name: sizes
-- Numbers and sizes of the next mails of a bucket, in order of arrival.
-- parameters: bucket_id, after, n_most
-- returns: mail_seq, n_bytes
SELECT mail_seq, n_bytes FROM raw_mail
WHERE bucket_id = $bucket_id AND mail_seq > $after
ORDER BY mail_seq
LIMIT $n_most;

-- name: threads_by_id
-- What is known of staged mails and of those that were only named.
-- staged: mail_id VARCHAR
-- returns: message_id, thread_id, subject, sent_at, people, joins_by_subject
SELECT message_id, thread_id, subject, sent_at, people::VARCHAR AS people, joins_by_subject
FROM mail_thread WHERE mail_id IN (SELECT mail_id FROM staged);

-- name: threads_by_subject
-- The same for mails of a staged subject between two times, bounds inclusive; one without time counts as of 1970.
-- parameters: bucket_id
-- staged: subject VARCHAR, since TIMESTAMPTZ, until TIMESTAMPTZ
-- returns: message_id, thread_id, subject, sent_at, people, joins_by_subject
SELECT t.message_id, t.thread_id, t.subject, t.sent_at, t.people::VARCHAR AS people, t.joins_by_subject
FROM mail_thread t
JOIN staged s ON s.subject = t.subject
WHERE t.bucket_id = $bucket_id AND coalesce(t.sent_at, to_timestamp(0)) BETWEEN s.since AND s.until;

-- name: add_threads
-- Insert what is known of mails; what is there already is written over.
-- staged: mail_id VARCHAR, bucket_id VARCHAR, message_id VARCHAR, thread_id VARCHAR, subject VARCHAR, sent_at TIMESTAMPTZ, people VARCHAR, joins_by_subject BOOLEAN
INSERT INTO mail_thread (mail_id, bucket_id, message_id, thread_id, subject, sent_at, people, joins_by_subject)
SELECT mail_id, bucket_id, message_id, thread_id, subject, sent_at, people, joins_by_subject FROM staged
ON CONFLICT (mail_id) DO UPDATE SET thread_id = excluded.thread_id, subject = excluded.subject,
    sent_at = excluded.sent_at, people = excluded.people, joins_by_subject = excluded.joins_by_subject;

-- name: merge_threads
-- Give mails of replaced threads the thread that took its place.
-- parameters: bucket_id
-- staged: old VARCHAR, new VARCHAR
UPDATE mail_thread SET thread_id = s.new FROM staged s
WHERE mail_thread.bucket_id = $bucket_id AND mail_thread.thread_id = s.old;

-- name: merged_messages
-- Messages of replaced threads in the sources that read a bucket.
-- parameters: bucket_id
-- staged: old VARCHAR, new VARCHAR
-- returns: uid, new
SELECT m.uid, s.new FROM message m
JOIN staged s ON s.old = m.thread_id
WHERE m.source_id IN (SELECT source_id FROM source WHERE bucket_id = $bucket_id);

-- name: move_messages
-- Put staged messages into another thread. Their hash over all columns is no longer known.
-- parameters: at
-- staged: uid VARCHAR, new VARCHAR
UPDATE message SET thread_id = s.new, thread_key = key_of(s.new), updated_at = $at, content_hash = '',
    properties = json_merge_patch(message.properties, json_object('string:Thread', s.new))
FROM staged s WHERE message.uid = s.uid;

-- name: move_properties
-- The same for the property that filters use.
-- staged: uid VARCHAR, new VARCHAR
UPDATE message_property SET string_value = s.new
FROM staged s WHERE message_property.uid = s.uid AND message_property.name = 'string:Thread';

-- name: blobs_of
-- Contents of the mails of a bucket.
-- parameters: bucket_id
-- returns: blob_hash
SELECT DISTINCT blob_hash FROM raw_mail WHERE bucket_id = $bucket_id;

-- name: detach_all
-- Let no source read a bucket any more.
-- parameters: bucket_id
UPDATE source SET bucket_id = NULL WHERE bucket_id = $bucket_id;

-- name: drop_places
-- Remove where the mails of a bucket were found.
-- parameters: bucket_id
DELETE FROM mail_place WHERE mail_id IN (SELECT mail_id FROM raw_mail WHERE bucket_id = $bucket_id);

-- name: drop_mails
-- Remove the mails of a bucket.
-- parameters: bucket_id
DELETE FROM raw_mail WHERE bucket_id = $bucket_id;

-- name: drop_threads
-- Remove the threads of a bucket.
-- parameters: bucket_id
DELETE FROM mail_thread WHERE bucket_id = $bucket_id;

-- name: chosen
-- Those of the staged mails that are there, with their contents and sizes.
-- staged: mail_id VARCHAR
-- returns: mail_id, message_id, blob_hash, n_bytes
SELECT mail_id, message_id, blob_hash, n_bytes FROM raw_mail
WHERE mail_id IN (SELECT mail_id FROM staged)
ORDER BY mail_seq;

-- name: drop_chosen_places
-- Remove where the staged mails were found.
-- staged: mail_id VARCHAR
DELETE FROM mail_place WHERE mail_id IN (SELECT mail_id FROM staged);

-- name: drop_chosen
-- Remove the staged mails.
-- staged: mail_id VARCHAR
DELETE FROM raw_mail WHERE mail_id IN (SELECT mail_id FROM staged);

-- name: drop_ended_threads
-- Remove threads of the staged mails in which no mail is left.
-- parameters: bucket_id
-- staged: mail_id VARCHAR
DELETE FROM mail_thread
WHERE bucket_id = $bucket_id
    AND thread_id IN (SELECT thread_id FROM mail_thread WHERE mail_id IN (SELECT mail_id FROM staged))
    AND thread_id NOT IN (
        SELECT t.thread_id FROM mail_thread t JOIN raw_mail r ON r.mail_id = t.mail_id
        WHERE t.bucket_id = $bucket_id
    );

-- name: forget_in_threads
-- Of staged mails in threads that go on, keep no more than of those that were only named by others.
-- staged: mail_id VARCHAR
UPDATE mail_thread SET subject = '', sent_at = NULL, people = '[]', joins_by_subject = false
WHERE mail_id IN (SELECT mail_id FROM staged);

-- name: drop_bucket
-- Remove a bucket's own row.
-- parameters: bucket_id
DELETE FROM bucket WHERE bucket_id = $bucket_id;

-- name: put_emails
-- Write what programs call mails and told of them, in the place of what they told before.
-- staged: email_key VARCHAR, bucket_id VARCHAR, email_id VARCHAR, mail_id VARCHAR, content_hash VARCHAR, mailbox VARCHAR, received_at TIMESTAMPTZ, folder VARCHAR, told VARCHAR
INSERT INTO email (email_key, bucket_id, email_id, mail_id, content_hash, mailbox, received_at, folder, told)
SELECT email_key, bucket_id, email_id, mail_id, content_hash, mailbox, received_at, folder, told FROM staged
ON CONFLICT (email_key) DO UPDATE SET mailbox = excluded.mailbox, received_at = excluded.received_at,
    folder = excluded.folder, told = excluded.told;

-- name: known_emails
-- Which mails staged names stand for, and the SHA-256 of what came under each.
-- staged: email_key VARCHAR
-- returns: email_id, mail_id, content_hash
SELECT email_id, mail_id, content_hash FROM email WHERE email_key IN (SELECT email_key FROM staged);

-- name: emails_of
-- What programs call staged mails and told of them.
-- staged: mail_id VARCHAR
-- returns: mail_id, email_id, mailbox, received_at, folder, told
SELECT mail_id, email_id, mailbox, received_at, folder::VARCHAR AS folder, told FROM email
WHERE mail_id IN (SELECT mail_id FROM staged)
ORDER BY email_id;

-- name: some_mails
-- Staged mails of a bucket, in order of arrival, with the contents as received.
-- staged: mail_id VARCHAR
-- returns: mail_seq, message_id, stored_at, received_at, mailbox, folder, remote_id, properties, problem, content
SELECT r.mail_seq, r.message_id, r.stored_at, r.received_at, r.mailbox, r.folder::VARCHAR AS folder, r.remote_id,
    r.properties::VARCHAR AS properties, r.problem, b.content
FROM raw_mail r JOIN blob b ON b.blob_hash = r.blob_hash
WHERE r.mail_id IN (SELECT mail_id FROM staged)
ORDER BY r.mail_seq;

-- name: drop_emails
-- Forget what programs call the mails of a bucket.
-- parameters: bucket_id
DELETE FROM email WHERE bucket_id = $bucket_id;

-- name: drop_chosen_emails
-- Forget what programs call the staged mails.
-- staged: mail_id VARCHAR
DELETE FROM email WHERE mail_id IN (SELECT mail_id FROM staged);

-- name: sync_state
-- The bookmark of the program that fills a bucket, no row without one.
-- parameters: bucket_id
-- returns: sync_state, progress_at, last_synced_at
SELECT sync_state, progress_at, last_synced_at FROM bucket_sync_state WHERE bucket_id = $bucket_id;

-- name: put_sync_state
-- Set that bookmark.
-- parameters: bucket_id, sync_state, progress_at, last_synced_at
INSERT INTO bucket_sync_state (bucket_id, sync_state, progress_at, last_synced_at)
VALUES ($bucket_id, $sync_state, $progress_at, $last_synced_at)
ON CONFLICT (bucket_id) DO UPDATE SET sync_state = excluded.sync_state, progress_at = excluded.progress_at,
    last_synced_at = excluded.last_synced_at;

-- name: drop_sync_state
-- Forget that bookmark.
-- parameters: bucket_id
DELETE FROM bucket_sync_state WHERE bucket_id = $bucket_id;
