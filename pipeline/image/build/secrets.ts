import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Content } from '../layer/entries.ts';
import type { Asset } from './assets.ts';
import type { Bundle } from './bundle.ts';
import { BuildError } from './types.ts';

/** Files whose names say that they are nobody else's business, or no part of what runs. */
const PRIVATE_NAMES: readonly RegExp[] = [
  /^\.(?:env|npmrc|netrc|pypirc|git-credentials|htpasswd)(?:\..+)?$/i,
  /^id_(?:rsa|dsa|ecdsa|ed25519)$/,
  /\.(?:pem|key|p12|pfx|jks|keystore|map|tfstate)$/i,
  /^(?:credentials|secrets?)(?:\.(?:json|ya?ml|toml|ini|txt))?$/i,
];

/** What a secret looks like in a text. Examples of the AWS documentation end in EXAMPLE and are none. */
const SECRETS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{9}(?!EXAMPLE)[0-9A-Z]{7}\b/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?:\\n|\s)+[A-Za-z0-9+/=]{40}/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b/],
  ['a Slack token', /\bxox[abprs]-[0-9A-Za-z-]{20,}\b/],
  ['a Stripe key', /\bsk_live_[0-9A-Za-z]{20,}\b/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
];

/** Models are large and hold no text. */
const SEARCHED_BYTES = 4 << 20;

/** Throws `BuildError` when the image would carry a secret: a file that is one by name, or a text that holds one. */
export function requireNoSecrets(service: string, bundle: Bundle, assets: readonly Asset[]): void {
  requireNoSecretIn(`the bundle of ${service}`, bundle.code);
  for (const { entry } of assets) {
    const path = entry.path.replace(/^app\//, `services/${service}/`);
    if (isPrivate(entry.path)) {
      throw new BuildError(`${path} would become part of the image`, 'Leave it out of "assets" in service.json');
    }
    requireNoSecretInFile(path, entry.content);
  }
}

/** Whether the file's name says that it is no part of an image. */
export const isPrivate = (path: string): boolean => PRIVATE_NAMES.some((name) => name.test(basename(path)));

export function requireNoSecretInFile(place: string, content: Content): void {
  if (content instanceof Uint8Array || content.size > SEARCHED_BYTES) return;
  requireNoSecretIn(place, readFileSync(content.file));
}

/** The message names the kind of secret and never shows it. */
export function requireNoSecretIn(place: string, bytes: Uint8Array): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const found = SECRETS.find(([, pattern]) => pattern.test(text));
  if (found === undefined) return;
  throw new BuildError(
    `${place} holds what looks like ${found[0]}`,
    'Take it out, revoke it, and give it to the service through "secrets" in service.json',
  );
}
