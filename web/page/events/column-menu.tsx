import type { TopAnswer } from '../../../src/view/api.ts';
import { exact, plural } from '../../part/format.ts';
import { Floating } from '../../part/floating.tsx';
import { ErrorNotice, Incomplete, isIncomplete } from '../../part/notice.tsx';
import { shownText } from '../../part/text.ts';
import { filterBy } from '../../part/value-menu.tsx';
import { ValueButton } from '../../part/value.tsx';
import { Working } from '../../part/working.tsx';
import { address, go } from '../../state/address.ts';
import { ask } from '../../state/api.ts';
import { useAsk } from '../../state/ask.ts';
import type { Bounds } from '../../state/range.ts';
import { chooseColumns, chosenColumns } from '../../table/chosen-columns.ts';
import { type Column } from '../../table/columns.ts';

interface ColumnMenuProps {
  column: Column;
  anchor: Element;
  q: string;
  bounds: Bounds;
  onClose(): void;
}

/** Behind a column's title: the field's most frequent values in the whole result, and the column's place. */
export function ColumnMenu({ column, anchor, q, bounds, onClose }: ColumnMenuProps) {
  const fields = column.id === 'summary' || column.id === 'time' ? [] : column.needs.slice(0, 1);
  const chosen = chosenColumns();
  const index = chosen.indexOf(column.id);
  const move = (by: number): void => {
    const next = chosen.filter((id) => id !== column.id);
    next.splice(index + by, 0, column.id);
    onClose();
    chooseColumns(next);
  };
  return (
    <Floating anchor={anchor} label={column.title} class="column-menu" onClose={onClose} key={anchor}>
      <div class="buttons">
        <button disabled={index <= 0} onClick={() => move(-1)}>
          ← Move
        </button>
        <button disabled={index < 0 || index === chosen.length - 1} onClick={() => move(1)}>
          Move →
        </button>
        <button
          disabled={chosen.length === 1}
          onClick={() => (onClose(), chooseColumns(chosen.filter((id) => id !== column.id)))}
        >
          Take out
        </button>
      </div>
      {column.id === 'time' && (
        <div class="buttons" role="group" aria-label="Order">
          {(['newest', 'oldest'] as const).map((sort) => (
            <button
              key={sort}
              aria-pressed={address.value.sort === sort}
              onClick={() => {
                onClose();
                go({ sort });
              }}
            >
              {sort} first
            </button>
          ))}
        </div>
      )}
      {fields.map((field) => (
        <TopValues key={field} field={field} q={q} bounds={bounds} onClose={onClose} />
      ))}
    </Floating>
  );
}

function TopValues({ field, q, bounds, onClose }: { field: string; q: string; bounds: Bounds; onClose(): void }) {
  const asked = useAsk<TopAnswer>(field, (signal) => ask('top', { q, ...bounds, field, limit: 12 }, signal));
  if (asked.error) return <ErrorNotice failure={asked.error} again={asked.again} />;
  const top = asked.value;
  if (!top) return <Working asked={asked} doing={`Counting the values of ${shownText(field, 60)}`} />;
  return (
    <section class="top-values" aria-label={`Top values of ${field}`}>
      <p class="muted">
        <span class="mono">{shownText(field, 60)}</span>: {plural(top.distinct, 'value')} in{' '}
        {plural(top.with_field, 'event')}
      </p>
      {isIncomplete(top) && <Incomplete />}
      <ol>
        {top.values.map(({ value, count }) => (
          <li key={value}>
            <ValueButton field={field} value={value} max={48} />
            <span class="num muted">{exact(count)}</span>
            <button
              class="plain"
              title="Filter by"
              aria-label={`Filter by ${shownText(value, 60)}`}
              onClick={() => (onClose(), filterBy({ field, value }, false))}
            >
              +
            </button>
            <button
              class="plain"
              title="Exclude"
              aria-label={`Exclude ${shownText(value, 60)}`}
              onClick={() => (onClose(), filterBy({ field, value }, true))}
            >
              −
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
