import { evaluate } from './evaluate.ts';
import { holds } from './operators.ts';
import { resourcesOf } from './resources.ts';
import type { Control, Finding, JudgedStack } from './types.ts';
import { covers, isExpired, type Waiver } from './waivers.ts';

/** What became of one control: where it holds, where it is broken, where that is waived, or why it is for nothing here. */
export interface Verdict {
  readonly control: Control;
  readonly outcome: 'holds' | 'broken' | 'waived' | 'not applicable';
  readonly holds: readonly Finding[];
  readonly broken: readonly Finding[];
  readonly waived: readonly { readonly finding: Finding; readonly waiver: Waiver }[];
  /** Why it does not apply. */
  readonly reason?: string;
}

export interface Judgement {
  readonly verdicts: readonly Verdict[];
  /** Waivers that nothing needs any more. */
  readonly unused: readonly Waiver[];
  /** Waivers whose last day is over; they count no more. */
  readonly expired: readonly Waiver[];
}

export interface Case {
  readonly controls: readonly Control[];
  readonly stacks: readonly JudgedStack[];
  readonly waivers: readonly Waiver[];
  /** Such as 2026-11-21. */
  readonly today: string;
}

/** Asks every control of every stack. Pure. */
export function judge({ controls, stacks, waivers, today }: Case): Judgement {
  const expired = waivers.filter((waiver) => isExpired(waiver, today));
  const valid = waivers.filter((waiver) => !isExpired(waiver, today));
  const verdicts = controls.map((control) => decide(control, stacks, valid));
  const used = new Set(verdicts.flatMap(({ waived }) => waived.map(({ waiver }) => waiver)));
  return { verdicts, expired, unused: valid.filter((waiver) => !used.has(waiver)) };
}

/** True when every control holds or is waived, and every waiver is needed. */
export const isClean = ({ verdicts, unused, expired }: Judgement): boolean =>
  unused.length === 0 && expired.length === 0 && verdicts.every(({ outcome }) => outcome !== 'broken');

function decide(control: Control, stacks: readonly JudgedStack[], waivers: readonly Waiver[]): Verdict {
  const findings = evaluate(control, stacks);
  const kept = findings.filter(({ problem }) => problem === undefined);
  const failed = findings.filter(({ problem }) => problem !== undefined);
  const waived = failed.flatMap((finding) => {
    const waiver = waivers.find((one) => covers(one, finding));
    return waiver === undefined ? [] : [{ finding, waiver }];
  });
  const broken = failed.filter((finding) => !waived.some((one) => one.finding === finding));
  const parts = { control, holds: kept, broken, waived };
  if (broken.length > 0) return { ...parts, outcome: 'broken' };
  if (waived.length > 0) return { ...parts, outcome: 'waived' };
  if (kept.length > 0) return { ...parts, outcome: 'holds' };
  return { ...parts, outcome: 'not applicable', reason: whyNot(control, stacks) };
}

/** Why a control asks nothing of these stacks. */
function whyNot({ resourceType, environments, when = [] }: Control, stacks: readonly JudgedStack[]): string {
  if (environments.length === 0) return 'opt in, and nobody chose it';
  const everywhere = stacks.flatMap((stack) => resourcesOf(stack.json, resourceType).map((one) => ({ ...one, stack })));
  if (everywhere.length === 0) return `no stack has ${resourceType}`;
  const judged = everywhere.filter(({ stack }) => environments.includes(stack.judgedAs));
  if (judged.length === 0) {
    const places = [...new Set(everywhere.map(({ stack }) => stack.judgedAs))].join(' and ');
    return `${resourceType} is only in ${places}, and this is about ${environments.join(' and ')}`;
  }
  const missing = when.find((condition) => !judged.some(({ resource }) => holds(resource, condition)));
  if (missing === undefined) return `no ${resourceType} meets all its preconditions`;
  const wanted = missing.value === undefined ? '' : ` ${JSON.stringify(missing.value)}`;
  return `no ${resourceType} where ${missing.path} ${missing.operator}${wanted}`;
}
