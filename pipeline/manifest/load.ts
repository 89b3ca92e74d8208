import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { catalogueErrors, manifestFile } from './catalogue.ts';
import { parseManifest } from './parse.ts';
import { fileFailure, readJson } from './read-json.ts';
import type { Result } from './result.ts';
import type { Manifest } from './types.ts';

/**
 * Reads every `services/<name>/service.json`, sorted by name. Folders without one (libraries such as services/kit) are no
 * services. Rules between manifests are only asked once each of them is right by itself.
 */
export function loadManifests(root: string): Result<readonly Manifest[]> {
  const services = serviceFolders(root);
  if (services.length === 0) return fileFailure('services', 'holds no service', 'Add services/<name>/service.json');
  const results = services.map((service) => readManifest(root, service));
  const errors = results.flatMap((result) => (result.ok ? [] : result.errors));
  if (errors.length > 0) return { ok: false, errors };
  const manifests = results.flatMap((result) => (result.ok ? [result.value] : []));
  const contradictions = catalogueErrors(manifests);
  return contradictions.length > 0 ? { ok: false, errors: contradictions } : { ok: true, value: manifests };
}

function serviceFolders(root: string): string[] {
  const folder = join(root, 'services');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(root, manifestFile(name))))
    .sort();
}

function readManifest(root: string, service: string): Result<Manifest> {
  const file = manifestFile(service);
  const json = readJson(join(root, file), file);
  if (!json.ok) return json;
  const result = parseManifest(json.value, file);
  if (!result.ok || result.value.name === service) return result;
  const problem = `does not match the folder ${service}`;
  return {
    ok: false,
    errors: [
      { file, field: 'name', value: result.value.name, problem, fix: `Write "${service}", or rename the folder` },
    ],
  };
}
