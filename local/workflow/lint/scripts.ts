import type { StepDefinition } from '../definition/types.ts';
import { segments } from '../expression/template.ts';
import type { Path } from './source.ts';

/** The expressions that a step expands into code: in `run`, and in the script of actions/github-script. */
export function renderedSegments(
  path: Path,
  definition: StepDefinition,
): readonly { readonly path: Path; readonly expression: string }[] {
  const scripts: (readonly [Path, unknown])[] = [[[...path, 'run'], definition.run]];
  if (/^actions\/github-script@/.test(definition.uses ?? '')) {
    scripts.push([[...path, 'with', 'script'], (definition.with as { script?: unknown } | undefined)?.script]);
  }
  return scripts.flatMap(([place, script]) =>
    typeof script === 'string' ? expressionsOf(script).map((expression) => ({ path: place, expression })) : [],
  );
}

function expressionsOf(script: string): readonly string[] {
  try {
    return segments(script).flatMap((segment) => ('expression' in segment ? [segment.expression] : []));
  } catch {
    // An unclosed expression is reported by GitHub's parser.
    return [];
  }
}
