/** One rule of the lab: own words, own numbers. `text` is the rule without `msg`, `sid` and `rev`. */
export interface LabRule {
  sid: number;
  message: string;
  head: string;
  options: string;
}

function rule(sid: number, message: string, head: string, options: string): LabRule {
  return { sid, message, head, options };
}

/** The heartbeat's rule: every other number of ours counts on from here. */
export const HEARTBEAT_SID = 5100000;

/** What the day raises alerts with. Priorities 1 (worst) to 4; MITRE numbers where one fits. */
export const LAB_RULES: readonly LabRule[] = [
  rule(
    HEARTBEAT_SID,
    'HEARTBEAT ping seen on the wire',
    'alert icmp any any -> any any',
    'itype:8; content:"heartbeat_ping"; depth:14; classtype:misc-activity;',
  ),
  rule(
    5100001,
    'HEARTBEAT ping over IPv6 seen on the wire',
    'alert icmpv6 any any -> any any',
    'itype:128; content:"heartbeat_ping"; classtype:misc-activity;',
  ),
  rule(
    5100010,
    'LAB malware test file EICAR in a download',
    'alert http any any -> $HOME_NET any',
    'flow:established,to_client; file.data; content:"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"; classtype:trojan-activity; reference:url,www.example.com/eicar; metadata:affected_product Any, attack_target Client_Endpoint, created_at 2026_01_02, deployment Perimeter, mitre_tactic_id TA0002, mitre_tactic_name Execution, mitre_technique_id T1204, mitre_technique_name User_Execution, signature_severity Critical;',
  ),
  rule(
    5100011,
    'LAB malware test file EICAR in a letter',
    'alert smtp any any -> any any',
    'flow:established,to_server; file.data; content:"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"; classtype:trojan-activity; metadata:mitre_tactic_id TA0001, mitre_technique_id T1566, mitre_technique_name Phishing, signature_severity Critical;',
  ),
  rule(
    5100012,
    'LAB program for Windows fetched over plain HTTP',
    'alert http $HOME_NET any -> $EXTERNAL_NET any',
    'flow:established,to_server; http.uri; content:".exe"; endswith; classtype:policy-violation; metadata:mitre_tactic_id TA0011, mitre_technique_id T1105, signature_severity Major;',
  ),
  rule(
    5100013,
    'LAB machine calls its controller each minute',
    'alert http $HOME_NET any -> $EXTERNAL_NET any',
    'flow:established,to_server; http.uri; content:"/gate.php?id="; startswith; threshold:type limit, track by_src, count 1, seconds 3600; classtype:command-and-control; metadata:mitre_tactic_id TA0011, mitre_tactic_name Command_And_Control, mitre_technique_id T1071, mitre_technique_name Application_Layer_Protocol, malware_family LabBot, signature_severity Critical; priority:1;',
  ),
  rule(
    5100014,
    'LAB attempt to read /etc/passwd through a path',
    'alert http any any -> $HOME_NET $WEB_PORTS',
    'flow:established,to_server; http.uri.raw; content:"/etc/passwd"; classtype:web-application-attack; metadata:mitre_tactic_id TA0009, mitre_technique_id T1005, tag Path_Traversal;',
  ),
  rule(
    5100015,
    'LAB SQL in a query string',
    'alert http any any -> $HOME_NET $WEB_PORTS',
    'flow:established,to_server; http.uri; content:"union"; nocase; content:"select"; nocase; distance:1; classtype:web-application-attack; metadata:mitre_tactic_id TA0001, mitre_technique_id T1190;',
  ),
  rule(
    5100016,
    'LAB lookup string for Java naming in a header',
    'alert http any any -> $HOME_NET $WEB_PORTS',
    'flow:established,to_server; http.header; content:"${jndi:"; nocase; fast_pattern; classtype:attempted-admin; reference:cve,2021-44228; metadata:cve CVE_2021_44228, mitre_tactic_id TA0001, mitre_technique_id T1190, signature_severity Critical;',
  ),
  rule(
    5100017,
    'LAB scanner names itself in the user agent',
    'alert http any any -> $HOME_NET any',
    'flow:established,to_server; http.user_agent; content:"Nmap Scripting Engine"; classtype:web-application-activity; metadata:mitre_tactic_id TA0043, mitre_technique_id T1595;',
  ),
  rule(
    5100018,
    'LAB log-in form sent without encryption',
    'alert http $HOME_NET any -> any any',
    'flow:established,to_server; http.method; content:"POST"; http.request_body; content:"password="; classtype:policy-violation; metadata:mitre_technique_id T1040;',
  ),
  rule(
    5100019,
    'LAB HTTP answer 5xx of an own server',
    'alert http $SERVERS any -> any any',
    'flow:established,to_client; http.stat_code; content:"50"; startswith; classtype:misc-activity; priority:4;',
  ),
  rule(
    5100020,
    'LAB many SSH log-ins from one source',
    'alert ssh any any -> $HOME_NET 22',
    'flow:established,to_server; ssh.software; content:"libssh"; nocase; threshold:type both, track by_src, count 5, seconds 60; classtype:attempted-user; metadata:mitre_tactic_id TA0006, mitre_tactic_name Credential_Access, mitre_technique_id T1110, mitre_technique_name Brute_Force, signature_severity Major;',
  ),
  rule(
    5100021,
    'LAB SSH client written in Go',
    'alert ssh any any -> $HOME_NET any',
    'flow:established,to_server; ssh.software; content:"Go"; bsize:2; classtype:bad-unknown;',
  ),
  rule(
    5100022,
    'LAB many SYNs without answer from one source',
    'alert tcp $EXTERNAL_NET any -> $HOME_NET any',
    'flags:S; flow:stateless; threshold:type both, track by_src, count 15, seconds 1800; classtype:attempted-recon; metadata:mitre_tactic_id TA0043, mitre_tactic_name Reconnaissance, mitre_technique_id T1046;',
  ),
  rule(
    5100023,
    'LAB segment without any flag',
    'alert tcp any any -> any any',
    'flags:0; flow:stateless; classtype:attempted-recon; metadata:mitre_technique_id T1046;',
  ),
  rule(
    5100024,
    'LAB segment lit like a Christmas tree',
    'alert tcp any any -> any any',
    'flags:FPU; flow:stateless; classtype:attempted-recon; metadata:mitre_technique_id T1046;',
  ),
  rule(
    5100025,
    'LAB Telnet from outside',
    'alert tcp $EXTERNAL_NET any -> $HOME_NET 23',
    'flags:S; flow:stateless; threshold:type limit, track by_src, count 1, seconds 600; classtype:attempted-recon; priority:3;',
  ),
  rule(
    5100026,
    'LAB Remote Desktop from outside',
    'alert tcp $EXTERNAL_NET any -> $HOME_NET 3389',
    'flags:S; flow:stateless; threshold:type limit, track by_src, count 1, seconds 600; classtype:attempted-admin; metadata:mitre_tactic_id TA0008, mitre_technique_id T1021;',
  ),
  rule(
    5100030,
    'LAB name of a tunnel domain asked for',
    'alert dns $HOME_NET any -> any any',
    'dns.query; content:".t.example.org"; nocase; endswith; threshold:type limit, track by_src, count 1, seconds 120; classtype:command-and-control; metadata:mitre_tactic_id TA0010, mitre_tactic_name Exfiltration, mitre_technique_id T1048, signature_severity Major;',
  ),
  rule(
    5100031,
    'LAB heartbeat name asked for',
    'alert dns any any -> any any',
    'dns.query; content:"heartbeat-ping.home.test"; nocase; classtype:misc-activity; priority:4;',
  ),
  rule(
    5100032,
    'LAB name that does not exist, many in a minute',
    'alert udp any 53 -> $HOME_NET any',
    'byte_test:1,&,3,3; content:"|81 83|"; offset:2; depth:2; threshold:type both, track by_dst, count 8, seconds 60; classtype:bad-unknown;',
  ),
  rule(
    5100033,
    'LAB text record with a long text',
    'alert dns any 53 -> $HOME_NET any',
    'flow:to_client; content:"|00 10 00 01|"; dsize:>300; threshold:type limit, track by_dst, count 1, seconds 300; classtype:bad-unknown; metadata:mitre_technique_id T1071;',
  ),
  rule(
    5100034,
    'LAB own resolver passed by',
    'alert udp $HOME_NET any -> $EXTERNAL_NET 53',
    'threshold:type limit, track by_src, count 1, seconds 3600; classtype:policy-violation; priority:4;',
  ),
  rule(
    5100040,
    'LAB TLS to a name on the watch list',
    'alert tls $HOME_NET any -> $EXTERNAL_NET any',
    'flow:established,to_server; tls.sni; content:"watch"; startswith; classtype:domain-c2; metadata:mitre_tactic_id TA0011, mitre_technique_id T1573;',
  ),
  rule(
    5100041,
    'LAB TLS 1.2 certificate that signed itself',
    'alert tls any any -> any any',
    'flow:established,to_client; tls.cert_issuer; content:"CN=appliance.home.test"; threshold:type limit, track by_dst, count 1, seconds 3600; classtype:misc-activity; priority:4;',
  ),
  rule(
    5100042,
    'LAB QUIC to a video site',
    'alert quic $HOME_NET any -> $EXTERNAL_NET any',
    'quic.sni; content:"video"; startswith; threshold:type limit, track by_src, count 1, seconds 1800; classtype:policy-violation; priority:4;',
  ),
  rule(
    5100050,
    'LAB letter with a double file ending',
    'alert smtp any any -> $HOME_NET any',
    'flow:established,to_server; filename:".pdf.js"; classtype:suspicious-filename-detect; metadata:mitre_tactic_id TA0001, mitre_technique_id T1566;',
  ),
  rule(
    5100051,
    'LAB mail relay refused',
    'alert tcp $HOME_NET 25 -> any any',
    'flow:established,to_client; content:"554 5.7.1"; depth:9; classtype:misc-attack;',
  ),
  rule(
    5100052,
    'LAB FTP password in clear text',
    'alert ftp any any -> any any',
    'flow:established,to_server; content:"PASS "; depth:5; classtype:policy-violation; metadata:mitre_technique_id T1040;',
  ),
  rule(
    5100053,
    'LAB Telnet log-in refused',
    'alert tcp $HOME_NET 23 -> any any',
    'flow:established,to_client; content:"Login incorrect"; classtype:unsuccessful-user;',
  ),
  rule(
    5100054,
    'LAB MQTT without encryption',
    'alert mqtt any any -> any any',
    'mqtt.type:CONNECT; threshold:type limit, track by_src, count 1, seconds 3600; classtype:policy-violation; priority:4;',
  ),
  rule(
    5100055,
    'LAB SNMP community public',
    'alert snmp any any -> $HOME_NET any',
    'snmp.community; content:"public"; classtype:attempted-recon; metadata:mitre_tactic_id TA0007, mitre_technique_id T1602;',
  ),
  rule(
    5100056,
    'LAB file share opened with an administrative name',
    'alert smb any any -> $HOME_NET any',
    'flow:established,to_server; content:"A|00|D|00|M|00|I|00|N|00|$|00|"; nocase; classtype:attempted-admin; metadata:mitre_tactic_id TA0008, mitre_tactic_name Lateral_Movement, mitre_technique_id T1021, mitre_technique_name Remote_Services, signature_severity Major;',
  ),
  rule(
    5100057,
    'LAB peer-to-peer hash table',
    'alert udp $HOME_NET any -> $EXTERNAL_NET any',
    'content:"d1:ad2:id20:"; depth:12; threshold:type limit, track by_src, count 1, seconds 600; classtype:policy-violation;',
  ),
  rule(
    5100060,
    'LAB fragment of a datagram',
    'alert ip $EXTERNAL_NET any -> $HOME_NET any',
    'fragbits:M; threshold:type limit, track by_src, count 1, seconds 60; classtype:bad-unknown;',
  ),
  rule(
    5100061,
    'LAB IP version field is wrong',
    'alert pkthdr any any -> any any',
    'decode-event:ipv4.wrong_ip_version; classtype:protocol-command-decode;',
  ),
  rule(
    5100062,
    'LAB packet cut short',
    'alert pkthdr any any -> any any',
    'decode-event:ipv4.trunc_pkt; classtype:protocol-command-decode;',
  ),
  rule(
    5100063,
    'LAB option of TCP runs out of its header',
    'alert pkthdr any any -> any any',
    'decode-event:tcp.opt_invalid_len; classtype:protocol-command-decode;',
  ),
  rule(
    5100064,
    'LAB fragments that overlap',
    'alert pkthdr any any -> any any',
    'decode-event:ipv4.frag_overlap; classtype:protocol-command-decode; metadata:mitre_technique_id T1599;',
  ),
  rule(
    5100065,
    'LAB sender is a group address',
    'alert ip [224.0.0.0/4] any -> any any',
    'classtype:bad-unknown; priority:2;',
  ),
  rule(
    5100066,
    'LAB HTTP that does not follow the protocol',
    'alert http any any -> any any',
    'app-layer-event:http.missing_host_header; classtype:protocol-command-decode;',
  ),
  rule(
    5100067,
    'LAB not a word of what the port promises',
    'alert tcp any any -> any any',
    'app-layer-event:applayer_mismatch_protocol_both_directions; flowint:applayer.anomaly.count,+,1; classtype:protocol-command-decode;',
  ),
];

/** Rules that only a run in inline mode has: they make drop events. */
export const DROP_RULES: readonly LabRule[] = [
  rule(
    5100090,
    'LAB dropped: Telnet is not welcome',
    'drop tcp any any -> $HOME_NET 23',
    'flags:S; flow:stateless; classtype:policy-violation;',
  ),
  rule(
    5100091,
    'LAB rejected: peer-to-peer hash table',
    'reject udp $HOME_NET any -> any any',
    'content:"d1:ad2:id20:"; depth:12; classtype:policy-violation;',
  ),
];

export function rulesText(rules: readonly LabRule[]): string {
  return `${rules.map((it) => `${it.head} (msg:"${it.message}"; ${it.options} sid:${it.sid}; rev:1;)`).join('\n')}\n`;
}
