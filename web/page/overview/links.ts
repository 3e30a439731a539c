import type { Series } from '../../chart/series.ts';
import { only } from '../../state/expression.ts';

const OWN_COLOUR = ['alert', 'anomaly', 'dns', 'http', 'tls', 'flow', 'fileinfo'];

/** The expression behind a severity of the alerts' chart; all of the chart's series are needed for "other". */
export function severityExpression(series: Series, all: readonly Series[]): string {
  const alert = only('event.kind', 'alert');
  if (series.value !== null) return `${alert} AND ${only('event.severity', series.value)}`;
  if (series.label === 'none') return `${alert} AND NOT event.severity:*`;
  const named = all.flatMap(({ value }) => (value === null ? [] : [value]));
  return `${alert} AND event.severity:* AND NOT event.severity:(${named.join(' OR ')})`;
}

/** The expression behind a series of {@link byType}: one type, or for "other" everything without a colour of its own. */
export function typeExpression(series: Series): string {
  if (series.value !== null) return only('event.action', series.value);
  return `NOT event.action:(${OWN_COLOUR.join(' OR ')})`;
}
