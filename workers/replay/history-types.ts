import { createRequire } from 'node:module';
import * as proto from '@temporalio/proto';
import { patchProtobufRoot } from '@temporalio/proto/lib/patch-protobuf-root';

/** The part of protobufjs's reflection that is used. */
export interface MessageType {
  readonly fullName: string;
  readonly fields: Readonly<Record<string, MessageField>>;
  fromObject(object: object): object;
}
/** A field of a message, once it is resolved. */
export interface MessageField {
  readonly repeated: boolean;
  readonly map?: boolean;
  readonly resolvedType: MessageType | EnumType | null;
  resolve(): MessageField;
}
/** An enumeration, by the names of its values. */
export interface EnumType {
  readonly name: string;
  readonly values: Readonly<Record<string, number>>;
}

interface ProtoJson {
  fromJson(type: MessageType, json: unknown, options: { readonly ignoreUnknownFields: boolean }): object | null;
  toJson(type: MessageType, message: object): unknown;
}

/**
 * A plain install puts several copies of protobufjs into a project, and a type of one is none to another: the SDK's own
 * `historyFromJSON` then dies of `type must be a Type`. So the copy that made the types is asked.
 */
export const protoJson = createRequire(require.resolve('@temporalio/proto'))('protobufjs/ext/protojson') as ProtoJson;

const root = patchProtobufRoot(proto as never) as unknown as { lookupType(name: string): MessageType };

/** The type of a whole history. */
export const historyType = root.lookupType('temporal.api.history.v1.History');
/** The type of one event. */
export const eventType = root.lookupType('temporal.api.history.v1.HistoryEvent');
