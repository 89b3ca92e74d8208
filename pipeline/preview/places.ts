import type { Documents, PreviewManifest } from './ports.ts';

/** What one preview takes up on staging's load balancer. */
export interface Place {
  /** Where its rules' numbers begin; see stacks/rule-priority.ts. */
  readonly place: number;
  readonly rules: number;
  readonly targetGroups: number;
}

/** Every preview that has a place, by the number of its pull request. */
export type Places = Readonly<Record<string, Place>>;

/**
 * What a load balancer may have, less what staging itself needs.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export interface Capacity {
  readonly rules: number;
  readonly targetGroups: number;
}

/** The rule for robots. */
const ROBOTS = 1;

/** What the quotas of the load balancer leave for previews. */
export function capacityFor(manifests: readonly PreviewManifest[], quotas: Capacity): Capacity {
  const routes = manifests.flatMap(({ routes: own = [] }) => own).length;
  const routed = manifests.filter(({ routes: own = [] }) => own.length > 0).length;
  return {
    rules: quotas.rules - routes - ROBOTS,
    targetGroups: quotas.targetGroups - routed,
  };
}

export type Reservation =
  | { readonly ok: true; readonly place: Place; readonly places: Places }
  | { readonly ok: false; readonly message: string };

/** 1 to 899; place 0 belongs to what all previews share. */
const LAST_PLACE = 899;
/** A preview that sleeps has one rule more, if it has anything to put to sleep. */
const SLEEPING_RULE = 1;

interface Wanted extends Omit<Place, 'place'> {
  readonly number: number;
  /** It has tasks that are paid for by the hour. */
  readonly sleeps: boolean;
}

/**
 * Gives a preview its place: the same as before, else the one that its number leads to, else the next free one. Pure: the caller writes the
 * result only if nobody wrote in between, so that two pull requests never get the same numbers or the same last bit of room.
 */
export function reservePlace(places: Places, wanted: Wanted, capacity: Capacity): Reservation {
  const { number, rules, targetGroups, sleeps } = wanted;
  const others = Object.entries(places).filter(([other]) => other !== String(number));
  const used = (key: keyof Capacity): number => others.reduce((sum, [, place]) => sum + place[key], 0);
  const needed: Capacity = { rules: rules + (sleeps ? SLEEPING_RULE : 0), targetGroups };
  for (const [key, noun] of [
    ['rules', 'listener rules'],
    ['targetGroups', 'target groups'],
  ] as const) {
    if (used(key) + needed[key] > capacity[key]) {
      return { ok: false, message: noRoom({ noun, needed: needed[key], used: used(key), all: capacity[key], others }) };
    }
  }
  const taken = new Set(others.map(([, { place }]) => place));
  const first = places[number]?.place ?? ((number - 1) % LAST_PLACE) + 1;
  const place = [...Array(LAST_PLACE).keys()]
    .map((step) => ((first - 1 + step) % LAST_PLACE) + 1)
    .find((one) => !taken.has(one));
  if (place === undefined)
    return { ok: false, message: `All ${LAST_PLACE} places for previews are taken. Close a pull request.` };
  const reserved = { place, ...needed };
  return { ok: true, place: reserved, places: { ...places, [number]: reserved } };
}

function noRoom(about: {
  noun: string;
  needed: number;
  used: number;
  all: number;
  others: readonly (readonly [string, Place])[];
}): string {
  const oldest = about.others.map(([number]) => Number(number)).sort((a, b) => a - b);
  return [
    `There is no room for another preview: it needs ${about.needed} ${about.noun} and staging's load balancer has`,
    `${Math.max(0, about.all - about.used)} of ${about.all} left for previews; ${oldest.length} previews have the others.`,
    `Comment /preview destroy on a pull request that does not need its own (${oldest
      .slice(0, 5)
      .map((number) => `#${number}`)
      .join(', ')}),`,
    `or raise the quota (Service Quotas, Elastic Load Balancing) and the variable SLIPWAY_PREVIEW_RULES; then push again.`,
  ].join(' ');
}

const AT = ['pr-places', 'places'] as const;

/** Reserves a place in the account. */
export async function takePlace(wanted: Wanted, capacity: Capacity, documents: Documents): Promise<Reservation> {
  for (;;) {
    const { version, value } = (await documents.read<Places>(...AT)) ?? { version: 0, value: {} };
    const reservation = reservePlace(value, wanted, capacity);
    if (!reservation.ok) return reservation;
    if (JSON.stringify(reservation.places) === JSON.stringify(value)) return reservation;
    if (await documents.write(...AT, { from: version, value: reservation.places })) return reservation;
  }
}

/** Gives the place of a preview back once nothing of it exists any more. */
export async function freePlace(number: number, documents: Documents): Promise<void> {
  for (;;) {
    const known = await documents.read<Places>(...AT);
    if (known?.value[number] === undefined) return;
    const { [number]: _, ...rest } = known.value;
    if (await documents.write(...AT, { from: known.version, value: rest })) return;
  }
}

/** Pull requests whose previews have a place. */
export const placed = async (documents: Documents): Promise<readonly number[]> =>
  Object.keys((await documents.read<Places>(...AT))?.value ?? {}).map(Number);
