import { createHash } from 'node:crypto';
import { GetParametersByPathCommand, type Parameter, SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';
import { templateParameter } from '../../manifest/names.ts';
import { KINDS } from '../../manifest/types.ts';
import type { Template } from '../../release/template.ts';
import type { PublishedTemplate, Templates } from '../templates.ts';

/** Templates in SSM, below `/<app>/<environment>/services/`; ten a page, the most that SSM gives. */
export function createTemplates({ app, ...options }: SSMClientConfig & { readonly app: string }): Templates {
  const client = new SSMClient(options);
  return {
    async load(environment) {
      const templates: Record<string, PublishedTemplate> = {};
      let next: string | undefined;
      do {
        const page = await client.send(
          new GetParametersByPathCommand({
            Path: templateParameter(app, environment, '').replace(/\/$/, ''),
            MaxResults: 10,
            ...(next === undefined ? {} : { NextToken: next }),
          }),
        );
        for (const parameter of page.Parameters ?? []) {
          const published = parseTemplate(parameter);
          templates[published.template.service] = published;
        }
        next = page.NextToken;
      } while (next !== undefined);
      return templates;
    },
  };
}

function parseTemplate({ Name: name = '', Value: value = '' }: Parameter): PublishedTemplate {
  let template: Template;
  try {
    template = JSON.parse(value) as Template;
  } catch (cause) {
    throw new Error(`SSM parameter ${name} is not JSON; run the provision action to publish it again`, { cause });
  }
  if (typeof template?.service !== 'string' || !KINDS.includes(template.kind)) {
    throw new Error(`SSM parameter ${name} is not a service template; run the provision action to publish it again`);
  }
  return { template, version: createHash('sha256').update(value).digest('hex') };
}
