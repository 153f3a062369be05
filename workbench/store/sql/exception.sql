-- Exceptions: messages of streams that could not be handled.

-- name: add
-- Insert exceptions of a stream; what was said of the same messages is dropped on its own.
-- parameters: stream_id, dataset_id, tagged_at, tagged_by
-- staged: uid VARCHAR, type VARCHAR, metadata VARCHAR
INSERT INTO stream_exception (stream_id, dataset_id, uid, type, metadata, tagged_at, tagged_by)
SELECT $stream_id, $dataset_id, uid, type, metadata::JSON, $tagged_at, $tagged_by FROM staged;

-- name: known
-- What is said of staged messages in a stream.
-- parameters: stream_id
-- staged: uid VARCHAR
-- returns: uid, type, metadata
SELECT uid, type, metadata::VARCHAR AS metadata FROM stream_exception
WHERE stream_id = $stream_id AND uid IN (SELECT uid FROM staged);

-- name: outside
-- Those of the staged messages that are not in a dataset.
-- parameters: dataset_id
-- staged: uid VARCHAR
-- returns: uid
SELECT s.uid FROM staged s
ANTI JOIN (
    SELECT uid FROM message
    WHERE source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
        AND uid IN (SELECT uid FROM staged)
) m ON m.uid = s.uid
ORDER BY s.uid;

-- name: drop_these
-- Take exceptions of a stream off staged messages.
-- parameters: stream_id
-- staged: uid VARCHAR
DELETE FROM stream_exception WHERE stream_id = $stream_id AND uid IN (SELECT uid FROM staged);

-- name: drop_stream
-- Remove the exceptions of a stream.
-- parameters: stream_id
DELETE FROM stream_exception WHERE stream_id = $stream_id;

-- name: piece
-- Some exceptions of a stream, those tagged last first, after some.
-- parameters: stream_id, after, n_most
-- returns: uid, type, metadata, tagged_at, tagged_by
SELECT uid, type, metadata::VARCHAR AS metadata, tagged_at, tagged_by FROM stream_exception
WHERE stream_id = $stream_id
ORDER BY tagged_at DESC, uid
LIMIT $n_most::BIGINT OFFSET $after::BIGINT;

-- name: totals
-- Messages by stream and type, the most frequent type of each stream first. What is in no source of the dataset any
-- more is not counted.
-- parameters: dataset_id
-- returns: stream, type, n, newest_at
SELECT s.name AS stream, e.type, count(*) AS n, max(e.tagged_at) AS newest_at
FROM stream_exception e
JOIN stream s ON s.stream_id = e.stream_id
JOIN message m ON m.uid = e.uid
WHERE e.dataset_id = $dataset_id
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
GROUP BY s.name, e.type
ORDER BY s.name, n DESC, e.type;

-- name: of_dataset
-- Every exception of a dataset with its stream and when that was made.
-- parameters: dataset_id
-- returns: uid, stream, type, created_at
SELECT e.uid, s.name AS stream, e.type, s.created_at
FROM stream_exception e JOIN stream s ON s.stream_id = e.stream_id
WHERE e.dataset_id = $dataset_id
ORDER BY e.uid, s.name;

-- name: of_stream
-- How many messages of a stream's dataset carry an exception of the stream.
-- parameters: stream_id, dataset_id
-- returns: n
SELECT count(*) AS n FROM stream_exception e
JOIN message m ON m.uid = e.uid
WHERE e.stream_id = $stream_id
    AND m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id);
