import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CredentialsProvider } from '../registry/client.ts';

/**
 * Runs `work` with a Docker configuration folder that holds the registry's credentials beside what the user has configured, and removes
 * it again: the user's own configuration never sees them.
 */
export async function withCredentials<Value>(
  registry: { readonly host: string; readonly credentials?: CredentialsProvider },
  work: (folder: string | undefined) => Promise<Value>,
): Promise<Value> {
  if (registry.credentials === undefined) return work(undefined);
  const { username, password } = await registry.credentials({ refresh: false });
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const folder = await mkdtemp(join(tmpdir(), 'slipway-docker-'));
  try {
    const own = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
    const names = existsSync(own) ? readdirSync(own).filter((name) => name !== 'config.json') : [];
    // Plugins, contexts and builders live beside the configuration.
    for (const name of names) symlinkSync(join(own, name), join(folder, name));
    const configuration = { ...readConfiguration(join(own, 'config.json')), auths: { [registry.host]: { auth } } };
    writeFileSync(join(folder, 'config.json'), JSON.stringify(configuration), { mode: 0o600 });
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Without what would take precedence over the credentials that are given. */
function readConfiguration(file: string): object {
  if (!existsSync(file)) return {};
  const { credsStore: _store, credHelpers: _helpers, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  return rest;
}
