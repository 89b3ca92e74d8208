import { createDocumentClient } from '../kit/aws/documents.ts';
import { createSecretSource, readSecrets } from '../kit/aws/secrets.ts';
import { readConfig, text } from '../kit/config.ts';
import { serveEvents } from '../kit/lambda/serve.ts';
import { run } from '../kit/run.ts';
import { createMemberships } from './src/memberships.ts';
import { withOrganisation } from './src/tokens.ts';

await run(
  'identity',
  async (context) => {
    const { api, table } = readConfig(
      { api: text('AWS_LAMBDA_RUNTIME_API'), table: text('TABLE_MEMBERSHIPS') },
      context.environment,
    );
    await serveEvents(context, {
      api,
      start: async () => {
        const memberships = createMemberships(createDocumentClient(), table);
        return (event) => withOrganisation(event, memberships);
      },
    });
  },
  readSecrets(createSecretSource),
);
