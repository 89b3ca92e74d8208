import type { RoleUse } from '../iam/replay.ts';

/** Used versus granted, a role after the other; what a role lacks comes first. */
export function accessTable(uses: readonly RoleUse[], { all }: { readonly all: boolean }): string {
  const refused = uses.flatMap(({ role, refused: lacks }) =>
    lacks.map(({ request, because }) => `${role} lacks ${request.action} on ${request.resource}: ${because}`),
  );
  const rows = uses.map(({ role, used, granted, unused }) => {
    const head = `${role.padEnd(44)} ${String(used.length).padStart(4)} used ${String(granted.length).padStart(4)} granted`;
    return all
      ? [head, ...used.map((action) => `  + ${action}`), ...unused.map((action) => `    ${action}`)].join('\n')
      : head;
  });
  return [...refused, ...rows].join('\n');
}
