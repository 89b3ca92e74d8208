import { compareRoutes, covers } from './routes.ts';
import type { Manifest } from './types.ts';

/** One listener rule of a preview: these paths lead to this service. */
export interface PreviewRule {
  readonly service: string;
  /** False: to staging's service, because a wider path of the preview's own would take them otherwise. */
  readonly own: boolean;
  readonly paths: readonly string[];
}

/** A rule may have five values in its conditions: the host, perhaps a header, and these. */
const PATHS_PER_RULE = 3;

type Routed = Pick<Manifest, 'name' | 'routes'>;

/**
 * The listener rules of a preview, the most specific first. Everything that they leave over is staging's, whose own rules answer for
 * `*.preview.<domain>`, too. So a preview of one service costs one rule, as a rule.
 */
export function previewRules(manifests: readonly Routed[], deployed: readonly string[]): readonly PreviewRule[] {
  const routes = manifests
    .flatMap(({ name, routes = [] }) => routes.map((route) => ({ service: name, route, own: deployed.includes(name) })))
    .sort((left, right) => compareRoutes(left.route, right.route));
  const own = routes.filter((one) => one.own);
  return inRuns(routes.filter((one) => one.own || own.some(({ route }) => covers(route, one.route))));
}

/** Neighbours of the same service become one rule, as far as its conditions have room. */
function inRuns(
  routes: readonly { readonly service: string; readonly route: string; readonly own: boolean }[],
): readonly PreviewRule[] {
  const rules: { service: string; own: boolean; paths: string[] }[] = [];
  for (const { service, route, own } of routes) {
    const last = rules.at(-1);
    if (last?.service === service && last.paths.length < PATHS_PER_RULE) last.paths.push(route);
    else rules.push({ service, own, paths: [route] });
  }
  return rules;
}
