/** What this program says of itself. */
export interface Identity {
  readonly version: string;
  /** As built; a sentence if it was not built by a release. */
  readonly gitRevision: string;
  readonly buildTimestamp: string;
  /** Name that it goes by in routes and in `User-Agent`. */
  readonly program: string;
  /** Working directory at the start. */
  readonly directory: string;
  /** ms since the epoch. */
  readonly startedMs: number;
}

/** `traffic_monitor-<version>.<first six of the revision>`: reference 9.15. */
export const versionText = ({ version, gitRevision }: Identity): string =>
  `traffic_monitor-${version}.${gitRevision.slice(0, 6)}`;

/** `User-Agent` of every request: reference 1.1. */
export const userAgentOf = ({ program, version }: Identity): string => `${program}/${version}`;
