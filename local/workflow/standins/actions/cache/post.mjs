import { getState, main } from '../../kit/action.mjs';
import { saveCache } from './cache.mjs';

main(() => {
  if (getState('exact') !== 'true') saveCache();
});
