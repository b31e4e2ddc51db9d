//! The index of tags.

/// The index of tags: which photos have a tag, and how many. Triggers see to it, so that whatever writes or describes a
/// photo keeps it right. A photo whose tags cannot be read has none here.
pub(super) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS photo_tag (
        name TEXT NOT NULL,
        -- That of the photo.
        row INTEGER NOT NULL,
        PRIMARY KEY (name, row)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS photo_tag_by_photo ON photo_tag (row);
    CREATE TABLE IF NOT EXISTS tag (name TEXT PRIMARY KEY, photos INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS tag_by_photos ON tag (photos DESC, name);
    -- What the photos' own rows say.
    CREATE VIEW IF NOT EXISTS said_tag AS
        SELECT CASE said.type WHEN 'object' THEN json_extract(said.value, '$.name') END AS name, photo.row AS row
        FROM photo, json_each(CASE WHEN json_valid(photo.tags) THEN photo.tags ELSE '[]' END) AS said;
    CREATE TRIGGER IF NOT EXISTS photo_comes AFTER INSERT ON photo BEGIN
        INSERT OR IGNORE INTO photo_tag (name, row)
            SELECT name, row FROM said_tag WHERE row = new.row AND name IS NOT NULL;
        INSERT INTO tag (name, photos) SELECT name, 1 FROM photo_tag WHERE row = new.row
            ON CONFLICT (name) DO UPDATE SET photos = photos + 1;
    END;
    CREATE TRIGGER IF NOT EXISTS photo_goes AFTER DELETE ON photo BEGIN
        UPDATE tag SET photos = photos - 1 WHERE name IN (SELECT name FROM photo_tag WHERE row = old.row);
        DELETE FROM tag WHERE photos = 0;
        DELETE FROM photo_tag WHERE row = old.row;
    END;
    CREATE TRIGGER IF NOT EXISTS photo_is_described AFTER UPDATE OF tags ON photo WHEN old.tags <> new.tags BEGIN
        UPDATE tag SET photos = photos - 1 WHERE name IN (SELECT name FROM photo_tag WHERE row = old.row);
        DELETE FROM photo_tag WHERE row = old.row;
        INSERT OR IGNORE INTO photo_tag (name, row)
            SELECT name, row FROM said_tag WHERE row = new.row AND name IS NOT NULL;
        INSERT INTO tag (name, photos) SELECT name, 1 FROM photo_tag WHERE row = new.row
            ON CONFLICT (name) DO UPDATE SET photos = photos + 1;
        DELETE FROM tag WHERE photos = 0;
    END;
";

/// Makes the index of what is there, in place of what it was.
pub(super) const FILL: &str = "
    DELETE FROM photo_tag;
    DELETE FROM tag;
    -- In its own order, so that it is written from one end to the other.
    INSERT INTO photo_tag (name, row) SELECT DISTINCT name, row FROM said_tag WHERE name IS NOT NULL ORDER BY name, row;
    INSERT INTO tag (name, photos) SELECT name, count(*) FROM photo_tag GROUP BY name;
";

/// Counts what the index has wrongly.
pub(super) const COUNT_FAULTS: &str = "
    WITH said AS (SELECT name, row FROM said_tag WHERE name IS NOT NULL),
         counted AS (SELECT name, count(*) FROM photo_tag GROUP BY name)
    SELECT (SELECT count(*) FROM (SELECT * FROM said EXCEPT SELECT name, row FROM photo_tag))
         + (SELECT count(*) FROM (SELECT name, row FROM photo_tag EXCEPT SELECT * FROM said))
         + (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT name, photos FROM tag))
         + (SELECT count(*) FROM (SELECT name, photos FROM tag EXCEPT SELECT * FROM counted))
";
