-- Up to which of the worker's changes this is a copy; no row until everything was read once.
CREATE TABLE worker_position (
    position INTEGER NOT NULL
);
