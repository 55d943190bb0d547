/** Time given to the capture after Stop to close its segments before it is cut off. */
export const CAPTURE_CLOSE_LIMIT_MS = 2_000;

/** After quitting ran out of time: how long what was given up may take to let go of its files. */
export const CLOSE_GRACE_MS = 500;

/** Rhythm of the group timer that makes data files and journal durable (DESIGN rule 2). */
export const SYNC_INTERVAL_MS = 1_000;

/** After this long the rate at which a recording writes is known from what it wrote. */
export const RATE_KNOWN_AFTER_S = 10;

/** How often the room on the disk is looked at while recording. */
export const SPACE_INTERVAL_MS = 1_000;

/**
 * Without a durable byte for longer than this, what is expected counts as lost: with the look below and the way to every screen
 * the light says so within 3 s of the last byte (DESIGN rule 7). A healthy byte is at most one sync interval and one sync old.
 */
export const LOST_AFTER_MS = 2_300;

/** A recorder that begins may take longer until its first bytes: a received picture waits for a key frame. */
export const FIRST_BYTES_AFTER_MS = 3_000;

/** How often the health of a running recording is judged. */
export const HEALTH_LOOK_MS = 500;

/** Media time that the first lane waits for the others before the file's container is decided without them. */
export const CONTAINER_WAIT_MS = 500;

/** Unwritten bytes that one lane may keep in memory; the capture's credits stop it far below. */
export const MAX_LANE_WAITING_BYTES = 64 * 1024 * 1024;

export const MAX_TRACKS = 200;

export const MAX_SEGMENTS_PER_TRACK = 1_000;

/** A journal line longer than this is taken for damage. */
export const MAX_JOURNAL_LINE_BYTES = 256 * 1024;

/** Good records behind a damaged place in a journal that are taken into account; what is more is read from the files. */
export const MAX_RECORDS_BEHIND_DAMAGE = 50_000;

/** A look at six people is about 1.5 kB: some eight hours of them. */
export const MAX_QUALITY_SERIES_BYTES = 8 * 1024 * 1024;

/** Whoever reports without a pause must not fill the series with one instant. */
export const MIN_QUALITY_SPACING_MS = 1_000;

/** An MP4's chapter list holds 255 (its count is one byte). */
export const MAX_MARKERS = 255;
