// The machine and the versions, as text.
import { loadavg } from 'node:os';

/** The load averages of the last 1, 5 and 15 minutes, as `0.52 0.61 0.70`. */
export const loadAverage = () =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');

/** As one sentence. */
export const factsText = (f) =>
  `${f.machine}, ${f.os}; Node ${f.node}, PostgreSQL ${f.postgres} (${f.settings}), Temporal ${f.temporal} with SDK ${f.sdk}, DuckDB ${f.duckdb}, Loadline ${f.loadline}`;
