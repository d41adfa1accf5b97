import { parseDuration } from '../../activities/duration';
import {
  activityTypesOf,
  attributesOf,
  isObject,
  payloadsIn,
  valueOf,
  type EventJson,
  type Json,
} from './history-json';
import { unredactedIn } from './unredacted';
import type { ResolvedConfig } from '../config';

/** Fields of requests, open loads and receipts whose texts name things of the project, or are one of few words. */
const named = new Set([
  'loadKey', 'pipeline', 'into', 'part', 'target', 'targets', 'table', 'tables', 'warehouse', 'store', 'mode', 'kind', 'outcome',
  'identity', 'onChanged', 'outOfOrder', 'verdict', 'then', 'choices', 'grain', 'zone', 'severity', 'scope', 'type', 'code',
  'create', 'extraColumns', 'format', 'newest', 'column',
]); // prettier-ignore

/** The texts that stay as they are: names of the project, and what its workflow code is written with. */
export function knownWords(config: ResolvedConfig, bundle: { readonly code: string }): Set<string> {
  const tables = [...config.contracts.values()].flatMap(({ table }) => [table, ...table.split(/[./]/)]);
  const names = [config.contracts, config.stores, config.warehouses].flatMap((map) => [...map.keys()]);
  return new Set([...names, ...tables, config.taskQueue, ...codeWords(bundle.code)]);
}

const foreign = /node_modules\/(?!loadline\/)/;
// Comments are taken along, so that no word in them counts and no quote in them opens a text.
const textOrComment = /(["'`])((?:\\.|(?!\1)[^\\\n])*)\1|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/**
 * The texts in the project's workflow code, which is in its repository: what code compares a value with is written there.
 * Those of Temporal's packages do not count: they hold every short word.
 */
export function codeWords(code: string): Set<string> {
  const words = new Set<string>();
  const body = code.split('//# sourceMappingURL=')[0]!;
  for (const part of body.split(/^\/\*{3}\/ (?=")/m).slice(1)) {
    if (foreign.test(part.slice(0, part.indexOf('\n')))) continue;
    for (const [, , word] of part.matchAll(textOrComment)) if (word && /^[^\\$]{2,80}$/.test(word)) words.add(word);
  }
  return words;
}

const parts = new Set(['from', 'tables', 'batch']);

/** The names in requests, open loads and receipts of a history: the parts of load keys must survive. */
export function wordsOf(events: readonly EventJson[]): Set<string> {
  const words = new Set<string>();
  const types = activityTypesOf(events);
  for (const event of events) {
    const [, attributes] = attributesOf(event);
    const scheduled = isObject(attributes['activityType']) ? event.eventId : String(attributes['scheduledEventId']);
    const own = types.get(scheduled)?.startsWith('loadline.') === true;
    for (const payload of payloadsIn(attributes)) collect(valueOf(payload) ?? null, own, words);
  }
  return words;
}

function collect(value: Json, own: boolean, words: Set<string>): void {
  if (Array.isArray(value)) return value.forEach((one: Json) => collect(one, own, words));
  if (!isObject(value)) return;
  const ofLoad = own || ('pipeline' in value && ('into' in value || 'loadKey' in value)) || 'loadKey' in value;
  for (const [name, field] of Object.entries(value)) {
    const texts = Array.isArray(field) ? (field as readonly Json[]) : [field];
    if (ofLoad && named.has(name)) for (const text of texts) if (typeof text === 'string') words.add(text);
    // What else stands in a request of a pipeline's own may be rows.
    collect(field, own || (ofLoad && parts.has(name)), words);
  }
}

const instant = /^\d{4}-\d\d(?:-\d\d)?(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** Whether a text may stay: a known word, a date or instant, a duration; but nothing that looks like a secret. */
export function mayStay(text: string, words: ReadonlySet<string>): boolean {
  if (text === '' || instant.test(text) || !Number.isNaN(parseDuration(text))) return true;
  return words.has(text) && unredactedIn(text) === undefined;
}
