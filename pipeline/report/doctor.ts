import type { Check, CheckGroup } from '../doctor/types.ts';

const SIGNS: Readonly<Record<Check['status'], string>> = { ok: 'ok     ', failed: 'FAILED ', skipped: 'skipped' };

/** The checks as a tree; below every failure its way out. */
export function doctorTree(groups: readonly CheckGroup[]): string {
  const all = groups.flatMap(({ checks }) => checks);
  const count = (status: Check['status']): number => all.filter((check) => check.status === status).length;
  return [
    ...groups.flatMap(({ name, checks }) => [name, ...checks.flatMap(lines)]),
    '',
    `${count('ok')} ok, ${count('failed')} failed, ${count('skipped')} skipped`,
  ].join('\n');
}

const lines = ({ name, status, found, fix }: Check): string[] => [
  `  ${SIGNS[status]} ${name}: ${found}`,
  ...(fix === undefined ? [] : [`          -> ${fix}`]),
];
