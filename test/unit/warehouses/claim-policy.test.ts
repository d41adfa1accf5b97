import { decideClaim, decidePublish, type ClaimRow } from '../../../activities/warehouses/claim-policy';
import type { ClaimRequest } from '../../../activities/warehouses/warehouse';

const me = { workflowId: 'me', runId: 'run-2', activityId: '1', scheduledAtMs: 2_000, attempt: 1, buildId: 'b' };
const request = (more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  loadKey: 'k',
  pipeline: 'p',
  targets: ['t'],
  identity: 'interval',
  sourceIdentity: 'same',
  onChanged: 'refuse',
  actor: me,
  ...more,
});
const fresh: ClaimRow = {
  state: 'open',
  generation: 0,
  appliedGeneration: null,
  fence: 0,
  sourceIdentity: null,
  rolledBack: false,
  workflowId: null,
  runId: null,
  activityId: null,
  scheduledAtMs: null,
  leaseLeftMs: 0,
};
const mine = { workflowId: 'me', runId: 'run-2', activityId: '1', scheduledAtMs: 2_000 };
const other = { workflowId: 'other', runId: 'run-9', activityId: '1', scheduledAtMs: 1_000 };
const applied = {
  state: 'applied',
  generation: 1,
  appliedGeneration: 1,
  fence: 1,
  sourceIdentity: 'same',
  ...other,
} as const;

const outcome = (row: Partial<ClaimRow>, more: Partial<ClaimRequest> = {}): unknown => {
  try {
    return decideClaim({ ...fresh, ...row }, request(more));
  } catch (error) {
    return (error as { type: string }).type;
  }
};
const take = (generation: number, fence: number) => ({ do: 'take', generation, fence });
const reprocess = { onChanged: 'reprocess' } as const;

test.each<[string, Partial<ClaimRow>, Partial<ClaimRequest>, unknown]>([
  ['a new key is taken', {}, {}, take(1, 1)],
  [
    'the same attempt, asked twice, keeps what it has',
    { generation: 1, fence: 1, ...mine, leaseLeftMs: 9 },
    {},
    { do: 'keep' },
  ],
  [
    'another activity of my run takes a new fence',
    { generation: 1, fence: 1, ...mine, activityId: '0', scheduledAtMs: 1_000 },
    {},
    take(1, 2),
  ],
  [
    'a later run of my workflow takes over at once',
    { generation: 1, fence: 1, ...mine, runId: 'run-1', scheduledAtMs: 1_000, leaseLeftMs: 9 },
    {},
    take(1, 2),
  ],
  [
    'an earlier run that woke up is fenced',
    { generation: 1, fence: 5, ...mine, runId: 'run-3', scheduledAtMs: 3_000 },
    {},
    'Fenced',
  ],
  [
    'an earlier run that woke up is fenced also when the key is applied',
    { ...applied, ...mine, runId: 'run-3', scheduledAtMs: 3_000, sourceIdentity: 'x' },
    {},
    'Fenced',
  ],
  [
    'a live claim of another workflow is waited for',
    { generation: 1, fence: 1, ...other, leaseLeftMs: 1 },
    {},
    'LoadInProgress',
  ],
  [
    'a lapsed claim of another workflow is taken',
    { generation: 1, fence: 1, ...other, leaseLeftMs: 0 },
    {},
    take(1, 2),
  ],
  [
    'a held claim does not lapse',
    { state: 'held', generation: 1, fence: 1, ...other, leaseLeftMs: 0 },
    {},
    'LoadInProgress',
  ],
  [
    'a claim that was given back is taken',
    { generation: 1, fence: 4, workflowId: null, leaseLeftMs: 0 },
    {},
    take(1, 5),
  ],
  ['the applied source is answered', applied, {}, { do: 'answer-applied' }],
  [
    'the applied source is answered also where other content may take its place',
    applied,
    reprocess,
    { do: 'answer-applied' },
  ],
  ['an unknown source is not', applied, { sourceIdentity: null }, take(2, 2)],
  [
    'nor where the applied one is not known',
    { ...applied, sourceIdentity: null },
    { sourceIdentity: null },
    take(2, 2),
  ],
  ['another source is a generation of its own, for its hash to decide', applied, { sourceIdentity: 'new' }, take(2, 2)],
  [
    'a reprocess under way is waited for',
    { ...applied, state: 'open', generation: 2, fence: 2, leaseLeftMs: 9 },
    {},
    'LoadInProgress',
  ],
  [
    'a reprocess that died is taken over in its generation',
    { ...applied, state: 'open', generation: 2, fence: 2, leaseLeftMs: 0 },
    { sourceIdentity: 'new' },
    take(2, 3),
  ],
  ['a rejected load is refused', { state: 'rejected', generation: 1, fence: 2 }, {}, 'Rejected'],
  ['a rolled-back load is refused', { ...applied, state: 'rolled-back' }, {}, 'RolledBack'],
  ['and taken when a new generation is asked for', { ...applied, state: 'rolled-back' }, reprocess, take(2, 2)],
  [
    'what was rolled back stays so when the load that came after it has died',
    { ...applied, state: 'open', generation: 2, fence: 3, appliedGeneration: null, rolledBack: true },
    {},
    'RolledBack',
  ],
  [
    'and is taken by who asks for it',
    { ...applied, state: 'open', generation: 2, fence: 3, appliedGeneration: null, rolledBack: true },
    reprocess,
    take(2, 4),
  ],
  ['so is a rejected one', { state: 'rejected', generation: 3, fence: 7 }, reprocess, take(4, 8)],
])('%s', (_what, row, more, expected) => expect(outcome(row, more)).toEqual(expected));

test('who must wait is told for whom, and when to ask again', () => {
  const wait = (row: Partial<ClaimRow>) => {
    try {
      decideClaim({ ...fresh, generation: 1, fence: 1, ...other, ...row }, request());
    } catch (error) {
      return error;
    }
    return undefined;
  };
  expect(wait({ leaseLeftMs: 60_000 })).toMatchObject({
    message: expect.stringContaining('workflow other') as string,
    nonRetryable: false,
    nextRetryDelay: 5_000,
  });
  expect(wait({ leaseLeftMs: 1 })).toMatchObject({ nextRetryDelay: 500 });
  expect(wait({ state: 'held' })).toMatchObject({
    message: expect.stringContaining('held for a verdict') as string,
    nextRetryDelay: 30_000,
  });
});

describe('publish', () => {
  const decide = (row: Partial<ClaimRow> | undefined): unknown => {
    try {
      return decidePublish(row && { ...fresh, ...row }, { loadKey: 'k', generation: 2, fence: 3 });
    } catch (error) {
      return (error as { type: string }).type;
    }
  };

  test.each<[string, Partial<ClaimRow> | undefined, unknown]>([
    [
      'goes where the fence is mine and the state is open',
      { state: 'open', generation: 2, appliedGeneration: 1, fence: 3 },
      'go',
    ],
    [
      'answers where my generation is applied',
      { state: 'applied', generation: 2, appliedGeneration: 2, fence: 3 },
      'answer-applied',
    ],
    [
      'answers where a later generation is applied',
      { state: 'applied', generation: 3, appliedGeneration: 3, fence: 9 },
      'answer-applied',
    ],
    ['is fenced by a newer fence', { state: 'open', generation: 2, appliedGeneration: 1, fence: 4 }, 'Fenced'],
    [
      'is fenced where the claim was given back',
      { state: 'applied', generation: 1, appliedGeneration: 1, fence: 3 },
      'Fenced',
    ],
    ['is fenced where the load is held', { state: 'held', generation: 2, fence: 3 }, 'Fenced'],
    ['is fenced without a claim', undefined, 'Fenced'],
    ['is refused where the load was rejected', { state: 'rejected', generation: 2, fence: 3 }, 'Rejected'],
    [
      'is refused where an earlier generation was rolled back',
      { state: 'rolled-back', generation: 1, appliedGeneration: 1, fence: 4 },
      'RolledBack',
    ],
    [
      'is refused where it was rolled back itself',
      { state: 'rolled-back', generation: 2, appliedGeneration: 2, fence: 4 },
      'RolledBack',
    ],
  ])('%s', (_what, row, expected) => expect(decide(row)).toEqual(expected));
});
