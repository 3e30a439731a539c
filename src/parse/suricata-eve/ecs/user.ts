import type { JsonObject } from '../../../event/json.ts';
import type { Mapping } from '../mapping.ts';
import { list, object, text } from '../values.ts';

/** user.name: the account, where the protocol tells one. `protocol` is network.protocol. */
export function userOf(eve: JsonObject, protocol: string | null): string | null {
  switch (protocol) {
    case 'ftp': {
      const ftp = object(eve.ftp);
      return ftp?.command === 'USER' ? text(ftp.command_data) : null;
    }
    case 'krb5': {
      const name = text(object(eve.krb5)?.cname);
      return name === '<empty>' ? null : name;
    }
    case 'smb':
    case 'smb2':
      return text(object(object(eve.smb)?.ntlmssp)?.user);
    case 'mqtt':
      return text(object(object(eve.mqtt)?.connect)?.username);
    case 'pgsql':
      return text(object(object(object(eve.pgsql)?.request)?.startup_parameters)?.user);
    case 'rdp':
      return text(object(eve.rdp)?.cookie);
    case 'snmp':
      return text(object(eve.snmp)?.usm);
    case 'ldap':
      return text(object(object(object(eve.ldap)?.request)?.bind_request)?.name);
    case 'pop3': {
      const request = object(object(eve.pop3)?.request);
      return request?.command === 'USER' ? text(list(request.args)[0]) : null;
    }
    default:
      return null;
  }
}

/** user.name and user.domain, and the machine that SMB and RDP clients call themselves. */
export function mapUser(mapping: Mapping, protocol: string | null): void {
  const { eve } = mapping;
  const name = userOf(eve, protocol);
  mapping.set('user.name', name);
  mapping.relate('user', name);
  const ntlm = object(object(eve.smb)?.ntlmssp);
  if (name !== null) {
    const domain = text(ntlm?.domain) ?? text(object(eve.krb5)?.realm);
    mapping.set('user.domain', domain === '<empty>' ? null : domain);
  }
  mapping.relate('hosts', text(ntlm?.host), text(object(object(eve.rdp)?.client)?.client_name));
}
