import { ALL_HOSTS } from './household.ts';
import { LAB_RULES } from './rules.ts';

/** One file of the recording, unpacked. */
export interface RecordedFile {
  name: string;
  version: string;
  content: string;
  packed: number;
}

/** How often each value of `key` occurs in JSON lines, the most frequent first. */
function counts(lines: string, value: (event: Record<string, unknown>) => string | undefined): [string, number][] {
  const out = new Map<string, number>();
  for (const line of lines.split('\n')) {
    if (!line.startsWith('{')) continue;
    const key = value(JSON.parse(line) as Record<string, unknown>);
    if (key !== undefined) out.set(key, (out.get(key) ?? 0) + 1);
  }
  return [...out].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function signatureOf(event: Record<string, unknown>): string | undefined {
  const alert = event['event_type'] === 'alert' ? (event['alert'] as Record<string, unknown>) : undefined;
  return alert === undefined ? undefined : `${String(alert['signature_id'])} ${String(alert['severity'])}`;
}

/** The recording's README, counted from the files themselves. */
export function recordingReadme(files: readonly RecordedFile[], packets: number): string {
  const eves = files.filter((file) => file.name.includes('eve'));
  const types = eves.map((file) => new Map(counts(file.content, (event) => String(event['event_type']))));
  const names = [...new Set(types.flatMap((map) => [...map.keys()]))].sort(
    (a, b) => (types[0]?.get(b) ?? 0) - (types[0]?.get(a) ?? 0) || (a < b ? -1 : 1),
  );
  const alerts = new Map(counts(eves[0]?.content ?? '', signatureOf));
  const severity = new Map([...alerts.keys()].map((key) => key.split(' ') as [string, string]));
  const v6 = ALL_HOSTS.filter((host) => host.ip6 !== undefined).length;
  return `# The recorded day

What Suricata wrote about one day, 2026-01-15 00:00 to 24:00 UTC, of a household and small office that do not exist: ${ALL_HOSTS.length} machines with
${ALL_HOSTS.length} IPv4 and ${v6} IPv6 addresses. The demo plays it, tests read it. Every packet was made by the code in \`test/lab\`: private and documentation
addresses only, names under \`home.test\` and \`example.*\`, locally administered link addresses.

Made by \`npm run build && node dist/tools/lab.js record\` (as root; the packages are listed in \`test/lab/packages.ts\`; takes about five minutes):

1. \`day/*.ts\` writes ${packets} packets: conversations spoken by \`protocol/*.ts\`, spread over the day by \`day/rhythm.ts\` with a seeded generator.
   At 12:02 and 17:35 \`captured.ts\` joins in: nmap, curl, dig, swaks and ssh against nginx, dnsmasq, aiosmtpd and sshd in network namespaces,
   captured by tcpdump and given the household's addresses. HTTP/2 is spoken by Node.
2. Real Suricata reads them from a pipe at 900 times their pace, with its clock running along (libfaketime), our rules (\`rules.ts\`) and our
   configuration (\`suricata-config.ts\`). So flows end through the day as they would live, and the stats records belong to it.
3. Lines are kept as they were written and in the order of writing. Left out are lines dated outside the day: flows that end when Suricata is
   stopped after midnight, and the few that it dates 1970. Of Suricata 8's log only 08:00 to 14:59 is kept.

Random parts (certificates, flow ids) differ from run to run; addresses, times and counts hardly do.

| file | Suricata | lines | bytes | packed |
| --- | --- | ---: | ---: | ---: |
${files.map((file) => `| \`${file.name}\` | ${file.version} | ${file.content.split('\n').length - 1} | ${Buffer.byteLength(file.content)} | ${file.packed} |`).join('\n')}

## Events

| event type | ${eves.map((file) => `\`${file.name}\``).join(' | ')} |
| --- | ${eves.map(() => '---:').join(' | ')} |
${names.map((name) => `| ${name} | ${types.map((map) => map.get(name) ?? 0).join(' | ')} |`).join('\n')}

## Rules and what they raised (${eves[0]?.name ?? ''})

| sid | severity | alerts | rule |
| --- | --- | ---: | --- |
${LAB_RULES.map((rule) => {
  const level = severity.get(String(rule.sid));
  return `| ${rule.sid} | ${level ?? ''} | ${alerts.get(`${rule.sid} ${level}`) ?? 0} | ${rule.message} |`;
}).join('\n')}
`;
}
