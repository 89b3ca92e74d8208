import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import type { Plugin } from 'esbuild';
import schema from '../pipeline/manifest/service.schema.json' with { type: 'json' };
import { HOW } from '../pipeline/manifest/validate.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * Importing these only defines things, but their package.json does not say so. @actions/core brings an HTTP client for OIDC tokens,
 * and with it undici, half a megabyte that takes 50 ms to load; who does not ask for such a token does not need it.
 */
export const dropWhenUnused: Plugin = {
  name: 'drop when unused',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^@actions\/|^undici$|oidc-utils/ }, async ({ path, pluginData, ...request }) => {
      if (pluginData === dropWhenUnused) return undefined;
      const resolved = await resolve(path, { ...request, pluginData: dropWhenUnused });
      return { ...resolved, sideEffects: false };
    });
  },
};

/**
 * What never runs in an action, though it is imported. undici is Node's own fetch once more; what @actions/github wants of it is its agent for proxies, which Node's
 * fetch brings, too (NODE_USE_ENV_PROXY=1). bowser tells browsers apart. Nobody signs in to AWS with a browser on a runner.
 */
const NO_BROWSER =
  "async () => { throw new Error('a profile that signs in with a browser cannot be used on a runner'); }";
const STAND_INS: Readonly<Record<string, string>> = {
  undici: `export const fetch = (url, { dispatcher, ...init } = {}) => globalThis.fetch(url, init);
    export class ProxyAgent {}`,
  bowser: 'export default {};',
  '@aws-sdk/credential-provider-sso': `export const fromSSO = () => ${NO_BROWSER};`,
  '@aws-sdk/credential-provider-login': `export const fromLoginCredentials = () => ${NO_BROWSER};`,
};

export const leaveOut: Plugin = {
  name: 'leave out what never runs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(undici|bowser|@aws-sdk\/credential-provider-(sso|login))$/ }, ({ path }) => ({
      path,
      namespace: 'stand-in',
      sideEffects: false,
    }));
    onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({ contents: STAND_INS[path] ?? '', loader: 'js' }));
  },
};

/** The check of manifests compiled in advance: an action brings the check, not the compiler (120 kB, and 20 ms at each start). */
export const prepareManifestCheck: Plugin = {
  name: 'prepare the check of manifests',
  setup({ onLoad }) {
    onLoad({ filter: /pipeline\/manifest\/validate\.ts$/ }, () => {
      const ajv = new Ajv({ ...HOW, code: { source: true, esm: true } });
      const compiled = standaloneCode.default(ajv, ajv.compile(schema));
      return { contents: compiled, loader: 'js', resolveDir: ROOT };
    });
  },
};

/** GitHub's client has a table of all its endpoints (83 kB); an action brings those that our sources name as `rest.<scope>.<method>`. */
export const usedEndpoints: Plugin = {
  name: 'used endpoints',
  setup({ onLoad }) {
    onLoad({ filter: /plugin-rest-endpoint-methods\/.*\/endpoints\.js$/ }, async ({ path }) => {
      const { default: all }: { default: Record<string, Record<string, unknown>> } = await import(
        pathToFileURL(path).href
      );
      const used: Record<string, Record<string, unknown>> = {};
      for (const [scope, method] of namedEndpoints()) {
        const endpoint = all[scope]?.[method];
        if (endpoint === undefined) throw new Error(`rest.${scope}.${method} is no endpoint that ${path} knows`);
        used[scope] = { ...used[scope], [method]: endpoint };
      }
      return { contents: `export default ${JSON.stringify(used)};`, loader: 'js' };
    });
  },
};

/** The clients look whether these say that they can be tried again. */
const TRY_AGAIN = ['TransactionInProgressException'];

/**
 * AWS clients bring the shapes of all operations of their service, and all of its errors (SSM: 141, half of the client). Shapes are marked as what can be left out when
 * nobody uses it. An error that our sources do not name is as good as an unknown one: it comes with its name and message as the service's base error. Those that say that
 * they can be tried again stay.
 */
export const usedShapes: Plugin = {
  name: 'used shapes',
  setup({ onLoad }) {
    const words = new Set(sources().flatMap((file) => readFileSync(file, 'utf8').match(/\b[A-Z]\w+/g) ?? []));
    onLoad({ filter: /@aws-sdk\/.*\/schemas\/schemas_0\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8')
        .replaceAll(/^n0_registry\.registerError\((\w+)\$, \1\);$/gm, (line, name: string) =>
          words.has(name) || TRY_AGAIN.includes(name) ? line : '',
        )
        .replaceAll(/^((?:export )?var \w+\$? = )(\[[\s\S]*?\]);$/gm, '$1/* @__PURE__ */ (() => $2)();');
      return { contents, loader: 'js' };
    });
  },
};

/** Of its package.json (2 kB each) a client only wants to know its version, for the user agent. */
export const onlyVersions: Plugin = {
  name: 'only versions',
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk\/[\w-]+\/package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

function namedEndpoints(): (readonly [scope: string, method: string])[] {
  const named = sources().flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\brest\.(\w+)\.(\w+)/g)]);
  return named.map(([, scope = '', method = '']) => [scope, method] as const).sort();
}

/** Everything that is bundled of our own. */
const sources = (): readonly string[] =>
  ['actions', 'pipeline'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(ROOT, folder, file)),
  );

/**
 * Of Node's own modules what is named. An `import` of one reads every export, and some are only made then: all of fetch for `node:http`,
 * Web Crypto for `node:crypto`.
 */
export const ownModules: Plugin = {
  name: "Node's own modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z_/:0-9]+$/ }, ({ path, kind }) =>
      kind === 'import-statement' && isBuiltin(path)
        ? { path: path.replace(/^node:/, ''), namespace: 'node', sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'node' }, ({ path }) => ({
      contents: SELDOM_CALLED.includes(path) ? loadedWhenCalled(path) : loadedAtOnce(path),
      loader: 'js',
    }));
  },
};

/** Modules that bring many others, and are imported for functions that are seldom called. */
const SELDOM_CALLED: readonly string[] = ['fs/promises'];

function loadedWhenCalled(path: string): string {
  const functions = Object.entries(process.getBuiltinModule(path) ?? {}).filter(([, one]) => typeof one === 'function');
  const lines = functions.map(([name]) => `export const ${name} = (...given) => all().${name}(...given);`);
  const byDefault = `export default { ${functions.map(([name]) => name).join(', ')} };`;
  return [`const all = () => process.getBuiltinModule('node:${path}');`, ...lines, byDefault].join('\n');
}

/** What nobody imports is left out, as long as reading it has no effect. */
function loadedAtOnce(path: string): string {
  const names = Object.getOwnPropertyNames(process.getBuiltinModule(path) ?? {}).filter((name) => name !== 'default');
  const lines = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => all.${name})();`);
  const load = `const all = /* @__PURE__ */ process.getBuiltinModule('node:${path}');`;
  return [load, 'export default all;', ...lines].join('\n');
}
