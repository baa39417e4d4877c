/// <reference types="node" />
import { Client, ConnectOptions, Database, Report, Row, SourceOptions } from "./index";

export interface CreateOptions extends ConnectOptions {
  /** 512 to 268435456 bytes; 4096 where left out, a page of most databases. */
  chunkSize?: number;
  /** Nothing is compressed where left out. */
  compression?: "zstd" | null;
}

/** Days are those of UTC, weeks begin on Monday; each number is 0 where left out. */
export interface Keep {
  keepLast?: number;
  keepDaily?: number;
  keepWeekly?: number;
  keepMonthly?: number;
}

/** A snapshot that a store has. */
export interface Snapshot {
  /** In the order in which they were saved, from 1; none is used twice. */
  n: number;
  snapshot_id: string;
  created_at: Date;
  /** Of its files, in bytes. */
  total_size: number;
}

/**
 * Many snapshots in one SQLite database, each version of a chunk once, open on a connection
 * of its own until close or the end of a using declaration. Database is the class of the
 * client, the same that the process uses otherwise. Other Stores, in this process and in
 * others, may use the same file meanwhile: who saves or prunes waits for them, and the event
 * loop with it. The tables, and how SQL uses them: docs/STORE.md of the project. Of the
 * errors those of the store itself have the code VXSNAP_NOT_STORE, VXSNAP_STORE_EXISTS or
 * VXSNAP_NO_SNAPSHOT.
 */
export declare class Store {
  /** Opens a store that is there. */
  constructor(path: string | URL, Database: Client, options?: ConnectOptions);

  /** Makes a store of a file that is not there yet, or is empty, and opens it. */
  static create(path: string | URL, Database: Client, options?: CreateOptions): Store;

  /**
   * Saves a snapshot of a connection into which the extension was loaded, or of a file, on a
   * connection of its own. Of the chunks it keeps those that differ from the newest
   * snapshot's. It is one transaction, which a kill leaves undone. Rows are kept neither in
   * memory nor in temporary files.
   */
  save(source: Database | string | URL, options?: SourceOptions): Snapshot;

  /** The snapshots, in the order in which they were saved. */
  list(): Snapshot[];

  /**
   * Yields the rows of snapshot n, as those of a full snapshot. The commit of whoever saves
   * waits until the iterator is at its end or returns; with better-sqlite3, the store only
   * reads meanwhile.
   */
  rows(n: number): IterableIterator<Row>;

  /** Says "ok", or the first thing that is wrong with snapshot n. */
  verify(n: number): string;

  /**
   * Restores snapshot n into a directory that does not exist yet or is empty, and says what
   * was written. restore(db, store.rows(n), …) tells progress too.
   */
  restore(n: number, directory: string | URL): Report;

  /**
   * Keeps the newest snapshots, and the newest of each of so many days, weeks and months
   * that have one; drops the others, and says how many. The newest always stays. The file
   * does not become smaller: the next saves use its free pages.
   */
  prune(keep: Keep): number;

  /**
   * Drops snapshot n, as prune does. After that of the newest one the next save takes all
   * chunks, and keeps those that are new.
   */
  drop(n: number): void;

  /**
   * What is wrong with the store, a sentence each, and nothing if all is well: with its
   * file, its tables, and, which takes the longest, each of its snapshots.
   */
  check(): string[];

  /** Closes the store. It may be called twice. */
  close(): void;

  [Symbol.dispose](): void;
}
