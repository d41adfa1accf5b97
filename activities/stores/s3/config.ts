/** A key pair that is written down by reference, with its secrets read. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** An S3 store with every option decided and secrets read. */
export interface ResolvedS3Config {
  readonly bucket: string;
  readonly prefix: string;
  /** `null`: as the SDK finds it, in the environment or the shared configuration. */
  readonly region: string | null;
  /** `null`: AWS. */
  readonly endpoint: string | null;
  readonly pathStyle: boolean;
  /** `null`: the SDK's default chain. */
  readonly credentials: S3Credentials | null;
  /** How objects that are written are encrypted. `null`: as the bucket says. */
  readonly encryption: 's3' | { readonly kmsKey: string } | null;
}
