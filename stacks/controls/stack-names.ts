import type { JudgedAs } from './types.ts';

/** `staging-app` belongs to staging; `account`, `bootstrap` and `preview-pr-7` are environments of their own. */
export const environmentOfStack = (id: string): string => id.replace(/-(?:platform|data|app)$/, '');

/** What is not a preview and not staging is held to what production is held to. */
export function judgedAs(id: string): JudgedAs {
  if (id.startsWith('preview-')) return 'preview';
  return id.startsWith('staging-') ? 'staging' : 'production';
}
