/** `varde check --help`. */
export const HELP = `Usage: varde check NAME [options]

Monitoring plugins for Icinga, Nagios and their like. One status line with performance data;
exit code 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.

  heartbeat    do probes come through every hop?     -w/-c: age of the newest sighting, seconds
  source       are the logs read?                    -w/-c: seconds since the last line (300, 900)
  store        is what is read kept?                 -w/-c: age of the newest event, seconds (300, 900)
  capture      does Suricata drop packets?           -w/-c: percent (1, 5)
  tzsp         do the routers stream?                -w/-c: seconds since a router's last datagram (60, 300)
  quarantine   lines that could not be stored        -w/-c: lines (0, 1000)
  all          all of these with their usual thresholds

  -w, --warning RANGE    [@][start:][end]: 10, 10:, ~:10, 10:20, @10:20
  -c, --critical RANGE
  -t, --timeout SECS     time limit; then UNKNOWN (default 10)
  -v                     more: -v the remedy, -vv a line for each part, -vvv what was asked
  -V, --version   -h, --help

Which station (default: the socket of the one that owns /var/lib/varde, or the data folder of /etc/varde/varde.yaml):
  --data DIR             its data folder
  --config FILE          its config: only its line "data:" is read
  --socket FILE          its socket
  -H, --hostname HOST    its page on loopback instead, for a user who may not open the socket: -H 127.0.0.1
  -p, --port PORT        port of the page (default 8765)

What to look at:
  --sensor NAME  --path NAME  --kind icmp|udp|dns|http|tls      heartbeat, capture: only these
  --source ID                                                   source: only this one
  --lag-warning RANGE    --lag-critical RANGE                   source: unread bytes (10000000, 100000000)
  --disk-warning RANGE   --disk-critical RANGE                  store: percent of the disk free (10:, 5:)
  --formula packets|both                                        capture: drops / packets, or drops / (packets + drops)

heartbeat without a station, from Suricata's own log (-w/-c: seconds; 150, 300):
  --fast-log FILE | --eve FILE
  --sid LIST             sids of the heartbeat rules (default 5100000-5120480: the seed's and varde's)
  --key FILE             eve: count only lines with a token signed by this key
  --utc                  fast-log: its times are UTC, not this machine's zone
  --state FILE           where to remember what was read

Passively, handing the result to Icinga 2 (exit code 0 when it was taken):
  --icinga URL           such as https://icinga.example.net:5665
  --icinga-service HOST!SERVICE
  --icinga-auth FILE     one line "user:password", not readable by others
  --icinga-ca FILE       certificate of Icinga's CA
  --icinga-name NAME     name in Icinga's certificate (its NodeName), where the URL has another or an address

Documentation: docs/check.md in the package.
`;
