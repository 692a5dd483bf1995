/** A part of an OpenAPI schema, as far as a table of fields needs it. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly 'x-kubernetes-validations'?: readonly { readonly message: string }[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

/** A Markdown table of all fields of an object, those of objects in it after it. */
export function fieldTable(schema: Schema): string {
  const rows = fieldsOf(schema, '').map((cells) => `| ${cells.map(cell).join(' | ')} |`);
  return ['| field | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** What the rules of an object tell whoever breaks them, one line each. */
export function ruleList(schema: Schema): string {
  return rulesOf(schema, '')
    .map((rule) => `- ${rule}`)
    .join('\n');
}

function fieldsOf(schema: Schema, path: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const full = `${path}${name}`;
    const needed = schema.required?.includes(name) === true;
    const inner =
      field.type === 'array' ? fieldsOf(field.items ?? {}, `${full}[].`) : fieldsOf(field, `${full}.`);
    return [[`\`${full}\``, kindOf(field), defaultOf(field, needed), field.description ?? ''], ...inner];
  });
}

function rulesOf(schema: Schema, path: string): string[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map(({ message }) =>
    path === '' ? message : `\`${path}\`: ${message}`,
  );
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    rulesOf(field, path === '' ? name : `${path}.${name}`),
  );
  return [...own, ...inner];
}

function kindOf(field: Schema): string {
  if (field['x-kubernetes-int-or-string'] === true) return 'text or whole number';
  if (field.enum !== undefined) return field.enum.map((choice) => `\`${choice}\``).join(', ');
  if (field.type === 'array') return field.items?.type === 'object' ? 'list' : 'list of texts';
  if (field.type === 'integer' && field.maximum !== undefined)
    return `${field.minimum ?? 0} to ${field.maximum}`;
  if (field.type === 'integer') return 'whole number';
  if (field.type === 'boolean') return 'flag';
  return field.type === 'string' ? 'text' : 'object';
}

function defaultOf(field: Schema, needed: boolean): string {
  if (needed) return 'needed';
  const value = field.default;
  const isEmpty = typeof value === 'object' && Object.keys(value ?? {}).length === 0;
  return value === undefined || isEmpty ? '' : `\`${String(value)}\``;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
