-- The audit log.

-- name: last
-- The newest event's number and hash.
-- returns: seq, hash
SELECT seq, hash FROM audit_event WHERE seq = (SELECT max(seq) FROM audit_event);

-- name: append
-- Append an event.
-- parameters: seq, at, actor, action, object, details, previous_hash, hash, chain, event_id, channel, outcome, project, dataset_id, source_id, stream_id, user_id
INSERT INTO audit_event (seq, "at", actor, action, object, details, previous_hash, hash, chain, event_id, channel,
    outcome, project, dataset_id, source_id, stream_id, user_id)
VALUES ($seq, $at, $actor, $action, $object, $details, $previous_hash, $hash, $chain, $event_id, $channel,
    $outcome, $project, $dataset_id, $source_id, $stream_id, $user_id);

-- name: table
-- Every event, in order.
-- returns: seq, at, actor, action, object, details, previous_hash, hash, chain, event_id, channel, outcome, project, dataset_id, source_id, stream_id, user_id
SELECT seq, "at", actor, action, object, details::VARCHAR AS details, previous_hash, hash, chain, event_id, channel,
    outcome, project, dataset_id, source_id, stream_id, user_id
FROM audit_event ORDER BY seq;

-- name: page
-- The newest events older than "before_seq" that fit; NULL = any.
-- parameters: before_seq, since, until, actors, types, outcome, object, projects, dataset_ids, source_ids, user_ids, limit
-- returns: seq, event_id, at, actor, channel, type, outcome, object, project, dataset_id, source_id, stream_id, user_id, details, hash
SELECT seq, coalesce(event_id, '') AS event_id, "at", actor, coalesce(channel, '') AS channel, action AS type,
    coalesce(outcome, 'done') AS outcome, object, coalesce(project, '') AS project,
    coalesce(dataset_id, '') AS dataset_id, coalesce(source_id, '') AS source_id,
    coalesce(stream_id, '') AS stream_id, coalesce(user_id, '') AS user_id, details::VARCHAR AS details, hash
FROM audit_event
WHERE ($before_seq::BIGINT IS NULL OR seq < $before_seq::BIGINT)
    AND ($since::TIMESTAMPTZ IS NULL OR "at" >= $since::TIMESTAMPTZ)
    AND ($until::TIMESTAMPTZ IS NULL OR "at" < $until::TIMESTAMPTZ)
    AND ($actors::VARCHAR[] IS NULL OR list_contains($actors::VARCHAR[], actor))
    AND ($types::VARCHAR[] IS NULL OR list_contains($types::VARCHAR[], action))
    AND ($outcome::VARCHAR IS NULL OR coalesce(outcome, 'done') = $outcome::VARCHAR)
    AND ($object::VARCHAR IS NULL OR contains(lower(object), lower($object::VARCHAR)))
    AND ($projects::VARCHAR[] IS NULL OR list_contains($projects::VARCHAR[], project))
    AND ($dataset_ids::VARCHAR[] IS NULL OR list_contains($dataset_ids::VARCHAR[], dataset_id))
    AND ($source_ids::VARCHAR[] IS NULL OR list_contains($source_ids::VARCHAR[], source_id))
    AND ($user_ids::VARCHAR[] IS NULL OR list_contains($user_ids::VARCHAR[], user_id))
ORDER BY seq DESC LIMIT $limit;

-- name: hash_at
-- Hash of one event.
-- parameters: seq
-- returns: hash
SELECT hash FROM audit_event WHERE seq = $seq;

-- name: names
-- What datasets, sources and users were last called, by id, also when they are gone; what they are called now last.
-- parameters: dataset_ids, source_ids, user_ids
-- returns: kind, id, name, is_now
SELECT 'dataset' AS kind, dataset_id AS id, arg_max(object, seq) AS name, FALSE AS is_now FROM audit_event
WHERE list_contains($dataset_ids::VARCHAR[], dataset_id) AND action IN ('create_dataset', 'delete_dataset')
GROUP BY dataset_id
UNION ALL
SELECT 'source', source_id, arg_max(object, seq), FALSE FROM audit_event
WHERE list_contains($source_ids::VARCHAR[], source_id) AND action IN ('create_source', 'delete_source')
GROUP BY source_id
UNION ALL
SELECT 'user', user_id, name, TRUE FROM user_account WHERE list_contains($user_ids::VARCHAR[], user_id)
UNION ALL
SELECT 'dataset', dataset_id, project || '/' || name, TRUE FROM dataset
WHERE list_contains($dataset_ids::VARCHAR[], dataset_id)
UNION ALL
SELECT 'source', source_id, project || '/' || name, TRUE FROM source
WHERE list_contains($source_ids::VARCHAR[], source_id)
ORDER BY is_now;

-- name: placed
-- A dataset or source by its id or its full name.
-- parameters: subject
-- returns: kind, id, project
SELECT 'dataset' AS kind, dataset_id AS id, project FROM dataset
WHERE dataset_id = $subject OR project || '/' || name = $subject
UNION ALL
SELECT 'source', source_id, project FROM source
WHERE source_id = $subject OR project || '/' || name = $subject;

-- name: of_call
-- Details of the event that one call of an action left, no row when it left none; "needle" is its id as it stands
-- in the JSON.
-- parameters: action, needle
-- returns: details
SELECT details::VARCHAR AS details FROM audit_event
WHERE action = $action AND contains(details::VARCHAR, $needle)
ORDER BY seq DESC LIMIT 1;
