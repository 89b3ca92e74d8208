import { join } from 'node:path';
import { ARCHITECTURES, PROFILES, type Project, ZONES } from './names.ts';
import { readJson } from './read-json.ts';
import { type ManifestError, type Result, valueOrThrow } from './result.ts';

/** File with the defaults of the project settings. */
export const PROJECT_FILE = 'slipway.json';

type Variables = Readonly<Record<string, string | undefined>>;

interface Setting {
  readonly variable: string;
  readonly pattern: RegExp;
  readonly form: string;
  readonly optional?: true;
}

const SETTINGS: Readonly<Record<keyof Project, Setting>> = {
  app: {
    variable: 'SLIPWAY_APP',
    pattern: /^[a-z][a-z0-9-]{0,14}[a-z0-9]$/,
    form: 'lower case letters, digits and hyphens, 2 to 16 characters',
  },
  accountId: {
    variable: 'SLIPWAY_ACCOUNT_ID',
    pattern: /^\d{12}$/,
    form: 'the twelve digits of the AWS account, in quotes',
  },
  region: { variable: 'AWS_REGION', pattern: /^[a-z]{2}(?:-[a-z]+)+-\d$/, form: 'an AWS region such as us-east-1' },
  domain: {
    variable: 'SLIPWAY_DOMAIN',
    pattern: /^(?=.{1,200}$)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/,
    form: 'a domain such as app.example.com',
  },
  zone: {
    variable: 'SLIPWAY_ZONE',
    pattern: new RegExp(`^(?:${ZONES.join('|')})$`),
    form: ZONES.join(' or '),
    optional: true,
  },
  urlPattern: {
    variable: 'SLIPWAY_URL_PATTERN',
    pattern: /^https?:\/\/\{host\}(?::\d+)?$/,
    form: 'a URL with {host} in it, such as https://{host}',
  },
  repository: {
    variable: 'SLIPWAY_REPOSITORY',
    pattern: /^[\w.-]+\/[\w.-]+$/,
    form: 'owner/name of the GitHub repository',
  },
  oidcSubject: {
    variable: 'SLIPWAY_OIDC_SUBJECT',
    pattern: /^repo:[^*?:]+\/[^*?:]+$/,
    form: 'the start of GitHub OIDC subjects, such as repo:owner@1/name@2',
    optional: true,
  },
  architecture: {
    variable: 'SLIPWAY_ARCHITECTURE',
    pattern: new RegExp(`^(?:${ARCHITECTURES.join('|')})$`),
    form: ARCHITECTURES.join(' or '),
    optional: true,
  },
  profile: {
    variable: 'SLIPWAY_PROFILE',
    pattern: new RegExp(`^(?:${PROFILES.join('|')})$`),
    form: PROFILES.join(' or '),
    optional: true,
  },
  alertEmail: {
    variable: 'SLIPWAY_ALERT_EMAIL',
    pattern: /^[^\s@]{1,64}@[^\s@]{1,190}$/,
    form: 'an email address',
    optional: true,
  },
};

/**
 * Project settings: environment variables, then slipway.json. An empty variable counts as unset (an unset repository variable
 * of a workflow arrives as an empty string).
 * @throws Error with all problems in words
 */
export function loadProject(root: string, environment: Variables): Project {
  return valueOrThrow(readProject(root, environment));
}

/** The same, with the problems as values. */
export function readProject(root: string, environment: Variables): Result<Project> {
  const file = readJson(join(root, PROJECT_FILE), PROJECT_FILE);
  return file.ok ? parseProject(file.value, environment) : file;
}

/** The same without reading the file. */
export function parseProject(file: unknown, environment: Variables): Result<Project> {
  const defaults = isRecord(file) ? file : {};
  const errors = Object.keys(defaults).flatMap((name) =>
    name in SETTINGS || name === '$schema' ? [] : [unknownSetting(name, defaults)],
  );
  const values: Record<string, string> = {};
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const value = environment[setting.variable] || defaults[name];
    if (value === undefined && setting.optional) continue;
    if (typeof value === 'string' && setting.pattern.test(value)) values[name] = value;
    else errors.push(wrongSetting(name, setting, environment[setting.variable] ? setting.variable : undefined, value));
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: values as unknown as Project };
}

function unknownSetting(name: string, defaults: Record<string, unknown>): ManifestError {
  const fix = `Remove it; known settings are ${Object.keys(SETTINGS).join(', ')}`;
  return { file: PROJECT_FILE, field: name, value: defaults[name], problem: 'is not a known setting', fix };
}

function wrongSetting(name: string, setting: Setting, variable: string | undefined, value: unknown): ManifestError {
  const problem = value === undefined ? 'is missing' : 'does not have the right form';
  const fix = `Write ${setting.form}, in ${PROJECT_FILE} or in ${setting.variable}`;
  return { file: variable === undefined ? PROJECT_FILE : 'environment', field: variable ?? name, value, problem, fix };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
