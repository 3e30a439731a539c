/** The part of a long list that has to exist: rows of one height, a few more above and below for fast scrolling. */
export interface RowWindow {
  first: number;
  /** Behind the last. */
  end: number;
}

const SPARE = 8;

export function rowWindow(scrollTop: number, viewHeight: number, rowHeight: number, count: number): RowWindow {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight) - SPARE));
  // In steps, so that not every pixel makes a new window.
  const start = first - (first % 4);
  return { first: start, end: Math.min(count, Math.ceil((scrollTop + viewHeight) / rowHeight) + SPARE) };
}

/** Where to scroll so that a row is in sight; null where it is. */
export function scrollTo(row: number, scrollTop: number, viewHeight: number, rowHeight: number): number | null {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + viewHeight) return top + rowHeight - viewHeight;
  return null;
}
