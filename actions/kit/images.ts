import { loadManifests } from '../../pipeline/manifest/load.ts';
import { runsIn } from '../../pipeline/manifest/placement.ts';
import type { BuiltImage, BuiltImages } from '../../pipeline/release/types.ts';
import { InputError, required } from './inputs.ts';

/** Without those of services whose manifest binds them to other environments. */
export function imagesFor(environment: string, built: BuiltImages, root: string): BuiltImages {
  const manifests = loadManifests(root);
  const elsewhere = manifests.ok ? manifests.value.filter((manifest) => !runsIn(manifest, environment)) : [];
  return Object.fromEntries(
    Object.entries(built).filter(([service]) => elsewhere.every((manifest) => manifest.name !== service)),
  );
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The output `images` of the build action, checked: a digest decides what runs. */
export function images(name: string): BuiltImages {
  const value = parse(name, required(name));
  for (const [service, image] of Object.entries(value)) {
    if (!isBuiltImage(image)) {
      throw new InputError(`input "${name}": ${service} has no digest; pass the output "images" of the build action`);
    }
  }
  return value as BuiltImages;
}

function parse(name: string, json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new InputError(`input "${name}" is not JSON; pass the output "images" of the build action`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`input "${name}" is not a JSON object; pass the output "images" of the build action`);
  }
  return value as Record<string, unknown>;
}

const isBuiltImage = (image: unknown): image is BuiltImage =>
  typeof image === 'object' && image !== null && 'digest' in image && DIGEST.test(String(image.digest));
