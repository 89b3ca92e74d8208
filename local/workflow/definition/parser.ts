import { registerHooks } from 'node:module';

/**
 * GitHub's own workflow parser, which plain Node cannot import: version 0.3 imports its schemas as JSON without the
 * `type` attribute. A resolve hook that lives only for this one import adds it.
 */
const hook = addJsonAttribute();
const parser = await import('@actions/workflow-parser');
const actions = await import('@actions/workflow-parser/actions/index');
hook?.deregister();

export const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = parser;
export const { parseAction, convertActionTemplate } = actions;

/** Nothing where hooks are refused: Jest does so, and its own loader takes JSON as it is. */
function addJsonAttribute(): { deregister(): void } | undefined {
  try {
    return registerHooks({
      resolve(specifier, context, next) {
        const resolved = next(specifier, context);
        const schema = resolved.url.endsWith('.json') && resolved.url.includes('/@actions/workflow-parser/');
        return schema ? { ...resolved, importAttributes: { type: 'json' } } : resolved;
      },
    });
  } catch {
    return undefined;
  }
}
