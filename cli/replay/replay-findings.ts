import path from 'node:path';
import { readyWorkflowNames } from './ready-workflows';
import { acknowledgementFor, acknowledges, type Acknowledgement } from './acknowledgements';
import { plural } from '../format';
import type { ReplayVerdict, Divergence } from '../../workers/replay';
import type { Finding } from '../reports/findings';

/** A finding without its fingerprint. */
export type NewFinding = Omit<Finding, 'fingerprint'>;

/** Several histories that part from the code in the same way. */
interface Group {
  readonly divergence: Divergence;
  readonly workflowType: string;
  readonly histories: string[];
  readonly file: string | undefined;
}

/** Gathers verdicts: one finding for each way in which histories of a workflow type part from the code. */
export class FindingsOfReplay {
  readonly #groups = new Map<string, Group>();
  readonly #used = new Set<Acknowledgement>();
  readonly #covered = new Set<string>();
  readonly passed: { id: string; title: string }[] = [];
  replayed = 0;

  constructor(
    private readonly acknowledged: readonly Acknowledgement[],
    private readonly workflowsPath: string | null,
  ) {}

  /** Takes a verdict. */
  add({ name, workflowType, divergences, file }: ReplayVerdict): void {
    this.replayed++;
    this.#covered.add(workflowType);
    if (divergences.length === 0) this.passed.push({ id: name, title: `${workflowType} replays` });
    for (const divergence of divergences) {
      const id = idOf(divergence, workflowType);
      const group = this.#groups.get(id) ?? { divergence, workflowType, histories: [], file };
      this.#groups.set(id, group);
      group.histories.push(name);
    }
  }

  /** What was found, the worst first, and what no history tells of. */
  findings(types: readonly string[]): NewFinding[] {
    const found = [...this.#groups].map(([id, group]) => this.#findingOf(id, group));
    const unused = this.acknowledged.filter((entry) => !this.#used.has(entry)).map(unusedFinding);
    const ready: readonly string[] = [...readyWorkflowNames, 'runCanary', 'canaryLoad'];
    const uncovered = [...types].sort().filter((type) => !this.#covered.has(type) && !ready.includes(type));
    const order = ['error', 'warning', 'notice'];
    const all = [...found, ...unused, ...uncovered.map((type) => uncoveredFinding(type, this.workflowsPath))];
    return all.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  }

  /** The entries that would acknowledge what is red for its load key. */
  suggestions(): string[] {
    return [...this.#groups.values()].flatMap(({ divergence: { changed }, workflowType }) =>
      changed && !this.#acknowledging(workflowType, changed) ? [acknowledgementFor(workflowType, changed)] : [],
    );
  }

  #acknowledging(workflowType: string, changed: NonNullable<Divergence['changed']>): Acknowledgement | undefined {
    return this.acknowledged.find((entry) => acknowledges(entry, workflowType, changed));
  }

  #findingOf(id: string, { divergence, workflowType, histories, file }: Group): NewFinding {
    const { code, eventId, expected, got, changed } = divergence;
    const entry = changed && this.#acknowledging(workflowType, changed);
    if (entry) this.#used.add(entry);
    const [first, ...others] = histories;
    const seen = `${first}${others.length === 0 ? '' : ` and ${plural(others.length, 'other history', 'other histories')}`}`;
    const why = entry ? ` Acknowledged in ${entry.file}:${entry.line}: ${entry.reason}` : '';
    return {
      id,
      level: entry ? 'notice' : isWarning[code] ? 'warning' : 'error',
      title: titles[code](workflowType),
      message: `${entry ? divergence.message.replace(/ Undo the change, or acknowledge it in [^ ]+$/, '') : divergence.message} Seen in ${seen}.${why}`,
      ...this.#placeOf(divergence, workflowType, file),
      facts: {
        kind: code,
        workflowType,
        history: first!,
        histories: histories.length,
        ...(eventId === undefined ? {} : { eventId }),
        ...(expected === undefined ? {} : { expected }),
        ...(got === undefined ? {} : { got }),
      },
    };
  }

  /** The line of the code, else the module of the workflows, else the history. */
  #placeOf({ file, line, column }: Divergence, workflowType: string, history: string | undefined) {
    if (file !== undefined) return { file: relative(file), ...(line && { line }), ...(column && { column }) };
    const ready: readonly string[] = readyWorkflowNames;
    const other = this.workflowsPath !== null && !ready.includes(workflowType) ? relative(this.workflowsPath) : history;
    return other === undefined ? {} : { file: other };
  }
}

/** Reports hold paths of the repository. */
const relative = (file: string): string =>
  (path.isAbsolute(file) ? path.relative(process.cwd(), file) : file).split(path.sep).join('/');

/** The same for each run that parts from the code in one way. */
function idOf({ code, expected = '', got = '', changed }: Divergence, workflowType: string): string {
  const kind = changed
    ? changed.map(({ part, kind }) => `${part} ${kind.from || 'none'} → ${kind.to || 'none'}`).join(', ')
    : [expected, got]
        .map((text) => text.replace(/,? (?:in )?event \d+/, ''))
        .filter(Boolean)
        .join(' → ');
  return `${code} ${workflowType}${kind === '' ? '' : `: ${kind}`}`.slice(0, 300);
}

const isWarning: Readonly<Record<Divergence['code'], boolean>> = {
  Nondeterminism: false,
  LoadKeyChanged: false,
  LoadRequestChanged: true,
  TimerChanged: true,
  ReplayFailed: false,
};

const titles: Readonly<Record<Divergence['code'], (workflowType: string) => string>> = {
  Nondeterminism: (type) => `${type} no longer does what its history says`,
  LoadKeyChanged: (type) => `${type} opens another load key`,
  LoadRequestChanged: (type) => `${type} asks for a load in another way`,
  TimerChanged: (type) => `${type} has a timer of another length`,
  ReplayFailed: (type) => `${type} cannot be replayed`,
};

function unusedFinding({ file, line, workflow, changed }: Acknowledgement): NewFinding {
  const parts = [...changed.keys()].join(', ');
  return {
    id: `UnusedAcknowledgement ${workflow}: ${[...changed].map(([part, { from, to }]) => `${part} ${from} → ${to}`).join(', ')}`,
    level: 'warning',
    title: 'An acknowledgement matches nothing',
    message: `No history of ${workflow} has this change of its ${parts}. Remove the entry: it would let the same change pass later.`,
    file: relative(file),
    line,
    facts: { kind: 'UnusedAcknowledgement', workflowType: workflow },
  };
}

function uncoveredFinding(type: string, workflowsPath: string | null): NewFinding {
  return {
    id: `NotCovered ${type}`,
    level: 'notice',
    title: `${type} is not covered`,
    message: `There is no history of ${type}: whether its running workflows fit the code is not known. Record one with \`loadline history record\`.`,
    ...(workflowsPath === null ? {} : { file: relative(workflowsPath) }),
    facts: { kind: 'NotCovered', workflowType: type },
  };
}
