import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { helpOpen, KEYS } from './keys.ts';

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (open) dialog.current!.showModal();
    else dialog.current!.close();
  }, [open]);
  return (
    <dialog ref={dialog} class="dialog help" aria-label="Keys" onClose={() => (helpOpen.value = false)}>
      <div class="box-head">
        <h2>Keys</h2>
        <button class="plain" aria-label="Close" onClick={() => (helpOpen.value = false)}>
          <Icon name="close" />
        </button>
      </div>
      <dl>
        {KEYS.map(({ keys, words }) => (
          <div key={words}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        No key acts while a field has the focus. The search language:{' '}
        <code>source.ip:10.0.0.0/8 AND NOT event.action:flow</code>, <code>destination.port:&gt;1023</code>,{' '}
        <code>"a phrase"</code>, <code>dns.question.name:*.example</code>.
      </p>
    </dialog>
  );
}
