-- Photos that the worker was told of, or is still to be told of.
CREATE TABLE photos (
    file_id        TEXT NOT NULL PRIMARY KEY,
    -- A URL that the worker can reach, or the path of a file here.
    source         TEXT NOT NULL,
    -- waiting: to be sent; described: answered; refused: sent in vain, and not worth another attempt.
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'described', 'refused')),
    context        TEXT,
    -- The worker's last problem with it.
    problem_code   TEXT,
    problem_detail TEXT
);

CREATE TABLE photo_tags (
    file_id  TEXT    NOT NULL REFERENCES photos (file_id) ON DELETE CASCADE,
    -- 0 is the surest.
    position INTEGER NOT NULL,
    tag      TEXT    NOT NULL,
    PRIMARY KEY (file_id, position)
);

CREATE TABLE faces (
    face_id    TEXT    NOT NULL PRIMARY KEY,
    file_id    TEXT    NOT NULL REFERENCES photos (file_id) ON DELETE CASCADE,
    -- The person, after every merge that was made here.
    cluster_id TEXT    NOT NULL,
    -- 0 is the largest of the photo.
    position   INTEGER NOT NULL,
    -- Whole pixels of the upright photo; x2 and y2 are exclusive.
    x1         INTEGER NOT NULL,
    y1         INTEGER NOT NULL,
    x2         INTEGER NOT NULL,
    y2         INTEGER NOT NULL,
    -- Mono reads REAL columns with single precision.
    confidence DOUBLE  NOT NULL,
    quality    DOUBLE  NOT NULL,
    age        DOUBLE,
    gender     TEXT
);

CREATE INDEX faces_of_photo ON faces (file_id);
CREATE INDEX faces_of_cluster ON faces (cluster_id);
