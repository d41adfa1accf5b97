import { loadFailure } from '../workflows/load-error';
import { shortPath } from './config/short-path';

/** An error as webpack tells it. */
export interface BundleError {
  readonly message?: string;
  readonly moduleName?: string;
  /** Line and columns in the module, where it is the module's own line that fails. */
  readonly loc?: string;
  /** Which modules import the one that failed, the nearest first. */
  readonly moduleTrace?: readonly {
    readonly originName?: string;
    readonly dependencies?: readonly { readonly loc?: string }[];
  }[];
}

/** The failure that says which line keeps workflows from being bundled: the SDK says only that something does. */
export function notBundled(first: BundleError, others: number): Error {
  const { message = '', moduleName = '' } = first;
  const more = others > 0 ? ` There ${others === 1 ? 'is one other error' : `are ${others} other errors`}.` : '';
  return loadFailure('WorkflowsNotBundled', {
    what: `The workflows cannot be bundled.${more}`,
    object: placeOf(first),
    got: /UnhandledSchemeError/.test(message)
      ? `an import of ${moduleName}, which workflows have not`
      : saidBy(message),
  });
}

/** The compiler frames the line; the bundler knows who imports what cannot be found. */
function placeOf({ message = '', moduleName = '', moduleTrace = [], loc }: BundleError): string {
  const framed = /,-\[(.+?:\d+:\d+)\]|╭─\[(.+?:\d+:\d+)\]/.exec(message);
  const place = framed?.[1] ?? framed?.[2];
  if (place !== undefined)
    return place.replace(/^(.*?)(:\d+:\d+)$/, (_, file: string, at: string) => shortPath(file) + at);
  const [importer] = moduleTrace;
  // Not found is told of the module that imports; not readable of the one that is imported.
  const name = loc === undefined ? importer?.originName : moduleName;
  const line = (loc ?? importer?.dependencies?.[0]?.loc)?.split(':')[0];
  return (name ?? moduleName).replace(/^\.\//, '').concat(line === undefined ? '' : `:${line}`) || 'workflows';
}

function saidBy(message: string): string {
  const compiled = /^\s*(?:Error:)?\s*[x×] (.+)$/m.exec(message)?.[1];
  return (
    compiled ??
    message
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ??
    'an error without words'
  );
}
