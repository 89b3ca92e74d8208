/** The security and hygiene rules on the shipped workflows: `node tools/check-workflows.ts`, part of `npm run check`. */
import { join } from 'node:path';
import { lintWorkflows } from '../local/workflow/lint/lint.ts';

const root = join(import.meta.dirname, '..');
const { files, findings } = await lintWorkflows(root);
for (const { file, line, rule, message } of findings) console.error(`${file}:${line} ${rule}: ${message}`);
console.log(`workflows: ${files} files, ${findings.length} findings`);
process.exitCode = findings.length > 0 || files === 0 ? 1 : 0;
