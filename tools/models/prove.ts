/** Whether a model loads and answers its golden requests, tried in a process of its own: a model may hang or take all memory. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findGoldenProblem } from '../../services/kit/model/golden.ts';
import { parseDescription } from '../../services/kit/model/read-description.ts';
import { loadModel } from '../../services/kit/model/session.ts';

const LIMIT_MILLISECONDS = 60_000;

/** @returns what is wrong with the model in `folder`; undefined when it may be published */
export async function proveApart(folder: string, milliseconds = LIMIT_MILLISECONDS): Promise<string | undefined> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  if (code === 0) return undefined;
  return (
    said.trim() || `the model did not load and answer within ${milliseconds / 1000} s, or took the process with it`
  );
}

async function prove(folder: string): Promise<string | undefined> {
  const description = parseDescription(await readFile(join(folder, 'model.json'), 'utf8'));
  if (!description.ok) return description.error;
  const model = await loadModel({ description: description.value, onnx: await readFile(join(folder, 'model.onnx')) });
  return model.ok ? findGoldenProblem(model.value) : model.error;
}

if (import.meta.main) {
  const problem = await prove(process.argv[2] ?? '');
  if (problem !== undefined) console.log(problem);
  process.exitCode = problem === undefined ? 0 : 1;
}
