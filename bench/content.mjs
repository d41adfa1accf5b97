// What a table holds after a load: the floor finds it, all others must find the same.
const keyOf = ({ day, full, rows }) => `content ${day} ${full} ${rows}`;

/** Notes what the floor's table holds. Whatever the format, one day's rows make one table. */
export function noteContent({ found }, plan, got) {
  const expected = found.get(keyOf(plan)) ?? got;
  if (got !== expected) throw new Error(`The floor's table has ${got}, from another format ${expected}.`);
  found.set(keyOf(plan), got);
}

export const expectedContent = ({ found }, plan) => found.get(keyOf(plan));
