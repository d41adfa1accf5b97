import { defineSearchAttributeKey } from '@temporalio/common';

/** The search attributes that workflows set. A set of tables has several targets. */
export const searchAttributeTypes = {
  LoadlinePipeline: 'KEYWORD',
  LoadlineTarget: 'KEYWORD_LIST',
  LoadlineOutcome: 'KEYWORD',
} as const;

/** The name of one of {@link searchAttributeTypes}. */
export type SearchAttributeName = keyof typeof searchAttributeTypes;

const keyOf = <N extends SearchAttributeName>(name: N) => defineSearchAttributeKey(name, searchAttributeTypes[name]);

export const pipelineKey = keyOf('LoadlinePipeline');
export const targetKey = keyOf('LoadlineTarget');
export const outcomeKey = keyOf('LoadlineOutcome');
