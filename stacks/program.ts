import type { Project } from '../pipeline/manifest/names.ts';
import { runsIn } from '../pipeline/manifest/placement.ts';
import { describeErrors } from '../pipeline/manifest/result.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import { AccountStack } from './account.ts';
import { AppStack } from './app.ts';
import { BootstrapStack } from './bootstrap.ts';
import type { App } from './cdktf.ts';
import { DataStack } from './data.ts';
import { environmentErrors } from './environment-rules.ts';
import { ENVIRONMENTS } from './environments.ts';
import { PlatformStack } from './platform.ts';
import { PreviewStack } from './preview.ts';
import type { PreviewInput } from './stack.ts';

export interface Program {
  readonly root: string;
  readonly project: Project;
  readonly manifests: readonly Manifest[];
  /** The pull request whose preview is wanted, too. */
  readonly preview?: { readonly number: number } & PreviewInput;
  /** Ids of the only stacks that are wanted; all when empty. */
  readonly only?: readonly string[];
}

type Build = (app: App) => unknown;

/** Adds the wanted stacks to the app. Returns the ids of all stacks that the program knows. */
export function addStacks(app: App, program: Program): readonly string[] {
  const profile = program.project.profile ?? 'standard';
  const errors = environmentErrors(profile, ENVIRONMENTS[profile]);
  if (errors.length > 0) throw new Error(describeErrors(errors));
  const { only = [] } = program;
  const stacks = allStacks(program);
  const unknown = only.filter((id) => !stacks.has(id));
  if (unknown.length > 0) {
    throw new Error(`There is no stack ${unknown.join(', ')}. Known: ${[...stacks.keys()].join(', ')}.`);
  }
  for (const [id, build] of stacks) if (only.length === 0 || only.includes(id)) build(app);
  return [...stacks.keys()];
}

function allStacks({ root, project, manifests, preview }: Program): Map<string, Build> {
  const input = (environment: string) => ({
    root,
    project,
    environment,
    // The account has a repository for every service.
    manifests: manifests.filter((manifest) => environment === 'account' || runsIn(manifest, environment)),
  });
  const stacks = new Map<string, Build>([
    ['bootstrap', (app) => new BootstrapStack(app, input('account'))],
    ['account', (app) => new AccountStack(app, input('account'))],
  ]);
  for (const environment of ['staging', 'production']) {
    stacks.set(`${environment}-platform`, (app) => new PlatformStack(app, input(environment)));
    stacks.set(`${environment}-data`, (app) => new DataStack(app, input(environment)));
    stacks.set(`${environment}-app`, (app) => new AppStack(app, input(environment)));
  }
  if (preview !== undefined) {
    const { number, ...rest } = preview;
    const environment = `pr-${number}`;
    stacks.set(`preview-${environment}`, (app) => new PreviewStack(app, { ...input(environment), preview: rest }));
  }
  return stacks;
}
