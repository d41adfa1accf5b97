/** A GCS store with every option decided and secrets read. */
export interface ResolvedGcsConfig {
  readonly bucket: string;
  readonly prefix: string;
  /** `null`: as the credentials say. */
  readonly projectId: string | null;
  /** `null`: Google's. */
  readonly endpoint: string | null;
  /** A key as JSON. `null`: the application default credentials. */
  readonly credentials: string | null;
  /** How objects that are written are encrypted. `null`: as the bucket says. */
  readonly encryption: { readonly kmsKey: string } | null;
}
