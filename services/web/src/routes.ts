import type { Identity } from '../../kit/config.ts';
import { type Answer, html, json, refuse } from '../../kit/http/answer.ts';
import type { RoutedRequest } from '../../kit/http/request.ts';
import type { Route } from '../../kit/http/router.ts';
import type { Assets } from './assets.ts';
import { type FeedbackStore, isModelName, readFeedback } from './feedback.ts';
import { renderPage } from './page.ts';
import { securityHeaders } from './security.ts';

export interface WebOptions {
  readonly identity: Identity;
  readonly assets: Assets;
  readonly feedback: FeedbackStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function webRoutes({ identity, assets, feedback, now }: WebOptions): Route[] {
  const page = renderPage(identity);
  return [
    { method: 'GET', path: '/', handle: () => html(200, page, { ...securityHeaders, 'cache-control': 'no-cache' }) },
    { method: 'GET', path: '/health', quiet: true, handle: () => json(200, { ok: true, release: identity.release }) },
    { method: 'GET', path: '/public/:file', handle: (request) => serveAsset(assets, request) },
    {
      method: 'POST',
      path: '/feedback',
      body: 'json',
      async handle({ body }) {
        const given = readFeedback(body, { release: identity.release, now: now() });
        if (!given.ok) return refuse(400, given.error);
        await feedback.add(given.value);
        return json(201, { id: given.value.id });
      },
    },
    {
      method: 'GET',
      path: '/feedback/summary',
      async handle({ query }) {
        const model = query.get('model');
        if (!isModelName(model)) return refuse(400, '`model` has to be in the query: /feedback/summary?model=<name>');
        return json(200, await feedback.summary(model), { 'cache-control': 'no-store' });
      },
    },
  ];
}

/** Browsers ask again each time and are told "not modified": right after a release nobody runs yesterday's script. */
function serveAsset(assets: Assets, { parameters, headers }: RoutedRequest): Answer {
  const asset = assets.get(parameters['file'] ?? '');
  if (!asset) return refuse(404, 'there is no such file');
  const caching = { ...securityHeaders, etag: asset.etag, 'cache-control': 'no-cache' };
  if (headers['if-none-match'] === asset.etag) return { status: 304, headers: caching, body: '' };
  return { status: 200, headers: { ...caching, 'content-type': asset.type }, body: asset.bytes };
}
