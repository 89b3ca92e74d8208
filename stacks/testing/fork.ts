/**
 * Puts CDK Terrain, the maintained fork of CDKTF, in the place of CDKTF: `node --import ./stacks/testing/fork.ts main.ts`. The day it takes over, the same
 * change is made in stacks/cdktf.ts.
 */
import { registerHooks } from 'node:module';

const FORK = { cdktf: 'cdktn', '@cdktf/provider-aws': '@cdktn/provider-aws' } as const;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const [, name = '', rest = ''] = /^(cdktf|@cdktf\/provider-aws)(\/.*)?$/.exec(specifier) ?? [];
    return nextResolve(name in FORK ? FORK[name as keyof typeof FORK] + rest : specifier, context);
  },
});
