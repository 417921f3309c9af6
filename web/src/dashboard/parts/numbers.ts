const WHOLE = new Intl.NumberFormat("en");

/** `1,234,567` */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** A file's size: `512 bytes`, `3.4 kB`, `12 MB`; a kilobyte is 1,000 bytes. */
export function fileSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
