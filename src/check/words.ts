/** A time span in plain words: `45 s`, `3 min`, `2 h`, `5 d`. */
export function span(secs: number): string {
  if (secs < 0) return `${span(-secs)} ahead`;
  if (secs < 120) return `${secs < 10 ? Number(secs.toFixed(1)) : Math.round(secs)} s`;
  if (secs < 7200) return `${Math.round(secs / 60)} min`;
  return secs < 172_800 ? `${Math.round(secs / 3600)} h` : `${Math.round(secs / 86_400)} d`;
}

/** Bytes in SI units: `1.5 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toPrecision(2))} ${units[unit]!}`;
}

/** `1 chain`, `2 chains`. */
export function count(many: number, one: string, more = `${one}s`): string {
  return `${many} ${many === 1 ? one : more}`;
}
