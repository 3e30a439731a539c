import type { ComponentChildren } from 'preact';
import { type Address, changed, go, hrefOf } from '../state/address.ts';

interface LinkProps {
  to: Partial<Address>;
  class?: string;
  title?: string;
  label?: string;
  current?: boolean;
  children: ComponentChildren;
}

/** A link within the page: an own address in href (so it can be copied or opened in a tab), no reload on a plain click. */
export function Link({ to, class: kind, title, label, current, children }: LinkProps) {
  return (
    <a
      href={hrefOf(to)}
      class={kind}
      title={title}
      aria-label={label}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(changed(to));
      }}
    >
      {children}
    </a>
  );
}
