import { idOf, type FakeEvent, isoMicros } from './day.ts';

/** Values that an attacker writes into a log: markup, handlers, links, terminal codes, prototype keys, formulas, bidirectional marks, size. */
export const HOSTILE_VALUES: readonly string[] = [
  '<script>window.__ran=1;alert(1)</script>',
  '<img src=x onerror="window.__ran=1;alert(1)">',
  '"><svg onload=window.__ran=1>',
  "'-alert(1)-'",
  'javascript:window.__ran=1//',
  'data:text/html,<script>window.__ran=1</script>',
  '{{constructor.constructor("window.__ran=1")()}}',
  '</textarea></script></style><iframe src="https://evil.example/"></iframe>',
  '<a href="https://evil.example/">click</a><link rel=stylesheet href=//evil.example/x.css>',
  '\u001b[31mred\u001b[0m\u001b]0;title\u0007\u001b[2J',
  '\u009b31mC1\u0085next\u007f',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-2+3',
  '@SUM(1)',
  'abc\u202egnp.exe\u202c',
  '\u2066isolate\u2069 \u200fmark\u200e',
  '\u202dleft\u202e',
  'zero\u200bwidth\u200d\ufeff',
  'line\u2028separator\u2029',
  'tab\there\nnew\r\nline\u0000nul',
  '\ud800lone',
  'مرحبا بالعالم',
  '𝕏'.repeat(50),
  'a'.repeat(1_000_000),
  `<b>${'<script>'.repeat(5000)}`,
  '%00%0a../../etc/passwd',
  '${7*7}',
  '"; DROP TABLE events; --',
  "' OR '1'='1",
  ' ',
  '',
  'undefined',
  'null',
  'NaN',
  '[object Object]',
  '&lt;b&gt;&amp;&#x3c;',
];

const FIELDS = [
  'rule.name',
  'event.action',
  'source.ip',
  'destination.ip',
  'dns.question.name',
  'tls.client.server_name',
  'url.domain',
  'url.path',
  'http.request.method',
  'user_agent.original',
  'file.path',
  'user.name',
  'network.protocol',
  'observer.hostname',
  'network.community_id',
  'suricata.eve.flow_id',
];
const TYPES = ['alert', 'dns', 'http', 'tls', 'fileinfo', 'ssh', 'flow'];

/** Every hostile value in every field that the page shows, and as keys too. */
export function hostileEvents(end: number): FakeEvent[] {
  const events: FakeEvent[] = [];
  let n = 0;
  for (const value of HOSTILE_VALUES) {
    for (const [i, type] of TYPES.entries()) {
      // A megabyte in one event of the list is the test; a megabyte in a hundred would only test the memory.
      if (value.length > 100_000 && i > 1) continue;
      const ts = end - n * 1_000_000;
      const fields: FakeEvent['fields'] = Object.create(null) as FakeEvent['fields'];
      for (const field of FIELDS)
        fields[field] =
          value.length > 100_000 && field !== 'rule.name' && field !== 'url.path' ? value.slice(0, 3000) : value;
      fields['@timestamp'] = isoMicros(ts);
      // Every second one keeps its type, so that each kind of summary is made from hostile values.
      if (n % 2 === 0) fields['event.action'] = type;
      fields['event.severity'] = (n % 5) + 1;
      if (value.length > 0 && value.length < 1000) fields[value] = value;
      Object.defineProperty(fields, '__proto__', { value: 'own', enumerable: true });
      events.push({
        id: idOf('badc0ffee0ddf00d', n * 1000, ts),
        ts,
        fields,
        line: `{"hostile":${JSON.stringify(value.slice(0, 1_000_000))}}`,
      });
      n++;
    }
  }
  return events.reverse();
}
