import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: { readonly default?: unknown };
}

interface Content {
  readonly content?: { readonly 'application/json'?: { readonly schema: object; readonly example?: unknown } };
}

export interface Operation {
  readonly operationId: string;
  readonly externalDocs?: { readonly url: string };
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Content & { readonly required: boolean };
  readonly responses: Readonly<Record<string, Content>>;
}

export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly operation: Operation;
}

export interface Description {
  readonly components: object;
  readonly routes: readonly Route[];
}

/** Path parameters that may hold slashes when they end the path. */
const LONG_PARAMETERS = new Set(['basehead', 'ref', 'path', 'branch']);

/** Reads the part of GitHub's OpenAPI description that this server answers; see tools/github-slice.ts. */
export function readDescription(): Description {
  const file = join(import.meta.dirname, '..', 'generated', 'github-slice.json');
  const { paths, components } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    readonly components: object;
  };
  const routes = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): Route => {
      const names = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name ?? '');
      const source = path.replaceAll(/\{(\w+)\}/g, (part, name: string) =>
        LONG_PARAMETERS.has(name) && path.endsWith(part) ? '(.+)' : '([^/]+)',
      );
      return { method: method.toUpperCase(), pattern: new RegExp(`^${source}$`), names, operation };
    }),
  );
  // `contents/(.+)` and the like come after what is spelt out.
  return { components, routes: routes.toSorted((one, other) => looseness(one) - looseness(other)) };
}

function looseness({ pattern }: Route): number {
  return pattern.source.split('(.+)').length;
}
