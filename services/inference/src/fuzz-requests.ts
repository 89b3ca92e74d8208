/** Requests that nobody should send, for tests only. */
import * as fc from 'fast-check';

export interface FuzzedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

const PATHS = [
  '/',
  '/v2',
  '/v2/health/live',
  '/v2/health/ready',
  '/v2/repository/index',
  '/v2/models/fuel-economy',
  '/v2/models/fuel-economy/ready',
  '/v2/models/fuel-economy/infer',
  '/v2/models/fuel-economy/versions/1/infer',
  '/v2/models/acme%2Fchurn/infer',
  '/v2/models/churn/infer',
  '/ping',
  '/invocations',
  '/models',
  '/models/fuel-economy',
  '/models/fuel-economy/invoke',
  '/metrics',
] as const;

const row = fc.array(fc.oneof(fc.double(), fc.integer(), fc.constantFrom(null, '1', true, 1e300, -0)), {
  maxLength: 9,
});
const numbers = fc.constantFrom(
  [4, 97, 67, 2065, 17.8, 1980, 2],
  [4, 97, 67, 2065, 17.8, 1980, 9],
  [1e308, 1, 1, 1, 1, 1, 1],
  [],
);
const size = fc.oneof(fc.constantFrom(1, 7, -1, 0, 2, 1e9, 2 ** 53, 0.5), fc.anything());

/** Nearly right: every field is right about half of the time. */
const nearlyRight = fc.record(
  {
    id: fc.oneof(fc.string(), fc.anything()),
    inputs: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.array(
          fc.record(
            {
              name: fc.oneof(fc.constantFrom('features', 'x', '__proto__', 'constructor'), fc.anything()),
              shape: fc.oneof(
                fc.constantFrom([1, 7], [2, 7], [7], [1, 1e9]),
                fc.array(size, { maxLength: 5 }),
                fc.anything(),
              ),
              datatype: fc.oneof(fc.constantFrom('FP32', 'FP64', 'BYTES', 'toString'), fc.anything()),
              data: fc.oneof(numbers, fc.array(row, { maxLength: 3 }), row, fc.anything()),
              parameters: fc.oneof(
                fc.record({ binary_data_size: fc.oneof(fc.constantFrom(28, 0, -1, 1e12), fc.anything()) }),
                fc.anything(),
              ),
            },
            { requiredKeys: [] },
          ),
          { maxLength: 3 },
        ),
      },
      fc.anything(),
    ),
    outputs: fc.oneof(
      fc.array(fc.record({ name: fc.constantFrom('miles_per_gallon', 'none'), parameters: fc.anything() })),
      fc.anything(),
    ),
    parameters: fc.anything(),
    instances: fc.oneof(fc.array(fc.oneof(numbers, row)), fc.anything()),
    model_name: fc.oneof(fc.string(), fc.anything()),
    url: fc.oneof(fc.constantFrom('/etc', '../../etc/passwd', '/proc/self', '\0', '/'), fc.anything()),
  },
  { requiredKeys: [] },
);

const toJson = (value: unknown): Uint8Array => {
  try {
    return Buffer.from(
      JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? Number(one) : one)) ?? '',
    );
  } catch {
    return Buffer.from('{');
  }
};

const body: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 5, arbitrary: nearlyRight.map(toJson) },
  { weight: 1, arbitrary: fc.anything().map(toJson) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('['.repeat(20_000), '{"inputs":'.repeat(1000), '"\ud800"', '1e999', '\ufeff{}')
      .map((text) => Buffer.from(text)),
  },
  // A right head and any bytes behind it.
  {
    weight: 2,
    arbitrary: fc
      .tuple(nearlyRight.map(toJson), fc.uint8Array({ maxLength: 64 }))
      .map(([head, tail]) => Buffer.concat([head, tail])),
  },
);

const header = fc.oneof(
  fc.constantFrom('1', '0', '-1', '30', '1e9', 'NaN', ''),
  fc.string({ maxLength: 30 }).map((text) => text.replace(/[^\x20-\x7e]/g, '?')),
);
const headers = fc.dictionary(
  fc.constantFrom(
    'inference-header-content-length',
    'content-type',
    'content-encoding',
    'targetmodel',
    'x-amzn-sagemaker-target-model',
    'x-slipway-tenant',
    'x-request-id',
    'accept',
    'x-amzn-sagemaker-target-container-hostname',
  ),
  fc.oneof(
    header,
    fc.constantFrom(
      'application/json',
      'text/csv',
      'application/octet-stream',
      'acme',
      'acme/churn',
      '../acme',
      'identity',
    ),
  ),
  { maxKeys: 3 },
);

const target = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PATHS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 60 }).map((text) => `/${text}`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...PATHS), fc.string({ maxLength: 30 }))
      .map(([path, query]) => `${path}?${query}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom('..', '%2e%2e', 'v2', 'models', '%zz', '%00', 'infer', 'a'.repeat(300)), { maxLength: 8 })
      .map((parts) => `/${parts.join('/')}`),
  },
);

export const fuzzedRequest: fc.Arbitrary<FuzzedRequest> = fc.record({
  method: fc.oneof(
    { weight: 6, arbitrary: fc.constant('POST') },
    { weight: 1, arbitrary: fc.constantFrom('GET', 'DELETE', 'PUT', 'HEAD', 'PATCH') },
  ),
  target,
  headers,
  body,
});
