import type { SetupFile, TzspPlan } from './plan.ts';

/** The capabilities that the receiver needs, and why. */
function capabilities(kernelPath: boolean): string {
  // AF_PACKET; SO_RCVBUFFORCE (and attaching to an interface); loading an eBPF program where unprivileged users may not.
  return ['CAP_NET_RAW', 'CAP_NET_ADMIN', ...(kernelPath ? ['CAP_BPF'] : [])].join(' ');
}

/** A service of its own (systemd.exec(5)), or what the station's service needs besides. */
export function serviceFile(plan: TzspPlan): SetupFile {
  return plan.receiver === 'station' ? stationDropIn(plan) : ownService(plan);
}

function ownService({ inject, listen, routers, kernelPath, program, receiveBufferBytes }: TzspPlan): SetupFile {
  const flags = [
    ...listen.map((address) => `--listen ${address}`),
    ...routers.map((router) => `--router ${router}`),
    ...inject.map((name) => `--inject ${name}`),
    `--buffer ${receiveBufferBytes}`,
    ...(kernelPath ? [] : ['--no-kernel']),
  ];
  return {
    path: '/etc/systemd/system/varde-tzsp.service',
    purpose: 'runs the receiver',
    text: `# Varde's receiver of TZSP streams, where no station receives them itself. Written by varde tzsp setup; by hand: copy to /etc/systemd/system/,
# then: systemctl enable --now varde-tzsp
[Unit]
Description=Varde: receives TZSP streams
Documentation=file://${program.replace(/bin\/varde$/, 'docs/tzsp.md')}
After=network.target
# The port may be taken, or the address late, for longer than five starts: it is tried on and on.
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${program} tzsp ${flags.join(' ')}
Restart=always
RestartSec=1
TimeoutStopSec=5

# A user that exists only while the service runs.
DynamicUser=yes
# ${kernelPath ? 'Raw frames into the interface; a large receive buffer and the program on the interface; loading that program.' : 'Raw frames into the interface; a large receive buffer.'}
AmbientCapabilities=${capabilities(kernelPath)}
CapabilityBoundingSet=${capabilities(kernelPath)}

NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
PrivateMounts=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
# AF_PACKET writes the frames; netlink tells of interfaces that come and go.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_PACKET AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
KeyringMode=private
UMask=0077
SystemCallArchitectures=native
SystemCallFilter=@system-service${kernelPath ? ' bpf' : ''}
SystemCallErrorNumber=EPERM
# MemoryDenyWriteExecute stays off: JavaScript is compiled at run time.

[Install]
WantedBy=multi-user.target
`,
  };
}

function stationDropIn({ kernelPath, folders }: TzspPlan): SetupFile {
  return {
    path: '/etc/systemd/system/varde.service.d/tzsp.conf',
    purpose: 'lets the station receive',
    text: `# Varde: what the station needs besides, to receive TZSP streams (tzsp: in its config).
[Service]
AmbientCapabilities=${capabilities(kernelPath)}
CapabilityBoundingSet=${capabilities(kernelPath)}
RestrictAddressFamilies=AF_PACKET
${folders.map((folder) => `ReadWritePaths=-${folder}\n`).join('')}`,
  };
}
