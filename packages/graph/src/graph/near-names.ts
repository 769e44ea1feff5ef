/** Names further away than this are no help. */
const furthest = 0.5;
/** Comparing longer names, or more of them, takes longer than it helps. */
const longest = 100;
const most = 5_000;

/** Levenshtein's distance: how many characters to insert, delete or replace. */
const distance = (left: string, right: string): number => {
  let above = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = Number(left[row - 1] !== right[column - 1]);
      current[column] = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + replaced,
      );
    }
    above = current;
  }
  return above[right.length] ?? 0;
};

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** 0 for the same name, 1 for one that has nothing in common. */
const strangeness = (name: string, candidate: string): number => {
  const [wanted, found] = [name.toLowerCase(), candidate.toLowerCase()];
  if (wanted === found) return 0;
  if (found.includes(wanted) || wanted.includes(found)) return 0.2;
  const relative = (a: string, b: string) => distance(a, b) / Math.max(a.length, b.length, 1);
  return Math.min(relative(wanted, found), 0.1 + relative(lastPart(wanted), lastPart(found)));
};

/** The few names that someone who typed `name` is most likely to have meant, best first. */
export const nearNames = (name: string, names: Iterable<string>, count = 3): string[] => {
  const wanted = name.slice(0, longest);
  return [...names]
    .slice(0, most)
    .map((candidate) => ({ candidate, rank: strangeness(wanted, candidate.slice(0, longest)) }))
    .filter(({ rank }) => rank <= furthest)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ candidate }) => candidate);
};

/** A few names in quotes, for a message: `"a", "b", 3 more`; `none` of none. */
export const listNames = (names: readonly string[], count = 5): string => {
  const few = names.slice(0, count).map((name) => `"${name}"`);
  if (names.length > count) few.push(`${names.length - count} more`);
  return few.join(', ') || 'none';
};

/** The end of an error: what was probably meant, else what there is. */
export const didYouMean = (name: string, names: readonly string[]): string => {
  const near = nearNames(name, names).map((found) => `"${found}"`);
  return near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are ${listNames(names)}.`;
};
