import type { Migration } from '../manifest/types.ts';
import type { AppliedMigration, Control } from './ledger.ts';

/** A migration that a deployment runs before its rollout. */
export interface PlannedMigration extends Migration {
  readonly service: string;
  /** Level of the service's data now; 0 when none was ever run. */
  readonly from: number;
}

/** A migration that stays although the code goes back below it. */
export interface CrossedMigration {
  readonly service: string;
  readonly level: number;
  readonly compatibleFrom: number;
  /** Level of the code that will work with the data. */
  readonly code: number;
  readonly compatible: boolean;
}

type Applied = Control['migrations'];

export const appliedTo = (service: string, applied: Applied): readonly AppliedMigration[] => applied?.[service] ?? [];

/** Level that a service's data is known to have reached, whatever code serves it. */
export const dataLevel = (service: string, applied: Applied): number =>
  Math.max(0, ...appliedTo(service, applied).map(({ level, done }) => (done ? level : 0)));

/** Migrations above the level of `code`, including those that were only started: each says whether that code still works. Pure. */
export function crossedMigrations(service: string, code: number, applied: Applied): readonly CrossedMigration[] {
  return appliedTo(service, applied)
    .filter(({ level }) => level > code)
    .map(({ level, compatibleFrom }) => ({ service, level, compatibleFrom, code, compatible: code >= compatibleFrom }));
}

export interface MigrationRequest {
  readonly service: string;
  readonly declared: Migration | undefined;
  /** Level of the code that serves now; undefined when none does. */
  readonly serving: number | undefined;
  readonly applied: Applied;
}

/** What a service's migration means for a deployment. Pure. */
export function planMigration(request: MigrationRequest): {
  readonly run: readonly PlannedMigration[];
  readonly crossed: readonly CrossedMigration[];
  /** Why this needs somebody's consent. */
  readonly objections: readonly string[];
} {
  const { service, declared, serving, applied } = request;
  const from = dataLevel(service, applied);
  const crossed = crossedMigrations(service, declared?.level ?? 0, applied);
  const run = declared !== undefined && declared.level > from ? [{ service, from, ...declared }] : [];
  const breaking = run.filter(({ compatibleFrom }) => serving !== undefined && compatibleFrom > serving);
  return {
    run,
    crossed,
    objections: [
      ...breaking.map(
        ({ level, compatibleFrom }) =>
          `${service}: migration ${level} works only with code from level ${compatibleFrom} on, and level ${serving} serves until the rollout is done; bring it in two releases (first code that works with both)`,
      ),
      ...objections(crossed),
    ],
  };
}

/** Why code may not meet data that is ahead of it, in words. Pure. */
export const objections = (crossed: readonly CrossedMigration[]): readonly string[] =>
  crossed
    .filter(({ compatible }) => !compatible)
    .map(
      ({ service, level, compatibleFrom, code }) =>
        `${service}: its data is at level ${level}, which works only with code from level ${compatibleFrom} on; this code is of level ${code}`,
    );

export const CONSENT =
  'to do it all the same, run the workflow with "allow-incompatible-migration" checked, after making sure that the data fits';
