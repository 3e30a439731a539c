import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

interface FloatingProps {
  /** What it hangs from; it opens below, or above where there is no room. */
  anchor: Element;
  label: string;
  role?: 'menu' | 'dialog';
  class?: string;
  onClose(): void;
  children: ComponentChildren;
}

/** A box in the browser's top layer that closes on Escape and on a click elsewhere, and gives the focus back. */
export function Floating({ anchor, label, role = 'dialog', class: kind = '', onClose, children }: FloatingProps) {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const element = box.current!;
    const before = document.activeElement as HTMLElement | null;
    element.showPopover();
    place(element, anchor);
    const target = element.querySelector<HTMLElement>('[autofocus],[role^=menuitem],input,button,a[href]');
    (target ?? element).focus();
    const toggled = (event: Event): void => {
      if ((event as ToggleEvent).newState === 'closed') close.current();
    };
    element.addEventListener('toggle', toggled);
    const watch = new ResizeObserver(() => place(element, anchor));
    watch.observe(element);
    return () => {
      watch.disconnect();
      element.removeEventListener('toggle', toggled);
      const focus = document.activeElement;
      if ((focus === null || focus === document.body || element.contains(focus)) && before?.isConnected)
        before.focus({ preventScroll: true });
    };
  }, [anchor]);

  useEffect(() => {
    const moved = (): void => {
      if (box.current) place(box.current, anchor);
    };
    addEventListener('resize', moved);
    return () => removeEventListener('resize', moved);
  }, [anchor]);

  return (
    <div ref={box} popover="auto" role={role} aria-label={label} class={`floating ${kind}`} tabIndex={-1}>
      {children}
    </div>
  );
}

function place(box: HTMLElement, anchor: Element): void {
  const at = anchor.getBoundingClientRect();
  const gap = 4;
  const room = { width: document.documentElement.clientWidth, height: document.documentElement.clientHeight };
  box.style.maxHeight = `${room.height - 2 * gap}px`;
  const { offsetWidth: width, offsetHeight: height } = box;
  const below = at.bottom + gap;
  const top = below + height <= room.height - gap ? below : Math.max(gap, at.top - gap - height);
  // Neither side has room for all of it: then it is held inside the window.
  box.style.top = `${Math.min(top, Math.max(gap, room.height - gap - height))}px`;
  box.style.left = `${Math.max(gap, Math.min(at.left, room.width - gap - width))}px`;
}

/** Moves the focus through the items of a menu with the arrow keys, Home and End. */
export function menuKeys(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement;
  const items = [...list.querySelectorAll<HTMLElement>('[role^=menuitem]:not([disabled])')];
  const now = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined || items.length === 0) return;
  event.preventDefault();
  event.stopPropagation();
  items[(to + items.length) % items.length]!.focus();
}
