import { cat, type Part, sized32, u32 } from '../pcap/bytes.ts';
import { client, later, server, type Turn } from '../pcap/conversation.ts';
import type { Random } from '../pcap/random.ts';

/** What HASSH is made of: the lists of a KEXINIT. */
export interface SshProfile {
  banner: string;
  kex: string;
  hostKeys: string;
  ciphers: string;
  macs: string;
  compression: string;
}

export const SSH_SERVER: SshProfile = {
  banner: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3',
  kex: 'sntrup761x25519-sha512@openssh.com,curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group16-sha512',
  hostKeys: 'rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp256,ssh-ed25519',
  ciphers: 'chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr,aes256-gcm@openssh.com',
  macs: 'umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512',
  compression: 'none,zlib@openssh.com',
};

export const SSH_CLIENTS = {
  openssh: {
    ...SSH_SERVER,
    banner: 'SSH-2.0-OpenSSH_9.6p1',
    hostKeys: 'ssh-ed25519-cert-v01@openssh.com,ssh-ed25519,rsa-sha2-512',
    compression: 'none',
  },
  libssh: {
    banner: 'SSH-2.0-libssh2_1.9.0',
    kex: 'diffie-hellman-group14-sha256,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1',
    hostKeys: 'ssh-rsa,ssh-dss',
    ciphers: 'aes128-ctr,aes128-cbc,3des-cbc,blowfish-cbc',
    macs: 'hmac-sha1,hmac-md5',
    compression: 'none',
  },
  go: {
    banner: 'SSH-2.0-Go',
    kex: 'curve25519-sha256,ecdh-sha2-nistp256,ecdh-sha2-nistp384,diffie-hellman-group14-sha256',
    hostKeys: 'rsa-sha2-256,rsa-sha2-512,ecdsa-sha2-nistp256,ssh-ed25519',
    ciphers: 'aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr',
    macs: 'hmac-sha2-256-etm@openssh.com,hmac-sha2-256',
    compression: 'none',
  },
} as const satisfies Record<string, SshProfile>;

/** A binary packet before encryption (RFC 4253 section 6): padded to a multiple of 8, at least 4 bytes of padding. */
function sshPacket(random: Random, ...payload: readonly Part[]): Buffer {
  const body = cat(...payload);
  const padding = 8 - ((5 + body.length) % 8) + 8;
  return cat(u32(1 + body.length + padding), padding, body, random.bytes(padding));
}

function kexInit(profile: SshProfile, random: Random): Buffer {
  const lists = [
    profile.kex,
    profile.hostKeys,
    profile.ciphers,
    profile.ciphers,
    profile.macs,
    profile.macs,
    profile.compression,
    profile.compression,
    '',
    '',
  ];
  return sshPacket(random, 20, random.bytes(16), ...lists.map((list) => sized32(list)), 0, u32(0));
}

/** Both banners, both KEXINITs, an exchange of keys, and `exchanges` encrypted round trips after it. */
export function sshSession(who: SshProfile, host: SshProfile, random: Random, exchanges: number, pause = 0): Turn[] {
  const turns: Turn[] = [
    client(who.banner, '\r\n'),
    server(host.banner, '\r\n', kexInit(host, random)),
    client(kexInit(who, random)),
    client(sshPacket(random, 30, sized32(random.bytes(32)))),
    server(
      sshPacket(random, 31, sized32(random.bytes(51)), sized32(random.bytes(32)), sized32(random.bytes(83))),
      sshPacket(random, 21),
    ),
    client(sshPacket(random, 21)),
  ];
  for (let index = 0; index < exchanges; index += 1) {
    turns.push(
      later(client(random.bytes(random.integer(2, 12) * 8)), random.exponential(pause)),
      server(random.bytes(random.integer(2, 40) * 8)),
    );
  }
  return turns;
}
