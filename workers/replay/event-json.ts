import { loadFailure } from '../../workflows/load-error';
import { eventType, type EnumType, type MessageField, type MessageType } from './history-types';

/**
 * Events as protobuf's JSON has them, with the names of enumerations that older exports write as `WorkflowExecutionStarted`
 * put right. Nothing is copied that is right already.
 *
 * @throws `InvalidHistory` for payloads made readable, and for dumps of the objects that the SDK's client returns
 */
export function checkedEvents(events: readonly object[], name: string): readonly object[] {
  const [first] = events as readonly { eventTime?: unknown; eventId?: unknown; eventType?: unknown }[];
  if (isObject(first?.eventTime) || isObject(first?.eventId) || typeof first?.eventType === 'number')
    throw loadFailure('InvalidHistory', {
      object: name,
      expected: "events in protobuf's JSON",
      got: "the SDK's objects, as JSON.stringify(await handle.fetchHistory()) writes them",
      remedy: 'Write it by writeHistory of loadline/workers, or by `temporal workflow show --output json`.',
    });
  return events.map((event) => checked(eventType, event, { event, name, path: '' }) as object);
}

interface Place {
  readonly event: object;
  readonly name: string;
  readonly path: string;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function checked(type: MessageType, value: unknown, place: Place): unknown {
  if (type.fullName === '.temporal.api.common.v1.Payload') return isPayload(value) ? value : refuseDecoded(place);
  // Anything else of a wrong kind is for the decoder to say, but what holds payloads is known to be made readable.
  if (!isObject(value) || Array.isArray(value))
    return type.fullName === '.temporal.api.common.v1.Payloads' && value !== null ? refuseDecoded(place) : value;
  let changed: Record<string, unknown> | undefined;
  for (const [key, inner] of Object.entries(value)) {
    const field = Object.hasOwn(type.fields, key) ? type.fields[key]!.resolve() : undefined;
    if (!field?.resolvedType || inner === null) continue;
    const right = checkedField(field, inner, { ...place, path: place.path === '' ? key : `${place.path}.${key}` });
    if (right !== inner) (changed ??= { ...value })[key] = right;
  }
  return changed ?? value;
}

function checkedField({ resolvedType, repeated, map }: MessageField, value: unknown, place: Place): unknown {
  const one = (inner: unknown): unknown =>
    isEnum(resolvedType!) ? enumName(resolvedType, inner) : checked(resolvedType!, inner, place);
  if (repeated) return Array.isArray(value) ? sameOr(value, value.map(one)) : value;
  if (!map) return one(value);
  if (!isObject(value)) return value;
  for (const inner of Object.values(value)) one(inner);
  return value;
}

const sameOr = (before: readonly unknown[], after: readonly unknown[]): readonly unknown[] =>
  after.some((value, index) => value !== before[index]) ? after : before;

const isEnum = (type: MessageType | EnumType): type is EnumType => 'values' in type;

/** `WorkflowExecutionStarted` as `EVENT_TYPE_WORKFLOW_EXECUTION_STARTED`. */
function enumName({ name, values }: EnumType, value: unknown): unknown {
  if (typeof value !== 'string' || Object.hasOwn(values, value)) return value;
  const bare = (text: string): string => text.replaceAll('_', '').toLowerCase();
  const wanted = bare(name) + bare(value);
  return Object.keys(values).find((key) => bare(key) === wanted) ?? value;
}

const fieldsOfPayload: readonly string[] = ['metadata', 'data', 'externalPayloads'];

/** Bytes are base64, the name of the encoding too. */
function isPayload(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).some((key) => !fieldsOfPayload.includes(key))) return false;
  const { metadata = {}, data = '' } = value as { metadata?: unknown; data?: unknown };
  return isBase64(data) && isObject(metadata) && Object.values(metadata).every(isBase64);
}

const isBase64 = (value: unknown): boolean =>
  typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value);

function refuseDecoded({ event, name, path }: Place): never {
  throw loadFailure('InvalidHistory', {
    object: name,
    expected: 'payloads as they are stored, in base64',
    got: `decoded ones, such as ${path} of event ${String((event as { eventId?: unknown }).eventId)}`,
  });
}
