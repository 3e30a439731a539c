import type { LabRule } from './rules.ts';

/** Rules as `varde probe rules` writes them, taken apart into the lab's. */
export function asLabRules(text: string): LabRule[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('alert '))
    .map((line) => {
      const [, head = '', message = '', options = '', sid = ''] =
        /^(alert .*?) \(msg:"([^"]*)"; (.*) sid:(\d+); rev:1;\)$/.exec(line) ?? [];
      return { head, message, options, sid: Number(sid) };
    });
}
