import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '../../pipeline/manifest/names.ts';
import type { Finding } from './types.ts';

/** Why a control need not hold somewhere, and until when that counts. Data: waivers.json. */
export interface Waiver {
  readonly control: string;
  /** Stack and resource it is for; `*` stands for any text. */
  readonly stack: string;
  readonly resource: string;
  /** The only profile that needs it. Absent: all. */
  readonly profile?: Profile;
  readonly reason: string;
  /** Last day on which it counts, such as 2027-11-30. */
  readonly until: string;
}

export const loadWaivers = (): readonly Waiver[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'waivers.json'), 'utf8')) as readonly Waiver[];

/** The waivers that a profile needs. */
export const waiversOf = (waivers: readonly Waiver[], wanted: Profile): readonly Waiver[] =>
  waivers.filter(({ profile = wanted }) => profile === wanted);

export const covers = (waiver: Waiver, { control, stack, resource }: Finding): boolean =>
  waiver.control === control && fits(waiver.stack, stack) && fits(waiver.resource, resource);

/** Whether a waiver's last day is over; `today` is written like it. */
export const isExpired = ({ until }: Waiver, today: string): boolean => until < today;

function fits(pattern: string, text: string): boolean {
  const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${expression}$`).test(text);
}
