import { about, failed, ok, skipped } from './check.ts';
import type { Check, Facts } from './types.ts';

/** Values that only a person can set: Terraform makes secrets without them, and no release starts before they are there. */
export function secretValues({ secrets }: Facts): Check[] {
  return [...secrets].map(([id, fact]) => {
    const name = `secret ${id}`;
    return about(name, fact, (state) => {
      if (state === 'set') return ok(name, 'has a value');
      if (state === 'missing') return skipped(name, 'comes with the first deployment, which stops there once');
      return failed(
        name,
        'has no value',
        `aws secretsmanager put-secret-value --secret-id ${id} --secret-string file://value.txt`,
      );
    });
  });
}

const TOKEN = 'SENTRY_AUTH_TOKEN';

/** Releases are announced to Sentry if the repository names an organisation; then the rest has to be there, too. */
export function announcements({ variables, repositorySecrets }: Facts): Check[] {
  const fact = variables.get('');
  const set = fact?.known ? fact.value : undefined;
  if (set?.get('SENTRY_ORG') === undefined) return [];
  const token = about(`secret ${TOKEN}`, repositorySecrets, (names) =>
    names.includes(TOKEN)
      ? ok(`secret ${TOKEN}`, 'is there')
      : failed(`secret ${TOKEN}`, 'is missing beside SENTRY_ORG', 'Add it under Settings > Secrets and variables'),
  );
  return [token];
}
