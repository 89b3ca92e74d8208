import * as core from '@actions/core';

/** An input that is wrong: names it and says what it takes. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

export const text = (name: string): string => core.getInput(name).trim();

export function required(name: string): string {
  const value = text(name);
  if (value === '') throw new InputError(`input "${name}" is missing`);
  return value;
}

export function choice<const Choice extends string>(name: string, choices: readonly Choice[]): Choice {
  const value = required(name);
  const found = choices.find((candidate) => candidate === value);
  if (found === undefined)
    throw new InputError(`input "${name}" is "${value}"; it has to be one of ${choices.join(', ')}`);
  return found;
}

/** `true` or `false`; empty is false. */
export function flag(name: string): boolean {
  return text(name) !== '' && choice(name, ['true', 'false']) === 'true';
}

/** A positive number without leading zeros, such as that of a pull request; empty is undefined. */
export function optionalNumber(name: string): number | undefined {
  const value = text(name);
  if (value === '') return undefined;
  if (!/^[1-9]\d{0,5}$/.test(value))
    throw new InputError(`input "${name}" is "${value}"; it has to be a number from 1 to 999999`);
  return Number(value);
}

const COMMIT = /^[0-9a-f]{40}$/;

export function commit(name: string): string {
  const value = required(name);
  if (!COMMIT.test(value)) throw new InputError(`input "${name}" is "${value}"; it has to be a full commit SHA`);
  return value;
}

const ENVIRONMENT = /^(?:staging|production|pr-[1-9]\d{0,5})$/;

export function environment(name: string): string {
  const value = required(name);
  if (!ENVIRONMENT.test(value)) {
    throw new InputError(`input "${name}" is "${value}"; it has to be staging, production or pr-<number>`);
  }
  return value;
}

/** Words separated by commas, spaces or line breaks. */
export const words = (name: string): readonly string[] =>
  text(name)
    .split(/[\s,]+/)
    .filter(Boolean);

/** Days from 1 to 365. */
export function days(name: string): number {
  const value = Number(required(name));
  if (!Number.isInteger(value) || value < 1 || value > 365) {
    throw new InputError(`input "${name}" has to be a number of days from 1 to 365`);
  }
  return value;
}
