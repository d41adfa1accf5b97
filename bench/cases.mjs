// What is measured.

/** Loads against the floor. `full`: the table holds the rows of day 1 already. */
export const loadCases = [
  { name: 'csv-empty', title: 'CSV into an empty table', file: 'day1.csv', full: false, target: 1.4 },
  { name: 'parquet-empty', title: 'Parquet into an empty table', file: 'day1.parquet', full: false, target: 1.4 },
  { name: 'csv-full', title: 'CSV, every row there already', file: 'day1.csv', full: true, target: null },
  { name: 'parquet-full', title: 'Parquet, every row there already', file: 'day1.parquet', full: true, target: null },
  { name: 'csv-day2', title: 'CSV of day 2: 20 % changed, 1 % repeated', file: 'day2.csv', full: true, target: null },
  { name: 'parquet-day2', title: 'Parquet of day 2', file: 'day2.parquet', full: true, target: null },
];

/** An applied load that is started again; its file is the one that was loaded. */
export const rerunCase = {
  name: 'rerun',
  title: 'An applied load again, file unchanged',
  file: 'day1.csv',
  runs: 20,
  targetMs: 300,
};

export const caseNames = [...loadCases.map(({ name }) => name), rerunCase.name];
/** Peak memory of the worker's process tree. */
export const memoryTargetMb = 400;
