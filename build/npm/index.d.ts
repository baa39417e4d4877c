/** A connection that can load extensions: better-sqlite3, node:sqlite. */
export interface Loadable {
  loadExtension(path: string, entrypoint?: string): unknown;
}

/** A connection of better-sqlite3. */
export interface Database extends Loadable {
  prepare(query: string): any;
  function(name: string, f: (...args: any[]) => unknown): unknown;
}

/** One row of a snapshot; docs/FORMAT.md of the project says what each has. */
export interface Row {
  seq: number;
  file_name: string | null;
  offset: number | null;
  data: Uint8Array | null;
  is_last: number;
  metadata_json: string | null;
}

/**
 * Called after each row that has bytes of a file, with the bytes of all files so far and
 * in all. Bytes in all are 0 while the metadata row, which is the first of a snapshot,
 * has not come. What it throws ends the work and is thrown.
 */
export type Progress = (done: number, total: number) => void;

export interface SnapshotOptions {
  /** Most bytes of data in a row, 512 to 268435456; 65536 where left out. */
  chunkSize?: number;
  /** "main" where left out. */
  schema?: string;
  /** "auto" where left out. */
  indexFiles?: "auto" | "disk" | "none";
  progress?: Progress;
}

/** What was restored; sizes are in bytes. */
export interface Report {
  snapshot_id: string;
  directory: string;
  total_size: number;
  files: { file_name: string; path: string; file_size: number }[];
}

/** The path of the extension, for a client's own way of loading. */
export declare function getLoadablePath(): string;

/** Loads the extension into a connection. */
export declare function load(db: Loadable): void;

/**
 * Yields the rows of one snapshot of db, into which the extension was loaded. The moment
 * that it shows lasts until the iterator is at its end or returns; db can do nothing else
 * meanwhile. progress is called when a row has been used: before the next one is made.
 */
export declare function snapshot(db: Database, options?: SnapshotOptions): IterableIterator<Row>;

/**
 * Says "ok", or the first thing that is wrong with the rows, in any order. db is any
 * connection into which the extension was loaded, but not one that the rows come from
 * while they come; it gets the SQL functions vxsnap_next and vxsnap_column.
 */
export declare function verify(db: Database, rows: Iterable<Row>, options?: { progress?: Progress }): string;

/**
 * Restores rows, in any order, into a directory that does not exist yet or is empty, and
 * says what was written. db is as in verify. Damage throws. After the last row come
 * checks and syncs, which progress does not show.
 */
export declare function restore(db: Database, rows: Iterable<Row>, directory: string, options?: { progress?: Progress }): Report;
