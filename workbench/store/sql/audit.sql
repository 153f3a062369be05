-- The audit log.

-- name: last
-- The newest event's number and hash.
-- returns: seq, hash
SELECT seq, hash FROM audit_event ORDER BY seq DESC LIMIT 1;

-- name: append
-- Append an event.
-- parameters: seq, at, actor, action, object, details, previous_hash, hash
INSERT INTO audit_event (seq, "at", actor, action, object, details, previous_hash, hash)
VALUES ($seq, $at, $actor, $action, $object, $details, $previous_hash, $hash);

-- name: table
-- Every event, in order.
-- returns: seq, at, actor, action, object, details, previous_hash, hash
SELECT seq, "at", actor, action, object, details::VARCHAR AS details, previous_hash, hash
FROM audit_event ORDER BY seq;
