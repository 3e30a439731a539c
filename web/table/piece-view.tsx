import { severityColour, typeColour } from '../chart/series.ts';
import { localParts } from '../part/format.ts';
import { isAddressField, isInside, isMono } from '../part/inside.ts';
import { shownText } from '../part/text.ts';
import { nowMicros } from '../state/live.ts';
import type { PlacedPiece } from './pieces.ts';

/** Time of the event; everything about it is on hover (the table puts it there). */
export function Time({ ts, tight }: { ts: number; tight: boolean }) {
  const { date, time, fraction } = localParts(ts);
  const day = !tight ? `${date} ` : date === localParts(nowMicros()).date ? '' : `${date.slice(5)} `;
  return (
    <time>
      <span class="muted">{day}</span>
      {time}
      <span class="muted">.{fraction.slice(0, 3)}</span>
    </time>
  );
}

/** What a cell says. Spaces stand between its pieces, so that copied text has them too; a port is part of its address. */
export function Pieces({ pieces, at }: { pieces: readonly PlacedPiece[]; at: number }) {
  return (
    <>
      {pieces.map((piece, n) => [
        n > 0 && piece.field?.endsWith('.port') !== true ? ' ' : null,
        <PieceView key={n} piece={piece} at={at} />,
      ])}
    </>
  );
}

/** A value, or a word of ours. Marks stand before it by its class. */
function PieceView({ piece, at }: { piece: PlacedPiece; at: number }) {
  const { field, value = null, text, quiet, place } = piece;
  if (field === undefined) return <span class="muted word">{text}</span>;
  return (
    <bdi
      class={`v${markOf(field, value)}${isMono(field) ? ' mono' : ''}${quiet ? ' muted' : ''}${place === at ? ' cursor' : ''}`}
      data-value={place}
    >
      {text ?? (value === '' ? '(empty)' : shownText(value, 240, field))}
    </bdi>
  );
}

/** Class of the mark before a value: colour of its type or severity, or which side an address lies on. */
function markOf(field: string, value: PlacedPiece['value']): string {
  if (field === 'event.action') return ` dotted ${typeColour(String(value)).slice(2)}`;
  if (field === 'event.severity') return ` dotted ${severityColour(value as number).slice(2)}`;
  if (typeof value === 'string' && isAddressField(field)) return isInside(value) ? ' address in' : ' address';
  return field.endsWith('.port') ? ' port' : '';
}
