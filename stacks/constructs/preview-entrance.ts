import type { Project } from '../../pipeline/manifest/names.ts';
import { sharedRules } from '../../pipeline/manifest/preview-rules.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { Construct, LbListenerRule } from '../cdktf.ts';
import { sharedPriorities } from '../rule-priority.ts';

interface EntranceProperties {
  readonly project: Project;
  readonly manifests: readonly Manifest[];
  readonly listenerArn: string;
  /** Service -> its target group in staging. */
  readonly targets: ReadonlyMap<string, string>;
}

const ROBOTS = { contentType: 'text/plain', statusCode: '200', messageBody: 'User-agent: *\nDisallow: /\n' };

/** What all previews share: whatever a preview has no service of its own for is staging's, and nothing of it is indexed. */
export class PreviewEntrance extends Construct {
  constructor(scope: Construct, id: string, { project, manifests, listenerArn, targets }: EntranceProperties) {
    super(scope, id);
    const host = { hostHeader: { values: [`*.preview.${project.domain}`] } };
    new LbListenerRule(this, 'robots', {
      listenerArn,
      // Before every preview; no preview has place 0.
      priority: 1,
      condition: [host, { pathPattern: { values: ['/robots.txt'] } }],
      action: [{ type: 'fixed-response', fixedResponse: ROBOTS }],
    });
    const rules = sharedRules(manifests);
    const priorities = sharedPriorities(rules.flatMap(({ paths }) => paths));
    for (const { service, paths } of rules) {
      const targetGroupArn = targets.get(service);
      if (targetGroupArn === undefined) continue;
      new LbListenerRule(this, `rule ${paths[0]}`, {
        listenerArn,
        priority: Math.max(...paths.map((path) => priorities.get(path) ?? 0)),
        condition: [host, { pathPattern: { values: [...paths] } }],
        action: [{ type: 'forward', targetGroupArn }],
      });
    }
  }
}
