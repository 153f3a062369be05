-- Finding messages, and what an index of words needs to follow them. Conditions bind $dataset_id where they
-- speak of what is known of a message in a dataset.

-- name: print
-- One number that changes with any message's text, source or time, and how many messages there are.
-- returns: n_messages, print
SELECT count(*) AS n_messages, coalesce(bit_xor(hash(upload_seq, text_hash, source_id, timestamp)), 0) AS print
FROM message;

-- name: stamps
-- The same number per message, by upload_seq.
-- returns: upload_seq, stamp
SELECT upload_seq, hash(upload_seq, text_hash, source_id, timestamp) AS stamp FROM message ORDER BY upload_seq;

-- name: texts
-- What is indexed of staged messages. The bounds let the database skip most of the table.
-- parameters: first, last
-- staged: upload_seq BIGINT
-- returns: upload_seq, source_id, at, subject, body
SELECT m.upload_seq, m.source_id, epoch_us(m.timestamp) AS at, m.subject, m.body
FROM message m
WHERE m.upload_seq BETWEEN $first AND $last AND m.upload_seq IN (SELECT upload_seq FROM staged);

-- name: sources
-- Sources of a dataset.
-- parameters: dataset_id
-- returns: source_id
SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id ORDER BY source_id;

-- name: count
-- How many messages pass.
-- parameters: source_ids
-- returns: n
SELECT count(*) AS n FROM message m
WHERE m.source_id IN (SELECT unnest($source_ids::VARCHAR[]))
    AND TRUE /*where*/;

-- name: page
-- A page of the messages that pass.
-- parameters: source_ids, offset, limit
-- returns: uid, at
SELECT m.uid, epoch_us(m.timestamp) AS at FROM message m
WHERE m.source_id IN (SELECT unnest($source_ids::VARCHAR[]))
    AND TRUE /*where*/
ORDER BY m.upload_seq /*order*/
LIMIT $limit OFFSET $offset;

-- name: following
-- The next messages that pass, in an order in which no two have the same place.
-- parameters: dataset_id, limit
-- returns: uid, timestamp, upload_seq
SELECT m.uid, m.timestamp, m.upload_seq FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND TRUE /*where*/
ORDER BY m.upload_seq /*order*/
LIMIT $limit;

-- name: page_and_count
-- As page, with the number of all that pass: for filters too dear to be applied twice.
-- parameters: source_ids, offset, limit
-- returns: uid, at, n_total
SELECT m.uid, epoch_us(m.timestamp) AS at, count(*) OVER () AS n_total FROM message m
WHERE m.source_id IN (SELECT unnest($source_ids::VARCHAR[]))
    AND TRUE /*where*/
ORDER BY m.upload_seq /*order*/
LIMIT $limit OFFSET $offset;

-- name: page_of_first
-- A page of the messages that pass, where few pass what costs little to ask: within. The rest is asked of those
-- only; in one step the database would read every message for it.
-- parameters: source_ids, offset, limit
-- returns: uid, at
WITH first AS MATERIALIZED (
    SELECT m.* FROM message m
    WHERE m.source_id IN (SELECT unnest($source_ids::VARCHAR[]))
        AND TRUE /*within*/
)
SELECT m.uid, epoch_us(m.timestamp) AS at FROM first m
WHERE TRUE /*where*/
ORDER BY m.upload_seq /*order*/
LIMIT $limit OFFSET $offset;

-- name: times
-- When some of the messages that pass came, one in so many of all, newest first.
-- parameters: source_ids, one_in
-- returns: at
SELECT epoch_us(m.timestamp) AS at FROM message m
WHERE m.upload_seq % $one_in = 0
    AND m.source_id IN (SELECT unnest($source_ids::VARCHAR[]))
    AND TRUE /*where*/
ORDER BY m.timestamp DESC;

-- name: uids
-- Messages by upload_seq.
-- staged: upload_seq BIGINT
-- parameters: first, last
-- returns: upload_seq, uid
SELECT m.upload_seq, m.uid FROM message m
WHERE m.upload_seq BETWEEN $first AND $last AND m.upload_seq IN (SELECT upload_seq FROM staged);
