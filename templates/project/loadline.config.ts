import { defineConfig, env, localFiles, postgres } from 'loadline';
import { __contract__ } from './contracts/__name__';

export default defineConfig({
  // A secret is named, never written down. Where DATABASE_URL is not set, `npm run dev` sets it to a PostgreSQL of its own.
  warehouses: { analytics: postgres({ url: env('DATABASE_URL') }) },
  stores: { raw: localFiles({ root: '__root__' }) },
  contracts: [__contract__],
  worker: { workflows: './workflows/__name__.ts' },
});
