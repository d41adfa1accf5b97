/** A build whose code fails, so that runs do not end. @module */
export { ordersInTwo } from './good';

export async function orders(): Promise<never> {
  await Promise.resolve();
  throw new TypeError('no such thing');
}

export async function short(): Promise<never> {
  await Promise.resolve();
  throw new TypeError('no such thing');
}
