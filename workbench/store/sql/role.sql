-- Roles that were made here, and who was given which.

-- name: list
-- Roles by name.
-- returns: name, title, scope, description, permissions
SELECT r.name, r.title, r.scope, r.description,
    (SELECT list(p.permission ORDER BY p.position) FROM role_permission p WHERE p.role = r.name) AS permissions
FROM role r
ORDER BY r.name;

-- name: add
-- Insert a role, without its permissions.
-- parameters: name, title, scope, description
INSERT INTO role (name, title, scope, description) VALUES ($name, $title, $scope, $description);

-- name: add_permission
-- Put a permission into a role.
-- parameters: role, position, permission
INSERT INTO role_permission (role, position, permission) VALUES ($role, $position, $permission);

-- name: drop_permissions
-- Take all permissions out of a role.
-- parameters: role
DELETE FROM role_permission WHERE role = $role;

-- name: drop
-- Remove a role.
-- parameters: name
DELETE FROM role WHERE name = $name;

-- name: assignments
-- Which roles were given to whom, in the order in which they were; "subject" is a name.
-- returns: assignment_id, subject_kind, subject, role, project, given_by, given_at
SELECT a.assignment_id, a.subject_kind, coalesce(u.name, a.subject) AS subject, a.role, a.project, a.given_by,
    a.given_at
FROM role_assignment a
LEFT JOIN user_account u ON a.subject_kind = 'user' AND u.user_id = a.subject
ORDER BY a.given_at, a.assignment_id;

-- name: held
-- Roles of users (NULL = of all), given to them or to groups that they are in.
-- parameters: user_id
-- returns: user_id, role, project
SELECT a.subject AS user_id, a.role, a.project
FROM role_assignment a
WHERE a.subject_kind = 'user' AND ($user_id::VARCHAR IS NULL OR a.subject = $user_id::VARCHAR)
UNION ALL
SELECT m.user_id, a.role, a.project
FROM role_assignment a
JOIN user_group_member m ON a.subject_kind = 'group' AND m.group_name = a.subject
WHERE $user_id::VARCHAR IS NULL OR m.user_id = $user_id::VARCHAR;

-- name: assign
-- Give a role.
-- parameters: assignment_id, subject_kind, subject, role, project, given_by, given_at
INSERT INTO role_assignment (assignment_id, subject_kind, subject, role, project, given_by, given_at)
VALUES ($assignment_id, $subject_kind, $subject, $role, $project, $given_by, $given_at);

-- name: drop_assignment
-- Take a role away again.
-- parameters: assignment_id
DELETE FROM role_assignment WHERE assignment_id = $assignment_id;

-- name: drop_subject
-- Take all roles of a user or group away.
-- parameters: subject_kind, subject
DELETE FROM role_assignment WHERE subject_kind = $subject_kind AND subject = $subject;

-- name: drop_project
-- Take all roles in a project away.
-- parameters: project
DELETE FROM role_assignment WHERE project = $project;
