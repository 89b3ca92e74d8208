import type { Changes } from '../../changes.ts';
import type { Runner } from '../../runs/runner.ts';
import type { Workflows } from '../../runs/workflows.ts';
import type { Site } from '../../site.ts';
import type { Examples } from '../examples.ts';
import type { Shapes } from '../shapes/shapes.ts';

/** What the handlers of the API work with. */
export interface OperationContext {
  readonly site: Site;
  readonly shapes: Shapes;
  readonly examples: Examples;
  readonly workflows: Workflows;
  readonly runner: Runner;
  /** Changes that start workflows. */
  readonly changes: Changes;
}
