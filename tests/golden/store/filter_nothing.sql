TRUE

-- by relevance
m.timestamp DESC, m.upload_seq DESC

