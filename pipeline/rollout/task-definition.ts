import type { TaskDefinitionInput } from '../ports/ecs.ts';
import type { TaskDefinitionTemplate } from '../release/template.ts';
import type { Target } from './mover.ts';

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Template + digest = what ecs:RegisterTaskDefinition is given. The container learns its release from `SLIPWAY_RELEASE`. */
export function taskDefinitionInput(
  template: TaskDefinitionTemplate,
  repositoryUrl: string,
  target: Target,
): TaskDefinitionInput {
  const [container] = template.containerDefinitions;
  const declared = (container['environment'] ?? []) as readonly Variable[];
  const environment = [
    ...declared.filter(({ name }) => name !== 'SLIPWAY_RELEASE'),
    { name: 'SLIPWAY_RELEASE', value: target.commit },
  ];
  const released = { ...container, image: `${repositoryUrl}@${target.digest}`, environment };
  return { ...template, containerDefinitions: [released] } as unknown as TaskDefinitionInput;
}

/** Where the one container of a task writes its log. */
export function logLocation(template: TaskDefinitionTemplate): { group: string; streamPrefix: string } | undefined {
  const [container] = template.containerDefinitions;
  const configuration = container['logConfiguration'] as { options?: Record<string, string> } | undefined;
  const group = configuration?.options?.['awslogs-group'];
  if (group === undefined) return undefined;
  // The awslogs driver names its streams <prefix>/<container>/<task id>.
  const prefix = configuration?.options?.['awslogs-stream-prefix'] ?? 'ecs';
  return { group, streamPrefix: `${prefix}/${String(container['name'])}/` };
}

/** `arn:aws:ecs:...:task-definition/staging-web:12` -> `staging-web:12`. */
export const shortRevision = (revision: string): string => revision.split('/').at(-1) ?? revision;
