/** One page of an answer, with the `link` header that says where the others are. */
export interface Page {
  readonly body: unknown;
  readonly headers: Record<string, string>;
}

const DEFAULT_SIZE = 30;
const LARGEST_SIZE = 100;

/**
 * Cuts a list to the page that the query asks for. A list is an array, or an object with `total_count` and one array
 * (`workflow_runs`, `jobs`). Everything else passes.
 */
export function paginate(body: unknown, url: URL): Page {
  if (Array.isArray(body)) return cut(body, url, (items) => items);
  if (typeof body !== 'object' || body === null || !('total_count' in body)) return { body, headers: {} };
  const list = Object.entries(body).find((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  if (!list) return { body, headers: {} };
  return cut(list[1], url, (items) => ({ ...body, [list[0]]: items }));
}

function cut(items: readonly unknown[], url: URL, wrap: (items: readonly unknown[]) => unknown): Page {
  const size = Math.min(Math.max(Number(url.searchParams.get('per_page') ?? DEFAULT_SIZE), 1), LARGEST_SIZE);
  const page = Math.max(Number(url.searchParams.get('page') ?? 1), 1);
  const last = Math.max(Math.ceil(items.length / size), 1);
  const link = (number: number, relation: string): string => {
    const target = new URL(url);
    target.searchParams.set('page', String(number));
    return `<${target}>; rel="${relation}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
  ];
  return {
    body: wrap(items.slice((page - 1) * size, page * size)),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  };
}
