/** Which files have to be predicted, told from the keys of the bucket alone. */
import { isPart } from '../../kit/model/name.ts';
import { NOBODY } from '../../kit/predictions/request.ts';
import { type Format, formatOfKey } from '../../kit/transform/format.ts';
import { progressKey } from '../../kit/transform/progress.ts';

/** A file of a tenant for one of the models it may use. */
export interface BatchFile {
  /** Empty: nobody's. */
  readonly tenant: string;
  readonly model: string;
  readonly format: Format;
  readonly input: string;
  readonly output: string;
  /** Where it is said why there is no result. */
  readonly error: string;
}

/** What a run is for; whatever is absent is not limited. */
export interface Scope {
  readonly tenant?: string;
  readonly model?: string;
  /** What the keys of its files begin with, below the folder of the tenant and the model. */
  readonly input?: string;
  /** Folder of the results; absent: beside the files. */
  readonly output?: string;
}

const RESULT = '.out';

/** What keys of a scope begin with: `<tenant>/<model>/`, where `-` is the tenant of whoever belongs to nobody. */
export function scopePrefix(prefix: string, { tenant, model, input = '' }: Scope): string {
  if (tenant === undefined) return prefix;
  return model === undefined ? `${prefix}${tenant}/` : `${prefix}${tenant}/${model}/${input}`;
}

/** Files without a result. One that failed is among them, because only its content tells whether it is still the same. */
export function planFiles(keys: readonly string[], prefix: string, scope: Scope): BatchFile[] {
  const there = new Set(keys);
  return keys.flatMap((input) => {
    const [tenant = '', model = '', ...rest] = input.slice(prefix.length).split('/');
    const format = formatOfKey(input);
    if (format === undefined || rest.length === 0 || !isPart(model) || !(tenant === NOBODY || isPart(tenant)))
      return [];
    if ((scope.tenant ?? tenant) !== tenant || (scope.model ?? model) !== model) return [];
    const name = scope.output === undefined ? input : `${prefix}${tenant}/${model}/${scope.output}${rest.join('/')}`;
    if (there.has(`${name}${RESULT}`)) return [];
    const owner = tenant === NOBODY ? '' : tenant;
    return [{ tenant: owner, model, format, input, output: `${name}${RESULT}`, error: `${name}.error` }];
  });
}

/** Results beside which a run that was killed left how far it was. */
export function planLeftovers(keys: readonly string[]): string[] {
  const there = new Set(keys);
  return keys.filter((output) => output.endsWith(RESULT) && there.has(progressKey(output)));
}
