const two = (value: number): string => String(value).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Labels of a time axis in local time: the day stands where a day begins, else the time of day as fine as the ticks are. Seconds. */
export function timeLabels(ticks: readonly number[], apart: number): string[] {
  let day = '';
  return ticks.map((tick) => {
    const at = new Date(tick * 1000);
    const date = `${at.getDate()} ${MONTHS[at.getMonth()]}`;
    const fresh = date !== day;
    day = date;
    if (apart >= 86_400) return at.getMonth() === 0 && at.getDate() === 1 ? String(at.getFullYear()) : date;
    if (at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0 && fresh) return date;
    const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
    if (apart >= 60) return time;
    const seconds = `${time}:${two(at.getSeconds())}`;
    return apart >= 1 ? seconds : `${seconds}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  });
}

/** Steps of a count axis: whole, and round. */
export const COUNT_STEPS: number[] = Array.from({ length: 13 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();
