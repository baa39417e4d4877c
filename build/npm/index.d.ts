/// <reference types="node" />
import { Readable } from "node:stream";

/** A connection that can load extensions: better-sqlite3, node:sqlite. */
export interface Loadable {
  loadExtension(path: string, entrypoint?: string): unknown;
}

/** A connection of better-sqlite3, or of node:sqlite from Node.js 22.16 on. */
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
 * in all, as they are when nothing is compressed. Bytes in all are 0 while the metadata
 * row, which is the first of a snapshot, has not come, and a compressed row that comes
 * before it counts for less. What it throws ends the work and is thrown.
 */
export type Progress = (done: number, total: number) => void;

/** What a snapshot is of. */
export interface SourceOptions {
  /** "main" where left out. */
  schema?: string;
  /** "auto" where left out. */
  indexFiles?: "auto" | "disk" | "none";
}

export interface TarOptions extends SourceOptions {
  /** Most bytes of data in a row or a piece, 512 to 268435456; 65536 where left out. */
  chunkSize?: number;
  /** Nothing is compressed where left out. */
  compression?: "zstd" | null;
}

export interface ProgressOptions {
  progress?: Progress;
}

export interface SnapshotOptions extends TarOptions, ProgressOptions {
  /** What manifest gives; chunkSize is that of the base where it is left out. */
  base?: Uint8Array | null;
}

export interface RestoreOptions extends ProgressOptions {
  /** The directory that has what rows that were made with a base have not. It is only read. */
  baseDirectory?: string | URL;
}

/** What was saved; sizes are in bytes. */
export interface Saved {
  snapshot_id: string;
  path: string;
  /** Of the saved file. */
  size: number;
  /** Of the files in it, as they are when nothing is compressed. */
  total_size: number;
  checksum: string;
  files: { file_name: string; file_size: number }[];
}

/** What was restored; sizes are in bytes. */
export interface Report {
  snapshot_id: string;
  directory: string;
  total_size: number;
  files: { file_name: string; path: string; file_size: number }[];
}

/**
 * The path of the extension, for a client's own way of loading: what the environment
 * variable VXSNAP names, else the package's file for this machine, else in a checkout of the
 * project the one that make built.
 */
export declare function getLoadablePath(): string;

/** Loads the extension into a connection. */
export declare function load(db: Loadable): void;

/** The class of a client: that of better-sqlite3, or DatabaseSync of node:sqlite. */
export interface Client {
  new (path: any, options?: any): Database;
}

export interface ConnectOptions {
  /** How long another connection is waited for, in milliseconds; 60000 where left out. */
  timeout?: number;
}

/**
 * A connection to a database that is there, with the extension in it. A path that is
 * mistyped is an error, not a new database.
 */
export declare function connect<C extends Client>(path: string | URL, Database: C, options?: ConnectOptions): InstanceType<C>;

/**
 * Yields the rows of one snapshot of db, into which the extension was loaded. The moment
 * that it shows lasts until the iterator is at its end or returns; with better-sqlite3, db
 * only reads meanwhile. progress is called when a row has been used: before the next one is made.
 * With compression, the data of a row is one zstd frame where that is shorter; verify and
 * restore take such rows. With a base come only the rows of chunks that the base has not.
 */
export declare function snapshot(db: Database, options?: SnapshotOptions): IterableIterator<Row>;

/**
 * The digests of all chunks of rows, in any order, or of the files of a restored directory
 * as they are: a base for snapshot. Rows have their chunk size, of a directory it is 65536
 * bytes where it is left out. Of rows that are not all there, it has those before the first
 * that is missing. db is as in verify.
 */
export declare function manifest(db: Database, rows: Iterable<Row>): Buffer;
export declare function manifest(db: Database, directory: string | URL, options?: { chunkSize?: number }): Buffer;

/**
 * Saves one snapshot of db as a file that does not exist yet, and says what was written.
 * A path that ends with .tar.zst is compressed, one that ends with .tar is not.
 */
export declare function save(db: Database, path: string | URL, options?: SourceOptions): Saved;

/**
 * Yields the rows of a saved file, or of the reading end of a pipe. db is any connection
 * into which the extension was loaded. The file is closed when the iterator is at its end
 * or returns. progress is as in snapshot.
 */
export declare function read(db: Database, path: string | URL, options?: ProgressOptions): IterableIterator<Row>;

/**
 * Yields what save would write, in pieces of chunkSize bytes of which the last may be
 * shorter: a .tar, or with compression a .tar.zst. The next piece is made when it is asked
 * for, so that stream.Readable.from(tar(db)) makes no more than its reader takes. The
 * moment that it shows lasts until the iterator is at its end or returns; with
 * better-sqlite3, db only reads meanwhile.
 */
export declare function tar(db: Database, options?: TarOptions): IterableIterator<Buffer>;

/**
 * The same as a byte stream, and so an async iterable, which makes no more than its reader
 * takes: for pipeline, a file, a response. What it shows lasts until it ends or is destroyed.
 */
export declare function stream(db: Database, options?: TarOptions): Readable;

/**
 * Says "ok", or the first thing that is wrong with the rows, in any order, or with those
 * of a saved file, which throws if it ends early or is none. db is any connection into
 * which the extension was loaded, but not one that the rows come from while they come; it
 * gets the SQL functions vxsnap_next and vxsnap_column, and vxsnap_came for a file with
 * progress. Rows that were made with a base are "ok, with base …" by themselves, and "ok"
 * with a baseDirectory.
 */
export declare function verify(db: Database, rowsOrPath: Iterable<Row> | string | URL, options?: RestoreOptions): string;

/**
 * Restores rows, in any order, or a saved file into a directory that does not exist yet or
 * is empty, and says what was written. db is as in verify. Damage throws. After the last
 * row come checks and syncs, which progress does not show.
 */
export declare function restore(
  db: Database, rowsOrPath: Iterable<Row> | string | URL, directory: string | URL, options?: RestoreOptions,
): Report;

/**
 * Has vectorlite write the indexes that a connection has in memory to their files, and says
 * how many. It throws beside a statement that can reach a vectorlite table, which in
 * Node.js is one until it is collected: use such tables with exec, or close the connection,
 * which writes them too.
 */
export declare function flush(db: Database): number;

/**
 * Has the vectorlite tables of a database that was moved with its index files name those
 * beside it, before anything else opens it, and says how many tables it changed.
 */
export declare function relocate(db: Database): number;

export * from "./store";
