import { Fields } from './fields.ts';
import { topLevelValue } from './json-document.ts';

export interface Alert {
  readonly level: string;
  readonly text: string;
}

/** What Traffic Ops says besides its answer; of an answer that is not of its form: nothing. */
export function alertsOf(body: Buffer): Alert[] {
  try {
    const bytes = topLevelValue(body, 'alerts');
    const value: unknown = bytes === undefined ? [] : JSON.parse(bytes.toString());
    return new Fields({ alerts: value }, '')
      .objects('alerts')
      .map((alert) => ({ level: alert.string('level'), text: alert.string('text') }));
  } catch {
    return [];
  }
}

/** The alerts as the end of a message, or the beginning of a body that has none, cut to a readable length. */
export function saidBy(body: Buffer): string {
  const texts = alertsOf(body).map((alert) => alert.text);
  if (texts.length > 0) return `: ${shorten(texts.join('; '))}`;
  return body.length === 0 ? '' : `: ${JSON.stringify(shorten(body.subarray(0, 400).toString()))}`;
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
