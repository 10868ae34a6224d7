import { describe, expect, test } from "vitest";
import { bootSpec, one, proofOf } from "../../contract/testing.ts";
import { Admission, costOf } from "./admission.ts";
import { hostFrom, readHost } from "./host.ts";

const mebi = 2 ** 20;
const meminfo = "MemTotal:       8388608 kB\nMemAvailable:    4194304 kB\n";

function files(contents: Readonly<Record<string, string>>): (file: string) => string | undefined {
  return (file) => contents[file];
}

describe("what a host has to give", () => {
  test("is what is free, less what the host itself needs", () => {
    expect(hostFrom(files({ "/proc/meminfo": meminfo }), 4)).toEqual({
      memoryBytes: (4096 - 512) * mebi,
      cpus: 4,
    });
  });

  test("is no more than any control group above the process allows", () => {
    const host = hostFrom(
      files({
        "/proc/meminfo": meminfo,
        "/proc/self/cgroup": "0::/ci/job\n",
        "/sys/fs/cgroup/ci/job/memory.max": "max\n",
        "/sys/fs/cgroup/ci/memory.max": `${2048 * mebi}\n`,
        "/sys/fs/cgroup/ci/memory.current": `${1024 * mebi}\n`,
        "/sys/fs/cgroup/ci/job/cpu.max": "150000 100000\n",
      }),
      4,
    );
    expect(host).toEqual({ memoryBytes: 512 * mebi, cpus: 1 });
  });

  test("also where control groups are of the first version", () => {
    const host = hostFrom(
      files({
        "/proc/meminfo": meminfo,
        "/proc/self/cgroup": "5:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n",
        "/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": `${1024 * mebi}\n`,
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us": "300000\n",
        "/sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us": "100000\n",
      }),
      8,
    );
    expect(host).toEqual({ memoryBytes: 512 * mebi, cpus: 3 });
  });

  test("is something on this host", () => {
    expect(readHost().cpus).toBeGreaterThan(0);
    expect(readHost().memoryBytes).toBeGreaterThan(0);
  });
});

describe("what a case takes", () => {
  const host = { memoryBytes: 4096 * mebi, cpus: 2 };
  const proof = (cpus: number, tags: readonly string[] = []) => {
    const plain = proofOf([bootSpec("a", [one("up", "up")])], { tags });
    return { ...plain, machine: { ...plain.machine, cpus } };
  };

  test("is all its processors until it was measured, and no more than there are", () => {
    expect(costOf(proof(1), host).cpus).toBe(1);
    expect(costOf(proof(64), host).cpus).toBe(2);
    expect(costOf(proof(2), host, 1.1).cpus).toBe(1.1);
    expect(costOf(proof(1), host, 0.01).cpus).toBe(0.25);
    expect(costOf(proof(1), host, 3).cpus).toBe(1);
  });

  test("is the whole host for what measures", () => {
    const admission = new Admission(host);
    const alone = costOf(proof(1, ["alone"]), host);
    const give = admission.take(costOf(proof(1), host));
    expect(admission.fits(alone)).toBe(false);
    give();
    give();
    expect(admission.fits(alone)).toBe(true);
    const giveAlone = admission.take(alone);
    expect(admission.fits(costOf(proof(1), host, 0))).toBe(false);
    giveAlone();
    expect(admission.fits(costOf(proof(2), host))).toBe(true);
  });

  test("is memory that the host must have", () => {
    const admission = new Admission({ memoryBytes: 256 * mebi, cpus: 2 });
    expect(admission.couldEver(costOf(proof(1), host))).toBe(false);
    expect(admission.couldEver({ memoryBytes: 256 * mebi, cpus: 99 })).toBe(true);
  });
});
