import { randomBytes } from 'node:crypto';
import type { Identity } from '../config.ts';

/** What one answered request tells X-Ray: neither query, nor headers, nor bodies, where secrets are. */
export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** What a request says about the trace that it belongs to. */
export interface TraceHeader {
  readonly root?: string;
  readonly parent?: string;
  /** Somebody in front has decided already. */
  readonly sampled?: boolean;
}

const ROOT = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/;
const PARENT = /^[0-9a-f]{16}$/;
const SECOND = 1000;

/** `Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1`; what is not of that form counts as absent. */
export function readTraceHeader(value: string | undefined): TraceHeader {
  const fields = new Map((value ?? '').split(';').map((part) => [part.split('=')[0], part.split('=')[1] ?? '']));
  const [root = '', parent = '', sampled] = [fields.get('Root'), fields.get('Parent'), fields.get('Sampled')];
  return {
    ...(ROOT.test(root) ? { root } : {}),
    ...(PARENT.test(parent) ? { parent } : {}),
    ...(sampled === '0' || sampled === '1' ? { sampled: sampled === '1' } : {}),
  };
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html */
export function segmentOf(answered: Answered, header: TraceHeader, identity: Identity): object {
  const { method, path, status, from, to } = answered;
  return {
    name: identity.service,
    id: randomBytes(8).toString('hex'),
    trace_id: header.root ?? newRoot(from),
    ...(header.parent === undefined ? {} : { parent_id: header.parent }),
    start_time: from / SECOND,
    end_time: to / SECOND,
    origin: 'AWS::ECS::Fargate',
    service: { version: identity.release },
    annotations: { environment: identity.environment },
    http: { request: { method, url: path }, response: { status } },
    ...(status >= 500 ? { fault: true } : {}),
    ...(status >= 400 && status < 500 ? { error: true } : {}),
    ...(status === 429 ? { throttle: true } : {}),
  };
}

const newRoot = (now: number): string =>
  `1-${Math.floor(now / SECOND)
    .toString(16)
    .padStart(8, '0')}-${randomBytes(12).toString('hex')}`;
