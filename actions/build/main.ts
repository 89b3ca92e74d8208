import { join } from 'node:path';
import { bundleAhead } from '../../pipeline/image/build/ahead.ts';

// The bundler works while the rest of this program is loaded. Inputs are read as they come (https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#inputs), and checked by the rest.
const { GITHUB_WORKSPACE, INPUT_PATH, INPUT_SERVICES, INPUT_LIFETIME, SENTRY_AUTH_TOKEN, SENTRY_ORG } = process.env;
const tools = GITHUB_WORKSPACE || process.cwd();
const services = (INPUT_SERVICES ?? '').split(/[\s,]+/).filter((name) => name !== '' && name !== 'all');
const ahead = bundleAhead({
  root: join(tools, INPUT_PATH?.trim() ?? ''),
  tools,
  services,
  sourceMap: INPUT_LIFETIME === 'release' && Boolean(SENTRY_AUTH_TOKEN && SENTRY_ORG),
});
const { build } = await import('./build.ts');
process.exitCode = await build(ahead);
