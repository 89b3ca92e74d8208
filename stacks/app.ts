import { allOwned } from '../pipeline/manifest/access.ts';
import type { Construct } from './cdktf.ts';
import { readParameter } from './parameters.ts';
import { addServices } from './services.ts';
import { SlipwayStack, type StackInput } from './stack.ts';

/** The services of staging or production. */
export class AppStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, `${input.environment}-app`, input);
    const queueUrls = allOwned(input.manifests, 'queue').map(
      ({ name }) => [name, readParameter(this, input, `queue/${name}`)] as const,
    );
    addServices(this, { ...input, queueUrls: new Map(queueUrls) });
  }
}
