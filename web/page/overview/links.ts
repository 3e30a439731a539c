import type { Series } from '../../chart/series.ts';
import { only } from '../../state/expression.ts';

const OWN_COLOUR = ['alert', 'anomaly', 'dns', 'http', 'tls', 'flow', 'fileinfo'];

/** The expression behind a series of {@link byType}: one type, or for "other" everything without a colour of its own. */
export function typeExpression(series: Series): string {
  if (series.value !== null) return only('event.action', series.value);
  return `NOT event.action:(${OWN_COLOUR.join(' OR ')})`;
}
