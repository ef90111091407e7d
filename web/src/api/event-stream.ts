/**
 * One stream of server-sent events that stays open: it reconnects with growing pauses, continues where it stopped, and
 * rests while nobody looks, because a browser opens only six connections to one server.
 */

export type StreamState = "connecting" | "live" | "lost";

export interface EventStreamOptions {
  /** The address to open now; asked again for every connection, so it may name the place to continue from. */
  readonly url: () => string;
  /** What to do with the JSON data of each kind of event. `id` is the event's, or an empty string. */
  readonly on: Readonly<Record<string, (data: unknown, id: string) => void>>;
  readonly onState?: (state: StreamState) => void;
  /** Called when a connection after the first one stands: events may have been missed. */
  readonly onReopen?: () => void;
}

/** What the stream needs from the browser; handed in so that tests need none. */
export interface StreamWorld {
  readonly open: (url: string) => EventSource;
  readonly later: (action: () => void, milliseconds: number) => () => void;
  /** Milliseconds by a clock that never jumps. */
  readonly now: () => number;
  readonly isHidden: () => boolean;
  readonly onVisibility: (listener: () => void) => () => void;
}

export const browserWorld: StreamWorld = {
  open: (url) => new EventSource(url),
  later: (action, milliseconds) => {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
  now: () => performance.now(),
  isHidden: () => document.hidden,
  onVisibility: (listener) => {
    document.addEventListener("visibilitychange", listener);
    return () => document.removeEventListener("visibilitychange", listener);
  },
};

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** Long enough to look something up in another tab and come back to a live page. */
const REST_AFTER_HIDDEN_MS = 60_000;

export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #world: StreamWorld;
  #source: EventSource | null = null;
  #started = false;
  #opened = false;
  #pause = FIRST_PAUSE_MS;
  #cancelTimer: (() => void) | null = null;
  #stopWatching: (() => void) | null = null;

  constructor(options: EventStreamOptions, world: StreamWorld = browserWorld) {
    this.#options = options;
    this.#world = world;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#stopWatching = this.#world.onVisibility(() => this.#watchVisibility());
    this.#connect();
  }

  stop(): void {
    this.#started = false;
    this.#stopWatching?.();
    this.#cancelTimer?.();
    this.#close();
  }

  #connect(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#close();
    if (!this.#opened) this.#options.onState?.("connecting");
    const source = this.#world.open(this.#options.url());
    this.#source = source;
    source.onopen = () => {
      this.#pause = FIRST_PAUSE_MS;
      this.#options.onState?.("live");
      if (this.#opened) this.#options.onReopen?.();
      this.#opened = true;
    };
    source.onerror = () => this.#retry();
    for (const [name, handle] of Object.entries(this.#options.on)) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        handle(JSON.parse(event.data) as unknown, event.lastEventId);
      });
    }
  }

  /** The browser's own retry would repeat the first address; this one continues from the last position. */
  #retry(): void {
    this.#close();
    this.#options.onState?.("lost");
    this.#cancelTimer?.();
    this.#cancelTimer = this.#world.later(() => this.#connect(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }

  #watchVisibility(): void {
    if (!this.#world.isHidden()) {
      if (this.#source === null) this.#connect();
      else this.#cancelTimer?.();
      return;
    }
    if (this.#source === null) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#world.later(() => this.#close(), REST_AFTER_HIDDEN_MS);
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
  }
}
