/** The units of what the client samples; its guide has the same table. */

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/^(cgroup_)?cpu$|^process\/cpu$|^cores\/\d+$|^gpu_\d+(_mig_\d+)?$/, "%"],
  [/^(cgroup_|process\/)?memory$|^memory_(total|limit)$|^disk_used$/, "GB"],
  [/^gpu_(process_)?memory_\d+(_mig_\d+)?$|^gpu_\d+(_mig_\d+)?_memory_total$/, "GB"],
  [/^(disk_read|disk_written|network_received|network_sent)$/, "MB/s"],
  [/^gpu_power_\d+/, "W"],
  [/^gpu_temperature_\d+/, "°C"],
  [/^gpu_(memory_)?clock_\d+/, "MHz"],
  [/^cpu_limit$/, "cores"],
  [/^logging\/call_p\d+_us$/, "µs"],
  [/^logging\/queue_bytes$/, "bytes"],
  [/^logging\/lag_s$/, "s"],
];

/** The unit of a sampled series, by the last segments of its path; null for what the client does not know. */
export function unitOf(path: string): string | null {
  const [leaf = "", parent = ""] = path.split("/").reverse();
  for (const name of [`${parent}/${leaf}`, leaf]) {
    const found = UNITS.find(([pattern]) => pattern.test(name));
    if (found !== undefined) return found[1];
  }
  return null;
}

/** A fact as a person reads it: numbers with a unit are rounded and have it behind them. */
export function withUnit(value: unknown, leaf: string): string {
  const unit = unitOf(leaf);
  if (unit === null || typeof value !== "number") return String(value);
  return `${Number(value.toPrecision(4))} ${unit}`;
}
