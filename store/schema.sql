-- A store: many snapshots in one SQLite database, each version of a chunk once.
-- n numbers the snapshots, in the order in which they were saved; none is used twice.

CREATE TABLE setting(
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  version     INTEGER NOT NULL CHECK (version = 1),
  chunk_size  INTEGER NOT NULL CHECK (typeof(chunk_size) = 'integer' AND chunk_size BETWEEN 512 AND 268435456), -- bytes
  compression TEXT CHECK (compression = 'zstd'),          -- or NULL
  saved       INTEGER NOT NULL DEFAULT 0                  -- the last n that was used
);
INSERT INTO setting(one, version, chunk_size) VALUES (1, 1, 4096);

CREATE TABLE snapshot(
  n             INTEGER PRIMARY KEY,
  snapshot_id   TEXT NOT NULL UNIQUE,
  created_at    INTEGER NOT NULL,                         -- Unix ms
  seq           INTEGER NOT NULL,                         -- of the end row
  metadata_json TEXT NOT NULL,
  end_json      TEXT NOT NULL                             -- the end record of a full snapshot
);
CREATE TABLE manifest(n INTEGER PRIMARY KEY, manifest BLOB); -- of the newest snapshot alone, or NULL
CREATE TABLE file(file INTEGER PRIMARY KEY, file_name TEXT NOT NULL UNIQUE);
CREATE TABLE snapshot_file(
  n      INTEGER NOT NULL,
  seq    INTEGER NOT NULL,                                -- of the file's first row
  file   INTEGER NOT NULL,
  chunks INTEGER NOT NULL,                                -- 1 or more
  PRIMARY KEY (n, seq)
) WITHOUT ROWID;

-- A version of a chunk stands in the snapshots first <= n < last; where last is NULL, in
-- all from first on. number × chunk_size is where its bytes belong in the file.
CREATE TABLE chunk(
  file   INTEGER NOT NULL,
  number INTEGER NOT NULL,
  first  INTEGER NOT NULL,
  last   INTEGER,
  id     INTEGER NOT NULL,
  PRIMARY KEY (file, number, first)
) WITHOUT ROWID;
CREATE TABLE data(id INTEGER PRIMARY KEY, data BLOB NOT NULL); -- is only appended to

-- The snapshot whose rows come: of which first came, and the end row has not.
CREATE TABLE saving(
  one           INTEGER PRIMARY KEY CHECK (one = 1),
  n             INTEGER NOT NULL,
  id            INTEGER NOT NULL,                         -- of the last data before it
  seq           INTEGER NOT NULL,                         -- of its end row
  metadata_json TEXT NOT NULL
);

CREATE TABLE saving_file(                                  -- all that a file row of it needs
  file_name  TEXT PRIMARY KEY,
  file       INTEGER NOT NULL,
  n          INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  chunks     INTEGER NOT NULL,
  chunk_size INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER setting_stays BEFORE UPDATE OF chunk_size ON setting
WHEN NEW.chunk_size <> OLD.chunk_size AND EXISTS (SELECT 1 FROM chunk) BEGIN
  SELECT RAISE(ABORT, 'the chunk_size of a store that has snapshots cannot be changed; make a new store');
END;

-- What a store has -----------------------------------------------------------------------

CREATE VIEW night(n, snapshot_id, created, age, total_size) AS -- age in seconds, total_size in bytes
SELECT n, snapshot_id, datetime(created_at / 1000, 'unixepoch'),
  CAST(strftime('%s', 'now') AS INTEGER) - created_at / 1000, json_extract(metadata_json, '$.total_size')
FROM snapshot;

CREATE VIEW newest(n, snapshot_id, created_at, manifest) AS
SELECT n, snapshot_id, created_at, manifest FROM snapshot LEFT JOIN manifest USING (n) WHERE n = (SELECT max(n) FROM snapshot);

-- The rows of every snapshot, for vx_snapshot_verify and vx_snapshot_restore: WHERE n = ….
CREATE VIEW rows(n, seq, file_name, offset, data, is_last, metadata_json) AS
SELECT n, 0, NULL, NULL, NULL, 0, metadata_json FROM snapshot
UNION ALL
SELECT s.n, f.seq + c.number, name.file_name, c.number * (SELECT chunk_size FROM setting), d.data, c.number = f.chunks - 1, NULL
FROM snapshot AS s
CROSS JOIN snapshot_file AS f ON f.n = s.n
CROSS JOIN file AS name ON name.file = f.file
CROSS JOIN chunk AS c ON c.file = f.file AND c.number < f.chunks AND c.first <= s.n AND (c.last > s.n OR c.last IS NULL)
CROSS JOIN data AS d ON d.id = c.id
UNION ALL
SELECT n, seq, NULL, NULL, NULL, 1, end_json FROM snapshot;

-- To save one ----------------------------------------------------------------------------

CREATE VIEW save(seq, file_name, offset, data, is_last, metadata_json, manifest) AS
SELECT 0, '', 0, x'', 0, '', x'' WHERE 0;

-- Two of the three send on what they get: the program of a trigger is set up for each row,
-- also where its WHEN says no, and costs what it is long.
CREATE TRIGGER save_metadata INSTEAD OF INSERT ON save WHEN NEW.seq = 0 BEGIN
  INSERT INTO metadata_row VALUES (NEW.metadata_json);
END;
CREATE TRIGGER save_end INSTEAD OF INSERT ON save WHEN NEW.data IS NULL AND NEW.seq IS NOT 0 BEGIN
  INSERT INTO end_row VALUES (NEW.seq, NEW.metadata_json);
  INSERT INTO manifest VALUES ((SELECT saved FROM setting), NEW.manifest); -- here, and so: each other way copies it more often
END;
CREATE TRIGGER save_chunk INSTEAD OF INSERT ON save WHEN NEW.data IS NOT NULL BEGIN
  UPDATE chunk SET last = (SELECT n FROM saving)
  WHERE (file, number) = (SELECT file, NEW.seq - seq FROM saving_file WHERE file_name = NEW.file_name) AND last IS NULL;
  INSERT INTO data(data) VALUES (NEW.data);
  INSERT INTO chunk
  SELECT file, NEW.seq - seq, n, NULL, last_insert_rowid() FROM saving_file
  WHERE file_name = NEW.file_name AND NEW.seq >= seq AND NEW.seq < seq + chunks AND NEW.offset = (NEW.seq - seq) * chunk_size;
  SELECT RAISE(ROLLBACK, 'a file row is not one of the snapshot whose metadata row came; save the rows in order of seq')
  WHERE changes() <> 1;
END;

CREATE VIEW metadata_row(metadata_json) AS SELECT '' WHERE 0;
CREATE TRIGGER metadata_row_insert INSTEAD OF INSERT ON metadata_row BEGIN
  INSERT INTO sweep SELECT 1 FROM saving; -- one that was given up
  SELECT RAISE(ROLLBACK, 'the snapshot has another chunk_size than the store; pass (SELECT chunk_size FROM setting)')
  WHERE json_extract(NEW.metadata_json, '$.chunk_size') <> (SELECT chunk_size FROM setting);
  SELECT RAISE(ROLLBACK, 'the store has this snapshot already')
  WHERE json_extract(NEW.metadata_json, '$.snapshot_id') IN (SELECT snapshot_id FROM snapshot);
  INSERT INTO saving SELECT 1, saved + 1, coalesce((SELECT max(id) FROM data), 0), 0, NEW.metadata_json FROM setting;
  INSERT INTO file(file_name)
  SELECT json_extract(value, '$.file_name') AS name FROM json_each(NEW.metadata_json, '$.files')
  WHERE name NOT IN (SELECT file_name FROM file);
  INSERT INTO saving_file
  SELECT file_name, file, saved + 1, 1 + sum(chunks) OVER (ORDER BY key) - chunks, chunks, chunk_size
  FROM setting, (
    SELECT key, json_extract(value, '$.file_name') AS file_name,
      max(1, (json_extract(value, '$.file_size') + chunk_size - 1) / chunk_size) AS chunks
    FROM setting, json_each(NEW.metadata_json, '$.files')) JOIN file USING (file_name);
  UPDATE saving SET seq = 1 + (SELECT sum(chunks) FROM saving_file);
END;

CREATE VIEW end_row(seq, metadata_json) AS SELECT 0, '' WHERE 0;
CREATE TRIGGER end_row_insert INSTEAD OF INSERT ON end_row BEGIN
  SELECT RAISE(ROLLBACK, 'the end row is not that of the snapshot whose metadata row came; save the rows in order of seq')
  WHERE NEW.seq IS NULL OR NEW.seq IS NOT (SELECT seq FROM saving);
  SELECT RAISE(ROLLBACK, 'the increment is not on the newest snapshot of the store; pass (SELECT manifest FROM newest) as base')
  WHERE json_type(NEW.metadata_json, '$.base') IS NOT NULL
    AND json_extract(NEW.metadata_json, '$.base.checksum') IS NOT
      (SELECT json_extract(end_json, '$.checksum') FROM snapshot WHERE n = (SELECT max(n) FROM snapshot));
  SELECT RAISE(ROLLBACK, 'rows of the snapshot are missing')
  FROM saving
  WHERE coalesce((SELECT max(id) FROM data), 0) - id <> coalesce(json_extract(NEW.metadata_json, '$.rows'), seq - 1);
  INSERT INTO full SELECT n FROM saving WHERE json_type(NEW.metadata_json, '$.base') IS NULL AND n > 1;
  -- What the snapshot before had, and this one has not.
  UPDATE chunk SET last = gone.n
  FROM (
    SELECT s.n, old.file, coalesce(new.chunks, 0) AS chunks
    FROM saving AS s
    JOIN snapshot_file AS old ON old.n = (SELECT max(n) FROM snapshot)
    LEFT JOIN saving_file AS new ON new.file = old.file
    WHERE old.chunks > coalesce(new.chunks, 0)) AS gone
  WHERE chunk.file = gone.file AND chunk.number >= gone.chunks AND chunk.last IS NULL;
  INSERT INTO snapshot
  SELECT n, json_extract(metadata_json, '$.snapshot_id'), json_extract(metadata_json, '$.created_at'), seq, metadata_json,
    json_remove(NEW.metadata_json, '$.base', '$.rows', '$.carried')
  FROM saving;
  INSERT INTO snapshot_file SELECT n, seq, file, chunks FROM saving_file;
  DELETE FROM manifest;                                   -- that of this one comes next
  UPDATE setting SET saved = (SELECT n FROM saving);
  DELETE FROM saving;
  DELETE FROM saving_file;
END;

-- A snapshot that came in full: the versions that were there already are dropped.
CREATE VIEW full(n) AS SELECT 0 WHERE 0;
CREATE TRIGGER full_insert INSTEAD OF INSERT ON full BEGIN
  UPDATE chunk SET last = NULL
  WHERE last = NEW.n AND (SELECT data FROM data AS d WHERE d.id = chunk.id) = (
    SELECT d.data FROM chunk AS c JOIN data AS d ON d.id = c.id
    WHERE c.file = chunk.file AND c.number = chunk.number AND c.first = NEW.n);
  DELETE FROM data WHERE id IN (
    SELECT new.id FROM chunk AS old CROSS JOIN chunk AS new
    WHERE old.last IS NULL AND old.first < NEW.n AND new.file = old.file AND new.number = old.number AND new.first = NEW.n);
  DELETE FROM chunk WHERE first = NEW.n AND EXISTS (
    SELECT 1 FROM chunk AS old
    WHERE old.file = chunk.file AND old.number = chunk.number AND old.first < NEW.n AND old.last IS NULL);
END;

-- To drop some ---------------------------------------------------------------------------

-- INSERT INTO prune VALUES (keep_last, keep_daily, keep_weekly, keep_monthly) keeps the
-- newest ones, and the newest of each of so many days, weeks and months, in UTC, that have one.
CREATE VIEW prune(keep_last, keep_daily, keep_weekly, keep_monthly) AS SELECT 0, 0, 0, 0 WHERE 0;
CREATE TRIGGER prune_insert INSTEAD OF INSERT ON prune BEGIN
  SELECT RAISE(ABORT, 'prune takes keep_last, keep_daily, keep_weekly and keep_monthly, each 0 or more and one at least 1')
  WHERE typeof(NEW.keep_last) <> 'integer' OR typeof(NEW.keep_daily) <> 'integer'
    OR typeof(NEW.keep_weekly) <> 'integer' OR typeof(NEW.keep_monthly) <> 'integer'
    OR min(NEW.keep_last, NEW.keep_daily, NEW.keep_weekly, NEW.keep_monthly) < 0
    OR max(NEW.keep_last, NEW.keep_daily, NEW.keep_weekly, NEW.keep_monthly) < 1;
  DELETE FROM snapshot WHERE n < (SELECT max(n) FROM snapshot) AND n NOT IN (
    SELECT n FROM (SELECT n FROM snapshot ORDER BY n DESC LIMIT NEW.keep_last)
    UNION SELECT n FROM (SELECT max(n) AS n FROM snapshot GROUP BY created_at / 86400000
      ORDER BY created_at / 86400000 DESC LIMIT NEW.keep_daily)
    UNION SELECT n FROM (SELECT max(n) AS n FROM snapshot GROUP BY (created_at / 86400000 + 3) / 7
      ORDER BY (created_at / 86400000 + 3) / 7 DESC LIMIT NEW.keep_weekly) -- from Monday; 1970 began on a Thursday
    UNION SELECT n FROM (SELECT max(n) AS n FROM snapshot GROUP BY strftime('%Y-%m', created_at / 1000, 'unixepoch')
      ORDER BY strftime('%Y-%m', created_at / 1000, 'unixepoch') DESC LIMIT NEW.keep_monthly));
  INSERT INTO sweep VALUES (1);
END;

-- DELETE FROM night WHERE n = … drops one.
CREATE TRIGGER night_delete INSTEAD OF DELETE ON night BEGIN
  DELETE FROM snapshot WHERE n = OLD.n;
  INSERT INTO sweep VALUES (1);
END;

-- What no snapshot sees goes: of those that were dropped, and of one that was given up.
CREATE VIEW sweep(one) AS SELECT 1 WHERE 0;
CREATE TRIGGER sweep_insert INSTEAD OF INSERT ON sweep BEGIN
  DELETE FROM data WHERE id > (SELECT id FROM saving); -- also what OR REPLACE took out of chunk
  DELETE FROM saving;
  DELETE FROM saving_file;
  DELETE FROM manifest WHERE n NOT IN (SELECT n FROM snapshot);
  DELETE FROM snapshot_file WHERE n NOT IN (SELECT n FROM snapshot);
  DELETE FROM data WHERE id IN (
    SELECT id FROM chunk
    WHERE NOT EXISTS (SELECT 1 FROM snapshot WHERE n >= chunk.first AND (n < chunk.last OR chunk.last IS NULL)));
  DELETE FROM chunk
  WHERE NOT EXISTS (SELECT 1 FROM snapshot WHERE n >= chunk.first AND (n < chunk.last OR chunk.last IS NULL));
  UPDATE chunk SET last = NULL WHERE last > (SELECT max(n) FROM snapshot);
  DELETE FROM file WHERE file NOT IN (SELECT file FROM snapshot_file);
END;

-- What is wrong --------------------------------------------------------------------------

-- A sentence for each thing that is wrong with the tables. What the bytes should be
-- vx_snapshot_verify knows.
CREATE VIEW problem(problem) AS
SELECT printf('snapshot %d: its files have %d chunks, its end row has seq %d', n, chunks, seq)
FROM (SELECT n, seq, (SELECT sum(chunks) FROM snapshot_file AS f WHERE f.n = s.n) AS chunks FROM snapshot AS s)
WHERE chunks IS NOT seq - 1
UNION ALL
SELECT printf('snapshot %d: there are %d chunks, its files have %d', n, found, seq - 1)
FROM (SELECT n, seq, (SELECT count(*) FROM chunk AS c WHERE c.first <= s.n AND (c.last > s.n OR c.last IS NULL)) AS found FROM snapshot AS s)
WHERE found <> seq - 1
UNION ALL
SELECT printf('snapshot %d: %s has %d chunks, must have %d', n, coalesce(file_name, 'a file without a name'), found, chunks)
FROM (
  SELECT s.n, f.file, f.chunks, (
    SELECT count(*) FROM chunk AS c
    WHERE c.file = f.file AND c.number < f.chunks AND c.first <= s.n AND (c.last > s.n OR c.last IS NULL)) AS found
  FROM snapshot AS s JOIN snapshot_file AS f ON f.n = s.n) AS each
LEFT JOIN file ON file.file = each.file
WHERE found <> chunks OR file_name IS NULL
UNION ALL
SELECT printf('chunk %d of file %d has two versions in snapshot %d', number, file, next)
FROM (SELECT file, number, last, lead(first) OVER (PARTITION BY file, number ORDER BY first) AS next FROM chunk)
WHERE next < last OR next IS NOT NULL AND last IS NULL
UNION ALL
SELECT printf('chunk %d of file %d: the bytes of its version of snapshot %d are missing', number, file, first)
FROM chunk WHERE id NOT IN (SELECT id FROM data)
UNION ALL
SELECT printf('there are %d versions of chunks, and the bytes of %d', versions, bytes)
FROM (SELECT (SELECT count(*) FROM chunk) AS versions, (SELECT count(*) FROM data) AS bytes)
WHERE versions <> bytes;
