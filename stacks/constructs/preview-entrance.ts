import { type Project, previewHosts } from '../../pipeline/manifest/names.ts';
import { type Construct, LbListenerRule } from '../cdktf.ts';

interface RobotsProperties {
  readonly project: Project;
  readonly listenerArn: string;
}

const ROBOTS = { contentType: 'text/plain', statusCode: '200', messageBody: 'User-agent: *\nDisallow: /\n' };

/** Nothing of any preview is indexed. The rule comes before those of every preview: none has place 0. */
export const keepRobotsOut = (scope: Construct, id: string, { project, listenerArn }: RobotsProperties) =>
  new LbListenerRule(scope, id, {
    listenerArn,
    priority: 1,
    condition: [{ hostHeader: { values: [previewHosts(project)] } }, { pathPattern: { values: ['/robots.txt'] } }],
    action: [{ type: 'fixed-response', fixedResponse: ROBOTS }],
  });
