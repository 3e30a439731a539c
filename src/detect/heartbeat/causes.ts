import type { CauseCode, Hop } from './report.ts';

export interface CauseText {
  /** The hop that is broken where this is the cause. */
  hop: Hop;
  /** One sentence: what happened. */
  message: string;
  /** What to do, in plain words. */
  remedy: string;
}

const cause = (hop: Hop, message: string, remedy: string): CauseText => ({ hop, message, remedy });

/** Every cause with its hop, sentence and remedy; docs/reference/causes.md is made from it. */
export const CAUSES: Readonly<Record<CauseCode, CauseText>> = {
  key_unusable: cause(
    'sent',
    'The key that signs the probes cannot be used: none is sent, and none can be told from a forged one.',
    'Mend the file that is named (it belongs to the user that Varde runs as, mode 600), then: systemctl reload varde.',
  ),
  sender_stopped: cause(
    'sent',
    'No probe has been sent for more than two intervals.',
    'Start the sender again: varde probe (or the service that runs it), or the station if it sends itself.',
  ),
  no_route: cause(
    'sent',
    'The probe has no way to its target.',
    'Check addresses and routes of the sending machine (ip route get TARGET), and that the name of the target can be resolved.',
  ),
  send_refused: cause(
    'sent',
    'The sending machine may not, or cannot, send the probe.',
    'Look at the code: EPERM and EACCES want a right (CAP_NET_RAW) or a rule of its own firewall, ENETDOWN wants the interface up, ECONNREFUSED wants a service on the target port, ECONNRESET that the target lets this sender in.',
  ),
  target_absent: cause(
    'sent',
    'The target does not answer at all, so that the probe never goes onto the wire.',
    'Switch the target on, or probe an address that exists; a static neighbour entry also makes the probe go out.',
  ),
  mirror_down: cause(
    'captured',
    'The interface that Suricata listens on has no link.',
    'Check cable, switch port and mirror; then: ip link set NAME up.',
  ),
  router_stopped: cause(
    'captured',
    'The router stopped streaming (TZSP) to the interface that Suricata listens on.',
    'Look at the router: after a reboot its sniffer stands still (/tool sniffer start); then at the network between. varde doctor names the router.',
  ),
  mirror_silent: cause(
    'captured',
    'The link is up, but the probe does not reach the interface that Suricata listens on.',
    'Check the mirror (SPAN) on switch or router: source ports, direction, VLAN; tcpdump -ni NAME must show the probe.',
  ),
  suricata_stopped: cause(
    'captured',
    'Suricata does not run.',
    'Look why it ended (journalctl -u suricata, suricata.log), then start it: systemctl start suricata.',
  ),
  suricata_hung: cause(
    'captured',
    'The process of Suricata is there, but it does not answer.',
    'Look at its state (ps -o stat,wchan -C Suricata-Main); T is stopped: kill -CONT. Else restart it.',
  ),
  suricata_idle: cause(
    'captured',
    'Packets arrive at the interface, but Suricata does not take them.',
    'Check that Suricata listens on this interface (af-packet: interface) and restart it; a link that was deleted and made anew is a new one to it.',
  ),
  capture_drops: cause(
    'captured',
    'Suricata drops packets before it looks at them.',
    'Give it more CPU or a larger ring (af-packet: ring-size, tpacket-v3), switch off costly rules, or mirror less traffic.',
  ),
  invalid_checksums: cause(
    'decoded',
    'Suricata passes over TCP packets because their checksums are wrong: the network card was to compute them (offloading).',
    'Switch offloading off at the capture interface (ethtool -K NAME gro off lro off tx off rx off), or set checksum-checks: no for it.',
  ),
  rule_missing: cause(
    'alerted',
    'The packets are decoded, but the rule for the probe is not loaded.',
    'Write the rules (varde probe rules), name the file under rule-files in suricata.yaml, and reload: suricatasc -c ruleset-reload-rules.',
  ),
  rules_broken: cause(
    'alerted',
    'Rules could not be loaded at the last reload.',
    'Run suricata -T -v -c /etc/suricata/suricata.yaml: it names the broken line; mend it and reload.',
  ),
  rule_mismatch: cause(
    'alerted',
    'Rules are loaded and the packets are decoded, but the rule for the probe does not match them.',
    'Compare HOME_NET, ports and direction of the rule with the path of the probe; make the rules again with varde probe rules.',
  ),
  payload_missing: cause(
    'alerted',
    'The alert for the probe comes, but it does not show the payload any more, so that it cannot be told from anybody else’s.',
    'Set payload: yes below alert in the types of eve-log (suricata.yaml; an upgrade may have reset it), and restart Suricata.',
  ),
  eve_off: cause(
    'alerted',
    'Suricata works, but writes no event into the log.',
    'Check outputs: eve-log: enabled: yes in suricata.yaml, its types (alert, stats) and file name, and that Suricata may write there; then restart it.',
  ),
  eve_buffered: cause(
    'alerted',
    'Events come in lumps: Suricata holds them back in a buffer.',
    'Set eve-log: buffer-size: 0 in suricata.yaml, or heartbeat: output-flush-interval: 1, and restart Suricata.',
  ),
  log_full: cause(
    'alerted',
    'There is no room left where Suricata writes its log.',
    'Free space, rotate the log more often, or give it a larger file system.',
  ),
  log_unreadable: cause(
    'read',
    'The log may not be read.',
    'Give the user that Varde runs as read permission (often the group adm or suricata); it is tried again by itself.',
  ),
  log_missing: cause(
    'read',
    'The log file is not there.',
    'Check the path; after a rename Suricata goes on in the old file until it is told: kill -HUP, or suricatasc -c reopen-log-files.',
  ),
  reader_late: cause(
    'read',
    'Lines wait to be read.',
    'Wait if the station was just started or stood still; else it has too little CPU or a slow disk.',
  ),
  store_waiting: cause(
    'stored',
    'What was read cannot be stored.',
    'Free disk space, or mend the permissions of the data folder; Varde goes on by itself and nothing is lost meanwhile.',
  ),
  clock_skew: cause(
    'read',
    'The clocks of sensor, sender and station do not agree.',
    'Keep all clocks right (chrony or systemd-timesyncd); times in events are wrong until then.',
  ),
  kind_blind: cause(
    'alerted',
    'Only this kind of probe is blind; others come through.',
    'Look at the rule for this kind, at offloading and stream settings, and at what lies between (a firewall, a proxy).',
  ),
  not_seen_yet: cause(
    'alerted',
    'No verdict yet: it was started, reloaded or stood still a moment ago, or what else is known is from before the loss.',
    'Wait for two intervals.',
  ),
  not_seen: cause(
    'alerted',
    'The probe was sent but its event did not come, and nothing tells why.',
    'Name the sensor’s interface and command_socket in the config, so that more can be known; then follow the probe with tcpdump.',
  ),
};

/** These rest on nothing but what did not come. */
const FROM_ABSENCE: ReadonlySet<CauseCode> = new Set(['mirror_silent', 'rule_mismatch', 'kind_blind', 'not_seen']);

/** The words on a cause. @param told the sender reports what it sends: where it does not, it may be the one that stopped, and that is looked at first */
export function wordsOf(cause: CauseCode, told: boolean): Pick<CauseText, 'message' | 'remedy'> {
  const { message, remedy } = CAUSES[cause];
  if (told || !FROM_ABSENCE.has(cause)) return { message, remedy };
  return {
    message: `The sender may have stopped: it does not report what it sends. If it goes on: ${message}`,
    remedy: `See first that the sender runs (varde probe on its machine, or the service that runs it). If it does: ${remedy}`,
  };
}
