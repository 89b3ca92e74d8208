import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

/** What a stand-in needs of @actions/core; without dependencies, so that it starts at once. */

/** @param {string} name @returns {string} */
export function input(name) {
  return (process.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim();
}

/** @param {string} name @returns {boolean} */
export function flag(name) {
  return input(name).toLowerCase() === 'true';
}

/** @param {string} name @returns {string[]} the lines of an input that are not empty */
export function lines(name) {
  return input(name)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** @param {string} name @param {unknown} value */
export function setOutput(name, value) {
  write('GITHUB_OUTPUT', name, value);
}

/** Sets a variable for the following steps. @param {string} name @param {unknown} value */
export function exportVariable(name, value) {
  write('GITHUB_ENV', name, value);
}

/** Keeps a value for the post part. @param {string} name @param {unknown} value */
export function saveState(name, value) {
  write('GITHUB_STATE', name, value);
}

/** @param {string} name @returns {string} */
export function getState(name) {
  return process.env[`STATE_${name}`] ?? '';
}

/** @param {string} folder */
export function addPath(folder) {
  appendFileSync(environment('GITHUB_PATH'), `${folder}\n`);
}

/** @param {string} secret */
export function mask(secret) {
  if (secret) console.log(`::add-mask::${secret}`);
}

/** @param {string} message */
export function warn(message) {
  console.log(`::warning::${message}`);
}

/** Runs a stand-in: an error becomes an annotation and fails the step. @param {() => unknown} work */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.log(`::error::${String(error instanceof Error ? error.message : error).replaceAll('\n', '%0A')}`);
    process.exitCode = 1;
  }
}

/** A stand-in says what it cannot do. @param {readonly string[]} names inputs that must be empty or false */
export function refuseInputs(names) {
  const used = names.filter((name) => input(name) !== '' && input(name) !== 'false');
  if (used.length > 0)
    throw new Error(
      `The local stand-in of ${process.env.GITHUB_ACTION_REPOSITORY} does not support ${used.join(', ')}`,
    );
}

/** A variable that the runner sets. @param {string} name @returns {string} */
export function environment(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: stand-ins run in the local runner only`);
  return value;
}

function write(file, name, value) {
  const delimiter = `delimiter_${randomUUID()}`;
  appendFileSync(environment(file), `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}
