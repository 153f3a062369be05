m.timestamp >= $f0
AND m.timestamp < $f1

-- by relevance
m.timestamp DESC, m.upload_seq DESC

-- $f0 = datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
-- $f1 = datetime.datetime(2026, 2, 1, 0, 0, tzinfo=datetime.timezone.utc)
