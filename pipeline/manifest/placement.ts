import { isPreview } from './names.ts';
import type { Manifest } from './types.ts';

/** Whether a service runs in an environment; one that is bound to some has no business in a preview. */
export const runsIn = ({ environments }: Pick<Manifest, 'environments'>, environment: string): boolean =>
  environments === undefined || (!isPreview(environment) && environments.some((one) => one === environment));
