import type { WarehouseCapabilities } from '../warehouse';

export const postgresCapabilities: WarehouseCapabilities = Object.freeze({
  name: 'postgres',
  // Every guarantee is tested against a real PostgreSQL server.
  proof: 'real',
  enforcesKeys: true,
});
