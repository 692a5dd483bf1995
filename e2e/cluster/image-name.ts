/** What the chart calls an image. */
export interface ImageValues {
  readonly repository: string;
  readonly tag: string;
  /** Empty: the tag decides. */
  readonly digest: string;
}

/** Takes `host:port/name:tag` or `host/name@sha256:…` apart. @throws {Error} without a tag or digest */
export function imageValues(name: string): ImageValues {
  const [repository = '', digest] = name.split('@');
  if (digest !== undefined) return { repository, tag: '', digest };
  // A port stands before the last slash, a tag behind it.
  const found = /^(.+):([^:/]+)$/.exec(name);
  if (found?.[1] === undefined || found[2] === undefined)
    throw new Error(`image "${name}" has no tag: name it as registry/name:tag or registry/name@sha256:…`);
  return { repository: found[1], tag: found[2], digest: '' };
}
