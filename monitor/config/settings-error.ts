/** A settings file that cannot be used: every fault found in it, in one line. */
export class SettingsError extends Error {
  readonly file: string;
  readonly faults: readonly string[];

  constructor(file: string, faults: readonly string[], options?: ErrorOptions) {
    super(`${file}: ${faults.join('; ')}; correct the file, then start or reload again`, options);
    this.name = 'SettingsError';
    this.file = file;
    this.faults = faults;
  }
}
