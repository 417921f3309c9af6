/** A name of a program as words: `recordsProcessed` → `Records processed`. */
export function inWords(name: string): string {
  const words = name.replace(/[_-]+/g, " ").replace(/([a-z0-9])([A-Z])/g, (_, before, after: string) => {
    return `${before} ${after.toLowerCase()}`;
  });
  return words.charAt(0).toUpperCase() + words.slice(1);
}
