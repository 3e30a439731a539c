import Database from 'libsql';

/**
 * The baseline store: what one builds in an afternoon with SQLite. One table with the raw line, 24 typed columns and five indexes, and the
 * file position in the same transaction.
 */
const COLUMNS = [
  'ts',
  'event_type',
  'severity',
  'src_ip',
  'src_port',
  'dest_ip',
  'dest_port',
  'proto',
  'app_proto',
  'flow_id',
  'signature_id',
  'signature',
  'category',
  'action',
  'rrname',
  'rrtype',
  'rcode',
  'sni',
  'hostname',
  'method',
  'status',
  'url',
  'bytes_toserver',
  'bytes_toclient',
] as const;

const SCHEMA = `
  CREATE TABLE events (id INTEGER PRIMARY KEY, ${COLUMNS.join(', ')}, raw TEXT NOT NULL);
  CREATE INDEX by_time ON events (ts);
  CREATE INDEX by_signature ON events (signature, ts);
  CREATE INDEX by_source ON events (src_ip, ts);
  CREATE INDEX by_destination ON events (dest_ip, ts);
  CREATE INDEX by_flow ON events (flow_id);
  CREATE TABLE position (offset INTEGER);
  INSERT INTO position VALUES (0);`;

interface EveLine {
  timestamp: string;
  event_type?: string;
  src_ip?: string;
  src_port?: number;
  dest_ip?: string;
  dest_port?: number;
  proto?: string;
  app_proto?: string;
  flow_id?: number;
  alert?: { severity?: number; signature_id?: number; signature?: string; category?: string; action?: string };
  dns?: { rrname?: string; rrtype?: string; rcode?: string };
  tls?: { sni?: string };
  http?: { hostname?: string; http_method?: string; status?: number; url?: string };
  flow?: { bytes_toserver?: number; bytes_toclient?: number };
}

export function openDatabase(path: string): Database.Database {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  return db;
}

/** Stores lines; a transaction ends where `commit` is called. */
export class SqliteStore {
  private readonly db: Database.Database;
  private readonly insert: Database.Statement;
  private readonly move: Database.Statement;
  private offset = 0;

  constructor(path: string) {
    this.db = openDatabase(path);
    this.db.exec(SCHEMA);
    const names = [...COLUMNS, 'raw'];
    this.insert = this.db.prepare(
      `INSERT INTO events (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    this.move = this.db.prepare('UPDATE position SET offset = ?');
  }

  begin(): void {
    this.db.exec('BEGIN');
  }

  add(raw: string, bytes: number): void {
    const eve = JSON.parse(raw) as EveLine;
    const { alert, dns, tls, http, flow } = eve;
    this.insert.run(
      micros(eve.timestamp),
      eve.event_type ?? null,
      alert?.severity ?? null,
      eve.src_ip ?? null,
      eve.src_port ?? null,
      eve.dest_ip ?? null,
      eve.dest_port ?? null,
      eve.proto ?? null,
      eve.app_proto ?? null,
      eve.flow_id ?? null,
      alert?.signature_id ?? null,
      alert?.signature ?? null,
      alert?.category ?? null,
      alert?.action ?? null,
      dns?.rrname ?? null,
      dns?.rrtype ?? null,
      dns?.rcode ?? null,
      tls?.sni ?? null,
      http?.hostname ?? null,
      http?.http_method ?? null,
      http?.status ?? null,
      http?.url ?? null,
      flow?.bytes_toserver ?? null,
      flow?.bytes_toclient ?? null,
      raw,
    );
    this.offset += bytes;
  }

  commit(): void {
    this.move.run(this.offset);
    this.db.exec('COMMIT');
  }

  /** Moves the write-ahead log into the database, as a clean end does. */
  close(): void {
    this.db.pragma('wal_checkpoint(TRUNCATE)');
    this.db.close();
  }
}

/** `2026-11-24T02:26:05.818575+0000` as microseconds. */
function micros(timestamp: string): number {
  return Date.parse(`${timestamp.slice(0, 19)}Z`) * 1000 + Number(timestamp.slice(20, 26));
}
