import os from 'node:os';
import type { Settings } from './settings.ts';

/** How Traffic Ops, or the assignment document, knows this monitor: reference 1.1. */
export function shortHostname({ monitor }: Settings): string {
  if (monitor.shortHostnameOverride !== '') return monitor.shortHostnameOverride;
  return os.hostname().split('.', 1)[0] ?? '';
}
