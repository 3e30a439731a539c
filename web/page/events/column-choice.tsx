import { useRef, useState } from 'preact/hooks';
import { Floating } from '../../part/floating.tsx';
import { Icon } from '../../part/icon.tsx';
import { shownText } from '../../part/text.ts';
import { chooseColumns, chosenColumns } from '../../table/chosen-columns.ts';
import { columnOf, offeredColumns } from '../../table/columns.ts';

export function ColumnChoice() {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        ref={button}
        aria-label="Columns"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      >
        <Icon name="columns" /> <span class="wide-only">Columns</span>
      </button>
      {open && (
        <Floating anchor={button.current!} label="Columns" class="column-box" onClose={() => setOpen(false)}>
          <Choice />
        </Floating>
      )}
    </>
  );
}

function Choice() {
  const [needle, setNeedle] = useState('');
  const chosen = chosenColumns();
  const move = (index: number, by: number): void => {
    const next = [...chosen];
    const [id] = next.splice(index, 1);
    next.splice(index + by, 0, id!);
    chooseColumns(next);
  };
  const wanted = needle.trim().toLowerCase();
  const offers = offeredColumns().filter(
    ({ id, title }) =>
      !chosen.includes(id) &&
      (wanted === '' || id.toLowerCase().includes(wanted) || title.toLowerCase().includes(wanted)),
  );
  // Any field of any event can be a column, also one that nobody listed.
  const free =
    /^[\w@][\w.@-]{1,120}$/.test(needle.trim()) && !offers.some(({ id }) => id === needle.trim())
      ? needle.trim()
      : null;
  const add = (id: string): void => {
    chooseColumns([...chosen, id]);
    setNeedle('');
  };
  return (
    <>
      <div class="box-head">
        <h2>Columns</h2>
        <button onClick={() => chooseColumns(null)}>Default</button>
      </div>
      <ol class="chosen-columns" aria-label="Shown, in this order">
        {chosen.map((id, index) => (
          <li key={id}>
            <span>{shownText(columnOf(id).title, 40)}</span>
            <button
              class="plain"
              aria-label={`${shownText(id, 60)}: further left`}
              disabled={index === 0}
              onClick={() => move(index, -1)}
            >
              ↑
            </button>
            <button
              class="plain"
              aria-label={`${shownText(id, 60)}: further right`}
              disabled={index === chosen.length - 1}
              onClick={() => move(index, 1)}
            >
              ↓
            </button>
            <button
              class="plain"
              aria-label={`${shownText(id, 60)}: take out`}
              disabled={chosen.length === 1}
              onClick={() => chooseColumns(chosen.filter((other) => other !== id))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ol>
      <input
        type="search"
        placeholder="Add a field: name or meaning"
        aria-label="Add a field"
        value={needle}
        onInput={(event) => setNeedle(event.currentTarget.value)}
        onKeyDown={(event) => {
          const first = offers[0]?.id ?? free;
          if (event.key === 'Enter' && first !== undefined && first !== null) add(first);
        }}
      />
      <ul class="offered-columns" aria-label="Fields to add" tabIndex={0}>
        {offers.slice(0, 80).map(({ id, title }) => (
          <li key={id}>
            <button onClick={() => add(id)}>
              <span class="mono">{id}</span> <span class="muted">{title}</span>
            </button>
          </li>
        ))}
        {free !== null && (
          <li>
            <button onClick={() => add(free)}>
              <span class="mono">{free}</span> <span class="muted">as a field of the event’s document</span>
            </button>
          </li>
        )}
      </ul>
    </>
  );
}
