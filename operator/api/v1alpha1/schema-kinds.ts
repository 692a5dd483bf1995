import Type from 'typebox';

/** A rule in CEL that the API server checks, and what it tells whoever breaks it. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
}

interface Described {
  readonly description: string;
  readonly rules?: readonly Rule[];
}

const validations = (rules: readonly Rule[] | undefined) =>
  rules === undefined ? {} : { 'x-kubernetes-validations': rules };

interface TextOptions extends Described {
  readonly minLength?: number;
  /** Bounds what rules may cost: without it the API server refuses the definition. */
  readonly maxLength: number;
  readonly form?: Form;
  readonly default?: string;
}

/** What a text must look like. A rule, because the API server tells of a `pattern` only as it is written. */
export interface Form {
  readonly pattern: string;
  readonly message: string;
}

export function text<Kind extends string = string>({ rules = [], form, ...options }: TextOptions) {
  const all =
    form === undefined
      ? rules
      : [{ rule: `self.matches(r'${form.pattern}')`, message: form.message }, ...rules];
  return Type.Unsafe<Kind>({
    type: 'string',
    minLength: 1,
    ...options,
    ...validations(all.length === 0 ? undefined : all),
  });
}

interface WholeOptions extends Described {
  readonly minimum: number;
  readonly maximum: number;
  readonly default?: number;
}

export function whole({ rules, ...options }: WholeOptions) {
  return Type.Unsafe<number>({ type: 'integer', format: 'int32', ...options, ...validations(rules) });
}

/** A number that only the operator writes. */
export function count(description: string) {
  return Type.Unsafe<number>({ type: 'integer', format: 'int64', description });
}

export function flag({ rules, ...options }: Described & { readonly default: boolean }) {
  return Type.Unsafe<boolean>({ type: 'boolean', ...options, ...validations(rules) });
}

export function oneOf<const Choice extends string>(
  choices: readonly Choice[],
  { rules, ...options }: Described & { readonly default?: NoInfer<Choice> },
) {
  return Type.Unsafe<Choice>({ type: 'string', enum: choices, ...options, ...validations(rules) });
}

/** Names, each once. */
export function names<Kind extends string>({
  maxItems,
  ...options
}: Described & { readonly maxItems: number }) {
  return Type.Unsafe<readonly Kind[]>({
    type: 'array',
    'x-kubernetes-list-type': 'set',
    maxItems,
    default: [],
    items: { type: 'string', minLength: 1, maxLength: MAX_NAME },
    ...options,
  });
}

/** Longest name of a cachegroup: Traffic Ops takes longer ones, but nobody has any. */
export const MAX_NAME = 128;

export function texts(description: string) {
  return Type.Unsafe<Readonly<Record<string, string>>>({
    type: 'object',
    description,
    maxProperties: 64,
    additionalProperties: { type: 'string', maxLength: 4096 },
  });
}

/** What the API server keeps without looking into it. */
export function anything<Kind>(description: string) {
  return Type.Unsafe<Kind>({ type: 'object', description, 'x-kubernetes-preserve-unknown-fields': true });
}

interface GroupOptions extends Described {
  /** The group is filled with the defaults of its fields where it is left out. */
  readonly default?: Readonly<Record<string, never>>;
}

export function fields<const Properties extends Type.TProperties>(
  properties: Properties,
  { rules, ...options }: GroupOptions,
) {
  return Type.Object(properties, { ...options, ...validations(rules) });
}

/** Branded names are primitives that look like objects. */
export type DeepReadonly<T> = T extends string | number | boolean
  ? T
  : T extends (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
      : T;

/** A schema as it stands in the definition: what has a default may be left out, the API server fills it in. */
export function openApi(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(openApi);
  if (typeof schema !== 'object' || schema === null) return schema;
  const plain = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, openApi(value)]));
  const { properties, required } = plain;
  if (!isRecord(properties) || !Array.isArray(required)) return plain;
  const needed = required.filter((name) => {
    const property = properties[name];
    return !isRecord(property) || !('default' in property);
  });
  const { required: _, ...others } = plain;
  return needed.length === 0 ? others : { ...others, required: needed };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
