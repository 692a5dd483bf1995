/** ms since the epoch as they were when the process started, and steady since: nobody sets this clock. */
export const steadyMs = (): number => performance.timeOrigin + performance.now();
