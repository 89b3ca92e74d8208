import type { CostedResource } from './types.ts';

/** Resources of a synthesized stack (`cdk.tf.json`). */
export function synthesizedResources(json: unknown): CostedResource[] {
  const { resource = {} } = json as { readonly resource?: Readonly<Record<string, Readonly<Record<string, object>>>> };
  return Object.entries(resource).flatMap(([type, named]) =>
    Object.entries(named).map(([name, values]) => ({
      address: `${type}.${name}`,
      type,
      values: values as Readonly<Record<string, unknown>>,
    })),
  );
}

/** `staging-app` belongs to staging, `preview-pr-1` to pr-1, everything else to the account. */
export function environmentOf(stack: string): string {
  const preview = /^preview-(pr-\d+)$/.exec(stack)?.[1];
  if (preview !== undefined) return preview;
  return /^(\w+)-(?:platform|data|app)$/.exec(stack)?.[1] ?? 'account';
}
