import { main } from '../../kit/action.mjs';
import { restoreCache } from './cache.mjs';

main(restoreCache);
