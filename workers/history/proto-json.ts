import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import type { temporal } from '@temporalio/proto';

/** A history from its text. */
export const historyOf = (text: string): temporal.api.history.v1.IHistory => historyFromJSON(JSON.parse(text));
