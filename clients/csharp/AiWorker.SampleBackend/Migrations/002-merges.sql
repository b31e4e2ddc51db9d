-- Where clusters went that were merged away. Targets are never merged away themselves, so one step is enough.
CREATE TABLE cluster_redirects (
    cluster_id TEXT NOT NULL PRIMARY KEY,
    target_id  TEXT NOT NULL
);

CREATE INDEX redirects_to_cluster ON cluster_redirects (target_id);

-- Merges that were made here, in their order. Those that wait are the worker's to be told of.
CREATE TABLE merges (
    id              INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    source_id       TEXT    NOT NULL,
    target_id       TEXT    NOT NULL,
    -- The same for every attempt at telling the worker, also after this program was started again.
    idempotency_key TEXT    NOT NULL UNIQUE,
    state           TEXT    NOT NULL CHECK (state IN ('waiting', 'delivered', 'refused')),
    problem_code    TEXT,
    problem_detail  TEXT
);

CREATE INDEX waiting_merges ON merges (state, id);
