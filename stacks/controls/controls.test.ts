import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES, type Profile } from '../../pipeline/manifest/names.ts';
import { loadControls } from './catalogue.ts';
import { evaluate } from './evaluate.ts';
import { judge } from './judge.ts';
import { renderJudgement } from './report.ts';
import { environmentOfStack, judgedAs } from './stack-names.ts';
import { mutate } from './testing/mutations.ts';
import type { Control, JudgedStack } from './types.ts';
import { loadWaivers, waiversOf } from './waivers.ts';

const ROOT = join(import.meta.dirname, '../..');
const controls = loadControls();
const waivers = loadWaivers();
const today = new Date().toISOString().slice(0, 10);

/** What a command that synthesizes leaves in its folder. */
function synthesized(program: string, variables: Readonly<Record<string, string>>): readonly JudgedStack[] {
  const outdir = mkdtempSync(join(tmpdir(), 'slipway-controls-'));
  try {
    const environment = { ...process.env, ...variables, CDKTF_OUTDIR: outdir };
    const parameters = ['--disable-warning=ExperimentalWarning', program];
    const { status, stderr } = spawnSync(process.execPath, parameters, {
      cwd: ROOT,
      env: environment,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return readdirSync(join(outdir, 'stacks')).map((id) => ({
      id,
      environment: environmentOfStack(id),
      judgedAs: judgedAs(id),
      json: JSON.parse(readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8')),
    }));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

const ours = new Map<Profile, readonly JudgedStack[]>(
  PROFILES.map((profile) => [profile, synthesized('main.ts', { SLIPWAY_PROFILE: profile, SLIPWAY_PREVIEW: '7' })]),
);
/** Every construct at once, also those that this repository's services and environments do not ask for. */
const everything = synthesized('stacks/testing/everything.ts', {});

test('the catalogue is whole: every control has an id of its own and a topic', () => {
  expect(controls).toHaveLength(389);
  expect(new Set(controls.map(({ id }) => id)).size).toBe(389);
});

test.each(PROFILES)(
  'every control holds on every stack of profile %s, or is waived; no waiver is unused or expired',
  (profile) => {
    const stacks = ours.get(profile) ?? [];
    const judgement = judge({ controls, stacks, waivers: waiversOf(waivers, profile), today });
    expect(judgement.verdicts.flatMap(({ broken }) => broken)).toEqual([]);
    expect(judgement.unused).toEqual([]);
    expect(judgement.expired).toEqual([]);
    expect(renderJudgement(judgement)).toMatch(/389 controls: \d+ hold, 0 broken/);
  },
);

test('every construct keeps the controls', () => {
  const { verdicts } = judge({ controls, stacks: everything, waivers, today });
  expect(verdicts.flatMap(({ broken }) => broken)).toEqual([]);
});

test('what does not apply says why', () => {
  const { verdicts } = judge({ controls, stacks: everything, waivers, today });
  const idle = verdicts.filter(({ outcome }) => outcome === 'not applicable');
  for (const { reason } of idle) expect(reason).toMatch(/^(?:opt in|no stack has|no aws_|aws_\S+ is only in)/);
});

test('a control that holds is broken by taking away what it asks for: every one of them', () => {
  const stacks = [
    ...(ours.get('standard') ?? []),
    ...everything.map((one) => ({ ...one, id: `everything-${one.id}`, environment: `everything-${one.environment}` })),
  ];
  const kept = controls.filter((control) => evaluate(control, stacks).some(({ problem }) => problem === undefined));
  const survivors = kept.filter((control) => !isKilled(control, stacks)).map(({ id }) => id);
  expect(survivors).toEqual([]);
  expect(kept.length).toBeGreaterThan(250);
});

function isKilled(control: Control, stacks: readonly JudgedStack[]): boolean {
  const before = broken(control, stacks);
  const mutated = mutate(control, stacks);
  return mutated !== undefined && broken(control, mutated) > before;
}

const broken = (control: Control, stacks: readonly JudgedStack[]): number =>
  evaluate(control, stacks).filter(({ problem }) => problem !== undefined).length;

describe('waivers', () => {
  const stacks = ours.get('standard') ?? [];
  const waiver = { control: 'TF-03', stack: 'bootstrap', resource: '*', reason: 'r', until: '2026-11-20' };
  const only = controls.filter(({ id }) => id === 'TF-03' || id === 'TF-01');

  test('one that is expired does not count, and is named', () => {
    const { verdicts, expired, unused } = judge({ controls: only, stacks, waivers: [waiver], today: '2026-11-21' });
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['holds', 'broken']);
    expect([expired, unused]).toEqual([[waiver], []]);
  });

  test('one that nothing needs is named', () => {
    const spare = { ...waiver, control: 'TF-01', until: '2027-01-01' };
    const judgement = judge({
      controls: only,
      stacks,
      waivers: [{ ...waiver, until: '2026-11-21' }, spare],
      today: '2026-11-21',
    });
    expect(judgement.unused).toEqual([spare]);
    expect(renderJudgement(judgement)).toContain('unused waiver: TF-01 bootstrap *. Remove it.');
  });
});
