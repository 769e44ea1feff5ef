/** Candidates whose relative edit distance is greater are not suggested. */
const MAX_DISTANCE = 0.5;
/** Longer names are compared by their first characters, so that a suggestion never takes long. */
const MAX_LENGTH = 100;
const MAX_CANDIDATES = 5_000;

/** The Levenshtein distance: how many characters to insert, delete or replace. */
const editDistance = (left: string, right: string): number => {
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

/** 0 for equal names, 1 for names that have nothing in common. */
const dissimilarity = (name: string, candidate: string): number => {
  const [wanted, found] = [name.toLowerCase(), candidate.toLowerCase()];
  if (wanted === found) return 0;
  if (found.includes(wanted) || wanted.includes(found)) return 0.2;
  const relative = (a: string, b: string) => editDistance(a, b) / Math.max(a.length, b.length, 1);
  return Math.min(relative(wanted, found), 0.1 + relative(lastPart(wanted), lastPart(found)));
};

/** The candidates that are most similar to `name`, best first. */
export const nearNames = (name: string, candidates: Iterable<string>, count = 3): string[] => {
  const wanted = name.slice(0, MAX_LENGTH);
  return [...candidates]
    .slice(0, MAX_CANDIDATES)
    .map((candidate) => ({
      candidate,
      rank: dissimilarity(wanted, candidate.slice(0, MAX_LENGTH)),
    }))
    .filter(({ rank }) => rank <= MAX_DISTANCE)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ candidate }) => candidate);
};

/** Quotes up to `count` names for a message: `"a", "b", 3 more`; `none` for an empty list. */
export const listNames = (names: readonly string[], count = 5): string => {
  const quoted = names.slice(0, count).map((name) => `"${name}"`);
  if (names.length > count) quoted.push(`${names.length - count} more`);
  return quoted.join(', ') || 'none';
};

/** The last sentence of an error about an unknown name: similar names, or else those that exist. */
export const didYouMean = (name: string, names: readonly string[]): string => {
  const near = nearNames(name, names).map((found) => `"${found}"`);
  return near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are ${listNames(names)}.`;
};
