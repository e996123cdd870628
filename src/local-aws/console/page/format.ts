/** Returns `9 ms`, `1.36 s`, `2 min 5 s` or `15 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return withRest(`${minutes} min`, seconds % 60, 's');
  return withRest(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min');
}

const withRest = (text: string, rest: number, unit: string) =>
  rest === 0 ? text : `${text} ${rest} ${unit}`;

/** Returns `25,000`. The first call of `toLocaleString` would take 15 ms. */
export const counted = (count: number) => String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');

const pad = (value: number, digits: number) => String(value).padStart(digits, '0');

/** Returns `14:02:11`, in the time zone of the browser. */
export function timeOfDay(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => pad(part, 2))
    .join(':');
}

/** Returns `14:02:11.204`, in the time zone of the browser. */
export function exactTimeOfDay(date: Date): string {
  return `${timeOfDay(date)}.${pad(date.getMilliseconds(), 3)}`;
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${counted(count)} ${count === 1 ? noun : nouns}`;
}

export const retriesText = (count: number) => plural(count, 'retry', 'retries');
