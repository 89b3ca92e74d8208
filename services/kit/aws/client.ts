/** What every AWS client of a service is configured with; region, endpoint and credentials come from the environment. */
export const clientOptions = {
  maxAttempts: 4,
  retryMode: 'standard',
  // Without the last one the SDK only writes a warning, and waits for ever.
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;
