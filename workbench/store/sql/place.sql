-- In which project things lie: asked at every call of somebody who may not do everything, so nothing is counted here.

-- name: datasets
-- Every dataset with its project and its sources, each of those with its own project.
-- returns: dataset_id, project, name, sources
SELECT d.dataset_id, d.project, d.name,
    coalesce(list(struct_pack(source_id := s.source_id, project := s.project) ORDER BY m.position)
        FILTER (s.source_id IS NOT NULL), []) AS sources
FROM dataset d
LEFT JOIN dataset_source m USING (dataset_id)
LEFT JOIN source s ON s.source_id = m.source_id
GROUP BY ALL
ORDER BY d.project, d.name;

-- name: source
-- Project of a source, named by its id or in full.
-- parameters: found_id
-- returns: project
SELECT project FROM source WHERE source_id = $found_id OR project || '/' || name = $found_id;

-- name: bucket
-- Project of a bucket, named by its id or in full.
-- parameters: found_id
-- returns: project
SELECT project FROM bucket WHERE bucket_id = $found_id OR project || '/' || name = $found_id;

-- name: integration
-- Project of an integration.
-- parameters: found_id
-- returns: project
SELECT project FROM integration WHERE integration_id = $found_id;
