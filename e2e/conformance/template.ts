import { isObject, type Json, mapValues } from './json.ts';

/** Gives the value that a name in `{{…}}` stands for; undefined leaves the place as it is. */
export type Values = (name: string) => number | undefined;

const whole = /^\{\{([@\w.-]+)\}\}$/;
const part = /"\{\{#([\w.-]+)\}\}"|\{\{([@\w.-]+)\}\}/g;

/** Fills `{{counter}}` in a raw text; `"{{#counter}}"` loses its quotes, so that it becomes a number. */
export function fillText(text: string, values: Values): string {
  return text.replace(part, (all, quoted: string | undefined, plain: string) => {
    const value = values(quoted ?? plain);
    return value === undefined ? all : String(value);
  });
}

/** Fills the strings of a document; a string that is nothing but `{{counter}}` becomes a number. */
export function fill(value: Json, values: Values): Json {
  if (typeof value === 'string') {
    const name = whole.exec(value)?.[1];
    return (name === undefined ? undefined : values(name)) ?? fillText(value, values);
  }
  if (Array.isArray(value)) return value.map((member) => fill(member, values));
  if (isObject(value)) return mapValues(value, (member) => fill(member, values));
  return value;
}
