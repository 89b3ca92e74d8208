import type { Lambda } from '../ports/lambda.ts';
import { createEcsServiceMover, type EcsMoverPorts } from './ecs-service.ts';
import { createJobMover } from './job.ts';
import { createLambdaMover } from './lambda-alias.ts';
import type { MoverFor } from './mover.ts';

/** How each kind moves. */
export function createMovers(ports: EcsMoverPorts & { readonly lambda: Lambda }): MoverFor {
  return (template) => {
    switch (template.kind) {
      case 'web':
      case 'worker':
        return createEcsServiceMover(template, ports);
      case 'function':
        return createLambdaMover(template, ports);
      case 'job':
        return createJobMover(template, ports.ecs);
    }
  };
}
