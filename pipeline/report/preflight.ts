import type { PreflightCheck } from '../release/preflight.ts';
import { plain } from './markdown.ts';

const MARKS: Readonly<Record<PreflightCheck['state'], string>> = {
  ok: '✓ ok',
  failed: '✗ **failed**',
  skipped: '– skipped',
};

/** Everything that was looked at before anything moved: failures first in the eye, the rest folded away. */
export function preflightReport(checks: readonly PreflightCheck[]): string {
  if (checks.length === 0) return '';
  const failed = checks.filter(({ state }) => state === 'failed');
  const count = (state: PreflightCheck['state']): number => checks.filter((check) => check.state === state).length;
  const summary = `Preflight: ${count('ok')} checks ok, ${count('skipped')} skipped, ${failed.length} failed`;
  const services = [...new Set(checks.map(({ service }) => service))];
  const tree = services.flatMap((service) => [
    `- ${service}`,
    ...checks
      .filter((check) => check.service === service)
      .map(({ name, state, detail: found }) => `  - ${name}: ${MARKS[state]} (${plain(found)})`),
  ]);
  const open = failed.length > 0 ? ' open' : '';
  return `<details${open}><summary>${summary}</summary>\n\n${tree.join('\n')}\n\n</details>`;
}
