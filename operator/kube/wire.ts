/**
 * A type of `@kubernetes/client-node` as it stands in the JSON that the API server sends and takes: times are texts,
 * and names that are words of JavaScript have no underscore in front (`_from` is `from`).
 */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Key in keyof T as Key extends `_${infer Name}` ? Name : Key]: Wire<T[Key]> }
      : T;
