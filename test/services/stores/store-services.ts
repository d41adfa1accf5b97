/** Names of the variables that carry the endpoints; set beforehand, they name servers that already run. */
export const storeVariables = { s3: 'LOADLINE_TEST_S3_ENDPOINT', gcs: 'LOADLINE_TEST_GCS_ENDPOINT' } as const;

/** Whether there is a stand-in: a machine without Go has none for GCS. */
export const hasStore = (kind: keyof typeof storeVariables): boolean => !!process.env[storeVariables[kind]];

/** The endpoint of a store of objects. Without it a client would ask the real service. */
export function storeEndpoint(kind: keyof typeof storeVariables): string {
  const endpoint = process.env[storeVariables[kind]];
  if (endpoint) return endpoint;
  throw new Error(`${storeVariables[kind]} is not set: run this test by jest, in the project stores.`);
}
