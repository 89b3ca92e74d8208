import type * as ecr from '@aws-sdk/client-ecr';
import type { Cloud } from '../../cloud.ts';
import type { Input } from '../kit/input.ts';
import { invalid } from './repositories.ts';

/** Names and what they are until someone changes them. The local registry mounts blobs either way. */
const DEFAULTS: Readonly<Record<string, string>> = {
  BASIC_SCAN_TYPE_VERSION: 'AWS_NATIVE',
  REGISTRY_POLICY_SCOPE: 'V2',
  BLOB_MOUNTING: 'DISABLED',
};

/** Settings of the account's whole registry: kept, without an effect here. */
export function accountSettingOperations({ store }: Pick<Cloud, 'store'>) {
  const settings = store.collection<{ readonly value: string }>('ecr/settings');
  const known = (name: string): string => {
    const value = settings.get(name)?.value ?? DEFAULTS[name];
    if (value === undefined) throw invalid(`Invalid parameter at 'name': there is no account setting ${name}`);
    return value;
  };
  return {
    GetAccountSetting: ({ name }: Input<ecr.GetAccountSettingRequest>): ecr.GetAccountSettingResponse => ({
      name,
      value: known(name),
    }),
    PutAccountSetting({ name, value }: Input<ecr.PutAccountSettingRequest>): ecr.PutAccountSettingResponse {
      known(name);
      settings.set(name, { value });
      return { name, value };
    },
  };
}
