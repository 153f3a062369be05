"""The field's own command-line client, as far as a server can notice it: addresses, headers, retries, and what it decodes."""
