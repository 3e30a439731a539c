import { VardeError } from '../base/errors.ts';
import { closest } from '../base/closest.ts';
import { probes as probesSchema } from '../config/probes.ts';
import type { Config, ProbePath } from '../config/schema.ts';
import { PROBE_KINDS, type ProbeKind } from '../probe/sent-probe.ts';

/** Options that name paths: chosen from the config, or one made of flags. */
export interface PathOptions {
  path?: string[];
  target?: string;
  name?: string;
  kind?: ProbeKind[];
  interval?: number;
  jitter?: number;
  interface?: string;
  vlan?: number;
  udpPort?: number;
  dnsPort?: number;
  httpPort?: number;
  tlsPort?: number;
}

/** The flags `--kind icmp,udp` as kinds. @throws VardeError usage */
export function parseKinds(text: string): ProbeKind[] {
  return text.split(',').map((part) => {
    const kind = PROBE_KINDS.find((known) => known === part.trim());
    if (kind !== undefined) return kind;
    const near = closest(part.trim(), PROBE_KINDS);
    throw new VardeError(
      'usage',
      `"${part.trim()}" is no kind of probe (${PROBE_KINDS.join(', ')})${near === null ? '' : `; did you mean "${near}"?`}`,
    );
  });
}

/**
 * The paths that a command is about: one made of `--target` and its companions, else those of the config, narrowed by `--path` and `--kind`.
 *
 * @throws VardeError usage
 */
export function choosePaths(config: Config, options: PathOptions): ProbePath[] {
  if (options.target !== undefined) return [pathOfFlags(config, options, options.target)];
  const { paths } = config.probes;
  if (paths.length === 0)
    throw new VardeError('usage', 'no path is configured; name a --target, or write probes.paths in the config file');
  for (const name of options.path ?? [])
    if (!paths.some((path) => path.name === name))
      throw new VardeError(
        'usage',
        `there is no path "${name}" (there is ${paths.map((path) => path.name).join(', ')})`,
      );
  const chosen = options.path === undefined ? paths : paths.filter(({ name }) => options.path?.includes(name) === true);
  const wanted = options.kind;
  if (wanted === undefined) return chosen;
  const narrowed = chosen.map((path) => ({ ...path, kinds: path.kinds.filter((kind) => wanted.includes(kind)) }));
  const left = narrowed.filter(({ kinds }) => kinds.length > 0);
  if (left.length === 0) throw new VardeError('usage', `no path has the kind ${wanted.join(' or ')}`);
  return left;
}

/** A path of the same name in the config lends what the flags leave open. */
function pathOfFlags(config: Config, options: PathOptions, target: string): ProbePath {
  const name = options.name ?? 'probe';
  const known = config.probes.paths.find((path) => path.name === name);
  const flags = {
    target,
    kinds: options.kind === undefined ? undefined : [...new Set(options.kind)],
    interval_secs: options.interval,
    jitter_percent: options.jitter,
    interface: options.interface,
    vlan: options.vlan,
    udp_port: options.udpPort,
    dns_port: options.dnsPort,
    http_port: options.httpPort,
    tls_port: options.tlsPort,
  };
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const parsed = probesSchema.safeParse({ paths: [{ send: 'elsewhere', ...known, name, ...given }] });
  const path = parsed.data?.paths[0];
  if (path !== undefined) return path;
  const issues = parsed.error?.issues ?? [];
  throw new VardeError('usage', issues.map((issue) => `${String(issue.path.at(-1))}: ${issue.message}`).join('; '));
}
