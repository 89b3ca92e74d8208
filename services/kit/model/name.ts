/** Names of models: `fuel-economy` is everybody's, `acme/churn` belongs to the tenant acme. */

export interface ModelName {
  readonly tenant?: string;
  readonly model: string;
}

const PART = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** What a tenant or a model may be called. */
export const isPart = (text: string): boolean => PART.test(text);

/** Undefined for anything that is no name: nothing with dots or further slashes ever becomes a key or a path. */
export function parseModelName(text: string): ModelName | undefined {
  const parts = text.split('/');
  if (parts.length > 2 || !parts.every(isPart)) return undefined;
  const [first = '', second] = parts;
  return second === undefined ? { model: first } : { tenant: first, model: second };
}

export const showModelName = ({ tenant, model }: ModelName): string =>
  tenant === undefined ? model : `${tenant}/${model}`;

/** Key of everything of one model below the prefix of the store, with a slash at its end. */
export const modelFolder = ({ tenant, model }: ModelName): string =>
  tenant === undefined ? `${model}/` : `tenants/${tenant}/${model}/`;
