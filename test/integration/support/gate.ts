import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Lab } from './lab';

/** Something in the database that loads wait for, until it is opened. */
export interface Gate {
  /** Resolves when so many sessions wait. */
  waiting(sessions?: number): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
  end(): Promise<void>;
}

const functions = `
  CREATE OR REPLACE FUNCTION pass_gate() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN true; END $$;
  CREATE OR REPLACE FUNCTION gate_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pass_gate(); RETURN NEW; END $$;
  DO $$ BEGIN CREATE DOMAIN gated AS text CHECK (pass_gate()); EXCEPTION WHEN duplicate_object THEN END $$`;

/** Makes the gate of a lab's database: open at first. */
export async function makeGate(lab: Lab): Promise<Gate> {
  await lab.rows(functions);
  const holder = new Client({ connectionString: lab.url });
  holder.on('error', () => undefined);
  await holder.connect();
  return {
    async waiting(sessions = 1) {
      const sql = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      for (let tries = 0; tries < 500; tries++) {
        if ((await lab.rows(sql)).length >= sessions) return;
        await sleep(20);
      }
      throw new Error('nobody came to the gate');
    },
    open: async () => void (await holder.query('SELECT pg_advisory_unlock_all()')),
    close: async () => void (await holder.query('SELECT pg_advisory_lock(4711)')),
    end: () => holder.end(),
  };
}

/** A table whose rows pass the gate on their way into the stage. */
export const stageGate = (name: string): string => `CREATE TABLE ${name} (id integer PRIMARY KEY, name gated)`;

/** A table whose rows pass the gate when they are published. */
export const publishGate = (name: string): string =>
  `CREATE TABLE ${name} (id integer PRIMARY KEY, name text);
   CREATE TRIGGER gate AFTER INSERT ON ${name} FOR EACH STATEMENT EXECUTE FUNCTION gate_trigger()`;

/** A table whose rows pass the gate inside COMMIT. */
export const commitGate = (name: string): string =>
  `CREATE TABLE ${name} (id integer PRIMARY KEY, name text);
   CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON ${name} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gate_trigger()`;
