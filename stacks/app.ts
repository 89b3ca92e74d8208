import type { Construct } from './cdktf.ts';
import { addServices } from './services.ts';
import { SlipwayStack, type StackInput } from './stack.ts';

/** The services of staging or production. */
export class AppStack extends SlipwayStack {
  constructor(scope: Construct, input: StackInput) {
    super(scope, `${input.environment}-app`, input);
    addServices(this, input);
  }
}
