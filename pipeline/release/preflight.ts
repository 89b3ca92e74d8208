import { messageOf, type ServiceFailure } from './failure.ts';
import type { Move, Plan } from './plan.ts';
import type { ReleasePorts } from './ports.ts';

/** Proves that every target can be reached before anything moves: the image can be pulled, the revision and its service exist. */
export async function preflight(
  plan: Plan,
  ports: Pick<ReleasePorts, 'images' | 'moverFor'>,
): Promise<readonly ServiceFailure[]> {
  const problems = await Promise.all(plan.moves.map((move) => problemsOf(move, ports)));
  return problems.flat();
}

async function problemsOf(
  { service, template, target }: Move,
  { images, moverFor }: Pick<ReleasePorts, 'images' | 'moverFor'>,
): Promise<readonly ServiceFailure[]> {
  try {
    const [pullable, unreachable] = await Promise.all([
      images.exists(template.repositoryUrl, target.digest),
      moverFor(template).prove(target),
    ]);
    return [
      ...(pullable
        ? []
        : [{ service, message: `image ${template.repositoryUrl}@${target.digest} does not exist; build it again` }]),
      ...(unreachable === undefined ? [] : [{ service, message: unreachable }]),
    ];
  } catch (error) {
    return [{ service, message: messageOf(error) }];
  }
}
