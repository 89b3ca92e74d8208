import type { Log } from '../../../kit/log.ts';
import type { ModelAddress } from '../../../kit/model/store.ts';
import { StoreAway } from './catalogue.ts';
import { type Disk, isDiskError } from './disk.ts';

/** Fetches a model to the disk. What fails says whether the store or the disk did: both pass, so that callers may come again. */
export const createFetch =
  (disk: Disk, log: Log) =>
  (address: ModelAddress): ReturnType<Disk['fetch']> =>
    disk.fetch(address).catch((cause: unknown) => {
      const model = `${address.name}@${address.version}`;
      if (!isDiskError(cause))
        throw new StoreAway(`${model} cannot be fetched from the store of models now`, { cause });
      log.error('the disk cannot keep a model', { model, error: cause });
      throw new StoreAway(`${model} cannot be loaded: the disk of the service is full or broken`, { cause });
    });
