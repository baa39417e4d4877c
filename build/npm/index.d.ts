/** A connection that can load extensions: better-sqlite3, node:sqlite. */
export interface Loadable {
  loadExtension(path: string, entrypoint?: string): unknown;
}

/** The path of the extension, for a client's own way of loading. */
export declare function getLoadablePath(): string;

/** Loads the extension into a connection. */
export declare function load(db: Loadable): void;
