import { z } from 'zod';
import { strict } from '../../activities/contracts/zod-issue';

export const text = (what: string): z.ZodString => z.string({ error: what }).min(1, { error: what });
export const duration = text('a duration such as 30s, 10m or 2h');
export const atOnce = z
  .int({ error: 'a whole number from 1 to 100' })
  .min(1, { error: 'a whole number from 1 to 100' })
  .max(100, { error: 'a whole number from 1 to 100' });
export const httpUrl = z.url({ protocol: /^https?$/, error: 'an http or https URL' });

/** The two ways to refer to a secret. */
export const reference = [
  strict({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
  strict({ file: z.string().min(1) }),
] as const;
export const referredTo = z.union(reference, { error: "env('NAME') or secretFile('path')" });
