/** What a warehouse has to guarantee, in the order of the matrix. */
export const guarantees = {
  claims: 'Of many attempts one holds a load key, and a late one changes nothing',
  identity: 'Equal content is loaded once, other content under its key is refused',
  modes: 'Every mode leaves the table that it says, and every row read is counted once',
  publish: 'Publish happens wholly or not at all, one after the other, in the order of intervals',
  lost: 'A stage, a lock or an answer that is lost is noticed, and nothing is lost with it',
  sets: 'Several tables become visible together',
  values: 'Values of every type arrive to the last digit',
  refusals: 'Bad input changes nothing, and is named without its values',
  holds: 'Bad rows are set aside with reasons, and a held load waits for its verdict',
  names: 'Tables and columns of any name',
  crash: 'A load whose process dies anywhere is finished once by the next',
  undo: 'A load is rolled back whole, and the archive forgets nothing',
} as const;

/** The name of a guarantee. */
export type Guarantee = keyof typeof guarantees;
