-- Vectors.

-- name: length
-- Numbers per vector of an encoder, no row when it has none.
-- parameters: encoder_id
-- returns: n
SELECT len(vector) AS n FROM embedding WHERE encoder_id = $encoder_id LIMIT 1;

-- name: insert
-- Store vectors; a text that has one keeps it.
-- parameters: encoder_id
-- staged: text_hash VARCHAR, vector FLOAT[]
INSERT INTO embedding (encoder_id, text_hash, vector)
SELECT $encoder_id, text_hash, vector FROM staged
ON CONFLICT DO NOTHING;

-- name: vectors
-- Vectors of a dataset's texts, each text once, in any order.
-- parameters: dataset_id, encoder_id
-- returns: text_hash, vector
SELECT e.text_hash, e.vector FROM embedding e
WHERE e.encoder_id = $encoder_id AND e.text_hash IN (
    SELECT m.text_hash FROM message m
    WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
);

-- name: count
-- Messages of a dataset whose text has a vector.
-- parameters: dataset_id, encoder_id
-- returns: n
SELECT count(*) AS n FROM message m
WHERE m.source_id IN (SELECT source_id FROM dataset_source WHERE dataset_id = $dataset_id)
    AND m.text_hash IN (SELECT text_hash FROM embedding WHERE encoder_id = $encoder_id);
