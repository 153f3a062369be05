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

-- name: of_call
-- Details of the event that one call of an action left, no row when it left none; "needle" is its id as it stands
-- in the JSON.
-- parameters: action, needle
-- returns: details
SELECT details::VARCHAR AS details FROM audit_event
WHERE action = $action AND contains(details::VARCHAR, $needle)
ORDER BY seq DESC LIMIT 1;
