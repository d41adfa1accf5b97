import { defineConfig, env, localFiles, postgres } from 'loadline';
import { flights } from './contracts/flights';

const config = defineConfig({
  // A secret is named, never written down. `loadline dev` sets DATABASE_URL to its own PostgreSQL.
  warehouses: { main: postgres({ url: env('DATABASE_URL') }) },
  stores: { vega: localFiles({ root: '../../node_modules/vega-datasets/data' }) },
  contracts: [flights, './contracts/*.yml'],
  worker: { workflows: './workflows', activities: './activities' },
});
export default config;
