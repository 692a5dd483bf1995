/**
 * Loaded into the monitor that the demo starts (`--import`): when the demo is gone, however it went, the channel to
 * it closes, and the monitor ends too. Nothing else ends a child whose parent was killed outright.
 */
process.on('disconnect', () => process.exit(1));
// The channel alone is no reason to stay alive.
process.channel?.unref();
