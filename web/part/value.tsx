import { isAddressField, isInside, isMono } from './inside.ts';
import { shownText, titleText, type Value } from './text.ts';
import { focused, openValueMenu, pointed } from './value-menu.tsx';

/** Small mark before an address: filled is inside, hollow is outside. */
export function SideMark({ address }: { address: string }) {
  const inside = isInside(address);
  return <i class={inside ? 'side in' : 'side'} title={inside ? 'internal address' : 'external address'} />;
}

interface ValueProps {
  field: string;
  value: Value;
  /** Characters shown; the rest is on hover and in the menu. */
  max?: number;
  /** What stands there instead of the value's own text. */
  text?: string;
}

/** A value that can be clicked for its menu. */
export function ValueButton({ field, value, max = 120, text }: ValueProps) {
  const here = { field, value };
  return (
    <button
      class={isMono(field) ? 'value mono' : 'value'}
      title={titleText(value)}
      aria-haspopup="menu"
      onClick={(event) => openValueMenu(event.currentTarget, here)}
      onPointerEnter={() => (pointed.value = here)}
      onPointerLeave={() => (pointed.value = null)}
      onFocus={() => (focused.value = here)}
      onBlur={() => (focused.value = null)}
    >
      {typeof value === 'string' && isAddressField(field) && <SideMark address={value} />}
      <bdi>{text ?? (value === '' ? '(empty)' : shownText(value, max, field))}</bdi>
    </button>
  );
}
