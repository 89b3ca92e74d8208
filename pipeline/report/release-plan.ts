import type { NamedImage, ServiceChange } from '../release/changes.ts';
import type { Difference } from '../release/contents.ts';
import type { DryRun } from '../release/dry-run.ts';
import type { Plan } from '../release/plan.ts';
import { code, list, paragraphs, plain, shortCommit, shortDigest, table } from './markdown.ts';
import { preflightReport } from './preflight.ts';
import { offeredTable } from './release.ts';

/** What a deployment or rollback would do, as tables. */
export function planReport(run: DryRun): string {
  const { environment, kind, problems, plan, changes, from, to } = run;
  const what = kind === 'deploy' ? 'deployment' : `rollback${to ? ` to release ${to.id}` : ''}`;
  return paragraphs(
    `### ${environment}: what a ${what} would do (dry run; nothing was changed)`,
    from && `Release ${from.id} (commit ${shortCommit(from.commit)}) serves at ${run.url}`,
    list(circumstances(run).map(plain)),
    problems.length === 0 ? undefined : paragraphs('It would be **refused**:', list(problems.map(plain))).trimEnd(),
    plan && planTables(plan, changes),
    preflightReport(run.preflight),
    offeredTable(run.offered),
  );
}

function circumstances({ control: { freeze, lock }, unfinished, plan }: DryRun): readonly string[] {
  return [
    ...(freeze ? [`automatic deployments are frozen by ${freeze.by} since ${freeze.since}: ${freeze.reason}`] : []),
    ...(lock ? [`${lock.holder} holds the lock since ${lock.since}: ${lock.reason}`] : []),
    ...unfinished.map(({ id, actor }) => `release ${id} by ${actor} has not come to its end`),
    ...(plan?.notes ?? []),
  ];
}

export function planTables(plan: Plan, changes: readonly ServiceChange[]): string {
  const untouched = Object.keys(plan.unchanged);
  const rows = changes.map(({ service, reasons, image }) => [
    service,
    reasons.join(', '),
    image.from ? imageCell(image.from) : '',
    imageCell(image.to),
  ]);
  const details = changes.flatMap(({ service, environment, secrets, settings }) => [
    ...environment.map((difference) => detail(service, 'variable', difference)),
    ...secrets.map((difference) => detail(service, 'secret', difference)),
    ...settings.map((difference) => detail(service, 'template', difference)),
  ]);
  return paragraphs(
    rows.length === 0 ? 'No service would move.' : table(['service', 'why', 'image now', 'image then'], rows),
    details.length === 0 ? undefined : table(['service', '', 'name', 'now', 'then'], details),
    migrations(plan),
    untouched.length === 0 ? undefined : `Not touched: ${untouched.join(', ')}.`,
  ).trimEnd();
}

const imageCell = ({ digest, commit }: NamedImage): string =>
  `${shortDigest(digest)}${commit ? ` (commit ${shortCommit(commit)})` : ''}`;

const detail = (service: string, what: string, { name, from, to }: Difference): readonly string[] => [
  service,
  what,
  code(name),
  from === undefined ? '(none)' : code(short(from)),
  to === undefined ? '(removed)' : code(short(to)),
];

const LONGEST = 80;
const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);

function migrations({ migrations: run, crossed }: Plan): string | undefined {
  const rows = [
    ...run.map(({ service, level, from, compatibleFrom, command }) => [
      service,
      `is run: ${code(command.join(' '))}`,
      `${from} -> ${level}`,
      `from ${compatibleFrom}`,
    ]),
    ...crossed.map(({ service, level, compatibleFrom, code: at, compatible }) => [
      service,
      compatible ? 'stays; the code works with it' : '**stays; the code does not work with it**',
      `${level}, code ${at}`,
      `from ${compatibleFrom}`,
    ]),
  ];
  return rows.length === 0 ? undefined : table(['service', 'migration', 'level', 'works with code'], rows);
}
