/**
 * `npm run controls -- [--topic NAME] [--all] [--profile NAME] [--json]`: asks every control of the synthesized stacks and prints what became of it, topic by topic.
 * Exit code 1 when a control is broken, or a waiver is expired or not needed.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadManifests } from '../pipeline/manifest/load.ts';
import { PROFILES } from '../pipeline/manifest/names.ts';
import { loadProject } from '../pipeline/manifest/project.ts';
import { valueOrThrow } from '../pipeline/manifest/result.ts';
import { loadControls } from '../stacks/controls/catalogue.ts';
import { isClean, judge } from '../stacks/controls/judge.ts';
import { synthesizeForJudgement } from '../stacks/controls/program.ts';
import { renderJudgement } from '../stacks/controls/report.ts';
import { loadWaivers, waiversOf } from '../stacks/controls/waivers.ts';

const ROOT = join(import.meta.dirname, '..');

const USAGE = `Usage: npm run controls -- [--topic NAME] [--all] [--profile ${PROFILES.join('|')}] [--json]

  --topic NAME   only this topic
  --all          also what holds, and what does not apply and why
  --profile      judge these environments instead of those of slipway.json
  --json         one JSON object per control`;

function main(): number {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: {
      topic: { type: 'string' },
      profile: { type: 'string' },
      all: flag,
      json: flag,
      help: { ...flag, short: 'h' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const controls = loadControls();
  const topics = [...new Set(controls.map(({ topic }) => topic))];
  if (values.topic !== undefined && !topics.includes(values.topic)) {
    console.error(`There is no topic "${values.topic}". Topics: ${topics.join(', ')}.`);
    return 2;
  }
  const project = loadProject(ROOT, { ...process.env, ...(values.profile ? { SLIPWAY_PROFILE: values.profile } : {}) });
  const judgement = judge({
    controls,
    stacks: synthesizeForJudgement({
      root: ROOT,
      project,
      manifests: valueOrThrow(loadManifests(ROOT)),
      preview: { number: 1, place: 0 },
    }),
    waivers: waiversOf(loadWaivers(), project.profile ?? 'standard'),
    today: new Date().toISOString().slice(0, 10),
  });
  if (values.json) for (const verdict of judgement.verdicts) console.log(JSON.stringify(verdict));
  else console.log(renderJudgement(judgement, { all: values.all, ...(values.topic ? { topic: values.topic } : {}) }));
  return isClean(judgement) ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
