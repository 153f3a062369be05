-- Plans, what they give, the one chosen, and requests for what is given by request.

-- name: plans
-- Every plan, in the order of the table.
-- returns: edition, name, title, trial_days
SELECT edition, name, title, trial_days FROM plan
ORDER BY CASE edition WHEN 'licence' THEN 0 ELSE 1 END, edition, position;

-- name: entitlements
-- What every plan says of every entitlement.
-- returns: edition, plan, name, answer
SELECT edition, plan, name, answer FROM entitlement ORDER BY ALL;

-- name: forget_entitlement
-- Take a cell out of the table.
-- parameters: edition, plan, name
DELETE FROM entitlement WHERE edition = $edition AND plan = $plan AND name = $name;

-- name: put_entitlement
-- Write a cell of the table.
-- parameters: edition, plan, name, answer
INSERT INTO entitlement (edition, plan, name, answer) VALUES ($edition, $plan, $name, $answer);

-- name: chosen
-- The plan that was chosen; no row without a choice.
-- returns: edition, name, since, chosen_by, ends_at, before
SELECT edition, name, since, chosen_by, ends_at, before FROM chosen_plan;

-- name: forget_chosen
-- Choose no plan.
DELETE FROM chosen_plan;

-- name: choose
-- Write down the plan chosen.
-- parameters: edition, name, began_at, chosen_by, ends_at, before
INSERT INTO chosen_plan (edition, name, since, chosen_by, ends_at, before)
VALUES ($edition, $name, $began_at, $chosen_by, $ends_at, $before);

-- name: requests
-- Every request, newest first.
-- returns: request_id, entitlement, edition, plan, reason, requested_by, requested_at, state, answered_by, answered_at, answer_reason, granted_until
SELECT request_id, entitlement, edition, plan, reason, requested_by, requested_at, state, answered_by, answered_at,
    answer_reason, granted_until
FROM entitlement_request ORDER BY requested_at DESC, request_id;

-- name: forget_request
-- Take a request out, to be written anew.
-- parameters: request_id
DELETE FROM entitlement_request WHERE request_id = $request_id;

-- name: put_request
-- Write a request with its answer.
-- parameters: request_id, entitlement, edition, plan, reason, requested_by, requested_at, state, answered_by, answered_at, answer_reason, granted_until_at
INSERT INTO entitlement_request (request_id, entitlement, edition, plan, reason, requested_by, requested_at, state,
    answered_by, answered_at, answer_reason, granted_until)
VALUES ($request_id, $entitlement, $edition, $plan, $reason, $requested_by, $requested_at, $state, $answered_by,
    $answered_at, $answer_reason, $granted_until_at);
