import { renderedSegments } from './scripts.ts';
import { jobsOf, type Path, type Source, type StepSource, stepsOf, workflowOf } from './source.ts';
import { untrustedReferences } from './untrusted.ts';

/** What a rule found, without its name and file. */
export interface Fault {
  readonly path: Path;
  readonly message: string;
}

/** A rule looks at one file and says what is wrong with it. */
export type Rule = (source: Source) => readonly Fault[];

/** Whoever owns a tag or branch of an action can change what runs here. */
const unpinnedUses: Rule = (source) => {
  const uses = [...stepsOf(source), ...jobsOf(source)].map(({ path, definition }) => ({ path, uses: definition.uses }));
  return uses.flatMap(({ path, uses: value }) => {
    if (typeof value !== 'string' || value.startsWith('./') || value.startsWith('docker://')) return [];
    const pinned = /@[0-9a-f]{40}$/.test(value);
    return pinned ? [] : [{ path: [...path, 'uses'], message: `${value}: pin it to the full SHA of a commit` }];
  });
};

/** Without a declaration the token may do what the repository's settings say, which the file does not show. */
const permissions: Rule = (source) => {
  const workflow = workflowOf(source);
  if (!workflow) return [];
  const declared = workflow.permissions !== undefined;
  const silent = jobsOf(source).filter(({ definition }) => !declared && definition.permissions === undefined);
  const tooMuch = [
    { path: ['permissions'], value: workflow.permissions },
    ...jobsOf(source).map(({ path, definition }) => ({
      path: [...path, 'permissions'],
      value: definition.permissions,
    })),
  ].filter(({ value }) => value === 'write-all' || value === 'read-all');
  const everywhere = Object.entries(typeof workflow.permissions === 'object' ? (workflow.permissions ?? {}) : {});
  return [
    ...silent.map(({ path, id }) => ({
      path,
      message: `job ${id} has no permissions, and the workflow declares none`,
    })),
    ...tooMuch.map(({ path, value }) => ({ path, message: `${value}: name the scopes that are needed` })),
    ...everywhere
      .filter(([, level]) => level === 'write')
      .map(([scope]) => ({
        path: ['permissions', scope],
        message: `${scope}: write reaches every job; declare it per job`,
      })),
  ];
};

/** Text that a stranger writes becomes code when it is expanded into a script. */
const injection: Rule = (source) =>
  stepsOf(source).flatMap(({ path, definition }) =>
    renderedSegments(path, definition).flatMap(({ path: place, expression }) =>
      untrustedReferences(expression).map((reference) => ({
        path: place,
        message: `${reference} is expanded into a script: pass it through env and read the variable`,
      })),
    ),
  );

/** GitHub's default is six hours. */
const timeout: Rule = (source) =>
  jobsOf(source)
    .filter(({ definition }) => definition.uses === undefined && definition['timeout-minutes'] === undefined)
    .map(({ path, id }) => ({ path, message: `job ${id} has no timeout-minutes` }));

/**
 * Secrets and a writing token beside code of a stranger. In a folder of its own, of which no step runs anything, it is data.
 */
const privilegedCheckout: Rule = (source) => {
  const on = workflowOf(source)?.on;
  const events = typeof on === 'string' ? [on] : Array.isArray(on) ? on : Object.keys(on ?? {});
  if (!events.includes('pull_request_target') && !events.includes('workflow_run')) return [];
  const steps = stepsOf(source);
  return steps
    .filter(({ definition }) => /^actions\/checkout@/.test(definition.uses ?? ''))
    .map((step) => ({ step, given: (step.definition.with ?? {}) as Readonly<Record<'ref' | 'path', unknown>> }))
    .filter(({ given }) => /head|merge|workflow_run/.test(String(given.ref ?? '')))
    .filter(({ given }) => !isData(String(given.path ?? ''), steps))
    .map(({ step }) => ({
      path: [...step.path, 'with', 'ref'],
      message: 'checks out the code of a pull request where secrets and a writing token are at hand',
    }));
};

/** No action and no working folder below `folder`, and no script that starts something of it. */
function isData(folder: string, steps: readonly StepSource[]): boolean {
  if (!/^[\w-]+$/.test(folder)) return false;
  const starts = new RegExp(
    `(?:^|[\\s;&|(])(?:(?:node|bash|sh|source|\\.|cd|npx|make)\\s+(?:\\./)?|\\./)${folder}(?:/|\\s|$)`,
    'm',
  );
  return steps.every(({ definition }) => {
    const {
      uses = '',
      run = '',
      'working-directory': workingFolder = '',
    } = definition as Readonly<Record<string, string>>;
    return !uses.startsWith(`./${folder}/`) && !workingFolder.includes(folder) && !starts.test(run);
  });
}

/** The called workflow then sees secrets that it has no use for. */
const inheritedSecrets: Rule = (source) =>
  jobsOf(source)
    .filter(({ definition }) => definition.secrets === 'inherit')
    .map(({ path }) => ({
      path: [...path, 'secrets'],
      message: 'secrets: inherit passes all of them; name those it needs',
    }));

/** Otherwise the token stays in .git/config, where every later step and artifact finds it. */
const persistedCredentials: Rule = (source) =>
  stepsOf(source)
    .filter(({ definition }) => /^actions\/checkout@/.test(definition.uses ?? ''))
    .filter(({ definition }) => {
      const persist = (definition.with as Readonly<Record<string, unknown>> | undefined)?.['persist-credentials'];
      return String(persist) !== 'false';
    })
    .map(({ path }) => ({ path: [...path, 'uses'], message: 'set persist-credentials: false' }));

/** Every rule by the name that a finding shows. */
export const RULES: Readonly<Record<string, Rule>> = {
  'unpinned-uses': unpinnedUses,
  permissions,
  injection,
  timeout,
  'privileged-checkout': privilegedCheckout,
  'inherited-secrets': inheritedSecrets,
  'persisted-credentials': persistedCredentials,
};
