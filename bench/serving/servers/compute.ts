/** The process in which asynchronous and batch predictions compute, as the services start it. */
import { computeForParent } from '../../../services/kit/transform/child.ts';

await computeForParent();
