import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["harness/**/*.test.ts", "cloud/**/*.test.ts", "tools/**/*.test.ts"],
    // Tests start emulators and compilers, on hosts with other work; a test that hangs is still found.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    setupFiles: ["tools/seed.ts"],
    pool: "forks",
    maxWorkers: 2,
  },
});
