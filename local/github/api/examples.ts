import type { Description } from './description.ts';

export type Shape = Readonly<Record<string, unknown>>;

/** GitHub's own example of what an operation answers (of a list: of one element), as a base for real answers. */
export type Examples = (operation: string, replace?: readonly (readonly [RegExp, string])[]) => Shape;

/** Examples whose addresses are those of this server and its repository. */
export function createExamples(
  description: Description,
  site: { readonly url: string; readonly repository: string },
): Examples {
  const texts = new Map(
    description.routes.map(({ operation }) => [operation.operationId, exampleOf(operation.responses)]),
  );
  return (operation, replace = []) => {
    const text = texts.get(operation);
    if (!text) throw new Error(`GitHub's description has no example for ${operation}`);
    const own = text
      .replaceAll(/https:\/\/api\.github\.com\/repos\/[\w-]+\/[\w.-]+/g, `${site.url}/repos/${site.repository}`)
      .replaceAll(/https:\/\/api\.github\.com/g, site.url)
      .replaceAll(/https:\/\/github\.com\/[\w-]+\/[\w.-]+/g, `${site.url}/${site.repository}`);
    return JSON.parse(replace.reduce((result, [from, to]) => result.replaceAll(from, to), own)) as Shape;
  };
}

function exampleOf(responses: Description['routes'][number]['operation']['responses']): string | undefined {
  const success = Object.entries(responses).find(([status, { content }]) => status.startsWith('2') && content);
  const example = success?.[1].content?.['application/json']?.example;
  if (typeof example !== 'object' || example === null) return undefined;
  if (Array.isArray(example)) return JSON.stringify(example[0]);
  const list = 'total_count' in example ? Object.values(example).find(Array.isArray) : undefined;
  return JSON.stringify(list ? list[0] : example);
}
