import type { LoadErrorCode } from '../../workflows/load-error-code';

/** What the operating system says of a connection, whichever server it was to. */
export const networkErrors: Readonly<Record<string, LoadErrorCode>> = {
  ECONNREFUSED: 'WarehouseUnreachable',
  ENOTFOUND: 'WarehouseUnreachable',
  EAI_AGAIN: 'WarehouseUnreachable',
  EHOSTUNREACH: 'WarehouseUnreachable',
  ENETUNREACH: 'WarehouseUnreachable',
  ETIMEDOUT: 'WarehouseUnreachable',
  ECONNRESET: 'SessionLost',
  EPIPE: 'SessionLost',
};
