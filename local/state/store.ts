import { DatabaseSync } from 'node:sqlite';

/**
 * Durable key-value collections on one SQLite file: the local cloud's whole memory. Every write is committed before the call
 * returns, so a local cloud that is killed finds everything again.
 */
export interface Collection<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): boolean;
  /** All values, ordered by key; with a prefix, only those whose key starts with it. */
  entries(prefix?: string): [key: string, value: Value][];
}

export interface Store {
  collection<Value>(name: string): Collection<Value>;
  /** Runs `work` in one transaction: all of its writes or none. Must be synchronous and not nested. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

/** Opens (or creates) the store. `:memory:` gives one that is gone with the process, for tests. */
export function openStore(file: string): Store {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  database.exec(
    'CREATE TABLE IF NOT EXISTS items (collection TEXT, key TEXT, value TEXT, PRIMARY KEY (collection, key))',
  );
  const select = database.prepare('SELECT value FROM items WHERE collection = ? AND key = ?');
  const upsert = database.prepare('INSERT OR REPLACE INTO items (collection, key, value) VALUES (?, ?, ?)');
  const remove = database.prepare('DELETE FROM items WHERE collection = ? AND key = ?');
  const list = database.prepare(
    'SELECT key, value FROM items WHERE collection = ? AND substr(key, 1, length(?)) = ? ORDER BY key',
  );
  return {
    collection<Value>(name: string): Collection<Value> {
      return {
        get: (key) => {
          const row = select.get(name, key);
          return row ? (JSON.parse(String(row['value'])) as Value) : undefined;
        },
        set: (key, value) => void upsert.run(name, key, JSON.stringify(value)),
        delete: (key) => remove.run(name, key).changes > 0,
        entries: (prefix = '') =>
          list.all(name, prefix, prefix).map((row) => [String(row['key']), JSON.parse(String(row['value'])) as Value]),
      };
    },
    transaction<Result>(work: () => Result): Result {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => database.close(),
  };
}
