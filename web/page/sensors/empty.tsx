import { copyText } from '../../part/copy.ts';
import { EmptyNotice } from '../../part/notice.tsx';
import { station } from '../../state/live.ts';
import { shownText } from '../../part/text.ts';

const CONFIG = `probes:
  paths:
    - name: lan
      target: 192.0.2.10   # a host whose traffic passes Suricata
      kinds: [icmp, dns]
      interval_secs: 10
`;

/** No heartbeat yet: exactly what to write, and where. */
export function NoHeartbeat() {
  const path = station.value?.config_path ?? '/etc/varde/varde.yaml';
  const rules = 'varde probe rules > /etc/suricata/rules/varde.rules';
  return (
    <EmptyNotice title="No heartbeat is sent yet">
      <p>
        A heartbeat proves all the time that traffic on the wire becomes an event that you can search, and says which
        hop broke when it does not. It takes three steps:
      </p>
      <ol class="steps">
        <li>
          Add to <code>{shownText(path, 200)}</code>, with an address of your network:
          <div class="snippet">
            <pre tabIndex={0}>{CONFIG}</pre>
            <button onClick={() => void copyText(CONFIG, 'Config')}>Copy</button>
          </div>
        </li>
        <li>
          Let Suricata know the probes (name the file in <code>rule-files:</code>, then reload its rules):
          <p class="command">
            <code>{rules}</code>
            <button onClick={() => void copyText(rules, 'Command')}>Copy</button>
          </p>
        </li>
        <li>Send SIGHUP to Varde, or start it again. The chain appears here with the first probe.</li>
      </ol>
      <p class="muted">docs/heartbeat.md goes through it step by step.</p>
    </EmptyNotice>
  );
}
