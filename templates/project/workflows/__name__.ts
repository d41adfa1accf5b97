import { files, load, type LoadReceipt } from 'loadline/workflows';

/** Loads every file that has not been loaded yet. A file that was loaded before is left out, whatever its name. */
export async function __workflow__(): Promise<LoadReceipt> {
  return load({
    pipeline: '__name__',
    into: '__name__',
    mode: '__mode__',
    from: files(__files__),
  });
}
