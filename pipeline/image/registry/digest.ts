import { hash } from 'node:crypto';

/** `sha256:` and 64 hexadecimal digits. */
export const DIGEST = /^sha256:[0-9a-f]{64}$/;

export const sha256 = (bytes: Uint8Array | string): string => `sha256:${hash('sha256', bytes)}`;
