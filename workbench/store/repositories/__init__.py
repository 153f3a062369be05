"""One repository per table family; each works on the cursor of a session."""
