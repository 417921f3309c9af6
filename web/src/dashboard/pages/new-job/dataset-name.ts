/** A dataset's name: what the API takes. */
const LONGEST = 64;

/** A file's name as the name of a dataset: `Aufträge 2024.csv` → `Auftrage-2024`; empty where nothing of it is left. */
export function datasetName(filename: string): string {
  return filename
    .replace(/\.[^.]{1,5}$/, "")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, LONGEST)
    .replace(/[-._]+$/, "");
}

/** What is wrong with a dataset's name, as a sentence; null for a good one. */
export function datasetNameProblem(name: string): string | null {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return null;
  return `Use letters, digits, dots, hyphens and underscores only, at most ${LONGEST}, with a letter or digit first.`;
}
