import { basename, dirname, extname, join } from 'node:path';

const FIELDS: Record<string, (time: Date) => string> = {
  Y: (time) => String(time.getUTCFullYear()).padStart(4, '0'),
  m: (time) => two(time.getUTCMonth() + 1),
  d: (time) => two(time.getUTCDate()),
  H: (time) => two(time.getUTCHours()),
  M: (time) => two(time.getUTCMinutes()),
  S: (time) => two(time.getUTCSeconds()),
};

/**
 * The name of a file that is begun at a time: `%Y %m %d %H %M %S` in UTC (strftime(3)); a name without them gets the time before its ending.
 * `again`: 2 and more where a file of that name is there already.
 */
export function fileName(template: string, time: Date, linkType: number | null, again = 1): string {
  const stamped = /%[YmdHMS]/.test(template)
    ? template.replace(/%([YmdHMS%])/g, (_, field: string) => FIELDS[field]?.(time) ?? '%')
    : withSuffix(
        template,
        `-${time
          .toISOString()
          .replace(/\.\d+Z$/, 'Z')
          .replaceAll(/[-:]/g, '')}`,
      );
  const typed = linkType === null ? stamped : withSuffix(stamped, `-linktype${linkType}`);
  return again < 2 ? typed : withSuffix(typed, `-${again}`);
}

/** Which files of a folder belong to a template, packed or not: for deleting the oldest. There is one folder, so that none is forgotten. */
export function belongsTo(template: string): (name: string) => boolean {
  const name = basename(template);
  const ending = extname(name);
  const stem = name.slice(0, name.length - ending.length);
  const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const middle = /%[YmdHMS]/.test(name)
    ? escape(stem)
        .replace(/%Y/g, '\\d{4}')
        .replace(/%[mdHMS]/g, '\\d\\d')
    : `${escape(stem)}-\\d{8}T\\d{6}Z`;
  const pattern = new RegExp(`^${middle}(?:-linktype\\d{1,5})?(?:-\\d{1,6})?${escape(ending)}(?:\\.gz)?$`);
  return (candidate) => pattern.test(candidate);
}

function withSuffix(path: string, suffix: string): string {
  const ending = extname(path);
  return join(dirname(path), `${basename(path, ending)}${suffix}${ending}`);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
