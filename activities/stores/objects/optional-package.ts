import { loadFailure } from '../../../workflows/load-error';

/**
 * Imports a package that only those install who need it.
 *
 * @throws `InvalidConfig` that names the package, when it is absent
 */
export async function optionalPackage<T>(name: string, store: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const absent = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
    if (!absent || !message.includes(`'${name}'`)) throw error;
    throw loadFailure('InvalidConfig', {
      what: 'A package that a store needs is not installed.',
      object: `stores.${store}`,
      expected: `the package ${name}`,
      got: 'no such package',
      remedy: `Install it beside loadline: npm install ${name}`,
    });
  }
}
