"""Users, groups, roles, tokens and sessions: the use cases, and the recognition of who asks."""
