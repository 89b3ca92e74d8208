import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '../cdktf.ts';
import { addStacks, type Program } from '../program.ts';
import { environmentOfStack, judgedAs } from './stack-names.ts';
import type { JudgedStack } from './types.ts';

/** Synthesizes a program in a temporary folder, ready to be judged. */
export function synthesizeForJudgement(program: Program): readonly JudgedStack[] {
  const outdir = mkdtempSync(join(tmpdir(), 'slipway-controls-'));
  try {
    const app = new App({ outdir });
    const ids = addStacks(app, program);
    app.synth();
    return ids.map((id) => ({
      id,
      environment: environmentOfStack(id),
      judgedAs: judgedAs(id),
      json: JSON.parse(readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8')),
    }));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
